"""Exercises of lesson 05, gan_loss."""

from numbers import Real

import numpy as np

from contentgen.exercises import Exercise, Wrong, expect, filled


def _d_there(answer):
    expect(isinstance(answer, Real), f"{answer!r} is not a number.")
    expect(0 <= answer <= 1, f"{answer} is no probability; D* is.")
    expect(abs(answer - 0.75) > 1e-6, "0.75 is the share of the samples there.")
    expect(
        abs(answer - 0.25) < 1e-6,
        f"{answer} is not what D* says where samples lie three times as thick as real data.",
    )


def _one_sided_smoothing(function):
    real, fake = np.array([[2.0], [-0.5]]), np.array([[-1.0], [0.3]])
    value = np.asarray(filled(function(0 * real, 0 * fake)))
    expect(value.shape == (), f"the loss has the shape {value.shape}, expected one number.")
    expect(
        np.isclose(value, 2 * np.log(2)),
        f"logits of 0 cost {value:.3f}, expected 2·log 2 = 1.386 for any label.",
    )
    fakes = np.logaddexp(0, fake).mean()
    for label in (1.0, 0.9):
        wanted = np.logaddexp(0, -real).mean() + (1 - label) * real.mean() + fakes
        value = function(real, fake, label)
        expect(
            np.isclose(value, wanted),
            f"for real_logits {real.tolist()} and fake_logits {fake.tolist()} with real_label "
            f"{label} the loss is {value:.3f}, expected {wanted:.3f}.",
        )
    value = function(real, fake)
    expect(np.isclose(value, wanted), "without a third argument the label is not 0.9.")
    for logit, wanted in [(1000.0, 1100), (-1000.0, 900)]:
        with np.errstate(all="ignore"):
            far = function(np.array([[logit]]), np.array([[logit]]))
        expect(np.isclose(far, wanted), f"logits of {logit:.0f} cost {far}, expected {wanted}.")


def _jsd_of_dice(function):
    p = np.array([0.5, 0.5, 0.0])
    for q, wanted, case in [
        ([0.2, 0.3, 0.5], 0.2191, "different dice"),
        ([0.5, 0.5, 0.0], 0.0, "equal dice"),
        ([0.0, 0.0, 1.0], np.log(2), "dice that never show the same side"),
    ]:
        case = f"the {case} {p.tolist()} and {q}"
        try:
            with np.errstate(divide="raise", invalid="raise"):
                value = np.asarray(filled(function(p, np.array(q))))
        except FloatingPointError:
            raise Wrong(f"for {case} it divides by 0 or takes the logarithm of 0.") from None
        expect(value.shape == (), f"the answer has the shape {value.shape}, expected a number.")
        expect(
            np.isclose(value, wanted, atol=1e-4),
            f"for {case} the divergence is {value:.4f}, expected {wanted:.4f} nats.",
        )
    rng = np.random.default_rng(5)
    for p, q in rng.dirichlet(np.ones(6), (10, 2)):
        m = (p + q) / 2
        wanted = 0.5 * np.sum(p * np.log(p / m) + q * np.log(q / m))
        expect(np.isclose(function(p, q), wanted), "it is wrong for dice without zeros.")


def _penalised_step(function):
    new = filled(function(0.8, -0.6, 0.3, 0.0))
    expect(
        isinstance(new, tuple | list) and len(new) == 2,
        "the answer is not a pair (new theta, new psi).",
    )
    d = 1 / (1 + np.exp(0.48))
    plain = [0.8 - 0.3 * d * 0.6, -0.6 - 0.3 * d * 0.8]
    in_turns = 0.8 + 0.3 * plain[1] / (1 + np.exp(-0.8 * plain[1]))
    expect(not np.isclose(new[0], in_turns), "theta answers the new psi: both must move at once.")
    expect(np.allclose(new, plain), "with gamma 0 it is not equation (5.10).")
    expect(
        np.allclose(function(0.8, -0.6, 0.3, 0.5), np.add(plain, [0, 0.3 * 0.5 * 0.6])),
        "with gamma 0 it is right, but from (0.8, −0.6) with eta 0.3 and gamma 0.5 it is wrong.",
    )
    at = (1.0, 0.0)
    for _ in range(2000):
        at = function(*at, 0.1, 0.5)
    expect(np.hypot(*at) < 1e-3, "after 2000 steps the players have not arrived at (0, 0).")


EXERCISES = {
    "5.1": Exercise(
        _d_there,
        (
            "D* is the share of the real data among all points there.",
            "Equation (5.3) with p_g three times p_data: one part real, three parts fake.",
        ),
    ),
    "5.2": Exercise(
        _one_sided_smoothing,
        (
            "Only the real half changes: part of it now pulls the logit down.",
            "−log D is np.logaddexp(0, -real_logits), −log(1 − D) is np.logaddexp(0, real_logits).",
            "Weigh the two with real_label and 1 - real_label; add the mean of softplus for the fakes.",
        ),
    ),
    "5.3": Exercise(
        _jsd_of_dice,
        (
            "Both dice are compared with m = (p + q) / 2, each with the weight ½.",
            "Where an entry is 0, its term is 0: take the other entries only, as in p[p > 0]. (np.where "
            "computes both sides first, and so takes the logarithm of 0.)",
            "A helper does one half: keep = p > 0; np.sum(p[keep] * np.log(p[keep] / m[keep])).",
        ),
    ),
    "5.4": Exercise(
        _penalised_step,
        (
            "The penalty depends on psi alone, so the step of theta stays as it is.",
            "The slope of −gamma/2 · psi² along psi is −gamma · psi.",
            "Both new values come from the old theta and the old psi.",
        ),
    ),
}
