"""Lesson 06's figures: two axes of a code to play with, the parts of a KL, a study of one cause at a time."""

from collections.abc import Callable, Mapping

import matplotlib.pyplot as plt
import numpy as np

from contentgen import data, plots

VISIBLE = ("slant", "width", "size")
PANELS = {"latent_dim": "axes of the code", "n_train": "training pictures", "steps": "training steps"}


def explore_axes(encoder: Callable, decode: Callable[[np.ndarray], np.ndarray]) -> None:
    """Show sliders for the two axes of a code that change pictures most, and both in steps from −3 to 3.

    They start from a typical code of a digit. A row's name has the axis and the two properties of the
    handwriting that correlate most with it.

    Args:
        encoder: black and white pictures (N, 28, 28, 1) → `mu` and `log_var`, (N, L) each.
        decode: codes (N, L) → pictures in [0, 1].
    """
    drawn = data.load("strokes", 8, n_test=2000)
    codes = np.asarray(encoder((drawn.x_test >= 0.5).astype("float32"))[0])  # (2000, L)
    of_class = [codes[drawn.y_test == digit] for digit in range(10)]
    typical = [z[np.linalg.norm(z - z.mean(axis=0), axis=1).argmin()] for z in of_class]
    steps = 2 * np.eye(codes.shape[1], dtype="float32")  # (L, L), each along one axis
    change = [np.abs(decode(codes[:200] + step) - decode(codes[:200] - step)).mean() for step in steps]
    busiest = np.argsort(change)[::-1][:2].tolist()

    def moved(digit, **moves):
        z = typical[digit].copy()
        for name, by in moves.items():
            z[int(name.removeprefix("axis "))] += by
        return decode(z[None])  # (1, 28, 28, 1)

    sliders = {f"axis {axis}": (-3.0, 3.0, 0.1) for axis in busiest}
    plots.explore(moved, columns=1, zoom=8, start=dict(digit=4), digit=list(range(10)), **sliders)
    rows = [moved(4, **{name: by}) for name in sliders for by in np.linspace(-3, 3, 9)]
    names = [named(codes[:, axis], axis, drawn.factors_test) for axis in busiest]
    see = "A 4, with −3 (left) to 3 (right) added to one number."
    plots.grid(np.concatenate(rows), see, rows=names)


def named(values: np.ndarray, axis: int, factors: Mapping[str, np.ndarray]) -> str:
    """An axis with the two properties that correlate most with its values: `axis 8: slant −0.68, size 0.33`.

    Args:
        values: (N,), of that axis.
        axis: its number.
        factors: name → (N,), as `data.load("strokes")` has them.
    """
    together = {name: np.corrcoef(values, factors[name])[0, 1] for name in VISIBLE}
    best = sorted(together, key=lambda name: -abs(together[name]))[:2]
    both = ", ".join(f"{name} {together[name]:.2f}" for name in best)
    return f"axis {axis}: {both}".replace("-", "−")


def cost_of(x_hat: float) -> None:
    """Print what a pixel, ink in 3 of 10 pictures, costs on average: by `x_hat`, a firm "no", "no idea"."""
    for stated in (x_hat, 0.01, 0.5):
        print(f"{stated:.2f} costs {-0.3 * np.log(stated) - 0.7 * np.log(1 - stated):.2f} nats")


def kl_parts(parts: Mapping[int, Mapping[str, float]], see: str) -> None:
    """Show the parts of a mean KL as one bar for each number of pictures.

    Args:
        parts: number of pictures → part → nats, the same parts in each.
        see: the sentence under the figure.
    """
    figure, axes = plt.subplots(figsize=(7.5, 2.6))
    names = [f"{n:,} pictures" for n in parts]
    start = np.zeros(len(parts))
    for part in next(iter(parts.values())):
        nats = np.array([of[part] for of in parts.values()])
        axes.barh(names, nats, left=start, label=part, height=0.6)
        for row, value in enumerate(nats):
            inside = value > 2
            where = start[row] + (value / 2 if inside else value + 0.2)
            style = dict(ha="center", color="white") if inside else dict(ha="left")
            axes.text(where, row, f"{value:.1f}", va="center", **style)
        start = start + nats
    axes.invert_yaxis()
    axes.set(xlabel="nats", xlim=(0, None))
    axes.grid(visible=False, axis="y")
    axes.legend(ncols=len(parts), loc="lower center", bbox_to_anchor=(0.5, 1), frameon=False)
    plots.show(figure, see)


def causes(study: Mapping[str, np.ndarray], base: Mapping[str, object], column: str, see: str) -> None:
    """Show how a number depends on axes, pictures and steps, each changed alone: a panel for each.

    Args:
        study: column → one value a run, as `studies.load` gives it.
        base: the lesson's own settings, marked by a dashed line.
        column: what is shown.
        see: the sentence under the figure.
    """
    figure, panels = plt.subplots(1, len(PANELS), figsize=(9.5, 3), sharey=True)
    for panel, (setting, label) in zip(panels, PANELS.items(), strict=True):
        others = [study[name] == value for name, value in base.items() if name != setting]
        alone = np.logical_and.reduce(others)
        plots.runs(panel, study[setting][alone], study[column][alone])
        panel.axvline(base[setting], color="grey", linestyle="--", linewidth=1)
        panel.margins(x=0.15)
        panel.set(xlabel=label)
    panels[0].set(ylabel=column.partition(" of ")[0], ylim=(0, None))
    plots.show(figure, see)
