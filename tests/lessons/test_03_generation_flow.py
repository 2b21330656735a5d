"""Lesson 03, generation_flow: wrong answers to its exercises."""

import numpy as np


def step_of_d(weights_d, x, x_fake, rate, sees_real=1):  # lesson 03, right as it stands
    features, fakes = (np.stack([v**0, v, v**2], axis=1) for v in (x, x_fake))
    slopes = sees_real * features.T @ (1 / (1 + np.exp(-features @ weights_d)) - 1) / len(x)
    slopes = slopes + fakes.T @ (1 / (1 + np.exp(-fakes @ weights_d))) / len(x_fake)
    return weights_d - rate * slopes


# Answers that a learner might well give; each must be refused.
WRONG = {
    "3.1": [
        {"noise z", "condition c", "generator", "generated content", "discriminator"},
        {"condition c", "generator", "generated content"},
        {"noise z", "condition c", "generator", "output"},
        "generator",
    ],
    "3.2": ["ECABD", "EBCAD", "BEDCA", "EDBCA", "EBDAC", "ABC", None],  # first: the article's
    "3.3": [
        lambda weights_g, z, one_hot: weights_g[one_hot.argmax(1)] @ [1, 0] + 0.3 * z,
        lambda weights_g, z, one_hot: (weights_g[one_hot.argmax(1)] * np.c_[z**0, z]).sum(1),
        lambda weights_g, z, one_hot: one_hot @ weights_g[:, 0],
        lambda weights_g, z, one_hot: one_hot @ weights_g * z[:, None],
    ],
    "3.4": [
        lambda weights_d, x, x_fake, rate: step_of_d(weights_d, x, x_fake, -rate),  # uphill
        lambda weights_d, x, x_fake, rate: step_of_d(weights_d, x_fake, x, rate),  # real is 0
        lambda weights_d, x, x_fake, rate: step_of_d(weights_d, x, x_fake, rate, sees_real=0),
        lambda weights_d, x, x_fake, rate: step_of_d(weights_d, x, x_fake, 1.0),
        lambda weights_d, x, x_fake, rate: step_of_d(0 * weights_d, x, x_fake, rate),
        lambda weights_d, x, x_fake, rate: step_of_d(weights_d, x, x_fake, rate * len(x)),  # sums
    ],
}
