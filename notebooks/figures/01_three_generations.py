"""Draw 01_three_generations.png: digits and a report by rules, by counting and by networks.

It runs the cells of lesson 01 up to the drawings. Run it with `make figure N=01` after the lesson changed;
it takes a minute.
"""

from itertools import takewhile
from pathlib import Path

import matplotlib.pyplot as plt
from lesson_code import Lesson

from contentgen import plots

lesson = Lesson("01_what_is_content_generation")
lesson.run(*takewhile(lambda cell: cell != "draw-pixels", lesson.code), "draw-pixels")
written, wrong = lesson["written"], lambda report: not lesson["is_right"](report)
reports = {
    "rules": next(report for report in written["rules"] if len(report) < 115),
    "counts": next(filter(wrong, written[5])),
    "network": next(filter(lesson["is_right"], written["network"])),
}
figure, axes = plt.subplots(3, 1, figsize=(8, 4), dpi=100, layout="constrained")
for axis, (name, report) in zip(axes, reports.items(), strict=True):
    axis.imshow(plots.tile(lesson["drawn"][name][10:20], 10).squeeze(), cmap="gray", vmin=0, vmax=1)
    axis.set(xticks=[], yticks=[])
    axis.spines[:].set_visible(False)
    axis.set_ylabel(name, rotation=0, ha="right", va="center", fontsize=13)
    middle = report.find(" ", len(report) // 2)
    axis.set_xlabel(f"{report[:middle]}\n{report[middle + 1 :]}", fontsize=11.5, loc="left")

Path(__file__).with_suffix(".png").write_bytes(plots.figure_png(figure))
