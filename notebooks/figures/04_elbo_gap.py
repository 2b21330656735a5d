"""Draw 04_elbo_gap.png: log p(x), its bound and the gap between them, while lesson 04's toy trains.

Run it with `make figure N=04`; it runs the lesson's own training.
"""

from pathlib import Path

from contentgen import runtime

runtime.setup(0)

import matplotlib.pyplot as plt
from lesson_code import Lesson

from contentgen import plots
from contentgen.drawing import lesson_04 as drawing

lesson = Lesson("04_vae_loss")
lesson.run("eq-marginal-check", "train")
figure, axes = plt.subplots(figsize=(7, 3.4))
drawing.over_steps(axes, lesson["log_px_path"], lesson["elbo_path"])
axes.text(1.05, -1.91, "log p(x)")
axes.text(2.5, -2.145, "the bound, pushed up", color=drawing.GUESS)
axes.text(1.6, -2.02, "gap", color=drawing.GAP)
Path(__file__).with_suffix(".png").write_bytes(plots.figure_png(figure))
