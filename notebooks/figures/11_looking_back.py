"""Draw 11_looking_back.png: where the shipped network looks before it writes a town for the second time.

Run it with `make figure N=11` after the network has been made again.
"""

from pathlib import Path
from types import SimpleNamespace

from contentgen import runtime

runtime.setup(0)

import numpy as np
from lesson_code import Lesson  # tools/lesson_code.py

from contentgen import plots
from contentgen.data import news
from contentgen.drawing import lesson_11

lesson = Lesson("11_text_transformer")
lesson.run("box")
reports = news.draw(400, seed=4_000_011)
lesson.update(
    known=True,
    network=lesson["shipped"],
    tokens=lesson["shipped_tokens"],
    test=np.zeros(60),
    text=SimpleNamespace(reports_test=[r for r in reports if r.text.startswith("Storm")]),
)
lesson.run("maps", "head")
best = np.unravel_index(lesson["share"].argmax(), lesson["share"].shape)
figure = lesson_11.looks(lesson["pieces"], lesson["weights"], lesson["asking"], [best])
Path(__file__).with_suffix(".png").write_bytes(plots.figure_png(figure))
