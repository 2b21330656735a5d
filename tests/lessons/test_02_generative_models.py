"""Lesson 02, generative_models: its numbered equations, and wrong answers to its exercises."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from references import NODES, WEIGHTS, kl_normals, log_normal, numbers, variances

seeds = st.integers(0, 10_000)


def random_mixture(rng, k=3):
    return {"weights": rng.dirichlet(np.ones(k)), "mu": rng.uniform(-4, 4, k), "var": rng.uniform(0.2, 4, k)}


def random_covariance(rng, d):
    root = rng.normal(size=(d, d))
    return root @ root.T + 0.2 * np.eye(d)


def normal_cdf(x):
    return 0.5 * (1 + np.vectorize(math.erf)(np.asarray(x) / np.sqrt(2)))


WIDE = np.linspace(-40, 40, 20_001)  # where the mixtures above live


@given(st.lists(numbers, min_size=2, max_size=6), numbers, variances)
def test_2_1_the_sum_is_the_logarithm_of_the_joint_density(lesson, x, mean, var):
    x = np.array(x)
    total = lesson["log_normal"](x, mean, var).sum()
    assert np.isclose(np.exp(total), np.prod(np.exp(log_normal(x, mean, var))))
    together = lesson["log_normal_nd"](x, mean + 0 * x, var * np.eye(len(x)))
    assert np.isclose(total, together)


@given(seeds, st.integers(3, 30))
def test_2_2_the_lessons_fit_is_where_the_slopes_are_zero(lesson, seed, n):
    x = np.random.default_rng(seed).normal(2, 3, n)
    mean, var = lesson["fit_normal"](x)

    def total(steps, log_factor):  # steps of the mean in standard deviations
        return log_normal(x, mean + steps * np.sqrt(var), var * np.exp(log_factor)).sum()

    h = 1e-4
    assert abs(total(h, 0) - total(-h, 0)) / (2 * h) < 1e-5 * n
    assert abs(total(0, h) - total(0, -h)) / (2 * h) < 1e-5 * n
    for other in (var * n / (n - 1), var * 0.9):  # dividing by N − 1 is less likely
        assert log_normal(x, mean, other).sum() < log_normal(x, mean, var).sum()


@given(seeds)
def test_2_3_the_lessons_mixture_has_area_one_and_the_right_mean(lesson, seed):
    theta = random_mixture(np.random.default_rng(seed))
    p = np.exp(lesson["log_mixture"](WIDE, **theta))
    assert np.isclose(np.trapezoid(p, WIDE), 1)
    assert np.isclose(np.trapezoid(p * WIDE, WIDE), theta["weights"] @ theta["mu"])
    assert np.isfinite(lesson["log_mixture"](np.array([1e4]), **theta)).all()  # far away


def test_2_3_the_lessons_draws_follow_its_mixture(lesson):
    theta = random_mixture(np.random.default_rng(1))
    z, x = lesson["draw_mixture"](200_000, **theta, rng=np.random.default_rng(2))
    p = np.exp(lesson["log_mixture"](WIDE, **theta))
    for edge in (-2, 0, 2):
        area = np.trapezoid(p * (edge > WIDE), WIDE)
        assert abs(np.mean(x < edge) - area) < 0.01
    assert np.allclose(np.bincount(z) / len(z), theta["weights"], atol=0.01)


@given(numbers, variances, numbers, variances)
def test_2_4_the_lessons_kl_is_the_integral_and_never_negative(lesson, m, v, m_q, v_q):
    integral = kl_normals(m, v, m_q, v_q)
    assert np.isclose(lesson["kl_normals"](m, v, m_q, v_q), integral, atol=1e-8)
    assert integral >= -1e-9
    assert np.isclose(lesson["kl_normals"](m, v, m, v), 0)


@given(seeds)
def test_2_4_the_best_single_normal_for_a_mixture_has_its_moments(lesson, seed):
    """The KL is smallest where maximum likelihood on endless data ends: at the moments."""
    rng = np.random.default_rng(seed)
    log_p = lesson["log_mixture"](WIDE, **random_mixture(rng))
    p = np.exp(log_p)

    def kl(mean, var):
        return np.trapezoid(p * (log_p - log_normal(WIDE, mean, var)), WIDE)

    mean = np.trapezoid(p * WIDE, WIDE)
    var = np.trapezoid(p * (WIDE - mean) ** 2, WIDE)
    assert kl(mean, var) >= -1e-9
    for a, b in rng.uniform(-0.5, 0.5, (5, 2)):
        assert kl(mean, var) <= kl(mean + a, var * np.exp(b))


@given(seeds)
def test_2_5_the_lessons_responsibilities_split_the_density(lesson, seed):
    rng = np.random.default_rng(seed)
    theta, x = random_mixture(rng), rng.uniform(-8, 8, 7)
    r = lesson["responsibilities"](x, **theta)
    assert np.allclose(r.sum(axis=1), 1)
    parts = [
        w * np.exp(log_normal(x, m, v)) for w, m, v in zip(*theta.values(), strict=True)
    ]  # by hand, without logarithms
    assert np.allclose(r, np.transpose(parts / np.sum(parts, axis=0)))
    assert lesson["responsibilities"](np.array([500.0]), **theta).sum() == pytest.approx(1)


@given(seeds, st.integers(10, 60))
def test_2_6_a_step_of_the_lessons_em_never_lowers_the_likelihood(lesson, seed, n):
    rng = np.random.default_rng(seed)
    x, theta = rng.normal(0, 3, n), random_mixture(rng)
    before = lesson["log_mixture"](x, **theta).sum()
    for _ in range(5):
        theta = lesson["em_step"](x, **theta, floor=1e-3)
        after = lesson["log_mixture"](x, **theta).sum()
        assert after >= before - 1e-9
        before = after
    assert theta["weights"].sum() == pytest.approx(1)
    assert theta["var"].min() >= 1e-3


@given(seeds)
def test_2_6_the_lessons_step_is_the_best_for_its_responsibilities(lesson, seed):
    """No other parameters explain the split data better; the old mean in the variance would."""
    rng = np.random.default_rng(seed)
    x, theta = rng.normal(0, 3, 60), random_mixture(rng, 2)
    r = lesson["responsibilities"](x, **theta)
    new = lesson["em_step"](x, **theta)

    def score(weights, mu, var):
        return np.sum(r * (np.log(weights) + log_normal(x[:, None], mu, var)))

    best = score(**new)
    for name, by in [("mu", 1.02), ("mu", 0.98), ("var", 1.02), ("var", 0.98)]:
        assert score(**new | {name: new[name] * by}) < best
    tilted = new["weights"] * [1.02, 0.98]
    assert score(**new | {"weights": tilted / tilted.sum()}) < best
    moved = (r * (x[:, None] - theta["mu"]) ** 2).sum(axis=0) / r.sum(axis=0)
    assert score(**new | {"var": moved}) < best


@pytest.fixture
def visitors(lesson):
    """The lesson's data, fits and divergences, from its own cells."""
    for cell in ("data", "eq-maximum-likelihood-check", "eq-mixture-check", "eq-kl-check"):
        lesson.run(cell)
    return lesson


