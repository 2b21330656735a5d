"""Exercises of lesson 04, vae_loss."""

import numpy as np

from contentgen.exercises import Exercise, expect, filled


def _nats_lost(answer):
    expect(isinstance(answer, int | float), f"{answer!r} is not a number.")
    expect(
        abs(answer - 0.5 * (1 - np.log(2))) < 6e-4,
        f"{answer} nats is not the KL of N(0, 1) from the posterior at x = 0.",
    )


def _sigma_of_mean_squared_error(function):
    for n_numbers in (2, 784):
        sigma = float(filled(function(n_numbers)))
        expect(sigma > 0, f"for D = {n_numbers} sigma is {sigma}, expected a positive number.")
        squares = np.linspace(0, 3, n_numbers)
        cost = np.sum(squares) / (2 * sigma**2)
        expect(
            abs(cost - squares.mean()) < 1e-6,
            f"for D = {n_numbers} and sigma = {sigma:.3f}, the squared errors cost {cost:.3f} nats "
            f"by (4.10), but their mean is {squares.mean():.3f}.",
        )


def _score_with_baseline(function):
    z = np.array([-1.0, 0.5, 2.0, 4.0])
    value = np.asarray(filled(function(np.square, z, 0.5, 4.0, 1.0)))
    expect(value.shape == (4,), f"for four draws the shape is {value.shape}, expected (4,).")
    wanted = (z**2 - 1) * (z - 0.5) / 4
    expect(
        np.allclose(value, wanted),
        f"for g(z) = z², mu 0.5, variance 4 and baseline 1, the draw z = 4 gives {value[3]:.3f}, "
        f"expected {wanted[3]:.3f}.",
    )
    eps = np.linspace(-4, 4, 20_001)
    density = np.exp(-(eps**2) / 2) / np.exp(-(eps**2) / 2).sum()
    for baseline in (0.0, 5.0):
        slope = density @ function(np.square, 1 + 0.5 * eps, 1.0, 0.25, baseline)
        expect(
            abs(slope - 2) < 0.01,
            f"with baseline {baseline} the average gradient of z² at mu = 1 is {slope:.2f}, expected 2.",
        )


def _vae_loss_of_any_numbers(function):
    x = np.array([[1.0, 0.0, -1.0], [0.5, 2.0, 0.0]])
    still = np.zeros((2, 2))
    value = np.asarray(filled(function(x, x, 1.0, still, still)))
    expect(value.shape == (), f"the shape is {value.shape}, expected () for one number.")
    known = 1.5 * np.log(2 * np.pi)
    expect(
        np.isclose(value, known),
        f"three numbers that fit exactly, variance 1, clouds at the prior: {value:.3f}, "
        f"expected {known:.3f}.",
    )
    value = float(function(x, x - 0.3, 0.09, still, still))
    known = 1.5 * (1 + np.log(2 * np.pi * 0.09))
    expect(
        np.isclose(value, known),
        f"errors of 0.3 with variance 0.09 cost {value:.3f}, expected {known:.3f}.",
    )
    mu, log_var = np.array([[2.0, 0.0], [0.0, 0.0]]), np.array([[0.0, 0.0], [0.0, np.log(4)]])
    kl = 0.5 * (4 + 3 - np.log(4)) / 2
    for beta in (1.0, 3.0):
        price = float(function(x, x, 1.0, mu, log_var, beta)) - 1.5 * np.log(2 * np.pi)
        expect(
            np.isclose(price, beta * kl),
            f"with beta {beta} the KL's part is {price:.3f}, expected {beta * kl:.3f}.",
        )
    price = float(function(x, x, 1.0, mu, log_var)) - 1.5 * np.log(2 * np.pi)
    expect(np.isclose(price, kl), "without beta the weight of the KL is not 1.")


EXERCISES = {
    "4.1": Exercise(
        _nats_lost,
        (
            "By (4.5) the loss is the KL of q from the posterior, which is N(0, 1/2) here.",
            "In (4.8) both centres are 0, so only the two variances, 1 and 1/2, are left.",
            "½ [log(½ / 1) + 1 / ½ − 1].",
        ),
    ),
    "4.2": Exercise(
        _sigma_of_mean_squared_error,
        (
            "Compare what one squared error is divided by: 2σ² in (4.10), D in the mean.",
            "2σ² = D.",
        ),
    ),
    "4.3": Exercise(
        _score_with_baseline,
        (
            "It is score_gradient's first result, with g(z) − b in place of g(z).",
            "The score by mu is (z − mu) divided by the variance, not by the standard deviation.",
        ),
    ),
    "4.4": Exercise(
        _vae_loss_of_any_numbers,
        (
            "Two lines of sums over axis 1, then one mean over the batch.",
            "The reconstruction is nll_gaussian, the KL is kl_to_prior; both give (B,).",
            "np.mean(reconstruction + beta * kl).",
        ),
    ),
}
