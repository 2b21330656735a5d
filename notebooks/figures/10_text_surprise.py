"""Draw 10_text_surprise.png: a report that the shipped network never saw, coloured by its surprise.

Run it with `make figure N=10` after the network has been made again.
"""

from pathlib import Path

from contentgen import runtime

runtime.setup(0)

from lesson_code import Lesson  # tools/lesson_code.py

from contentgen import plots
from contentgen.data import news
from contentgen.drawing import lesson_10

lesson = Lesson("10_text_lstm")
network, vocabulary = lesson["load_writer"]("news")
text = "\n\n" + news.draw(1, seed=4_000_023)[0].text.strip()
bits = lesson["each_bits"](network, lesson["to_codes"](text, vocabulary))
Path(__file__).with_suffix(".png").write_bytes(
    plots.figure_png(lesson_10.surprise(text[2:], bits[1:], columns=72))
)
