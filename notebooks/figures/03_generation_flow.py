"""Draw 03_generation_flow.png: the last step of an early training round, as the lesson's slider shows it.

Run it with `python notebooks/figures/03_generation_flow.py`. It takes the lesson's own functions and tables.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import numpy as np
from lesson_code import definitions

from contentgen import plots, runtime
from contentgen.drawing import lesson_03

runtime.setup(0)
lesson = definitions("03_generation_flow")
toy = lesson_03.Toy(lesson["MEANS"], lesson["SPREADS"], lesson["toy_discriminator"])
record = lesson["train_flow"](np.array([[2.0, 0.5], [2.0, 0.5]]))
figure = lesson_03.draw_corrected(toy, record, [(40, 9)])
Path(__file__).with_suffix(".png").write_bytes(plots.figure_png(figure))
