"""Exercises of lesson 02, generative_models."""

import numpy as np

from contentgen.exercises import exercise, expect, expect_close


@exercise(
    "2.1",
    "In kl_normals, equal variances make the logarithm 0, and var / var_p − 1 is 0 as well.",
    "Only (mean − mean_p)² / (2 var) is left.",
)
def nats_lost(answer):
    number = np.asarray(answer)
    expect(number.shape == () and number.dtype.kind in "iuf", "the answer is one number.")
    case = f"{answer} nats is not the KL of N(3, 4) from N(1, 4); both have the VARIANCE 4."
    expect(np.isclose(number, 0.5), case)


@exercise(
    "2.2",
    "The log-density is log λ − λ x, so the log-likelihood is N log λ − λ Σ x.",
    "Its derivative is N / λ − Σ x.",
)
def fit_exponential(function):
    for x in ([2.0, 2.0, 2.0], [1.0, 2.0, 6.0], [0.1, 0.2]):
        expect_close(function(np.array(x)), len(x) / sum(x), f"the rate for waiting times {x}")


@exercise(
    "2.3",
    "Three things are multiplied or subtracted for each kind; then sum over axis 1.",
    "Where q is 0, take the logarithm of 1 instead: np.where(q > 0, q, 1).",
    "q * (log_joint - np.log(...)), summed over axis 1.",
)
def mixture_elbo(function):
    log_parts = np.log([[0.1, 0.3], [0.2, 0.2], [0.05, 0.4]])
    exact = np.exp(log_parts) / np.exp(log_parts).sum(axis=1, keepdims=True)
    log_px = np.log([0.4, 0.4, 0.45])
    expect_close(function(log_parts, exact), log_px, "with the responsibilities as q, log p(x) is")
    half = log_parts.mean(axis=1) + np.log(2)
    expect_close(function(log_parts, np.full((3, 2), 0.5)), half, "with q = ½ for both kinds")
    with np.errstate(all="ignore"):
        sure = function(log_parts, np.array([[1.0, 0], [0, 1], [1, 0]]))
    case = "with q = 1 and q = 0, where 0 log 0 must count as 0"
    expect_close(sure, np.log([0.1, 0.2, 0.05]), case)


@exercise(
    "2.4",
    "With v = 1 / Λᵢᵢ the product v Λᵢᵢ is 1, and 1 − 1 is 0: which terms stay?",
    "−log v is log Λᵢᵢ, and np.linalg.slogdet(S)[1] is log det S; both have the ½.",
)
def mean_field_gap(function):
    expect_close(function(np.diag([0.5, 2.0])), 0.0, "for independent traits, S = diag(0.5, 2)")
    gap = function(np.array([[1.0, 0.8], [0.8, 1.0]]))
    expect_close(gap, -0.5 * np.log(1 - 0.64), "for two traits with variance 1, correlation 0.8")
    root = np.random.default_rng(2).normal(size=(3, 3))
    S = root @ root.T + np.eye(3)
    wanted = 0.5 * (np.log(np.diag(np.linalg.inv(S))).sum() + np.linalg.slogdet(S)[1])
    expect_close(function(S), wanted, "for three traits")
