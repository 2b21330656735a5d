"""Lesson 04's figures: guesses beside the posterior, the bound below log p(x), estimates that scatter."""

from collections.abc import Callable, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from contentgen import plots

Cloud = tuple[float, float]  # mean and variance of a normal
GUESS, GAP = "C0", "C3"  # the encoder's cloud and the bound; what the bound loses


def density(z: np.ndarray, mean: float, var: float) -> np.ndarray:
    """The normal density with this mean and variance."""
    return np.exp(-((z - mean) ** 2) / (2 * var)) / np.sqrt(2 * np.pi * var)


def product(x: float, posterior: Cloud, see: str) -> None:
    """Show the prior N(0, 1), the likelihood N(x; z, 1), their product and the posterior."""
    z = np.linspace(-3, 4, 401)
    prior, likelihood = density(z, 0, 1), density(x, z, 1)
    figure, axes = plt.subplots(figsize=(7, 3))
    axes.plot(z, prior, "C2", label="prior p(z)")
    axes.plot(z, likelihood, "C1", label=f"likelihood p(x|z), x = {x}")
    axes.fill_between(z, prior * likelihood, color="0.75", label="their product, area p(x)")
    axes.plot(z, density(z, *posterior), "k--", label="posterior p(z|x)")
    axes.set(xlabel="code z", ylabel="density", ylim=(0, None))
    axes.legend(**plots.BESIDE)
    plots.show(figure, see)


def guesses(
    cases: Sequence[tuple[Cloud, float]],
    state: Callable[[Cloud, float], tuple[Cloud, float, float]],
) -> Figure:
    """For each guess its cloud over the posterior; to the right log p(x), the bound and the gap between.

    Args:
        cases: the guess and the decoder's weight a.
        state: such a case → posterior, log p(x), the bound.
    """
    n, z = len(cases), np.linspace(-3.5, 3.5, 401)
    figure, panels = plt.subplots(1, n + 1, figsize=(2.4 * n + 3.4, 3.1), layout="constrained")
    level = panels[n]
    for i, (axes, (guess, a)) in enumerate(zip(panels, cases, strict=False)):
        posterior, log_px, bound = state(guess, a)
        axes.fill_between(z, density(z, *posterior), color="0.8", label="posterior p(z|x)")
        axes.plot(z, density(z, *guess), GUESS, lw=2, label="guess q(z|x)")
        axes.set(xlabel="code z", ylabel="" if i else "density", ylim=(0, 1.3))
        number = f"{i + 1}. " if n > 1 else ""
        axes.set_title(f"{number}μ = {guess[0]:.2f}, σ = {np.sqrt(guess[1]):.2f}\na = {a:.2f}", fontsize=10)
        level.bar(i, log_px - bound, bottom=bound, color=GAP, alpha=0.5, width=0.6, label="gap")
        level.hlines(bound, i - 0.4, i + 0.4, GUESS, lw=4, label="bound")
        level.hlines(log_px, i - 0.4, i + 0.4, "k", lw=2, ls="--", label="log p(x)")
        for at, gap, side, colour in [(log_px, 0.03, "bottom", "k"), (bound, -0.05, "top", GUESS)]:
            shown = f"{at:.2f}".replace("-", "−")
            level.text(i, at + gap, shown, color=colour, ha="center", va=side, fontsize=9)
    panels[0].legend(frameon=False, fontsize=9, loc="upper left")
    handles, labels = level.get_legend_handles_labels()
    unique = dict(zip(labels, handles, strict=True))
    level.legend(unique.values(), unique.keys(), fontsize=9, **plots.BESIDE)
    low = -4.4 if n == 1 else -2.8  # all that the sliders reach; what the lesson shows beside one another
    level.set(ylim=(low, -1.6), xlim=(-0.7, n - 0.3), ylabel="nats")
    level.set_xticks(range(n), [f"{i + 1}." if n > 1 else "" for i in range(n)])
    return figure


def estimates(misses: Mapping[str, Mapping[int, Sequence[float]]], see: str) -> None:
    """Show how far estimates miss log p(x): "prior" and "near" → draws → misses in nats."""
    figure, axes = plt.subplots(figsize=(7, 3.6))
    for cloud, name, colour, compared in [
        ("prior", "codes from the prior", GAP, -1),  # all draws from the prior against …
        ("near", "codes from the cloud near the posterior", GUESS, 0),  # … one from near the posterior
    ]:
        of_draws = misses[cloud]
        n, mean = [*of_draws], [np.mean(miss) for miss in of_draws.values()]
        spread = [np.std(miss) for miss in of_draws.values()]
        axes.errorbar(n, mean, spread, fmt="o-", color=colour, capsize=3, label=name)
        shown = f"{mean[compared]:.1f}".replace("-", "−")
        axes.annotate(
            shown, (n[compared], mean[compared]), (9, -16), textcoords="offset points", color=colour
        )
    axes.axhline(0, color="k", ls="--", label="log p(x)")
    axes.set(xscale="log", xlabel="draws in one estimate", ylabel="estimate − log p(x), nats")
    axes.set_xticks(n, [f"{each:,}" for each in n])
    axes.minorticks_off()
    axes.legend(frameon=False, loc="lower right")
    plots.show(figure, see)


