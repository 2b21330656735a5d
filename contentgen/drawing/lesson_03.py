"""Lesson 03's figures: flow charts that light up, over a number line that shows both networks."""

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch


@dataclass(frozen=True)
class Toy:
    """What the lesson knows about its numbers of two kinds.

    Attributes:
        means, spreads: mean and standard deviation of each kind's real numbers, (2,).
        probability: the lesson's discriminator: weights (2, 3), numbers and kinds (B,) → D(x) (B,).
    """

    means: np.ndarray
    spreads: np.ndarray
    probability: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


LIT = "#6a1b9a"  # what happens now
PALE = "#ead6f2"  # what happened before


def write_note(axes, start, end, bend, note, weight):
    """A note above a flat arrow, to the right of an upright one, on any other."""
    (x0, y0), (x1, y1) = start, end
    x, y = (x0 + x1 + bend * (y1 - y0)) / 2, (y0 + y1 - bend * (x1 - x0)) / 2  # middle of the arrow
    look = {"color": LIT, "fontsize": 9, "weight": weight}
    if bend == 0 and abs(y1 - y0) < 0.5:
        axes.text(x, y + 0.04 + 0.2 * abs(y1 - y0), note, ha="center", va="bottom", **look)
    elif bend == 0 and x0 == x1:
        axes.text(x + 0.08, y, note, ha="left", va="center", **look)
    else:
        paper = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
        axes.text(x, y, note, ha="center", va="center", bbox=paper, **look)


def draw_chart(axes, boxes, arrows, steps, when):
    """Draw boxes {name: (x, y)} and arrows (from, to, bend); the last of the steps is lit."""
    sentence, lit = steps[-1]
    notes = {arrow: note for _, passed in steps for arrow, note in passed.items()}
    now, before, patches = [end for _, end in lit], [end for _, end in notes], {}
    for name, (x, y) in boxes.items():
        fill = LIT if name in now else PALE if name in before else "white"
        box = FancyBboxPatch((x - 0.55, y - 0.2), 1.1, 0.4, "round,pad=0.05", fc=fill, zorder=2)
        patches[name] = axes.add_patch(box)
        ink, label = "white" if name in now else "black", textwrap.fill(name, 13)
        axes.text(x, y, label, color=ink, fontsize=10, ha="center", va="center")
    for start, end, bend in arrows:
        note = notes.get((start, end))  # None: nothing has passed yet
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
    spread = max(abs(spread), 0.03)
    return np.exp(-0.5 * ((LINE - mean) / spread) ** 2) / (spread * np.sqrt(2 * np.pi))


def draw_number_line(axes, toy, weights_g, weights_d, x_fake, kinds, told):
    """Real heaps, one line for each of the generator's kinds, a strip for each kind D is told."""
    for kind in (0, 1):
        heap = bell(toy.means[kind], toy.spreads[kind]) / 2
        axes.fill_between(LINE, heap, color=COLOURS[kind], alpha=0.6, label=f"real, kind {kind}")
    for kind in kinds:
        heap = bell(*weights_g[kind]) / len(kinds)
        name = f"generated, kind {kind}" if len(kinds) > 1 else "generated"
        axes.plot(LINE, heap, color="black", linestyle=("-", "--")[kind], label=name)
    axes.plot(x_fake, 0.06, "v", color=LIT, markersize=11, label="x_fake")
    for kind in told:
        verdict = toy.probability(weights_d, LINE[None], kind)
        place = (-4, 4, -0.18 * kind - 0.19, -0.18 * kind - 0.04)  # left, right, bottom, top
        axes.imshow(verdict, extent=place, aspect="auto", vmin=0, vmax=1, cmap="cividis")
    names = ["D"] if len(told) == 1 else [f"D, kind {kind}" for kind in told]
    axes.set_yticks([-0.18 * kind - 0.115 for kind in told], names, fontsize=8.5)
    axes.tick_params(axis="y", length=0, grid_alpha=0)
    axes.set(xlim=(-4, 4), ylim=(-0.4, 1.1))
    axes.legend(frameon=False, fontsize=9, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=5)


