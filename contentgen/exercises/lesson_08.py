"""Exercises of lesson 08, gan_stability."""

import numpy as np

from contentgen.exercises import exercise, expect_close


@exercise(
    "8.1", "Put five shares of 1/5 into (8.2), with K = 25.", "Each of the five terms is 1/5 · log(25/5)."
)
def nats(answer):
    expect_close(answer, np.log(5), "5 of 25 modes, evenly")


@exercise(
    "8.2",
    "How many rows fill whole packs? len(x) // pack of them, times pack.",
    "A reshape joins neighbours: x[:n].reshape(-1, 2 * pack), with n from the first hint.",
)
def pack_neighbours(function):
    x = np.arange(14.0).reshape(7, 2)
    expect_close(function(x[:4], 2), [[0, 1, 2, 3], [4, 5, 6, 7]], "four points in packs of 2")
    expect_close(function(x, 3), np.arange(12.0).reshape(2, 6), "seven points in packs of 3")
    expect_close(function(x, 1), x, "packs of 1")


@exercise(
    "8.3",
    "First look ahead: theta - eta times the slope along theta, psi + eta times the slope along psi.",
    "Then call slopes at the place ahead, and step with what it returns, but from theta and psi.",
)
def extra_gradient_step(function):
    eta, theta, psi = 0.3, 1.0, -0.5

    def product(theta, psi):
        return psi, theta

    ahead = theta - eta * psi, psi + eta * theta
    wanted = [theta - eta * ahead[1], psi + eta * ahead[0]]
    expect_close(function(product, theta, psi, eta), wanted, "the value θψ, from (1, −0.5) with η = 0.3")

    def bent(theta, psi):  # of θψ + θ² − ψ²/2
        return psi + 2 * theta, theta - psi

    first = bent(theta, psi)
    second = bent(theta - eta * first[0], psi + eta * first[1])
    wanted = [theta - eta * second[0], psi + eta * second[1]]
    expect_close(function(bent, theta, psi, eta), wanted, "the value θψ + θ² − ψ²/2, from there")