def chord(low: float, high: float, see: str) -> None:
    """Show the logarithm, the straight line between two weights, and Jensen's gap in the middle."""
    w, middle = np.linspace(0.6 * low, 1.2 * high, 200), (low + high) / 2
    below = np.log([low, high]).mean()
    figure, axes = plt.subplots(figsize=(6.6, 3))
    axes.plot(w, np.log(w), "k", label="log w")
    axes.plot([low, high], np.log([low, high]), "o--", color="0.5", label=f"line from {low} to {high}")
    axes.plot([middle, middle], [below, np.log(middle)], color=GAP, lw=4, label="Jensen's gap")
    look = {"textcoords": "offset points", "arrowprops": {"arrowstyle": "->"}}
    axes.annotate("log of the average", (middle, np.log(middle)), (-105, 35), **look)
    axes.annotate("average of the logs", (middle, below), (20, -45), **look)
    axes.set(xlabel="weight w", ylabel="nats")
    axes.legend(**plots.BESIDE)
    plots.show(figure, see)


def between(axes: Axes, at: Sequence[float], log_px: np.ndarray, bound: np.ndarray) -> None:
    """Draw log p(x), the bound and the gap between them, (N,) each."""
    axes.fill_between(at, bound, log_px, color=GAP, alpha=0.25, label="gap")
    axes.plot(at, log_px, "k", label="log p(x)")
    axes.plot(at, bound, color=GUESS, label="bound")


def trade(a: np.ndarray, log_px: np.ndarray, bound: np.ndarray, step: tuple[float, float], see: str) -> None:
    """Show log p(x) and the bound over decoders a (N,), and what a step from one a to another does."""
    figure, axes = plt.subplots(figsize=(7, 3.2))
    between(axes, a, log_px, bound)
    for values, colour in [(log_px, "k"), (bound, GUESS)]:
        way = np.linspace(*step, 20)
        axes.plot(way, np.interp(way, a, values), color=colour, lw=4)
        axes.plot(step[0], np.interp(step[0], a, values), "o", color=colour, ms=8)
        middle = sum(step) / 2  # where the two curves are still apart
        axes.plot(middle, np.interp(middle, a, values), "<", color=colour, ms=13)
    axes.set(xlabel="weight a of the decoder", ylabel="nats")
    axes.legend(**plots.BESIDE)
    plots.show(figure, see)


def over_steps(axes: Axes, log_px: np.ndarray, bound: np.ndarray) -> None:
    """Draw log p(x) and the bound over the steps of a training, (N,) each, on a logarithmic axis."""
    between(axes, range(1, len(bound) + 1), log_px, bound)
    marks = [n for n in (1, 3, 10, 30, 100, 300, 1000, 3000) if n <= len(bound)]
    axes.set(xscale="log", xlabel="step", ylabel="nats")
    axes.set_xticks(marks, map(str, marks))
    axes.minorticks_off()


def climb(log_px: np.ndarray, bound: np.ndarray, best: float, see: str) -> None:
    """Show log p(x) and the bound over a training, (N,) each, and the best that log p(x) can be."""
    figure, axes = plt.subplots(figsize=(7, 3.4))
    over_steps(axes, log_px, bound)
    axes.axhline(best, color="0.5", ls="--", label="best possible log p(x)")
    axes.legend(**plots.BESIDE)
    plots.show(figure, see)


def scatter(
    one_axis: Mapping[str, np.ndarray],
    true: float,
    variances: Mapping[int, Sequence[float]],
    see: str,
) -> None:
    """Show single estimates of a gradient, and how their variance grows with the axes of the code.

    Args:
        one_axis: way → estimates for one axis, (N,); the two ways to be compared.
        true: the right gradient.
        variances: number of axes → pathwise, score function, score function with a baseline.
        see: the sentence under the figure.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.4), layout="constrained")
    for (name, found), colour in zip(one_axis.items(), (GUESS, GAP), strict=True):
        left.hist(found, np.linspace(-8, 20, 113), color=colour, alpha=0.6, label=name)
    left.axvline(true, color="k", ls="--", label="true gradient")
    left.set(xlabel="estimate from one draw, cut at −8 and 20", ylabel="draws", title="one axis")
    names = ("pathwise", "score function", "score function, baseline")
    for name, colour, line in zip(
        names, (GUESS, GAP, "C1"), zip(*variances.values(), strict=True), strict=True
    ):
        right.loglog([*variances], line, "o-", color=colour, label=name)
    right.set(xlabel="axes L", ylabel="variance of one estimate", title="L axes")
    right.set_xticks([*variances], map(str, variances))
    right.minorticks_off()
    for axes in (left, right):
        axes.legend(frameon=False, fontsize=9)
    plots.show(figure, see)


def floor(
    training: Mapping[str, Sequence[float]], entropy: float, held_out: np.ndarray, made: np.ndarray, see: str
) -> None:
    """Show losses, name → one a step, above or below the data's entropy; pairs held out and made, (N, 2)."""
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(9.5, 3.6), width_ratios=[1.4, 1], layout="constrained"
    )
    for (name, values), colour in zip(training.items(), (GUESS, GAP), strict=True):
        smooth = np.reshape(values[: len(values) // 50 * 50], (-1, 50)).mean(axis=1)
        left.plot(50 * np.arange(1, len(smooth) + 1), smooth, ".-", color=colour, label=name)
    zoom = left.inset_axes([0.5, 0.48, 0.48, 0.36], ylim=(entropy - 0.15, entropy + 0.4), xticks=[])
    zoom.plot(*left.lines[0].get_data(), ".-", color=GUESS)
    for axes in (left, zoom):
        axes.axhline(entropy, color="k", ls="--", label="floor: entropy of the data")
    left.set(xlabel="step", ylabel="loss in nats")
    right.scatter(*held_out.T, s=8, color="0.5", alpha=0.6, label="held out")
    right.scatter(*made.T, s=8, color=GUESS, alpha=0.4, label="made, weight 1")
    right.set(xlabel="thermometer 1", ylabel="thermometer 2", aspect="equal")
    for axes in (left, right):
        axes.legend(frameon=False, fontsize=9)
    plots.show(figure, see)