def article_steps(seen, conditional):
    """The nine steps of a pass: (sentence, {(from, to): note})."""
    way = "conditional generation" if conditional else "unconditional generation"
    asked = f"c = {seen['c']}" if conditional else "no kind"
    x = f"{seen['x_fake']:.2f}"
    content, judge, verdict = "generated content", "discriminator", "real or generated?"
    steps = [
        ("a request comes in", {("", "input data"): ""}),
        ("does it name a kind?", {("input data", "condition?"): asked}),
        ("so it goes this way", {("condition?", way): "yes" if conditional else "no"}),
        ("the generator gets noise", {(way, "generator"): f"z = {seen['z']:.2f}"}),
        ("it makes a number", {("generator", content): f"x_fake\n{x}"}),
        ("the discriminator gets the number, and nothing else", {(content, judge): x}),
        ("it was never trained, and yet it judges", {(judge, verdict): f"D\n{seen['D']:.2f}"}),
    ]
    if seen["real"]:
        steps += [("“real”, so the work is done", {(verdict, "done"): "real"})]
        return [*steps, ("out goes the number", {("done", "output"): x})]
    steps += [("“generated”, so there is feedback", {(verdict, "feedback"): "generated"})]
    loss = f"g_loss {seen['g_loss']:.2f}"
    return [*steps, ("the generator moves", {("feedback", "generator"): loss})]


ARTICLE_BOXES = {
    "input data": (0.65, 2.0), "condition?": (2.5, 2.0), "conditional generation": (4.35, 2.45),
    "unconditional generation": (4.35, 1.6), "generator": (6.35, 2.0),
    "generated content": (8.35, 2.0), "discriminator": (8.35, 0.3), "feedback": (6.35, 1.15),
    "real or generated?": (6.35, 0.3), "done": (4.35, 0.3), "output": (2.5, 0.3),
}  # fmt: skip
ARTICLE_ARROWS = [(*pair, 0) for chain in (
    "input data > condition? > conditional generation > generator > generated content",
    "condition? > unconditional generation > generator",
    "generated content > discriminator > real or generated? > done > output",
    "real or generated? > feedback > generator",
) for pair in pairwise(chain.split(" > "))]  # fmt: skip


def draw_article(
    toy: Toy, record: list[dict], weights_d: np.ndarray, moments: list[tuple], conditional=True
) -> Figure:
    """The article's flow at some moments, each a pair (pass, step), of the lesson's `run_article`."""
    figure, axes = _panels(moments)
    kinds = [0, 1] if conditional else [0]
    for chart, line, (turn, step) in zip(axes[::2], axes[1::2], moments, strict=True):
        seen = record[turn]
        steps = article_steps(seen, conditional)[:step]
        draw_chart(chart, ARTICLE_BOXES, ARTICLE_ARROWS, steps, f"pass {turn}")
        weights_g = seen["weights_g" if step == 9 else "before_g"]
        shown = seen["x_fake"] if step >= 5 else np.nan
        draw_number_line(line, toy, weights_g, weights_d, shown, kinds, told=(0,))
    return figure


def _panels(moments):
    """A chart and a number line below it for each moment."""
    n = len(moments)
    return plt.subplots(2 * n, 1, figsize=(9, 4.6 * n), height_ratios=[2.8, 1.2] * n)


def corrected_steps(toy, seen, conditional):
    """The nine steps of a round: (sentence, {(from, to): note})."""
    z, c, x, d = "noise z", "condition c", "real data x", "discriminator"
    g, made = "generator", "generated content"
    kind, g_kind = f"c = {seen['c'][0]}", f"c = {seen['g_c'][0]}"
    real, fake, g_fake = (f"{seen[name][0]:.2f}" for name in ("x", "x_fake", "g_fake"))
    d_real = toy.probability(seen["before_d"], seen["x"], seen["c"])[0]
    d_fake = toy.probability(seen["before_d"], seen["x_fake"], seen["c"])[0]
    d_new = toy.probability(seen["weights_d"], seen["g_fake"], seen["g_c"])[0]
    fresh = {(z, g): f"z = {seen['g_z'][0]:.2f}", (g, made): g_fake, (made, d): g_fake}
    steps = [
        ("a batch: real numbers, kinds, noise", {("", z): "", ("", x): "", ("", c): ""}),
        ("the generator gets noise and kinds", {(z, g): f"z = {seen['z'][0]:.2f}", (c, g): kind}),
        ("it makes fakes", {(g, made): fake}),
        ("D sees fakes, real numbers, kinds", {(made, d): fake, (x, d): real, (c, d): kind}),
        ("D should say 0 and 1", {(d, "d_loss"): f"D(x_fake) {d_fake:.2f}\nD(x) {d_real:.2f}"}),
        ("d_loss goes back: D learns", {("d_loss", d): f"d_loss\n{seen['d_loss']:.2f}"}),
        ("fresh fakes go to the new D", {**fresh, (c, g): g_kind, (c, d): g_kind}),
        ("the generator wants D to say 1", {(d, "g_loss"): f"D(x_fake)\n{d_new:.2f}"}),
        ("g_loss goes back: the generator learns", {("g_loss", g): f"g_loss {seen['g_loss']:.2f}"}),
    ]  # fmt: skip
    for _, passed in steps:
        for arrow in [arrow for arrow in passed if c in arrow and not conditional]:
            del passed[arrow]
    return steps


