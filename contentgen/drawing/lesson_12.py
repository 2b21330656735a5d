"""Lesson 12's figures: invented facts over temperature, and where a writing network looks in its source."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from contentgen import plots


def invented(rates: Mapping[float, Mapping[str, float]], see: str) -> None:
    """Show what is wrong over the temperature: temperature → what → percent."""
    figure, axes = plt.subplots(figsize=(6.5, 2.8))
    for kind in next(iter(rates.values())):
        axes.plot(list(rates), [rate[kind] for rate in rates.values()], marker="o", ms=4, label=kind)
    axes.set(xlabel="temperature", ylabel="percent", xticks=list(rates))
    axes.legend(frameon=False)
    plots.show(figure, see)


def look(written: Sequence[str], source: Sequence[str], weights: np.ndarray, word: int) -> Figure:
    """A figure of a source: the darker a token, the more the network looks there before it writes a word.

    Args:
        written: the target in pieces, T of them.
        source: the source in pieces, S of them.
        weights: how much each place of the target looks at each of the source, (T or more, S or more).
        word: number of the piece that is written next; the last one if it is too high.
    """
    word = min(word, len(written) - 1)
    before = "".join(written[:word])
    owner = np.repeat(np.arange(len(source)), [len(piece) for piece in source])
    heading = f"{before} → {written[word].strip()}"
    return plots.shaded_text("".join(source), {heading: weights[word][owner]}, most=1, colours="Blues")


def alignment(written: Sequence[str], source: Sequence[str], weights: np.ndarray) -> Figure:
    """A figure of how much each piece of a target (rows) looks at each of its source (columns); as `look`."""
    figure, axes = plt.subplots(figsize=(0.2 * len(source) + 1, 0.22 * len(written) + 1.2))
    shown = weights[: len(written), : len(source)]
    axes.imshow(shown, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    axes.set_xticks(range(len(source)), [piece.strip() for piece in source], rotation=90, size=9)
    axes.set_yticks(range(len(written)), [piece.strip() for piece in written], size=9)
    axes.set(xlabel="source", ylabel="written next")
    axes.grid(False)
    return figure


def rare(seen: Sequence[int], named: np.ndarray, see: str) -> None:
    """Show how often a town is copied, (runs, N) percent, over how many pairs named it in training, N."""
    figure, axes = plt.subplots(figsize=(6.5, 2.8))
    axes.plot(range(len(seen)), named.mean(axis=0), color="C0")
    for run in named:
        axes.plot(range(len(seen)), run, "o", color="C1", ms=5)
    axes.set_xticks(range(len(seen)), [str(times) for times in seen])
    axes.set(xlabel="training pairs that name the town", ylabel="texts that name it, %")
    plots.show(figure, see)
