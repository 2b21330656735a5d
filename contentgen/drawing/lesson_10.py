"""Lesson 10's figures: a text coloured by surprise, methods as bars, slopes that fade."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from contentgen import plots


def surprise(text: str, bits: Sequence[float], columns: int = 84) -> Figure:
    """A figure of a text, each character on a ground that is the redder the more it surprised.

    Args:
        text: what to show; a new line begins a new row.
        bits: the surprise of each character, in bits; 8 and more are as red as it gets.
        columns: characters in a row.
    """
    return plots.shaded_text(text, {"": bits}, most=8, columns=columns)


def bars(bits: Mapping[str, float], limit: float | None, see: str) -> None:
    """Show methods as bars, name → bits per character; the dashed line is the limit, if it is known."""
    figure, axes = plt.subplots(figsize=(7.5, 0.3 * len(bits) + 0.8))
    colours = ["C1" if "network" in name else "C0" for name in bits]
    drawn = axes.barh(list(bits), list(bits.values()), color=colours)
    axes.bar_label(drawn, fmt="%.2f", padding=3)
    if limit is not None:
        axes.axvline(limit, color="black", linestyle="--", linewidth=1)
        axes.set_title(f"dashed: the true entropy, {limit:.2f}", size=10)
    axes.invert_yaxis()
    axes.set(xlabel="bits per character of held-out text", xlim=(0, 1.1 * max(bits.values())))
    axes.grid(axis="y", visible=False)
    plots.show(figure, see)


def fading(steps: Sequence[int], left: Mapping[str, Sequence[float]], see: str) -> None:
    """Show what is left of a slope after so many steps, on logarithmic axes: name → values."""
    plots.log_lines(steps, left, see, xlabel="characters back", ylabel="share of the slope that is left")
