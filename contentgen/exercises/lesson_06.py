"""Exercises of lesson 06, vae_images."""

import numpy as np

from contentgen.exercises import exercise, expect, expect_close, filled


@exercise(
    "6.1",
    "The mean is 0.3 log x_hat + 0.7 log(1 − x_hat). Where is its slope 0?",
    "The slope is 0.3 / x_hat − 0.7 / (1 − x_hat).",
)
def best_x_hat(answer):
    right = isinstance(answer, int | float) and abs(answer - 0.3) < 1e-6
    expect(right, f"with x_hat = {answer} the mean is not as large as it can be.")


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
    "The codes of class k are z[y == k], (N_k, L). Go through np.unique(y).",
    "Their covariance is np.cov(codes.T), an (L, L) matrix.",
    "rng.multivariate_normal(mean, covariance, n_each) draws; np.concatenate puts the classes together.",
)
def draw_by_class(function):
    rng, n = np.random.default_rng(4), 4000
    y = np.arange(2 * n) % 2
    z = rng.normal(size=(2 * n, 2)) @ [[1.0, 0.8], [0.0, 0.6]]  # in each class with correlation 0.8
    z[y == 1] = [3.0, -2.0] + z[y == 1] * [1, -1]
    drawn = np.asarray(filled(function(z, y, n, rng)))
    expect(drawn.shape == (2 * n, 2), f"{n} codes each for 2 classes of 2 axes: the shape is {drawn.shape}.")
    for k, codes in enumerate(np.split(drawn, 2)):
        case = f"of the codes for class {k}, to 0.1"
        expect_close(codes.mean(axis=0), z[y == k].mean(axis=0), f"the mean {case}", 0, 0.1)
        expect_close(np.cov(codes.T), np.cov(z[y == k].T), f"the covariance {case}", 0, 0.1)
        copies = np.isin(codes[:, 0], z[:, 0]).mean()
        expect(copies < 0.5, f"{copies:.0%} of the codes for class {k} are copies of the given ones.")


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
