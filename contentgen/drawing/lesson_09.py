"""Lesson 09's figure: slants that are drawn over those asked for."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt

from contentgen import plots


def beyond(
    asked: Sequence[float], drawn: Mapping[str, Sequence[float]], trained: tuple[float, float], see: str
) -> None:
    """Show drawn slants over those asked for, name → degrees; the range of the training is shaded.

    Args:
        asked: degrees.
        drawn: name → as many degrees.
        trained: the least and the largest slant in training.
        see: the sentence under the figure.
    """
    figure, axes = plt.subplots(figsize=(7, 4))
    axes.axvspan(*trained, color="C0", alpha=0.1)
    axes.text(sum(trained) / 2, 0.03, "training", ha="center", transform=axes.get_xaxis_transform())
    axes.plot(asked, asked, color="grey", lw=1, label="as asked")
    for name, slants in drawn.items():
        axes.plot(asked, slants, marker="o", ms=3, label=name)
    axes.set(xlabel="slant asked for, degrees", ylabel="slant drawn, degrees")
    axes.legend(frameon=False)
    plots.show(figure, see)
