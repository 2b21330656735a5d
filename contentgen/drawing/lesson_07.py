"""Lesson 07's figure: the losses of both players beside the quality of the samples."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt

from contentgen import plots


def curves(history: Mapping[str, Sequence[float]], see: str) -> None:
    """Show two panels over the epochs: both losses with their "perfect" values, and two measures.

    Args:
        history: `d_loss` and `g_loss` in nats, `sure` in %, `distance` in that of two real halves;
            one value an epoch. Without the last two there is one panel.
        see: the sentence under the figure.
    """
    judged = "sure" in history
    figure, panels = plt.subplots(1, 1 + judged, figsize=(5 + 4.5 * judged, 3.2), squeeze=False)
    left, right = panels[0, 0], panels[0, -1]
    epochs = range(1, len(history["d_loss"]) + 1)
    for name, colour, perfect in [("d_loss", "C0", 1.386), ("g_loss", "C1", 0.693)]:
        left.plot(epochs, history[name], color=colour, label=name)
        left.axhline(perfect, color=colour, linestyle=":", linewidth=1)
    left.set(xlabel="epoch of 250 steps", ylabel="nats", title="losses; dotted: D says ½", ylim=(0, None))
    left.legend(frameon=False)
    if judged:
        _quality(right, epochs, history)
    plots.show(figure, see)


def _quality(panel, epochs, history):
    panel.plot(epochs, history["sure"], color="C2", label="sure, %")
    panel.set(xlabel="epoch of 250 steps", ylabel="sure, %", title="quality of 500 samples", ylim=(0, 100))
    distance = panel.twinx()
    distance.plot(epochs, history["distance"], color="C3", label="distance")
    distance.set(ylabel="distance, in halves", yscale="log")
    distance.spines["right"].set_visible(True)
    distance.grid(False)
    lines = [*panel.lines, *distance.lines]
    panel.legend(lines, [line.get_label() for line in lines], frameon=False, loc="center right")
