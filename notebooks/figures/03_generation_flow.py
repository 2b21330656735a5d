"""Draw 03_generation_flow.png: the last step of an early training round, as the lesson's slider shows it.

Run it with `make figure N=03`. It takes the lesson's own functions and tables.
"""

from pathlib import Path

import numpy as np
from lesson_code import Lesson

from contentgen import plots, runtime
from contentgen.drawing import lesson_03

runtime.setup(0)
lesson = Lesson("03_generation_flow")
toy = lesson_03.Toy(lesson["MEANS"], lesson["SPREADS"])
record = lesson["train_flow"](np.array([[2.0, 0.5], [2.0, 0.5]]))
figure = lesson_03.draw_flow(toy, lesson["toy_discriminator"], record, [(40, 9)])
Path(__file__).with_suffix(".png").write_bytes(plots.figure_png(figure))
