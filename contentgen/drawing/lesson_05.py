"""Lesson 05's figures: densities and the best D, paths of small players, a game on the plane."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from contentgen import plots

REAL, FAKE = "#542788", "#d95f02"  # purple and orange, in every figure
SIDE = np.linspace(-2.6, 2.6, 61, dtype="float32")


def densities(x: np.ndarray, real: tuple, fake: tuple, see: str) -> None:
    """Show draws as histograms under their densities over x; `real` and `fake` are pairs (draws, density)."""
    figure, axes = plt.subplots(figsize=(7.5, 3))
    for (draws, density), colour, name in [(real, REAL, "real"), (fake, FAKE, "fake")]:
        axes.hist(
            draws, bins=120, range=(-5, 6), density=True, color=colour, alpha=0.3, label=f"{name}: draws"
        )
        axes.plot(x, density, color=colour, label=f"{name}: density")
    axes.set(xlim=(-5, 6), xlabel="x", ylabel="density")
    axes.legend(**plots.BESIDE)
    plots.show(figure, see)


def optimum(x: np.ndarray, p_data: np.ndarray, games: Mapping[str, tuple]) -> Figure:
    """For each generator, name → (p_g, D, value), the two densities over x above its best D."""
    n = len(games)
    figure, panels = plt.subplots(
        2, n, figsize=(3.2 * n + 2.6 * (n == 1), 4.4), sharex=True, sharey="row", squeeze=False
    )
    for (upper, lower), (name, (p_g, best, value)) in zip(panels.T, games.items(), strict=True):
        for density, colour, label in [(p_data, REAL, "real"), (p_g, FAKE, "fake")]:
            upper.fill_between(x, density, color=colour, alpha=0.35, lw=0)
            upper.plot(x, density, color=colour, label=label)
        upper.set(ylim=(0, 0.6), title=f"{name}value {value:.3f}".replace("-", "−"))
        lower.plot(x, best, color="black")
        lower.axhline(0.5, color="gray", ls=":")
        lower.set(xlim=(-5, 9), ylim=(-0.05, 1.05), xlabel="x")
    panels[0, 0].set_ylabel("density")
    panels[1, 0].set_ylabel("best D(x)")
    panels[0, 0].legend(frameon=False, loc="upper right")
    return figure


def shifts(paths: Mapping[tuple[str, str], Sequence[float]], see: str) -> None:
    """Show a generator's shift after each step, (loss, optimiser) → path."""
    figure, axes = plt.subplots(figsize=(8, 3))
    for (loss, optimizer), path in paths.items():
        dash = "--" if loss == "saturating" else "-"
        colour = "C0" if optimizer == "gradient descent" else "C1"
        axes.plot(path, dash, color=colour, label=f"{loss},\n{optimizer}")
    axes.set(xlabel="step of the generator", ylabel="shift s; real data at 0")
    axes.legend(**plots.BESIDE, fontsize=9)
    plots.show(figure, see)


def points(x: np.ndarray, see: str) -> None:
    """Show real points (N, 2) on the plane."""
    figure, axes = plt.subplots(figsize=(4.4, 3.2))
    axes.scatter(*x.T, s=4, color=REAL, alpha=0.5)
    axes.set(aspect="equal", xlabel="x₁", ylabel="x₂")
    plots.show(figure, see)


def field(score: Callable[[np.ndarray], Any], side: np.ndarray) -> np.ndarray:
    """What D believes on a square of side (S,): probabilities (S, S), from logits score(places (S², 2))."""
    places = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)  # (S², 2)
    return np.asarray(keras.ops.sigmoid(score(places))).reshape(len(side), len(side))  # (S, S)


class Watch(keras.callbacks.Callback):
    """Keep a game's samples and what D believes, before the training and after each epoch.

    Args:
        z: noise (N, L).
        distance: samples (N, 2) → how far they are from the data.

    Attributes:
        samples, fields, distances, believed: one value a moment: (N, 2), probabilities (61, 61), a number,
            and what D says of the samples, on average.
    """

    def __init__(self, z: np.ndarray, distance: Callable[[np.ndarray], float]):
        super().__init__()
        self.z, self.distance = z, distance
        self.samples, self.fields, self.distances, self.believed = [], [], [], []

    def on_train_begin(self, logs=None):
        self.on_epoch_end(-1)

    def on_epoch_end(self, epoch, logs=None):
        x = np.asarray(self.model.generator(self.z))
        self.samples.append(x)
        self.fields.append(field(self.model.discriminator, SIDE))
        self.distances.append(self.distance(x))
        self.believed.append(float(keras.ops.mean(keras.ops.sigmoid(self.model.discriminator(x)))))


def moment(axes: Axes, watch: Watch, epoch: int, x: np.ndarray, title: str, dot: float = 5) -> None:
    """Draw what was watched after an epoch: samples over real points x (N, 2), over what D believes."""
    axes.contourf(SIDE, SIDE, watch.fields[epoch], levels=np.linspace(0, 1, 17), cmap="PuOr", alpha=0.6)
    axes.scatter(*x[:600].T, s=4 * dot, color=REAL, alpha=0.35, linewidth=0)
    axes.scatter(*watch.samples[epoch][:400].T, s=dot, color=FAKE)
    axes.set(xlim=(-2.6, 2.6), ylim=(-2.6, 2.6), xticks=[], yticks=[], aspect="equal")
    axes.set_title(title, fontsize=10)
    axes.grid(False)


