"""Exercises of lesson 02, generative_models."""

import numpy as np

from contentgen.exercises import Exercise, expect, filled


def _nats_lost(answer):
    number = np.asarray(answer)
    expect(number.shape == () and number.dtype.kind in "iuf", "the answer is one number.")
    expect(
        np.isclose(number, 0.5),
        f"{answer} nats is not the KL of N(3, 4) from N(1, 4); both have the VARIANCE 4.",
    )


def _fit_exponential(function):
    for x in ([2.0, 2.0, 2.0], [1.0, 2.0, 6.0], [0.1, 0.2]):
        rate = np.asarray(filled(function(np.array(x))))
        expect(rate.shape == (), f"the rate has shape {rate.shape}, expected one number.")
        expect(
            np.isclose(rate, len(x) / sum(x)),
            f"for waiting times {x} the best rate is {len(x) / sum(x):.3f}, not {rate:.3f}.",
        )


def _mixture_elbo(function):
    log_parts = np.log([[0.1, 0.3], [0.2, 0.2], [0.05, 0.4]])
    exact = np.exp(log_parts) / np.exp(log_parts).sum(axis=1, keepdims=True)
    value = np.asarray(filled(function(log_parts, exact)))
    expect(value.shape == (3,), f"for three visitors the shape is {value.shape}, expected (3,).")
    expect(
        np.allclose(value, np.log([0.4, 0.4, 0.45])),
        "with the responsibilities as q it is not log p(x).",
    )
    half = np.full((3, 2), 0.5)
    expect(
        np.allclose(function(log_parts, half), log_parts.mean(axis=1) + np.log(2)),
        "with q = ½ for both kinds it is wrong.",
    )
    with np.errstate(all="ignore"):
        sure = np.asarray(function(log_parts, np.array([[1.0, 0], [0, 1], [1, 0]])))
    expect(
        np.allclose(sure, np.log([0.1, 0.2, 0.05])),
        "a guess that is sure of one kind has q = 1 and q = 0, and 0 log 0 must count as 0 there.",
    )


def _mean_field_gap(function):
    gap = np.asarray(filled(function(np.diag([0.5, 2.0]))))
    expect(gap.shape == (), f"the gap has shape {gap.shape}, expected one number.")
    expect(np.isclose(gap, 0), "for independent traits, S = diag(0.5, 2), the gap is not 0.")
    gap = function(np.array([[1.0, 0.8], [0.8, 1.0]]))
    expect(
        np.isclose(gap, -0.5 * np.log(1 - 0.64)),
        f"two traits with variance 1 and correlation 0.8 give {gap:.3f}, expected 0.511.",
    )
    root = np.random.default_rng(2).normal(size=(3, 3))
    S = root @ root.T + np.eye(3)
    wanted = 0.5 * (np.log(np.diag(np.linalg.inv(S))).sum() + np.linalg.slogdet(S)[1])
    expect(np.isclose(function(S), wanted), "for three traits it is wrong.")


EXERCISES = {
    "2.1": Exercise(
        _nats_lost,
        (
            "In kl_normals, equal variances make the logarithm 0, and var / var_p − 1 is 0 as well.",
            "Only (mean − mean_p)² / (2 var) is left.",
        ),
    ),
    "2.2": Exercise(
        _fit_exponential,
        (
            "The log-density is log λ − λ x, so the log-likelihood is N log λ − λ Σ x.",
            "Its derivative is N / λ − Σ x.",
        ),
    ),
    "2.3": Exercise(
        _mixture_elbo,
        (
            "Three things are multiplied or subtracted for each kind; then sum over axis 1.",
            "Where q is 0, take the logarithm of 1 instead: np.where(q > 0, q, 1).",
            "q * (log_joint - np.log(...)), summed over axis 1.",
        ),
    ),
    "2.4": Exercise(
        _mean_field_gap,
        (
            "With v = 1 / Λᵢᵢ the product v Λᵢᵢ is 1, and 1 − 1 is 0: which terms stay?",
            "−log v is log Λᵢᵢ, and np.linalg.slogdet(S)[1] is log det S; both have the ½.",
        ),
    ),
}