def test_2_4_the_lessons_integrals_and_its_average_are_the_divergence(lesson, visitors):
    x = np.linspace(-80, 160, 20_001)
    log_p = np.log(0.6 * np.exp(log_normal(x, 20, 36)) + 0.4 * np.exp(log_normal(x, 42, 81)))
    log_q = log_normal(x, lesson["mean"], lesson["var"])
    area = np.trapezoid([np.exp(log_p) * (log_p - log_q), np.exp(log_q) * (log_q - log_p)], x)
    assert np.allclose([lesson["forward"], lesson["swapped"]], area, atol=2e-3)
    assert abs(lesson["held_out"] - lesson["forward"]) < 0.05
    assert lesson["held_out"] != lesson["forward"]


def test_2_7_the_lessons_labelled_fit_counts_each_kind_by_its_share(lesson, visitors):
    lesson.run("eq-conditional-check")
    z, x = lesson["z_train"], lesson["x_train"]
    for c in (0, 1):
        wanted = np.mean(z == c), x[z == c].mean(), x[z == c].var()
        assert np.allclose([lesson["labelled"][key][c] for key in ("weights", "mu", "var")], wanted)
    low, high = ((edge - lesson["labelled"]["mu"]) / np.sqrt(lesson["labelled"]["var"]) for edge in (25, 45))
    by_condition = lesson["labelled"]["weights"] @ (normal_cdf(high) - normal_cdf(low))
    assert np.isclose(lesson["by_sum"], by_condition, atol=1e-5)
    assert abs(np.mean(abs(lesson["x_any"] - 35) < 10) - by_condition) < 0.003


@given(seeds)
def test_2_7_the_conditions_add_up_to_the_unconditional(lesson, seed):
    """Areas of p(x) by integral, areas of p(x|c) by the normal's known distribution function."""
    theta = random_mixture(np.random.default_rng(seed))
    part = np.linspace(-1, 2, 3001)
    p = np.exp(lesson["log_mixture"](part, **theta))
    low, high = ((edge - theta["mu"]) / np.sqrt(theta["var"]) for edge in (-1, 2))
    by_condition = normal_cdf(high) - normal_cdf(low)
    assert np.isclose(np.trapezoid(p, part), theta["weights"] @ by_condition, atol=1e-6)