def moments(watch: Watch, x: np.ndarray, steps: Sequence[int], size: float = 3.1) -> Figure:
    """What was watched at these steps, each a multiple of 25, three in a row, over real points x (N, 2)."""
    columns = min(3, len(steps))
    rows = -(-len(steps) // columns)
    figure, panels = plt.subplots(rows, columns, figsize=(size * columns, size * 1.08 * rows), squeeze=False)
    for axes, step in zip(panels.flat, steps, strict=True):
        epoch = step // 25
        moment(axes, watch, epoch, x, f"step {step}, distance {watch.distances[epoch]:.2f}")
    return figure


def explore_moments(watch: Watch, x: np.ndarray, steps: int) -> None:
    """Show a slider through a training of so many steps."""
    plots.explore(lambda step: moments(watch, x, [step], 4.6), start={"step": 0}, step=(0, steps, 25))


def losses(history: Mapping[str, Sequence[float]], watch: Watch, see: str) -> None:
    """Show both losses of each epoch, those of "no idea" dotted, and the distance after it, on one scale."""
    lines = {"d_loss": history["d_loss"], "g_loss": history["g_loss"], "distance": watch.distances[1:]}
    labels = {"xlabel": "epoch of 25 steps", "ylabel": "nats, and distance"}
    plots.curves(lines, see, **labels, levels=(2 * np.log(2), np.log(2)), ylim=(0, 1.8))


def fill(axes: Axes, x: np.ndarray, p_data: np.ndarray, p_g: np.ndarray) -> None:
    """Draw the two densities over x, filled."""
    axes.fill_between(x, p_data, color=REAL, alpha=0.3, lw=0, label="real density")
    axes.fill_between(x, p_g, color=FAKE, alpha=0.3, lw=0, label="fake density")


def trained(
    x: np.ndarray, p_data: np.ndarray, p_g: np.ndarray, best: np.ndarray, found: np.ndarray, see: str
) -> None:
    """Show a trained D over the best one, and the densities behind both, all over x."""
    figure, axes = plt.subplots(figsize=(8.5, 3.2))
    fill(axes, x, p_data, p_g)
    axes.plot(x, best, color="black", lw=4, alpha=0.35, label="best D, from the densities")
    axes.plot(x, found, color="black", ls="--", label="D, trained on draws")
    axes.set(xlim=(-6, 7), ylim=(0, 1.02), xlabel="x", ylabel="probability of real")
    axes.legend(**plots.BESIDE)
    plots.show(figure, see)


def game(paths: Mapping[str, np.ndarray], value: Callable | None = None) -> Figure:
    """Paths of two players, title → (N, 2), from dark to yellow; first the landscape value(theta, psi)."""
    n = len(paths) + (value is not None)
    figure, panels = plt.subplots(1, n, figsize=(3.2 * n, 3.7), sharey=True)
    if value is not None:
        theta, psi = np.meshgrid(np.linspace(-4, 4, 15), np.linspace(-4, 4, 15))
        panels[0].contourf(theta, psi, np.maximum(value(theta, psi), -8), levels=12, cmap="YlGnBu_r")
        panels[0].quiver(theta, psi, psi, -theta, color="black", width=0.006)
        panels[0].set_title("value and direction")
    for axes, (title, path) in zip(panels[n - len(paths) :], paths.items(), strict=True):
        axes.plot(*path.T, "-", color="gray", lw=0.6)
        axes.scatter(*path.T, c=range(len(path)), cmap="viridis", s=9, zorder=3)
        axes.plot(0, 0, "k+", ms=12)
        axes.set_title(title)
    for axes in panels:
        axes.set(xlim=(-4, 4), ylim=(-4, 4), aspect="equal", xlabel="θ, the sample")
    panels[0].set_ylabel("ψ, slope of D's logit")
    return figure


def critic(x: np.ndarray, p_data: np.ndarray, p_g: np.ndarray, best: np.ndarray, see: str) -> None:
    """Show two densities over x, and the critic of slope 1 and −1 that tells them apart best."""
    figure, axes = plt.subplots(figsize=(8.5, 3.2))
    fill(axes, x, p_data, p_g)
    axes.set(xlim=(-4, 4), ylim=(0, 0.6), xlabel="x", ylabel="density")
    right = axes.twinx()
    shown = abs(x) < 4
    right.plot(x[shown], (best - best[len(x) // 2])[shown], color="black", label="best critic f")
    right.set_ylabel("f(x)")
    right.grid(False)
    handles = [part for panel in (axes, right) for part in panel.get_legend_handles_labels()[0]]
    axes.legend(handles=handles, **plots.BESIDE | {"bbox_to_anchor": (1.1, 0.5)})
    plots.show(figure, see)
