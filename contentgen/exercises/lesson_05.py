"""Exercises of lesson 05, gan_loss."""

import numpy as np

from contentgen.exercises import Wrong, exercise, expect, expect_close, filled


@exercise(
    "5.1",
    "D* is the share of the real data among all points there.",
    "Equation (5.3) with p_g three times p_data: one part real, three parts fake.",
)
def d_there(answer):
    number = np.ndim(answer) == 0 and np.asarray(answer).dtype.kind in "iuf"
    expect(number, f"{answer!r} is not a number.")
    expect(0 <= answer <= 1, f"{answer} is no probability; D* is.")
    expect(abs(answer - 0.75) > 1e-6, "0.75 is the share of the samples there.")
    case = f"{answer} is not what D* says where samples lie three times as thick as real data."
    expect(abs(answer - 0.25) < 1e-6, case)


@exercise(
    "5.2",
    "Only the real half changes: part of it now pulls the logit down.",
    "−log D is np.logaddexp(0, -real_logits), −log(1 − D) is np.logaddexp(0, real_logits).",
    "Weigh the two with real_label and 1 - real_label; add the mean of softplus for the fakes.",
)
def smooth_discriminator_loss(function):
    real, fake = np.array([[2.0], [-0.5]]), np.array([[-1.0], [0.3]])
    expect_close(function(0 * real, 0 * fake), 2 * np.log(2), "logits of 0, for any label")
    fakes = np.logaddexp(0, fake).mean()
    case = f"real_logits {real.tolist()}, fake_logits {fake.tolist()}"
    for label in (1.0, 0.9):
        wanted = np.logaddexp(0, -real).mean() + (1 - label) * real.mean() + fakes
        expect_close(function(real, fake, label), wanted, f"{case}, real_label {label}")
    expect_close(function(real, fake), wanted, f"{case}, and no third argument, so 0.9")
    for logit, wanted in [(1000.0, 1100.0), (-1000.0, 900.0)]:
        with np.errstate(all="ignore"):
            far = function(np.array([[logit]]), np.array([[logit]]))
        expect_close(far, wanted, f"logits of {logit:.0f}")


@exercise(
    "5.3",
    "D first: its fakes are z_d + s. The slope of d_loss in w has two parts, real and fake, each an average.",
    "The logit of a real x is w·x, with slope x in w: softplus(−w·x) has the slope −x / (1 + exp(w·x)).",
    "For G: softplus(−w·(z_g + s)), with the new w, has the slope −w / (1 + exp(w·(z_g + s))) in s.",
)
def one_round(function):
    x, z_d, z_g = np.array([[2.0, 0.5, -1.0], [0.3, -0.6, 1.1], [-0.4, 0.9, 0.2]])
    w, s, rate = 0.7, -0.5, 0.2

    def sigmoid(logits):
        return 1 / (1 + np.exp(-logits))

    def stepped(w, s, rate, z_g=z_g):
        fake = z_d + s
        new_w = w - rate * np.mean(sigmoid(w * fake) * fake - sigmoid(-w * x) * x)
        return new_w, s + rate * np.mean(sigmoid(-new_w * (z_g + s))) * new_w

    new = filled(function(w, s, x.copy(), z_d.copy(), z_g.copy(), rate))
    pair = np.shape(new) == (2,)
    expect(pair, "the answer is not a pair (new w, new s).")
    case = f"x {x.tolist()}, z_d {z_d.tolist()}, w {w}, s {s}, rate {rate}"
    wanted = stepped(w, s, rate)
    expect_close(new[0], wanted[0], f"D's step, with {case}, gives the w", atol=1e-6)
    old_d = s + rate * np.mean(sigmoid(-w * (z_g + s))) * w
    expect(not np.isclose(new[1], old_d), "G steps against the old w; D has moved already.")
    expect(not np.isclose(new[1], stepped(w, s, rate, z_d)[1]), "G's step uses z_d, not its own z_g.")
    expect_close(
        new[1], wanted[1], f"G's step, with z_g {z_g.tolist()} and the new w, gives the s", atol=1e-6
    )
    other = stepped(-0.3, 1.2, 0.05)
    expect_close(
        function(-0.3, 1.2, x.copy(), z_d.copy(), z_g.copy(), 0.05),
        other,
        "from w −0.3, s 1.2, rate 0.05",
        atol=1e-6,
    )


@exercise(
    "5.4",
    "The penalty depends on psi alone, so the step of theta stays as it is.",
    "The slope of −gamma/2 · psi² along psi is −gamma · psi.",
    "Both new values come from the old theta and the old psi.",
)
def penalised_step(function):
    new = filled(function(0.8, -0.6, 0.3, 0.0))
    expect(np.shape(new) == (2,), "the answer is not a pair (new theta, new psi).")
    d = 1 / (1 + np.exp(0.48))
    plain = [0.8 - 0.3 * d * 0.6, -0.6 - 0.3 * d * 0.8]
    in_turns = 0.8 + 0.3 * plain[1] / (1 + np.exp(-0.8 * plain[1]))
    expect(not np.isclose(new[0], in_turns), "theta answers the new psi: both must move at once.")
    expect_close(new, plain, "equation (5.11), so gamma 0, from (0.8, −0.6) with eta 0.3")
    penalised = np.add(plain, [0, 0.3 * 0.5 * 0.6])
    expect_close(function(0.8, -0.6, 0.3, 0.5), penalised, "the same with gamma 0.5")
    penalised = np.add(plain, [0, 0.3 * 2.0 * 0.6])
    expect_close(function(0.8, -0.6, 0.3, 2.0), penalised, "the same with gamma 2")
    at = (1.0, 0.0)
    for _ in range(2000):
        at = function(*at, 0.1, 0.5)
    expect(np.hypot(*at) < 1e-3, "after 2000 steps the players have not arrived at (0, 0).")


@exercise(
    "5.5",
    "Both dice are compared with m = (p + q) / 2, each with the weight ½.",
    "Where an entry is 0, its term is 0: take the other entries only, as in p[p > 0]. (np.where "
    "computes both sides first, and so takes the logarithm of 0.)",
    "A helper does one half: keep = p > 0; np.sum(p[keep] * np.log(p[keep] / m[keep])).",
)
def jsd_of_dice(function):
    p = np.array([0.5, 0.5, 0.0])
    halves = [0.5 * np.log(0.5 / 0.35) + 0.5 * np.log(0.5 / 0.4)]
    halves += [0.2 * np.log(0.2 / 0.35) + 0.3 * np.log(0.3 / 0.4) + 0.5 * np.log(0.5 / 0.25)]
    for q, wanted, case in [
        ([0.2, 0.3, 0.5], sum(halves) / 2, "different dice"),
        ([0.5, 0.5, 0.0], 0.0, "equal dice"),
        ([0.0, 0.0, 1.0], np.log(2), "dice that never show the same side"),
    ]:
        case = f"the {case} {p.tolist()} and {q}"
        try:
            with np.errstate(divide="raise", invalid="raise"):
                value = filled(function(p, np.array(q)))
        except FloatingPointError:
            raise Wrong(f"for {case} it divides by 0 or takes the logarithm of 0.") from None
        expect_close(value, wanted, f"the divergence of {case}", rtol=1e-9, atol=1e-9)
    rng = np.random.default_rng(5)
    for p, q in rng.dirichlet(np.ones(6), (10, 2)):
        m = (p + q) / 2
        wanted = 0.5 * np.sum(p * np.log(p / m) + q * np.log(q / m))
        expect_close(function(p, q), wanted, "for dice without zeros")
