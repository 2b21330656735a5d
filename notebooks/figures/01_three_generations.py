"""Draw 01_three_generations.png: digits and a report by rules, by counting and by networks.

It runs the cells of lesson 01 up to the drawings. Run it with `make figure N=01` after the lesson changed;
it takes a minute.
"""

import contextlib
import io
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat

from contentgen import plots

HERE = Path(__file__).resolve().parent
names = {}
notebook = nbformat.read(HERE.parent / "01_what_is_content_generation.ipynb", as_version=4)
for cell in notebook.cells:
    if cell.cell_type == "code":
        with contextlib.redirect_stdout(io.StringIO()):
            exec(cell.source.replace("    %pip", "    pass  # %pip"), names)
    if cell.id == "draw-pixels":
        break

written, wrong = names["written"], lambda report: not names["is_right"](report)
reports = {
    "rules": next(report for report in written["rules"] if len(report) < 115),
    "counts": next(filter(wrong, written[5])),
    "network": next(filter(names["is_right"], written["network"])),
}
figure, axes = plt.subplots(3, 1, figsize=(8, 4), dpi=100, layout="constrained")
for axis, (name, report) in zip(axes, reports.items(), strict=True):
    axis.imshow(plots.tile(names["drawn"][name][10:20], 10).squeeze(), cmap="gray", vmin=0, vmax=1)
    axis.set(xticks=[], yticks=[])
    axis.spines[:].set_visible(False)
    axis.set_ylabel(name, rotation=0, ha="right", va="center", fontsize=13)
    middle = report.find(" ", len(report) // 2)
    axis.set_xlabel(f"{report[:middle]}\n{report[middle + 1 :]}", fontsize=11.5, loc="left")

Path(__file__).with_suffix(".png").write_bytes(plots.figure_png(figure))