@given(seeds)
def test_2_8_the_lessons_evidence_is_the_average_over_the_prior(lesson, seed):
    rng = np.random.default_rng(seed)
    W, x, noise = rng.uniform(-1, 1, (2, 2)), rng.normal(size=2), rng.uniform(0.5, 2)
    z = np.stack(np.meshgrid(NODES, NODES), axis=-1)
    likelihood = np.exp(log_normal(x, z @ W.T, noise).sum(axis=-1))
    log_px = lesson["linear_gaussian"](x, W, noise)[0]
    assert np.isclose(log_px, np.log(WEIGHTS @ likelihood @ WEIGHTS), atol=1e-4)


@given(seeds, st.integers(1, 3), st.integers(1, 4))
def test_2_9_prior_times_likelihood_is_evidence_times_the_lessons_posterior(lesson, seed, n_z, n_x):
    rng = np.random.default_rng(seed)
    W, noise = rng.normal(size=(n_x, n_z)), rng.uniform(0.2, 2)
    x, z = rng.normal(size=n_x), rng.normal(size=n_z)
    log_px, m, S = lesson["linear_gaussian"](x, W, noise)
    joint = log_normal(z, 0, 1).sum() + log_normal(x, W @ z, noise).sum()
    assert np.isclose(joint, log_px + lesson["log_normal_nd"](z, m, S))


def toy_elbo(m, log_s):
    """Equation (2.10) as it stands, by quadrature: x = 2, z ~ N(0, 1), x|z ~ N(z, 1/2)."""
    z = m + np.exp(log_s) * NODES
    log_q = log_normal(z, m, np.exp(2 * log_s))
    return WEIGHTS @ (log_normal(z, 0, 1) + log_normal(2, z, 0.5) - log_q)


@given(numbers, st.floats(-2, 1))
def test_2_10_the_lessons_elbo_is_the_average_and_a_bound(lesson, m, log_s):
    assert np.isclose(lesson["elbo_toy"](m, log_s), toy_elbo(m, log_s), atol=1e-8)
    assert toy_elbo(m, log_s) <= log_normal(2, 0, 1.5) + 1e-9


@given(numbers, st.floats(-2, 1))
def test_2_10_the_lessons_slope_is_the_elbos(lesson, m, log_s):
    by_calculus = 4 - 3 * m, 1 - 3 * np.exp(2 * log_s)
    assert np.allclose(lesson["elbo_slope"](m, log_s), by_calculus, rtol=1e-3, atol=1e-2)


@given(numbers, st.floats(-2, 1))
def test_2_11_the_gap_is_the_kl_from_the_posterior(lesson, m, log_s):
    gap = log_normal(2, 0, 1.5) - lesson["elbo_toy"](m, log_s)
    assert np.isclose(gap, kl_normals(m, np.exp(2 * log_s), 4 / 3, 1 / 3), atol=1e-8)
    assert np.isclose(lesson["elbo_toy"](4 / 3, np.log(1 / 3) / 2), log_normal(2, 0, 1.5))


@given(seeds, st.integers(2, 4))
def test_2_12_the_lessons_mean_field_is_where_coordinate_ascent_ends(lesson, seed, d):
    """Each factor in turn becomes exp of the average log-posterior over the other factors."""
    rng = np.random.default_rng(seed)
    S, m, centre = random_covariance(rng, d) + np.eye(d), rng.normal(size=d), np.zeros(d)
    precision, v = np.linalg.inv(S), np.zeros(d)
    for _ in range(150):
        for i in range(d):
            others = [j for j in range(d) if j != i]
            pull = precision[i, others] @ (centre[others] - m[others])
            v[i], centre[i] = 1 / precision[i, i], m[i] - pull / precision[i, i]
    assert np.allclose(centre, m, atol=1e-3)
    assert np.allclose(lesson["mean_field"](S), v)


@given(seeds, st.integers(2, 4))
def test_2_12_no_other_variances_are_better_and_all_are_too_small(lesson, seed, d):
    rng = np.random.default_rng(seed)
    S = random_covariance(rng, d)
    best, kl = lesson["mean_field"](S), lesson["kl_diagonal"]
    others = kl(best * np.exp(rng.uniform(-0.5, 0.5, (10, d))), S)
    assert others.shape == (10,) and (kl(best, S) <= others).all()
    assert (best <= np.diag(S) + 1e-12).all()
    assert kl(best, S) < kl(np.diag(S), S)  # the true variances are not the optimum
    assert np.allclose(lesson["mean_field"](np.diag(best)), best)  # equal if uncorrelated


