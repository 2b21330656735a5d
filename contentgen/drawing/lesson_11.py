"""Lesson 11's figures: where a token looks, how times grow with the length, a fitted power."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from contentgen import plots


def looks(
    tokens: Sequence[str], weights: np.ndarray, place: int, heads: Sequence[tuple[int, int]] = ()
) -> Figure:
    """A figure of a text, once for each head: the token at `place` is framed, and looks where it is blue.

    Args:
        tokens: the text in pieces, T of them; the mark ¶ stands for a new line.
        weights: how much each token looks at each, from 0 to 1, (layers, H, T, T).
        place: of the framed token, 0 to T - 1.
        heads: (layer, head) of each panel; all if empty.
    """
    pieces = [token.replace("\n\n", "¶").replace("\n", "¶\n") for token in tokens]
    owner = np.repeat(np.arange(len(pieces)), [len(piece) for piece in pieces])
    panels = {
        f"layer {layer}, head {head}": weights[layer, head, place][owner]
        for layer, head in heads or np.ndindex(weights.shape[:2])
    }
    framed = np.flatnonzero(owner == place)
    return plots.shaded_text("".join(pieces), panels, most=1, colours="Blues", framed=framed)


def growth(lengths: Sequence[int], times: Mapping[str, Sequence[float]], see: str) -> None:
    """Show times over lengths on logarithmic axes, name → milliseconds."""
    plots.log_lines(lengths, times, see, xlabel="tokens", ylabel="milliseconds")


def power(size: np.ndarray, above: np.ndarray, see: str) -> None:
    """Show bits above the entropy over parameters, (N,) each, on logarithmic axes, with the fitted line."""
    slope, start = np.polyfit(np.log(size), np.log(above), 1)
    figure, axes = plt.subplots(figsize=(7, 3))
    axes.plot(size, np.exp(start) * size**slope, "--", label=f"fitted power {slope:.2f}")
    axes.plot(size, above, "o", label="one run each")
    axes.set(xlabel="parameters", ylabel="bits above the entropy", xscale="log", yscale="log")
    axes.set_xticks(size, [f"{n:,.0f}" for n in size])
    axes.set_yticks([0.005, 0.01, 0.02], ["0.005", "0.01", "0.02"])
    axes.minorticks_off()
    axes.legend(frameon=False)
    plots.show(figure, see)
