"""Taught in notebooks/02_generative_models.ipynb. `make save` writes this file; change the lesson."""

import numpy as np


def log_normal(x, mean, var):
    return -0.5 * (np.log(2 * np.pi * var) + (x - mean) ** 2 / var)
