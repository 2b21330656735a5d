"""Draw 06_vae_samples.png: twenty digits that the shipped network makes from random codes.

Run it with `make figure N=06` after the network has been made again.
"""

from pathlib import Path

from contentgen import runtime

runtime.setup(0)

import keras
import numpy as np

from contentgen import plots

decoder = keras.models.load_model(runtime.shipped("pretrained/vae_strokes_decoder.keras"))
z = np.random.default_rng(0).standard_normal((20, 16)).astype("float32")
pictures = np.asarray(keras.ops.sigmoid(decoder(z)))
Path(__file__).with_suffix(".png").write_bytes(plots.png(pictures, zoom=3))
