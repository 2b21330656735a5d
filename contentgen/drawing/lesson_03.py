"""Lesson 03's figures: a flow chart that lights up, over a number line that shows both networks."""

import textwrap
from collections.abc import Callable
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from contentgen import plots
from contentgen.drawing.lesson_04 import density


@dataclass(frozen=True)
class Toy:
    """What the lesson knows about its numbers of two kinds.

    Attributes:
        means, spreads: mean and standard deviation of each kind's real numbers, (2,).
    """

    means: np.ndarray
    spreads: np.ndarray


Discriminator = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]  # weights, numbers, kinds → D(x)

LIT = "#6a1b9a"  # what something passed along; the boxes that it reaches now
PALE = "#ead6f2"  # boxes that it reached before


def write_note(axes, start, end, bend, note, weight):
    """Write a note: above an arrow that is straight and level, across any other."""
    (x0, y0), (x1, y1) = start, end
    x, y = (x0 + x1 + bend * (y1 - y0)) / 2, (y0 + y1 - bend * (x1 - x0)) / 2  # middle of the arrow
    look = {"color": LIT, "fontsize": 9, "weight": weight}
    if bend == 0 and abs(y1 - y0) < 0.5:
        axes.text(x, y + 0.04 + 0.2 * abs(y1 - y0), note, ha="center", va="bottom", **look)
    else:
        paper = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
        axes.text(x, y, note, ha="center", va="center", bbox=paper, **look)


def draw_chart(axes, boxes, arrows, steps, when):
    """Draw boxes {name: (x, y)} and arrows (from, to, bend) after these steps; the last of them is lit.

    The steps are those of `flow_steps`, from the first on.
    """
    sentence, last = steps[-1]
    notes = {arrow: note for _, passed in steps for arrow, note in passed.items()}
    notes = {arrow: note for arrow, note in notes.items() if note is not None}  # None: it takes no part now
    lit = last.keys() & notes.keys()
    reached_now, reached, patches = [end for _, end in lit], [end for _, end in notes], {}
    for name, (x, y) in boxes.items():
        fill = LIT if name in reached_now else PALE if name in reached else "white"
        box = FancyBboxPatch((x - 0.55, y - 0.2), 1.1, 0.4, "round,pad=0.05", fc=fill, zorder=2)
        patches[name] = axes.add_patch(box)
        ink, label = "white" if name in reached_now else "black", textwrap.fill(name, 13)
        axes.text(x, y, label, color=ink, fontsize=10, ha="center", va="center")
    for start, end, bend in arrows:
        note = notes.get((start, end))  # None: nothing has passed, or it takes no part now
        weight = "bold" if (start, end) in lit else "normal"
        axes.add_patch(FancyArrowPatch(
            boxes[start], boxes[end], patchA=patches[start], patchB=patches[end],
            shrinkA=0, shrinkB=0, connectionstyle=f"arc3,rad={bend}", arrowstyle="-|>",
            mutation_scale=14, linewidth=3 if weight == "bold" else 1.2,
            color="#b0b0b0" if note is None else LIT,
        ))  # fmt: skip
        write_note(axes, boxes[start], boxes[end], bend, note or "", weight)
    axes.set(xlim=(0, 9), ylim=(0, 2.8), aspect="equal")
    axes.set_title(f"{len(steps)} · {sentence}", loc="left", fontsize=12)
    axes.set_title(when, loc="right", fontsize=11)
    axes.axis("off")


COLOURS = ("#1b3f7f", "#f5a742")  # kind 0 dark, kind 1 light
LINE = np.linspace(-4, 4, 401)


def bell(mean, spread):
    """Density of a heap on the line, at least 0.03 wide."""
    return density(LINE, mean, max(abs(spread), 0.03) ** 2)


def fill_real(axes, toy, share=1):
    """The heaps of the real numbers, filled; `share` is the area of each."""
    for kind in (0, 1):
        heap = share * bell(toy.means[kind], toy.spreads[kind])
        axes.fill_between(LINE, heap, color=COLOURS[kind], alpha=0.6, label=f"real, kind {kind}")


