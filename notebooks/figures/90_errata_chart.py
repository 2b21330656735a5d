"""Draw 90_errata_chart.png: one tile for each row of lesson 90, coloured by how the fault shows itself.

Run it with `make figure N=90`; it reads the lesson's own table of rows.
"""

import re
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat

from contentgen import plots

LESSON = Path(__file__).parents[1] / "90_article_errata.ipynb"
COLOURS = {"misleads": "#c0392b", "stops": "#2c6fa6", "warns": "#d9a300", "unverified": "#7f7f7f"}
MEANING = {
    "misleads": "runs in silence, and misleads",
    "stops": "stops with an error",
    "warns": "runs with a warning",
    "unverified": "cannot be looked up",
}

text = "\n".join(cell.source for cell in nbformat.read(LESSON, as_version=4).cells)
how = {int(n): word for n, word in re.findall(r"^\| (\d+) \|.*\| (\w+) \|$", text, re.MULTILINE)}

figure, axes = plt.subplots(figsize=(9, 3.3), dpi=100, layout="constrained")
for row, word in how.items():
    x, y = (row - 1) % 11, -((row - 1) // 11)
    axes.add_patch(plt.Rectangle((x, y), 0.92, 0.92, color=COLOURS[word]))
    axes.text(x + 0.46, y + 0.45, row, ha="center", va="center", color="white", fontsize=15)
for k, (word, colour) in enumerate(COLOURS.items()):
    x, y = 0.0 if k < 2 else 5.9, -2.75 - 0.55 * (k % 2)
    axes.add_patch(plt.Rectangle((x, y), 0.4, 0.4, color=colour))
    label = f"{sum(w == word for w in how.values())} × {MEANING[word]}"
    axes.text(x + 0.55, y + 0.2, label, va="center", fontsize=13)
axes.set(xlim=(-0.05, 11), ylim=(-3.4, 1), aspect="equal")
axes.axis("off")
Path(__file__).with_suffix(".png").write_bytes(plots.figure_png(figure))
