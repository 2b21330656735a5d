"""Exercises of lesson 06, vae_images."""

import numpy as np

from contentgen.exercises import Exercise, expect, filled


def _kl_of_cloud(answer):
    expect(
        isinstance(answer, int | float) and abs(answer - 2) < 1e-6,
        f"{answer} nats is not the KL of N(2, 1) from N(0, 1).",
    )


def _sample_with_temperature(function):
    mu, log_var, eps = np.array([[1.0, -2.0]]), np.array([[0.0, np.log(4)]]), np.array([[0.5, 1.0]])
    for temperature, wanted in [(0.0, [[1.0, -2.0]]), (1.0, [[1.5, 0.0]]), (0.5, [[1.25, -1.0]])]:
        z = np.asarray(filled(function(mu, log_var, eps, temperature)))
        expect(
            z.shape == (1, 2) and np.allclose(z, wanted),
            f"at temperature {temperature} the codes are {z.tolist()}, expected {wanted}.",
        )


def _kl_between(function):
    rng = np.random.default_rng(3)
    mu, log_var, mu_p, log_var_p = rng.normal(size=(4, 5, 3))
    same = np.asarray(filled(function(mu, log_var, mu, log_var)))
    expect(
        same.shape == (5,), f"for arrays of shape (5, 3) the shape is {same.shape}, expected (5,)."
    )
    expect(np.allclose(same, 0), "the KL of a distribution from itself is not 0.")
    standard = 0.5 * (mu**2 + np.exp(log_var) - 1 - log_var).sum(1)
    expect(
        np.allclose(function(mu, log_var, 0 * mu, 0 * mu), standard),
        "with a standard prior it is not equation (6.5).",
    )
    ratio = np.exp(log_var - log_var_p)
    wanted = 0.5 * (ratio - 1 - np.log(ratio) + (mu - mu_p) ** 2 / np.exp(log_var_p)).sum(1)
    expect(
        np.allclose(function(mu, log_var, mu_p, log_var_p), wanted),
        "it is wrong for a general prior.",
    )


def _log_gaussian(function):
    x, x_hat = np.zeros((2, 3, 2, 1)), np.zeros((2, 3, 2, 1))
    value = np.asarray(filled(function(x, x_hat, 1.0)))
    expect(value.shape == (2,), f"for two pictures the shape is {value.shape}, expected (2,).")
    expect(
        np.allclose(value, -3 * np.log(2 * np.pi)),
        f"six pixels that fit exactly, with sigma 1, give {value[0]:.3f}, expected −5.514.",
    )
    x_hat[1] = 0.5
    wanted = [-3 * np.log(2 * np.pi * 0.04), -3 * np.log(2 * np.pi * 0.04) - 6 * 0.25 / 0.08]
    expect(
        np.allclose(function(x, x_hat, 0.2), wanted),
        "with sigma 0.2 and errors of 0.5 it is wrong.",
    )


def _bound_from_log_weights(function):
    log_w = np.log([[1.0, 2.0, 3.0], [4.0, 4.0, 4.0]])
    value = np.asarray(filled(function(log_w)))
    expect(
        value.shape == (2,),
        f"for log-weights of shape (2, 3) the shape is {value.shape}, expected (2,).",
    )
    expect(
        np.allclose(value, np.log([2, 4])),
        f"weights 1, 2, 3 give {value[0]:.3f}, expected log 2 = 0.693.",
    )
    with np.errstate(all="ignore"):
        far = np.asarray(function(log_w - 1000))
    expect(np.allclose(far, value - 1000), "log-weights near −1000 do not survive.")


EXERCISES = {
    "6.1": Exercise(
        _kl_of_cloud,
        (
            "With variance 1, the terms σ² − 1 − log σ² add up to 0.",
            "Only ½ μ² is left.",
        ),
    ),
    "6.2": Exercise(
        _sample_with_temperature,
        (
            "The temperature multiplies the noise, not the centre.",
            "The standard deviation is np.exp(0.5 * log_var).",
        ),
    ),
    "6.3": Exercise(
        _kl_between,
        (
            "Start from kl_normals: its variances are np.exp(log_var) and np.exp(log_var_p).",
            "np.log(var_p / var) is log_var_p - log_var.",
            "Sum over the last axis: .sum(axis=1).",
        ),
    ),
    "6.4": Exercise(
        _log_gaussian,
        (
            "log_normal above is the logarithm for one pixel; its variance is sigma**2.",
            "Sum over the axes 1, 2 and 3, so that one number a picture is left.",
        ),
    ),
    "6.5": Exercise(
        _bound_from_log_weights,
        (
            "Take the largest log-weight of each picture out before np.exp, and add it back at the end.",
            "m = log_w.max(axis=1, keepdims=True), then the mean of np.exp(log_w - m).",
        ),
    ),
}
