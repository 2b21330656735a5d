"""Draw 05_gan_loss.png: six moments of lesson 05's game on the plane.

Run it with `make figure N=05`; it trains the lesson's own networks.
"""

from pathlib import Path

from contentgen import runtime

runtime.setup(0)

import matplotlib.pyplot as plt
import numpy as np
from lesson_code import Lesson

from contentgen import plots
from contentgen.drawing import lesson_05

lesson = Lesson("05_gan_loss")  # functions and classes, which find the arrays below in it
rng = np.random.default_rng(0)
lesson["ring"], lesson["ring_test"] = (lesson["sample_ring"](n, rng) for n in (8000, 2000))
lesson["z_fixed"] = rng.standard_normal((2000, 4)).astype("float32")
watch, _ = lesson["play_on_ring"](lesson["AlternatingGAN"](*lesson["make_players"]()), 2000)

figure, axes = plt.subplots(1, 6, figsize=(9.6, 1.85))
for one, step in zip(axes, [0, 50, 150, 250, 500, 2000], strict=True):
    lesson_05.moment(one, watch, step // 25, lesson["ring_test"], f"step {step}", dot=2)
Path(__file__).with_suffix(".png").write_bytes(plots.figure_png(figure))
