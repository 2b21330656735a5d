"""Lesson 01's figures: the orders of counting, a melody, a film."""

from collections.abc import Mapping, Sequence
from io import BytesIO

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from contentgen import plots


def draw_orders(orders: Sequence[int], scores: Mapping[int, Mapping[str, float]]) -> Figure:
    """Left, the shares that are right and new at each order of the n-gram; right, its bits per character."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.4))
    for question, style in [("right", "o-"), ("new", "s-"), ("right and new", "k--")]:
        left.plot(orders, [scores[order][question] for order in orders], style, label=question)
    bits = [scores[order]["bits"] for order in orders]
    right.plot(orders, bits, "o-", color="tab:purple")
    left.set(xlabel="order of the n-gram", ylabel="share of reports", xticks=orders)
    right.set(xlabel="order of the n-gram", ylabel="bits per character", xticks=orders, ylim=(0, 1.2))
    left.legend(frameon=False, loc="center left")
    return figure


def draw_melody(melody: Sequence[str]) -> Figure:
    """Notes from C to A, a quarter of a second each: time to the right, higher notes higher."""
    figure, axes = plt.subplots(figsize=(9, 2.2))
    start = 0.25 * np.arange(len(melody))
    axes.barh(["CDEFGA".index(note) for note in melody], 0.24, left=start, height=0.7)
    axes.set(xlabel="seconds", yticks=range(6), yticklabels="CDEFGA", ylim=(-0.6, 5.6))
    return figure


def film(frames: np.ndarray) -> bytes:
    """Pictures (N, H, W, C) in [0, 1] as one moving PNG that begins again at its end."""
    shots = [Image.open(BytesIO(plots.png(x[None], 1, 5))) for x in frames]
    stream = BytesIO()
    shots[0].save(stream, "PNG", save_all=True, append_images=shots[1:], duration=120, loop=0)
    return stream.getvalue()
