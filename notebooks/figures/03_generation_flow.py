"""Draw 03_generation_flow.png: the last step of an early training round, as the lesson's slider shows it.

Run it with `python notebooks/figures/03_generation_flow.py`. It takes the lesson's own functions and tables.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import numpy as np
from lesson_code import definitions

from contentgen import plots, runtime

runtime.setup(0)
lesson = definitions("03_generation_flow")
wrong_g = np.array([[2.0, 0.5], [2.0, 0.5]])
lesson["corrected"] = {"conditional": lesson["train_flow"](wrong_g)}
figure = lesson["draw_corrected"]("conditional", [(40, 9)])
Path(__file__).with_suffix(".png").write_bytes(plots.figure_png(figure))
