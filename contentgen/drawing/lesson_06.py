"""Lesson 06's figures: names for the axes of a code, and a study of one cause at a time."""

from collections.abc import Callable, Mapping

import matplotlib.pyplot as plt
import numpy as np

from contentgen import data, plots

PLAIN = {"x": "right", "y": "down"}  # in the lesson x is the picture
PANELS = {"latent_dim": "axes of the code", "n_train": "training pictures", "steps": "training steps"}


class Play:
    """What the sliders start from: a typical code for each digit, and the two axes that change most.

    Args:
        encoder: pictures (N, 28, 28, 1) → `mu` and `log_var`, (N, L) each.
        decode: codes (N, L) → pictures in [0, 1].

    Attributes:
        busiest: the numbers of the two axes, the one that changes pictures most first.
        names: for each of them its number and the two known properties that go along with it best.
    """

    def __init__(self, encoder: Callable, decode: Callable[[np.ndarray], np.ndarray]):
        drawn = data.load("strokes", 8, n_test=2000)
        codes = np.asarray(encoder((drawn.x_test >= 0.5).astype("float32"))[0])  # (2000, L)
        of_class = [codes[drawn.y_test == digit] for digit in range(10)]
        self.typical = [z[np.linalg.norm(z - z.mean(axis=0), axis=1).argmin()] for z in of_class]
        steps = 2 * np.eye(codes.shape[1], dtype="float32")  # (L, L), each along one axis
        some = codes[:200]
        change = [np.abs(decode(some + step) - decode(some - step)).mean() for step in steps]
        self.busiest = np.argsort(change)[::-1][:2].tolist()
        self.names = [named(codes[:, axis], axis, drawn.factors_test) for axis in self.busiest]

    def move(self, digit: int, moves: Mapping[str, float]) -> np.ndarray:
        """The code of a digit, (1, L), after `axis 8` and so on have got so much more."""
        z = self.typical[digit].copy()
        for name, by in moves.items():
            z[int(name.removeprefix("axis "))] += by
        return z[None]


def named(values: np.ndarray, axis: int, factors: Mapping[str, np.ndarray]) -> str:
    """An axis with the two factors that correlate most with its values: `axis 8: right −0.68, size −0.33`.

    Args:
        values: (N,), of that axis.
        axis: its number.
        factors: name → (N,), as `data.load("strokes")` has them; only those in float32 count.
    """
    measured = {name: factor for name, factor in factors.items() if factor.dtype.kind == "f"}
    together = {name: np.corrcoef(values, factor)[0, 1] for name, factor in measured.items()}
    best = sorted(together, key=lambda name: -abs(together[name]))[:2]
    both = ", ".join(f"{PLAIN.get(name, name)} {together[name]:.2f}" for name in best)
    return f"axis {axis}: {both}".replace("-", "−")


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