CORRECTED_BOXES = {
    "noise z": (0.65, 2.0), "condition c": (0.65, 1.15), "generator": (2.6, 2.0),
    "generated content": (4.45, 2.0), "real data x": (4.45, 0.3), "discriminator": (6.15, 1.15),
    "d_loss": (8.35, 0.3), "g_loss": (8.35, 2.0),
}  # fmt: skip
CORRECTED_ARROWS = [
    ("noise z", "generator", 0), ("condition c", "generator", 0),
    ("condition c", "discriminator", 0), ("real data x", "discriminator", 0),
    ("generator", "generated content", 0), ("generated content", "discriminator", 0),
    ("discriminator", "d_loss", 0.4), ("d_loss", "discriminator", 0.3),
    ("discriminator", "g_loss", -0.2), ("g_loss", "generator", 0.2),
]  # fmt: skip


def draw_corrected(toy: Toy, record: list[dict], moments: list[tuple], conditional=True) -> Figure:
    """The corrected flow at some moments, each a pair (round, step), of the lesson's `train_flow`."""
    figure, axes = _panels(moments)
    kinds = [0, 1] if conditional else [0]
    for chart, line, (turn, step) in zip(axes[::2], axes[1::2], moments, strict=True):
        seen = record[turn]
        steps = corrected_steps(toy, seen, conditional)[:step]
        draw_chart(chart, CORRECTED_BOXES, CORRECTED_ARROWS, steps, f"round {turn}")
        weights_g = seen["weights_g" if step == 9 else "before_g"]
        weights_d = seen["weights_d" if step >= 6 else "before_d"]
        shown = np.nan if step < 3 else seen["x_fake" if step < 7 else "g_fake"][0]
        draw_number_line(line, toy, weights_g, weights_d, shown, kinds, told=kinds)
    return figure


def draw_judges(distances: np.ndarray, gates: np.ndarray, start: float) -> Figure:
    """Two histograms over untrained discriminators: distance after the loop (dashed: at its start), gate."""
    figure, axes = plt.subplots(1, 2, figsize=(9, 2.8))
    axes[0].hist(distances.clip(0, 2), bins=20, color=COLOURS[0])
    axes[0].axvline(start, color="black", linestyle="--")
    axes[0].set(xlabel="distance to the data after the loop", ylabel="discriminators")
    axes[1].hist(gates, bins=20, range=(0, 1), color=COLOURS[1])
    axes[1].set(xlabel="share of real numbers that pass the gate")
    return figure


def draw_samples(toy: Toy, samples: list[np.ndarray]) -> Figure:
    """The outlines of new numbers of both kinds over the filled heaps of the real ones."""
    figure, axes = plt.subplots(figsize=(9, 2.6))
    for kind, x_fake in enumerate(samples):
        heap = bell(toy.means[kind], toy.spreads[kind])
        axes.fill_between(LINE, heap, color=COLOURS[kind], alpha=0.6)
        counts, edges = np.histogram(x_fake, bins=60, range=(-3, 3), density=True)
        dash = ("-", "--")[kind]
        axes.stairs(counts, edges, color="black", linestyle=dash, label=f"asked: kind {kind}")
    axes.set(xlim=(-3, 3), xlabel="x", ylabel="density")
    axes.legend(frameon=False)
    return figure
