"""Draw 09_conditional_images.png: the number 2026 at five slants, each row with noise of its own.

Run it with `make figure N=09` after the generator has been made again.
"""

from pathlib import Path

from contentgen import runtime

runtime.setup(0)

import keras
import numpy as np

from contentgen import plots

SLANTS = (-20, -5, 10, 20, 30)  # degrees
generator = keras.models.load_model(
    runtime.shipped("pretrained/conditional_strokes_generator.keras")
)
rng = np.random.default_rng(1)
rows = []
for slant in SLANTS:
    z = np.repeat(rng.standard_normal((1, generator.input_shape[0][1])), 4, axis=0)
    # The lesson's conditions: one-hot digit, slant and width in units of their spread.
    c = np.hstack([np.eye(10)[[2, 0, 2, 6]], np.tile([(slant - 6) / 12, -0.5], (4, 1))])
    rows.append(np.asarray(generator([z.astype("float32"), c.astype("float32")])))
Path(__file__).with_suffix(".png").write_bytes(plots.png(np.concatenate(rows), columns=4, zoom=3))
