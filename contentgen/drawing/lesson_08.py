"""Lesson 08's figures: points and what D believes on a plane, a small game's paths, a study of methods."""

from collections.abc import Callable, Mapping
from typing import Any

import keras
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from contentgen import plots
from contentgen.drawing.lesson_05 import FAKE, REAL, field

COLUMNS = {  # of a study: column → label
    "near a mode": "near a mode, %",
    "modes with over 2 %": "modes with over 2 %",
    "reverse KL over modes": "reverse KL, nats",
    "modes with a sample": "modes with a sample",
    "seconds of training": "seconds",
}
SIDE = np.linspace(-1.8, 1.8, 49, dtype="float32")


class Watch(keras.callbacks.Callback):
    """Keep a game's samples, what D believes and what G feels, before the training and after each epoch.

    Args:
        z: noise (N, L).
        felt: the game and its samples (N, 2) → the slope that G feels.

    Attributes:
        samples, fields, felt, d_loss: one value a moment: (N, 2), (49, 49), a number and D's last loss.
    """

    def __init__(self, z: np.ndarray, felt: Callable[[Any, Any], float]):
        super().__init__()
        self.z, self.feels = z, felt
        self.samples, self.fields, self.felt, self.d_loss = [], [], [], []

    def on_train_begin(self, logs=None):
        self.on_epoch_end(-1, {"d_loss": np.nan})

    def on_epoch_end(self, epoch, logs=None):
        x = self.model.generator(self.z)
        self.samples.append(np.asarray(x))
        if self.model.pack == 1:  # a pair of points has no place on the plane
            self.fields.append(field(self.model.score, SIDE))
        self.felt.append(float(self.feels(self.model, x)))
        self.d_loss.append(logs["d_loss"])


def on_plane(axes: Axes, x: np.ndarray, modes: np.ndarray, title: str, believed=None, colour=FAKE) -> None:
    """Draw points (N, 2) over a circle for each mode (K, 2), and over what D believes, (49, 49) or None."""
    if believed is not None:
        axes.contourf(SIDE, SIDE, believed, levels=np.linspace(0, 1, 17), cmap="PuOr", alpha=0.6)
    axes.scatter(*modes.T, s=130 if len(modes) < 10 else 60, facecolor="none", edgecolor=REAL, linewidth=1.5)
    axes.scatter(*x[:600].T, s=9, color=colour, edgecolor="white", linewidth=0.3)
    axes.set(xlim=(-1.8, 1.8), ylim=(-1.8, 1.8), xticks=[], yticks=[], aspect="equal", title=title)
    axes.title.set_fontsize(9)
    axes.grid(False)


def planes(points: Mapping[str, np.ndarray], modes: np.ndarray, see: str, colour: str = FAKE) -> None:
    """Show sets of points side by side, title → (N, 2), over circles around the modes (K, 2)."""
    columns = min(3, len(points))
    rows = -(-len(points) // columns)
    figure, panels = plt.subplots(rows, columns, figsize=(2.4 * columns, 2.6 * rows), squeeze=False)
    for axes in panels.flat:
        axes.set_visible(False)
    for axes, (title, x) in zip(panels.flat, points.items(), strict=False):
        axes.set_visible(True)
        on_plane(axes, x, modes, title, colour=colour)
    plots.show(figure, see)


def explore_moments(watched: Mapping[str, Watch], modes: np.ndarray) -> None:
    """Show a slider through several trainings, side by side: title → `Watch`."""

    def moment(epoch):
        figure, panels = plt.subplots(1, len(watched), figsize=(3.6 * len(watched), 3.8))
        for axes, (title, watch) in zip(panels, watched.items(), strict=True):
            on_plane(axes, watch.samples[epoch], modes, f"{title}, step {250 * epoch}", watch.fields[epoch])
        return figure

    last = min(len(watch.samples) for watch in watched.values()) - 1
    plots.explore(moment, play="epoch", epoch=(0, last, 1))


def moments(watched: Mapping[str, Watch], modes: np.ndarray, see: str) -> None:
    """Show six moments of several trainings, a row for each."""
    last = len(next(iter(watched.values())).samples) - 1
    epochs = [round(share * last) for share in (0, 0.1, 0.25, 0.5, 0.75, 1)]
    size = 1.95 * len(epochs), 2.1 * len(watched)
    figure, panels = plt.subplots(len(watched), len(epochs), figsize=size)
    for row, (title, watch) in zip(panels, watched.items(), strict=True):
        for axes, epoch in zip(row, epochs, strict=True):
            on_plane(axes, watch.samples[epoch], modes, f"step {250 * epoch}", watch.fields[epoch])
        row[0].set_ylabel(title)
    plots.show(figure, see)


def felt(watched: Mapping[str, Watch], see: str) -> None:
    """Show D's loss and the slope that G feels over the steps: title → `Watch`."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.2))
    for title, watch in watched.items():
        at = 250 * np.arange(len(watch.d_loss))
        left.plot(at, np.maximum(watch.d_loss, 1e-8), label=title)
        right.plot(at, np.maximum(watch.felt, 1e-8), label=title)
    left.axhline(2 * np.log(2), color="gray", linestyle=":", linewidth=1)
    left.set(xlabel="step", ylabel="nats", title="D's loss; dotted: D says ½", yscale="log")
    right.set(xlabel="step", title="slope that G feels at its samples", yscale="log")
    right.legend(frameon=False, fontsize=8)
    plots.show(figure, see)


def spirals(paths: Mapping[str, np.ndarray], see: str) -> None:
    """Show paths of two players on the plane, title → (T, 2), side by side."""
    figure, panels = plt.subplots(1, len(paths), figsize=(2.4 * len(paths), 2.8))
    for axes, (title, path) in zip(panels, paths.items(), strict=True):
        axes.plot(*path.T, color="gray", linewidth=0.6)
        axes.scatter(*path.T, c=np.arange(len(path)), cmap="viridis", s=8, zorder=3)
        axes.plot(0, 0, "k+", ms=10)
        axes.set(xlim=(-3, 3), ylim=(-3, 3), xticks=[], yticks=[], aspect="equal", title=title)
        axes.title.set_fontsize(10)
    panels[0].set(xlabel="θ, G's number", ylabel="ψ, D's number")
    plots.show(figure, see)


def methods(study: Mapping[str, np.ndarray], see: str) -> None:
    """Show a study of methods: a row for each method, a panel for each column, a dot for each run."""
    names = list(dict.fromkeys(study["method"]))
    shown = [*COLUMNS.items()][:3]
    figure, panels = plt.subplots(1, 3, figsize=(10.5, 0.8 + 0.27 * len(names)), sharey=True)
    rows = np.array([names.index(name) for name in study["method"]])
    for panel, (column, label) in zip(panels, shown, strict=True):
        nudge = 0.12 * (study["seed"] - study["seed"].mean())  # equal runs must not hide each other
        panel.plot(study[column], rows + nudge, "o", color="C1", ms=4, alpha=0.8)
        for row in range(len(names)):
            panel.plot(np.nanmean(study[column][rows == row]), row, "|", color="C0", ms=12, mew=2)
        panel.set(xlabel=label)
        panel.set_yticks(range(len(names)), names)
    panels[0].invert_yaxis()
    plots.show(figure, see)