def draw_number_line(axes, toy, probability, weights_g, weights_d, x_fake, kinds):
    """Real heaps, one line for each of the generator's kinds, a strip for each kind D is told."""
    fill_real(axes, toy, share=1 / 2)
    for kind in kinds:
        heap = bell(*weights_g[kind]) / len(kinds)
        name = f"generated, kind {kind}" if len(kinds) > 1 else "generated"
        axes.plot(LINE, heap, color="black", linestyle=("-", "--")[kind], label=name)
    axes.plot(x_fake, 0.06, "v", color=LIT, markersize=11, label="x_fake")
    for kind in kinds:
        verdict = probability(weights_d, LINE[None], kind)
        place = (-4, 4, -0.18 * kind - 0.19, -0.18 * kind - 0.04)  # left, right, bottom, top
        axes.imshow(verdict, extent=place, aspect="auto", vmin=0, vmax=1, cmap="cividis")
    names = ["D"] if len(kinds) == 1 else [f"D, kind {kind}" for kind in kinds]
    axes.set_yticks([-0.18 * kind - 0.115 for kind in kinds], names, fontsize=8.5)
    axes.tick_params(axis="y", length=0, grid_alpha=0)
    axes.set(xlim=(-4, 4), ylim=(-0.4, 1.1))
    axes.legend(frameon=False, fontsize=9, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=5)


def flow_steps(probability, seen, conditional):
    """The nine steps of a round of training: (sentence, {(from box, to box): note}), for `draw_chart`.

    In its step an arrow lights up; from then on it keeps its note, what passed along it. The note None puts
    it out again: real data rest while the generator learns. Arrows from "" have no line, they only light up
    the box at their end.

    Args:
        probability: weights of D, numbers, kinds → D(x).
        seen: a round of the lesson's `train_flow` in which D learns before G: batches and losses of both,
            under "D" and "G", and the weights before and after. Notes show first numbers and losses.
        conditional: whether there is a condition; if not, its box and its arrows never light up.
    """
    z, c, x, d = "noise z", "condition c", "real data x", "discriminator"
    g, made = "generator", "generated content"
    d_saw, g_saw = seen["D"], seen["G"]

    def first(batch, name):
        return f"{batch[name][0]:.2f}"

    def verdict(weights_d, batch, name):
        return f"{probability(weights_d, batch[name][:1], batch['c'][:1])[0]:.2f}"

    d_fake, g_fake = first(d_saw, "x_fake"), first(g_saw, "x_fake")
    d_kind, g_kind = (f"c = {batch['c'][0]}" for batch in (d_saw, g_saw))
    of_fake, of_real = (verdict(seen["before_d"], d_saw, name) for name in ("x_fake", "x"))
    d_says = f"D(x_fake) {of_fake}\nD(x) {of_real}"
    new_d_says = f"D(new fake)\n{verdict(seen['weights_d'], g_saw, 'x_fake')}"
    # Step 7 in one go: noise and kinds through the generator to the new D.
    fresh = {("", z): "", ("", c): "", (z, g): f"z = {first(g_saw, 'z')}", (c, g): g_kind, (c, d): g_kind}
    fresh |= {(g, made): g_fake, (made, d): g_fake, ("", x): None, (x, d): None}
    steps = [
        ("a batch: real numbers, kinds, noise", {("", z): "", ("", x): "", ("", c): ""}),
        ("the generator gets noise and kinds", {(z, g): f"z = {first(d_saw, 'z')}", (c, g): d_kind}),
        ("it makes fakes", {(g, made): d_fake}),
        ("D sees fakes, real numbers, kinds", {(made, d): d_fake, (x, d): first(d_saw, "x"), (c, d): d_kind}),
        ("D should say 0 and 1", {(d, "d_loss"): d_says}),
        ("d_loss goes back: D learns", {("d_loss", d): f"d_loss\n{d_saw['loss']:.2f}"}),
        ("fresh fakes go to the new D", fresh),
        ("the generator wants D to say 1", {(d, "g_loss"): new_d_says}),
        ("g_loss goes back: the generator learns", {("g_loss", g): f"g_loss {g_saw['loss']:.2f}"}),
    ]
    return [
        (sentence, {arrow: note for arrow, note in passed.items() if conditional or c not in arrow})
        for sentence, passed in steps
    ]


BOXES = {
    "noise z": (0.65, 2.0), "condition c": (0.65, 1.15), "generator": (2.6, 2.0),
    "generated content": (4.45, 2.0), "real data x": (4.45, 0.3), "discriminator": (6.15, 1.15),
    "d_loss": (8.35, 0.3), "g_loss": (8.35, 2.0),
}  # fmt: skip
ARROWS = [
    ("noise z", "generator", 0), ("condition c", "generator", 0),
    ("condition c", "discriminator", 0), ("real data x", "discriminator", 0),
    ("generator", "generated content", 0), ("generated content", "discriminator", 0),
    ("discriminator", "d_loss", 0.4), ("d_loss", "discriminator", 0.3),
    ("discriminator", "g_loss", -0.2), ("g_loss", "generator", 0.2),
]  # fmt: skip


