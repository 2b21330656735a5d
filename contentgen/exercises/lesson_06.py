"""Exercises of lesson 06, vae_images."""

import numpy as np

from contentgen.exercises import exercise, expect, expect_close


@exercise("6.1", "With variance 1, the terms σ² − 1 − log σ² add up to 0.", "Only ½ μ² is left.")
def kl_of_cloud(answer):
    right = isinstance(answer, int | float) and abs(answer - 2) < 1e-6
    expect(right, f"{answer} nats is not the KL of N(2, 1) from N(0, 1).")


@exercise(
    "6.2",
    "The temperature multiplies the noise, not the centre.",
    "The standard deviation is np.exp(0.5 * log_var).",
)
def sample_with_temperature(function):
    mu, log_var, eps = np.array([[1.0, -2.0]]), np.array([[0.0, np.log(4)]]), np.array([[0.5, 1.0]])
    for temperature, wanted in [(0.0, [[1.0, -2.0]]), (1.0, [[1.5, 0.0]]), (0.5, [[1.25, -1.0]])]:
        z = function(mu, log_var, eps, temperature)
        expect_close(z, wanted, f"the codes at temperature {temperature}")


@exercise(
    "6.3",
    "Start from kl_normals: its variances are np.exp(log_var) and np.exp(log_var_p).",
    "np.log(var_p / var) is log_var_p - log_var.",
    "Sum over the last axis: .sum(axis=1).",
)
def kl_between(function):
    rng = np.random.default_rng(3)
    mu, log_var, mu_p, log_var_p = rng.normal(size=(4, 5, 3))
    same = function(mu, log_var, mu, log_var)
    expect_close(same, np.zeros(5), "the KL of a distribution from itself, for arrays (5, 3)")
    standard = 0.5 * (mu**2 + np.exp(log_var) - 1 - log_var).sum(1)
    expect_close(function(mu, log_var, 0 * mu, 0 * mu), standard, "a standard prior, so (6.5)")
    ratio = np.exp(log_var - log_var_p)
    wanted = 0.5 * (ratio - 1 - np.log(ratio) + (mu - mu_p) ** 2 / np.exp(log_var_p)).sum(1)
    expect_close(function(mu, log_var, mu_p, log_var_p), wanted, "a general prior")


@exercise(
    "6.4",
    "log_normal above is the logarithm for one pixel; its variance is sigma**2.",
    "Sum over the axes 1, 2 and 3, so that one number a picture is left.",
)
def log_gaussian(function):
    x, x_hat = np.zeros((2, 3, 2, 1)), np.zeros((2, 3, 2, 1))
    exact = -3 * np.log(2 * np.pi)
    expect_close(function(x, x_hat, 1.0), [exact, exact], "two pictures that fit, sigma 1")
    x_hat[1] = 0.5
    exact -= 6 * np.log(0.2)
    case = "a picture that fits and one with errors of 0.5, sigma 0.2"
    expect_close(function(x, x_hat, 0.2), [exact, exact - 6 * 0.25 / 0.08], case)


@exercise(
    "6.5",
    "Take the largest log-weight of each picture out before np.exp, and add it back at the end.",
    "m = log_w.max(axis=1, keepdims=True), then the mean of np.exp(log_w - m).",
)
def bound_from_log_weights(function):
    log_w = np.log([[1.0, 2.0, 3.0], [4.0, 4.0, 4.0]])
    expect_close(function(log_w), np.log([2, 4]), "for the weights 1, 2, 3 and 4, 4, 4")
    with np.errstate(all="ignore"):
        far = function(log_w - 1000)
    expect_close(far, np.log([2, 4]) - 1000, "for log-weights near −1000")
