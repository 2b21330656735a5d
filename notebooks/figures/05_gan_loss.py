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

lesson = Lesson("05_gan_loss")  # functions and classes, which find the arrays below in it
rng = np.random.default_rng(0)
ring, ring_test = (lesson["sample_ring"](n, rng) for n in (8000, 2000))
axis = np.linspace(-2.6, 2.6, 61)
lesson |= {"REAL": "#542788", "FAKE": "#d95f02", "ring": ring, "ring_test": ring_test}
lesson["axis"] = axis
lesson["plane"] = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2).astype("float32")
lesson["z_fixed"] = rng.standard_normal((2000, 4)).astype("float32")

lesson["keras"].utils.set_random_seed(0)
networks = lesson["make_mlp"](4, 2, "generator"), lesson["make_mlp"](2, 1, "discriminator")
watch, _ = lesson["play_on_ring"](lesson["AlternatingGAN"](*networks), 2000)

figure, axes = plt.subplots(1, 6, figsize=(9.6, 1.85))
for one, step in zip(axes, [0, 50, 150, 250, 500, 2000], strict=True):
    lesson["plot_moment"](one, watch, step // 25)
    one.set_title(f"step {step}", fontsize=10)
Path(__file__).with_suffix(".png").write_bytes(plots.figure_png(figure))
