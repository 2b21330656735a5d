"""Draw 08_gan_stability.png: lesson 08's ring, played by the plain recipe and by the best one.

Run it with `make figure N=08`; it trains the lesson's own networks for a few seconds.
"""

from pathlib import Path

from contentgen import runtime

runtime.setup(0)

import matplotlib.pyplot as plt
import numpy as np
from lesson_code import Lesson

from contentgen import plots
from contentgen.drawing import lesson_08 as drawing

lesson = Lesson("08_gan_stability")
angle = np.arange(8) * np.pi / 4
ring = np.stack([np.cos(angle), np.sin(angle)], axis=1)
z = np.random.default_rng(0).standard_normal((2500, 2), "float32")
figure, axes = plt.subplots(1, 2, figsize=(7, 3.7))
for panel, name in zip(axes, ("collapsed", "R1, central start"), strict=True):
    game = lesson["play"](ring, 0.01, lesson["steps"], 1, **lesson["RECIPES"][name])
    drawing.on_plane(
        panel, np.asarray(game.generator(z)), ring, name, drawing.field(game.score, drawing.SIDE)
    )
Path(__file__).with_suffix(".png").write_bytes(plots.figure_png(figure))
