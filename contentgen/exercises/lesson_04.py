"""Exercises of lesson 04, vae_loss."""

import numpy as np

from contentgen.exercises import exercise, expect, expect_close, filled


@exercise(
    "4.1",
    "With the prior for the guess the KL of (4.6) is 0: the ELBO is the average of log p(x|z).",
    "At x = 0 the average of (x − z)² over the prior is 1, so the ELBO is −½ log 2π − ½.",
    "log p(0) is that of N(0, 2): −½ log 4π. Take the ELBO away from it.",
)
def nats_lost(answer):
    number = np.ndim(answer) == 0 and np.asarray(answer).dtype.kind in "biuf"
    right = number and abs(answer - 0.5 * (1 - np.log(2))) < 6e-4
    expect(right, f"{answer} nats is not log p(x) minus the ELBO at x = 0.")


@exercise(
    "4.2",
    "Step 1 with sums: p(x) is the sum of likelihood times prior; each weight is that product over q.",
    "The ELBO is the average, over q, of the logarithms of these weights.",
    "The gap is 0 where all weights are equal: q is the product divided by its sum.",
)
def bound_of_kinds(function):
    cases = {
        "a coin": ([0.5, 0.1], [0.5, 0.5], [0.5, 0.5]),
        "three kinds": ([0.2, 0.7, 1.6], [0.1, 0.6, 0.3], [0.3, 0.2, 0.5]),
    }
    for name, (likelihood, prior, q) in cases.items():
        answer = function(np.array(likelihood), np.array(prior), np.array(q))
        three = isinstance(answer, tuple | list) and len(answer) == 3
        expect(three, f"the answer is {answer!r}, expected three results: log p(x), the ELBO, and q.")
        joint = np.array(likelihood) * prior
        expect_close(answer[0], np.log(joint.sum()), f"{name}, log p(x)")
        expect_close(answer[1], np.dot(q, np.log(joint / q)), f"{name}, ELBO")
        expect_close(answer[2], joint / joint.sum(), f"{name}, q without a gap")


@exercise(
    "4.3",
    "Two lines of sums over axis 1, then one mean over the batch.",
    "They are those of nll_gaussian and kl_to_prior; both give (B,).",
    "np.mean(reconstruction + beta * kl).",
)
def gaussian_vae_loss(function):
    x = np.array([[1.0, 0.0, -1.0], [0.5, 2.0, 0.0], [0.0, 1.0, 0.0]])
    still, exact = np.zeros((3, 2)), 1.5 * np.log(2 * np.pi)
    case = "three numbers that fit exactly, variance 1, clouds at the prior"
    expect_close(function(x, x, 1.0, still, still), exact, case)
    errors, constant = np.array([[0.3], [0.6]]), 1.5 * np.log(2 * np.pi * 0.09)
    case = "errors of 0.3 at one point and 0.6 at the other, variance 0.09"
    loss = function(x[:2], x[:2] - errors, 0.09, still[:2], still[:2])
    expect_close(loss, 1.5 * (1 + 4) / 2 + constant, case)
    mu = np.array([[2.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
    log_var = np.array([[0.0, 0.0], [0.0, np.log(4)], [0.0, 0.0]])
    kl = 0.5 * (4 + 3 - np.log(4)) / 3
    for beta in (1.0, 3.0):
        price = function(x, x, 1.0, mu, log_var, beta) - exact
        expect_close(price, beta * kl, f"with beta {beta} the KL's part is")
    case = "without beta, where the weight of the KL is 1, its part is"
    expect_close(function(x, x, 1.0, mu, log_var) - exact, kl, case)


@exercise("4.4", "Compare what one squared error is divided by: 2σ_x² in (4.9), D in the mean.", "2σ_x² = D.")
def sigma_of_mean_squared_error(function):
    for n_numbers in (2, 784):
        sigma, squares = float(filled(function(n_numbers))), np.linspace(0, 3, n_numbers)
        expect(sigma > 0, f"for D = {n_numbers} sigma is {sigma}, expected a positive number.")
        cost = np.sum(squares) / (2 * sigma**2)
        case = f"for D = {n_numbers} and sigma {sigma:.3f} the squared errors cost, by (4.9)"
        expect_close(cost, squares.mean(), case, rtol=0, atol=1e-6)


@exercise(
    "4.5",
    "It is score_gradient's first result, with g(z) − b in place of g(z).",
    "The score by mu is (z − mu) divided by the variance, not by the standard deviation.",
)
def score_with_baseline(function):
    z = np.array([-1.0, 0.5, 2.0, 4.0])
    case = f"g(z) = z², mu 0.5, variance 4, baseline 1 and z = {z.tolist()}"
    expect_close(function(np.square, z, 0.5, 4.0, 1.0), (z**2 - 1) * (z - 0.5) / 4, case)
    eps = np.linspace(-4, 4, 20_001)
    density = np.exp(-(eps**2) / 2) / np.exp(-(eps**2) / 2).sum()
    for baseline in (0.0, 5.0):
        slope = density @ function(np.square, 1 + 0.5 * eps, 1.0, 0.25, baseline)
        case = f"with baseline {baseline} the average gradient of z² at mu = 1 is"
        expect_close(slope, 2.0, case, rtol=0, atol=0.01)