@given(seeds)
def test_2_12_the_lessons_kl_of_a_diagonal_q_is_the_integral(lesson, seed):
    rng = np.random.default_rng(seed)
    S, v = random_covariance(rng, 2), rng.uniform(0.1, 2, 2)
    z = np.stack(np.meshgrid(NODES, NODES), axis=-1) * np.sqrt(v)
    log_ratio = log_normal(z, 0, v).sum(axis=-1) - lesson["log_normal_nd"](z, 0 * z, S)
    assert np.isclose(lesson["kl_diagonal"](v, S), WEIGHTS @ log_ratio @ WEIGHTS)


@given(st.floats(0.5, 80), st.floats(0, 4), st.floats(0.3, 2))
def test_2_13_the_lessons_density_is_the_slope_of_the_distribution_function(lesson, x, a, b):
    h = 1e-5 * x
    up, down = (normal_cdf((np.log(x + s) - a) / b) for s in (h, -h))
    slope = (up - down) / (2 * h)
    assert np.isclose(np.exp(lesson["log_exp_normal"](x, a, b)), slope, rtol=1e-4, atol=1e-9)


def test_2_13_noise_on_the_lessons_wave_has_area_one_and_vanishes_beside_it(lesson):
    """Its density is a density; with less noise, a point beside the wave becomes impossible."""
    axis = np.linspace(-5, 5, 41)
    x = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    total = sum(np.exp(lesson["log_blurred"](part, 0.5)).sum() for part in np.split(x, 41))
    assert np.isclose(total * (axis[1] - axis[0]) ** 2, 1, atol=1e-3)
    beside = np.array([[0.0, 1.0]])
    values = [lesson["log_blurred"](beside, s)[0] for s in (0.3, 0.1, 0.03, 0.01)]
    assert values == sorted(values, reverse=True)
    assert values[-1] < -1000


@given(seeds, st.integers(1, 8), st.integers(1, 8))
def test_2_14_the_lessons_energy_distance_is_twice_cramers(lesson, seed, n, m):
    """On one axis it is twice the integral of the squared difference of distribution functions."""
    rng = np.random.default_rng(seed)
    x, y = rng.integers(-20, 20, n) / 4, rng.integers(-20, 20, m) / 4
    grid = np.arange(-20, 20) / 4 + 0.125  # the functions are constant between quarters
    f, g = ((sample[:, None] <= grid).mean(axis=0) for sample in (x, y))
    energy = lesson["energy_distance"](x[:, None], y[:, None])
    assert np.isclose(energy, 2 * np.sum((f - g) ** 2) * 0.25)


def test_2_14_the_lessons_distance_is_euclidean_in_every_direction(lesson):
    x, y = np.array([[0.0, 0.0, 0.0]]), np.array([[3.0, 4.0, 12.0]])
    assert np.isclose(lesson["energy_distance"](x, y), 2 * 13)
    x, y = np.zeros((1, 2)), np.array([[3.0, 4.0], [-3.0, -4.0], [6.0, 8.0]])
    between, within = (5 + 5 + 10) / 3, 2 * (10 + 5 + 15) / 9
    assert np.isclose(lesson["energy_distance"](x, y), 2 * between - within)


@given(seeds)
def test_2_14_it_is_zero_for_equal_samples_only(lesson, seed):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(6, 2)), rng.normal(size=(5, 2))
    distance = lesson["energy_distance"]
    assert np.isclose(distance(x, x[::-1]), 0)
    assert distance(x, y) > 0
    assert np.isclose(distance(x, y), distance(y, x))


# Answers that a learner might well give; each must be refused.
WRONG = {
    "2.1": [1.0, 2.0, 0.25, -0.5, None, "0.5"],
    "2.2": [lambda x: x.mean(), lambda x: np.log(2) / np.median(x), lambda x: 1 / x],
    "2.3": [
        lambda log_joint, q: (q * log_joint).sum(axis=1),
        lambda log_joint, q: (q * (log_joint - np.log(q))).sum(axis=1),
        lambda log_joint, q: np.logaddexp.reduce(log_joint, axis=1),
        lambda log_joint, q: (q * (log_joint - np.log(q + 1e-300))).sum(),
    ],
    "2.4": [
        lambda S: 0.5 * (np.log(np.diag(S)).sum() - np.linalg.slogdet(S)[1]),
        lambda S: np.log(np.diag(np.linalg.inv(S))).sum() + np.linalg.slogdet(S)[1],
        lambda S: -0.5 * np.log(1 - S[0, 1] ** 2 / (S[0, 0] * S[1, 1])),
    ],
}