def draw_flow(
    toy: Toy, probability: Discriminator, record: list[dict], moments: list[tuple], conditional=True
) -> Figure:
    """The flow at some moments, each a pair (round, step), of the lesson's `train_flow`."""
    n = len(moments)
    figure = plt.figure(figsize=(9, 4.9 * n))
    parts = figure.subfigures(n, 1, squeeze=False)[:, 0]
    kinds = [0, 1] if conditional else [0]
    for part, (turn, step) in zip(parts, moments, strict=True):
        chart, line = part.subplots(2, 1, height_ratios=[2.8, 1.2])
        seen = record[turn]
        steps = flow_steps(probability, seen, conditional)[:step]
        draw_chart(chart, BOXES, ARROWS, steps, f"round {turn}")
        weights_g = seen["weights_g" if step == 9 else "before_g"]
        weights_d = seen["weights_d" if step >= 6 else "before_d"]
        shown = np.nan if step < 3 else seen["D" if step < 7 else "G"]["x_fake"][0]
        draw_number_line(line, toy, probability, weights_g, weights_d, shown, kinds)
    return figure


def draw_heaps(toy: Toy, generators: list[tuple[np.ndarray, float]]) -> Figure:
    """What generators make, each (weights (2, 2), distance to the data), as lines over the real heaps."""
    n = len(generators)
    figure, panels = plt.subplots(1, n, figsize=(4.8 * n + 1.2 * (n == 1), 2.8), sharey=True, squeeze=False)
    for axes, (weights_g, distance) in zip(panels[0], generators, strict=True):
        fill_real(axes, toy)
        for kind in (0, 1):
            dash = ("-", "--")[kind]
            axes.plot(LINE, bell(*weights_g[kind]), "k", linestyle=dash, label=f"generated, kind {kind}")
        axes.set(xlim=(-4, 4), ylim=(0, 1.7), xlabel="x", title=f"distance {distance:.2f}")
    panels[0, 0].set_ylabel("density")
    panels[0, -1].legend(frameon=False, fontsize=8.5, loc="upper right")
    return figure


def draw_training(toy: Toy, record: list[dict], see: str) -> None:
    """Left the generator's weights, the data's dotted; right both losses, those of "no idea" dotted."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.4))
    weights = np.array([seen["weights_g"] for seen in record])  # (rounds, 2, 2)
    weights[:, :, 1] = np.abs(weights[:, :, 1])  # the sign of b only mirrors the noise
    for kind in (0, 1):
        for part, goal, dash in [(0, toy.means, "-"), (1, toy.spreads, "--")]:
            name = f"{('centre', 'spread')[part]}, kind {kind}"
            left.plot(weights[:, kind, part], dash, color=COLOURS[kind], label=name)
            left.axhline(goal[kind], color="gray", ls=":", lw=1)
    left.set(xlabel="round", ylabel="x", ylim=(-1.6, 2.4))
    left.legend(frameon=False, fontsize=8.5, ncols=2, loc="upper right")
    for player, name in [("D", "d_loss"), ("G", "g_loss")]:
        right.plot([seen[player]["loss"] for seen in record], label=name)
    for level in (2 * np.log(2), np.log(2)):
        right.axhline(level, color="black", ls=":", lw=1)
    right.set(xlabel="round", ylabel="nats", ylim=(0, 2.5))
    right.legend(frameon=False, loc="upper right")
    plots.show(figure, see)


def draw_samples(toy: Toy, samples: list[np.ndarray]) -> Figure:
    """The outlines of new numbers of both kinds over the filled heaps of the real ones."""
    figure, axes = plt.subplots(figsize=(9, 2.6))
    fill_real(axes, toy)
    for kind, x_fake in enumerate(samples):
        counts, edges = np.histogram(x_fake, bins=60, range=(-3, 3), density=True)
        dash = ("-", "--")[kind]
        axes.stairs(counts, edges, color="black", linestyle=dash, label=f"asked: kind {kind}")
    axes.set(xlim=(-3, 3), xlabel="x", ylabel="density")
    axes.legend(frameon=False)
    return figure
