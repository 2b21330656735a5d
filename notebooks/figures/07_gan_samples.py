"""Draw 07_gan_samples.png: twenty digits that the shipped generator makes from random numbers.

Run it with `make figure N=07` after the generator has been made again.
"""

from pathlib import Path

from contentgen import runtime

runtime.setup(0)

import keras
import numpy as np

from contentgen import plots

generator = keras.models.load_model(runtime.shipped("pretrained/gan_strokes_generator.keras"))
z = np.random.default_rng(0).standard_normal((20, generator.input_shape[1])).astype("float32")
pictures = np.asarray(generator(z))
Path(__file__).with_suffix(".png").write_bytes(plots.png(pictures, zoom=3))
