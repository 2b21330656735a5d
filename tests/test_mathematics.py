"""Every numbered equation of the lessons, proven in NumPy; `test_6_3_…` proves equation (6.3).

Where a lesson has a function for the equation, the lesson's own function is held to it too. Known wrong
forms must be caught: they are stated beside the right ones.
"""

import math
import re
import sys
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import rules  # noqa: E402
from lesson_code import definitions  # noqa: E402

numbers = st.floats(-3, 3)
variances = st.floats(0.05, 4)
settings.register_profile("mathematics", deadline=None)
settings.load_profile("mathematics")

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(60)
WEIGHTS = WEIGHTS / WEIGHTS.sum()  # averages over a standard normal


@pytest.fixture(scope="module")
def lesson_06():
    return definitions("06_vae_images")


def log_normal(x, mean, var):
    return -0.5 * (np.log(2 * np.pi * var) + (x - mean) ** 2 / var)


def kl_normals(mean, var, mean_p, var_p):
    """By quadrature, not by the formula that is to be proven."""
    z = mean + np.sqrt(var) * NODES
    return WEIGHTS @ (log_normal(z, mean, var) - log_normal(z, mean_p, var_p))


def elbo(x, mean, var, kl_weight=1.0):
    """The toy's ELBO by quadrature: z ~ N(0, 1), x|z ~ N(z, 1), q = N(mean, var)."""
    z = mean + np.sqrt(var) * NODES
    return WEIGHTS @ log_normal(x, z, 1) - kl_weight * kl_normals(mean, var, 0, 1)


def test_every_numbered_equation_has_its_proof():
    tags = [
        number
        for path in rules.all_notebooks()
        if rules.is_lesson(path)
        for _, number in rules.equations(rules.read(path))
    ]
    proofs = [name for name in globals() if name.startswith("test_")]
    without = [
        n for n in tags if not any(p.startswith(f"test_{n.replace('.', '_')}_") for p in proofs)
    ]
    assert len(tags) >= 8
    assert not without, f"no proof for equations {without}"
    known = {n.replace(".", "_") for n in tags}
    stale = [p for p in proofs if (m := re.match(r"test_(\d+_\d+)_", p)) and m[1] not in known]
    assert not stale, f"{stale} prove equations that no lesson has"


@given(numbers, variances)
def test_6_1_the_integral_over_codes_is_the_known_marginal(x, var):
    z = np.linspace(-12, 12, 4001)
    integral = np.trapezoid(np.exp(log_normal(z, 0, 1) + log_normal(x, z, var)), z)
    assert np.isclose(np.log(integral), log_normal(x, 0, 1 + var), atol=1e-6)


@given(st.lists(st.tuples(st.sampled_from([0.0, 1.0]), st.floats(-8, 8)), min_size=1, max_size=6))
def test_6_2_the_lessons_likelihood_is_the_bernoulli_sum(lesson_06, pixels):
    x, logits = np.array(pixels, "float32").T.reshape(2, 1, -1, 1, 1)
    x_hat = 1 / (1 + np.exp(-logits.astype("float64")))
    by_hand = (x * np.log(x_hat) + (1 - x) * np.log1p(-x_hat)).sum()
    assert np.isclose(float(lesson_06["log_bernoulli"](x, logits)[0]), by_hand, atol=1e-4)


def test_6_2_probabilities_of_all_pictures_add_up_to_one(lesson_06):
    pictures = np.array(np.meshgrid([0, 1], [0, 1], [0, 1]), "float32").reshape(3, 8).T
    logits = np.tile(np.array([0.3, -2.0, 1.5], "float32"), (8, 1))
    log_p = lesson_06["log_bernoulli"](pictures.reshape(8, 3, 1, 1), logits.reshape(8, 3, 1, 1))
    assert np.isclose(np.exp(log_p).sum(), 1, atol=1e-5)


def test_6_2_no_idea_costs_log_2_a_pixel(lesson_06):
    x = np.ones((2, 4, 5, 1), "float32")
    assert np.allclose(lesson_06["log_bernoulli"](x, 0 * x), -20 * np.log(2))


@given(numbers, numbers, variances)
def test_6_3_the_elbo_is_a_bound_and_tight_at_the_posterior(x, mean, var):
    log_px = log_normal(x, 0, 2)
    assert elbo(x, mean, var) <= log_px + 1e-9
    assert np.isclose(elbo(x, x / 2, 0.5), log_px)


def test_6_3_half_the_kl_is_no_bound():
    """The article's weight ½: at x = 1.5 it claims 1.639 nats, below the true 1.828."""
    true, wrong = -log_normal(1.5, 0, 2), -elbo(1.5, 0.75, 0.5, kl_weight=0.5)
    assert round(true, 3) == 1.828
    assert round(wrong, 3) == 1.639
    assert wrong < true


@given(numbers, numbers, variances)
def test_6_4_the_gap_is_the_kl_to_the_posterior(x, mean, var):
    gap = log_normal(x, 0, 2) - elbo(x, mean, var)
    assert np.isclose(gap, kl_normals(mean, var, x / 2, 0.5), atol=1e-8)


@given(st.lists(st.tuples(numbers, st.floats(-3, 1.5)), min_size=2, max_size=5))
def test_6_5_the_lessons_kl_is_the_integral_summed_over_axes(lesson_06, axes):
    mu, log_var = np.array(axes).T
    integral = sum(kl_normals(m, np.exp(v), 0, 1) for m, v in axes)
    per_axis = np.asarray(lesson_06["kl_per_axis"](mu[None], log_var[None]))
    assert per_axis.shape == (1, len(axes))
    assert np.isclose(per_axis.sum(), integral, atol=1e-6)
    if integral > 1e-3:  # the slip of averaging over the axes would show
        assert not np.isclose(per_axis.mean(), integral)


@given(numbers, st.floats(-3, 1.5))
def test_6_6_draws_have_the_right_moments_and_gradients(lesson_06, mu, log_var):
    def mean_square(mu, log_var):
        return WEIGHTS @ np.asarray(lesson_06["sample_z"](mu, log_var, NODES)) ** 2

    z = np.asarray(lesson_06["sample_z"](mu, log_var, NODES))
    assert np.isclose(WEIGHTS @ z, mu, atol=1e-5)
    assert np.isclose(WEIGHTS @ (z - mu) ** 2, np.exp(log_var), rtol=1e-4)
    slope = (mean_square(mu + 0.1, log_var) - mean_square(mu - 0.1, log_var)) / 0.2
    assert np.isclose(slope, 2 * mu, atol=1e-3)


def tiny_vae(lesson, beta=1.0):
    """The lesson's class around two linear networks with 2 × 2 pictures and codes of 3 axes."""
    keras = lesson["keras"]
    keras.utils.set_random_seed(0)
    x, z = keras.Input((2, 2, 1)), keras.Input((3,))
    flat = keras.layers.Flatten()(x)
    encoder = keras.Model(x, [keras.layers.Dense(3)(flat), keras.layers.Dense(3)(flat)])
    decoder = keras.Model(z, keras.layers.Reshape((2, 2, 1))(keras.layers.Dense(4)(z)))
    vae = lesson["VAE"](encoder, decoder, beta=beta, seed=5)
    vae.compile(optimizer=keras.optimizers.SGD(0.1))
    return vae


def loss_by_hand(vae, x, eps):
    mu, log_var = (np.asarray(out, "float64") for out in vae.encoder(x))
    logits = np.asarray(vae.decoder((mu + np.exp(0.5 * log_var) * eps).astype("float32")))
    log_px_z = (x * logits - np.logaddexp(0, logits)).sum(axis=(1, 2, 3))
    kl = 0.5 * (mu**2 + np.exp(log_var) - 1 - log_var).sum(axis=1)
    return np.mean(-log_px_z + vae.beta * kl)


@pytest.mark.parametrize("beta", [1.0, 4.0])
def test_6_7_a_train_step_goes_down_the_loss_of_the_equation(lesson_06, beta):
    """The step's change of each weight is −0.1 times the loss's slope, found by finite differences."""
    vae, twin = tiny_vae(lesson_06, beta), tiny_vae(lesson_06, beta)
    x = np.array([[1, 0, 0, 1], [0, 1, 1, 1]], "float32").reshape(2, 2, 2, 1)
    keras = lesson_06["keras"]
    eps = np.asarray(keras.random.normal((2, 3), seed=keras.random.SeedGenerator(5)))
    vae.train_step(x)
    for moved, weight in zip(vae.trainable_variables, twin.trainable_variables, strict=True):
        start = weight.numpy()
        at = (0,) * start.ndim
        slopes = []
        for step in (0.01, -0.01):
            nudged = start.copy()
            nudged[at] += step
            weight.assign(nudged)
            slopes.append(loss_by_hand(twin, x, eps))
        weight.assign(start)
        slope = (slopes[0] - slopes[1]) / 0.02
        assert np.isclose(moved.numpy()[at] - start[at], -0.1 * slope, atol=2e-4)


def test_6_7_the_elbo_that_is_reported_has_weight_one(lesson_06):
    x = np.ones((4, 2, 2, 1), "float32")
    reports = [tiny_vae(lesson_06, beta).test_step(x) for beta in (1.0, 7.0)]
    assert float(reports[0]["elbo"]) == float(reports[1]["elbo"])
    assert np.isclose(reports[0]["elbo"], float(reports[0]["log_px_z"]) - float(reports[0]["kl"]))


@given(numbers, numbers, variances)
def test_6_8_two_draws_are_between_one_draw_and_the_truth(x, mean, var):
    z = mean + np.sqrt(var) * NODES
    log_w = log_normal(x, z, 1) + log_normal(z, 0, 1) - log_normal(z, mean, var)
    one = WEIGHTS @ log_w
    two = WEIGHTS @ (np.logaddexp(log_w[:, None], log_w[None]) - np.log(2)) @ WEIGHTS
    assert np.isclose(one, elbo(x, mean, var))
    assert one - 1e-9 <= two <= log_normal(x, 0, 2) + 1e-6


def test_6_8_the_lessons_bound_is_exact_where_the_posterior_is(lesson_06):
    """A decoder that ignores z, an encoder at the prior: all weights are equal to p(x)."""
    vae = tiny_vae(lesson_06)
    for weight in vae.trainable_variables:
        weight.assign(0 * weight)
    x = np.ones((3, 2, 2, 1), "float32")
    for k in (1, 5):
        assert np.allclose(lesson_06["importance_bound"](vae, x, k), -4 * np.log(2), atol=1e-5)


def test_6_8_more_draws_tighten_the_lessons_bound(lesson_06):
    vae = tiny_vae(lesson_06)
    x = np.ones((200, 2, 2, 1), "float32")
    bounds = [float(np.mean(lesson_06["importance_bound"](vae, x, k))) for k in (1, 5, 50)]
    assert bounds[0] < bounds[1] < bounds[2]


# Lesson 02 generative_models ----------------------------------------------------------------------

seeds = st.integers(0, 10_000)


@pytest.fixture(scope="module")
def lesson_02():
    return definitions("02_generative_models")


def random_mixture(rng, k=3):
    return {
        "weights": rng.dirichlet(np.ones(k)),
        "mu": rng.uniform(-4, 4, k),
        "var": rng.uniform(0.2, 4, k),
    }


def random_covariance(rng, d):
    root = rng.normal(size=(d, d))
    return root @ root.T + 0.2 * np.eye(d)


def normal_cdf(x):
    return 0.5 * (1 + np.vectorize(math.erf)(np.asarray(x) / np.sqrt(2)))


WIDE = np.linspace(-40, 40, 20_001)  # where the mixtures above live


@given(st.lists(numbers, min_size=2, max_size=6), numbers, variances)
def test_2_1_the_sum_is_the_logarithm_of_the_joint_density(lesson_02, x, mean, var):
    x = np.array(x)
    total = lesson_02["log_normal"](x, mean, var).sum()
    assert np.isclose(np.exp(total), np.prod(np.exp(log_normal(x, mean, var))))
    together = lesson_02["log_normal_nd"](x, mean + 0 * x, var * np.eye(len(x)))
    assert np.isclose(total, together)


@given(seeds, st.integers(3, 30))
def test_2_2_the_lessons_fit_is_where_the_slopes_are_zero(lesson_02, seed, n):
    x = np.random.default_rng(seed).normal(2, 3, n)
    mean, var = lesson_02["fit_normal"](x)

    def total(steps, log_factor):  # steps of the mean in standard deviations
        return log_normal(x, mean + steps * np.sqrt(var), var * np.exp(log_factor)).sum()

    h = 1e-4
    assert abs(total(h, 0) - total(-h, 0)) / (2 * h) < 1e-5 * n
    assert abs(total(0, h) - total(0, -h)) / (2 * h) < 1e-5 * n
    for other in (var * n / (n - 1), var * 0.9):  # dividing by N − 1 is less likely
        assert log_normal(x, mean, other).sum() < log_normal(x, mean, var).sum()


@given(seeds)
def test_2_3_the_lessons_mixture_has_area_one_and_the_right_mean(lesson_02, seed):
    theta = random_mixture(np.random.default_rng(seed))
    p = np.exp(lesson_02["log_mixture"](WIDE, **theta))
    assert np.isclose(np.trapezoid(p, WIDE), 1)
    assert np.isclose(np.trapezoid(p * WIDE, WIDE), theta["weights"] @ theta["mu"])


def test_2_3_the_lessons_draws_follow_its_mixture(lesson_02):
    theta = random_mixture(np.random.default_rng(1))
    z, x = lesson_02["draw_mixture"](200_000, **theta, rng=np.random.default_rng(2))
    p = np.exp(lesson_02["log_mixture"](WIDE, **theta))
    for edge in (-2, 0, 2):
        area = np.trapezoid(p * (edge > WIDE), WIDE)
        assert abs(np.mean(x < edge) - area) < 0.01
    assert np.allclose(np.bincount(z) / len(z), theta["weights"], atol=0.01)


def test_2_3_the_lessons_mixture_survives_far_away(lesson_02):
    theta = random_mixture(np.random.default_rng(1))
    assert np.isfinite(lesson_02["log_mixture"](np.array([1e4]), **theta)).all()


@given(numbers, variances, numbers, variances)
def test_2_4_the_lessons_kl_is_the_integral_and_never_negative(lesson_02, m, v, m_q, v_q):
    integral = kl_normals(m, v, m_q, v_q)
    assert np.isclose(lesson_02["kl_normals"](m, v, m_q, v_q), integral, atol=1e-8)
    assert integral >= -1e-9
    assert np.isclose(lesson_02["kl_normals"](m, v, m, v), 0)


@given(seeds)
def test_2_4_the_best_single_normal_for_a_mixture_has_its_moments(lesson_02, seed):
    """The KL is smallest where maximum likelihood on endless data ends: at the moments."""
    rng = np.random.default_rng(seed)
    log_p = lesson_02["log_mixture"](WIDE, **random_mixture(rng))
    p = np.exp(log_p)

    def kl(mean, var):
        return np.trapezoid(p * (log_p - log_normal(WIDE, mean, var)), WIDE)

    mean = np.trapezoid(p * WIDE, WIDE)
    var = np.trapezoid(p * (WIDE - mean) ** 2, WIDE)
    assert kl(mean, var) >= -1e-9
    for a, b in rng.uniform(-0.5, 0.5, (5, 2)):
        assert kl(mean, var) <= kl(mean + a, var * np.exp(b))


@given(seeds)
def test_2_5_the_lessons_responsibilities_split_the_density(lesson_02, seed):
    rng = np.random.default_rng(seed)
    theta, x = random_mixture(rng), rng.uniform(-8, 8, 7)
    r = lesson_02["responsibilities"](x, **theta)
    assert np.allclose(r.sum(axis=1), 1)
    parts = [
        w * np.exp(log_normal(x, m, v)) for w, m, v in zip(*theta.values(), strict=True)
    ]  # by hand, without logarithms
    assert np.allclose(r, np.transpose(parts / np.sum(parts, axis=0)))
    assert lesson_02["responsibilities"](np.array([500.0]), **theta).sum() == pytest.approx(1)


@given(seeds, st.integers(10, 60))
def test_2_6_a_step_of_the_lessons_em_never_lowers_the_likelihood(lesson_02, seed, n):
    rng = np.random.default_rng(seed)
    x, theta = rng.normal(0, 3, n), random_mixture(rng)
    before = lesson_02["log_mixture"](x, **theta).sum()
    for _ in range(5):
        theta = lesson_02["em_step"](x, **theta, floor=1e-3)
        after = lesson_02["log_mixture"](x, **theta).sum()
        assert after >= before - 1e-9
        before = after
    assert theta["weights"].sum() == pytest.approx(1)
    assert theta["var"].min() >= 1e-3


@given(seeds)
def test_2_6_the_lessons_step_is_the_best_for_its_responsibilities(lesson_02, seed):
    """No other parameters explain the split data better; the old mean in the variance would."""
    rng = np.random.default_rng(seed)
    x, theta = rng.normal(0, 3, 60), random_mixture(rng, 2)
    r = lesson_02["responsibilities"](x, **theta)
    new = lesson_02["em_step"](x, **theta)

    def score(weights, mu, var):
        return np.sum(r * (np.log(weights) + log_normal(x[:, None], mu, var)))

    best = score(**new)
    for name, by in [("mu", 1.02), ("mu", 0.98), ("var", 1.02), ("var", 0.98)]:
        assert score(**new | {name: new[name] * by}) < best
    tilted = new["weights"] * [1.02, 0.98]
    assert score(**new | {"weights": tilted / tilted.sum()}) < best
    moved = (r * (x[:, None] - theta["mu"]) ** 2).sum(axis=0) / r.sum(axis=0)
    assert score(**new | {"var": moved}) < best


@given(seeds)
def test_2_7_the_conditions_add_up_to_the_unconditional(lesson_02, seed):
    """Areas of p(x) by integral, areas of p(x|c) by the normal's known distribution function."""
    theta = random_mixture(np.random.default_rng(seed))
    part = np.linspace(-1, 2, 3001)
    p = np.exp(lesson_02["log_mixture"](part, **theta))
    low, high = ((edge - theta["mu"]) / np.sqrt(theta["var"]) for edge in (-1, 2))
    by_condition = normal_cdf(high) - normal_cdf(low)
    assert np.isclose(np.trapezoid(p, part), theta["weights"] @ by_condition, atol=1e-6)


@given(seeds)
def test_2_8_the_lessons_evidence_is_the_average_over_the_prior(lesson_02, seed):
    rng = np.random.default_rng(seed)
    W, x, noise = rng.uniform(-1, 1, (2, 2)), rng.normal(size=2), rng.uniform(0.5, 2)
    z = np.stack(np.meshgrid(NODES, NODES), axis=-1)
    likelihood = np.exp(log_normal(x, z @ W.T, noise).sum(axis=-1))
    log_px = lesson_02["linear_gaussian"](x, W, noise)[0]
    assert np.isclose(log_px, np.log(WEIGHTS @ likelihood @ WEIGHTS), atol=1e-4)


@given(seeds, st.integers(1, 3), st.integers(1, 4))
def test_2_9_prior_times_likelihood_is_evidence_times_the_lessons_posterior(
    lesson_02, seed, n_z, n_x
):
    rng = np.random.default_rng(seed)
    W, noise = rng.normal(size=(n_x, n_z)), rng.uniform(0.2, 2)
    x, z = rng.normal(size=n_x), rng.normal(size=n_z)
    log_px, m, S = lesson_02["linear_gaussian"](x, W, noise)
    joint = log_normal(z, 0, 1).sum() + log_normal(x, W @ z, noise).sum()
    assert np.isclose(joint, log_px + lesson_02["log_normal_nd"](z, m, S))


def toy_elbo(m, log_s):
    """Equation (2.10) as it stands, by quadrature: x = 2, z ~ N(0, 1), x|z ~ N(z, 1/2)."""
    z = m + np.exp(log_s) * NODES
    log_q = log_normal(z, m, np.exp(2 * log_s))
    return WEIGHTS @ (log_normal(z, 0, 1) + log_normal(2, z, 0.5) - log_q)


@given(numbers, st.floats(-2, 1))
def test_2_10_the_lessons_elbo_is_the_average_and_a_bound(lesson_02, m, log_s):
    assert np.isclose(lesson_02["elbo_toy"](m, log_s), toy_elbo(m, log_s), atol=1e-8)
    assert toy_elbo(m, log_s) <= log_normal(2, 0, 1.5) + 1e-9


@given(numbers, st.floats(-2, 1))
def test_2_10_the_lessons_slope_is_the_elbos(lesson_02, m, log_s):
    by_calculus = 4 - 3 * m, 1 - 3 * np.exp(2 * log_s)
    assert np.allclose(lesson_02["elbo_slope"](m, log_s), by_calculus, rtol=1e-3, atol=1e-2)


@given(numbers, st.floats(-2, 1))
def test_2_11_the_gap_is_the_kl_from_the_posterior(lesson_02, m, log_s):
    gap = log_normal(2, 0, 1.5) - lesson_02["elbo_toy"](m, log_s)
    assert np.isclose(gap, kl_normals(m, np.exp(2 * log_s), 4 / 3, 1 / 3), atol=1e-8)
    assert np.isclose(lesson_02["elbo_toy"](4 / 3, np.log(1 / 3) / 2), log_normal(2, 0, 1.5))


@given(seeds, st.integers(2, 4))
def test_2_12_the_lessons_mean_field_is_where_coordinate_ascent_ends(lesson_02, seed, d):
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
    assert np.allclose(lesson_02["mean_field"](S), v)


@given(seeds, st.integers(2, 4))
def test_2_12_no_other_variances_are_better_and_all_are_too_small(lesson_02, seed, d):
    rng = np.random.default_rng(seed)
    S = random_covariance(rng, d)
    best, kl = lesson_02["mean_field"](S), lesson_02["kl_diagonal"]
    for factors in np.exp(rng.uniform(-0.5, 0.5, (10, d))):
        assert kl(best, S) <= kl(best * factors, S)
    assert (best <= np.diag(S) + 1e-12).all()
    assert kl(best, S) < kl(np.diag(S), S)  # the true variances are not the optimum
    assert np.allclose(lesson_02["mean_field"](np.diag(best)), best)  # equal if uncorrelated


@given(seeds)
def test_2_12_the_lessons_kl_of_a_diagonal_q_is_the_integral(lesson_02, seed):
    rng = np.random.default_rng(seed)
    S, v = random_covariance(rng, 2), rng.uniform(0.1, 2, 2)
    z = np.stack(np.meshgrid(NODES, NODES), axis=-1) * np.sqrt(v)
    log_ratio = log_normal(z, 0, v).sum(axis=-1) - lesson_02["log_normal_nd"](z, 0 * z, S)
    assert np.isclose(lesson_02["kl_diagonal"](v, S), WEIGHTS @ log_ratio @ WEIGHTS)


@given(st.floats(0.5, 80), st.floats(0, 4), st.floats(0.3, 2))
def test_2_13_the_lessons_density_is_the_slope_of_the_distribution_function(lesson_02, x, a, b):
    h = 1e-5 * x
    up, down = (normal_cdf((np.log(x + s) - a) / b) for s in (h, -h))
    slope = (up - down) / (2 * h)
    assert np.isclose(np.exp(lesson_02["log_exp_normal"](x, a, b)), slope, rtol=1e-4, atol=1e-9)


def test_2_13_without_the_slope_the_area_is_not_one(lesson_02):
    x = np.linspace(1e-4, 400, 400_001)
    right = np.exp(lesson_02["log_exp_normal"](x, 1, 0.5))
    wrong = np.exp(log_normal((np.log(x) - 1) / 0.5, 0, 1))
    assert np.isclose(np.trapezoid(right, x), 1, atol=1e-4)
    assert np.trapezoid(wrong, x) > 1.3


def test_2_13_noise_on_the_lessons_wave_has_area_one_and_vanishes_beside_it(lesson_02):
    """Its density is a density; with less noise, a point beside the wave becomes impossible."""
    axis = np.linspace(-5, 5, 41)
    x = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    total = sum(np.exp(lesson_02["log_blurred"](part, 0.5)).sum() for part in np.split(x, 41))
    assert np.isclose(total * (axis[1] - axis[0]) ** 2, 1, atol=1e-3)
    beside = np.array([[0.0, 1.0]])
    values = [lesson_02["log_blurred"](beside, s)[0] for s in (0.3, 0.1, 0.03, 0.01)]
    assert values == sorted(values, reverse=True)
    assert values[-1] < -1000


@given(seeds, st.integers(1, 8), st.integers(1, 8))
def test_2_14_the_lessons_energy_distance_is_twice_cramers(lesson_02, seed, n, m):
    """On one axis it is twice the integral of the squared difference of distribution functions."""
    rng = np.random.default_rng(seed)
    x, y = rng.integers(-20, 20, n) / 4, rng.integers(-20, 20, m) / 4
    grid = np.arange(-20, 20) / 4 + 0.125  # the functions are constant between quarters
    f, g = ((sample[:, None] <= grid).mean(axis=0) for sample in (x, y))
    energy = lesson_02["energy_distance"](x[:, None], y[:, None])
    assert np.isclose(energy, 2 * np.sum((f - g) ** 2) * 0.25)


@given(seeds)
def test_2_14_it_is_zero_for_equal_samples_only(lesson_02, seed):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(6, 2)), rng.normal(size=(5, 2))
    distance = lesson_02["energy_distance"]
    assert np.isclose(distance(x, x[::-1]), 0)
    assert distance(x, y) > 0
    assert np.isclose(distance(x, y), distance(y, x))


# Lesson 04: where the VAE loss comes from ----------------------------------------------------------

near, wide = st.floats(-2, 2), st.floats(0.3, 2)  # clouds that the lesson's grid resolves
few_axes = st.lists(st.tuples(numbers, st.floats(-3, 1.5)), min_size=2, max_size=5)


@pytest.fixture(scope="module")
def lesson_04():
    return definitions("04_vae_loss")


@given(near, near, wide)
def test_4_1_the_lessons_average_gives_the_evidence(lesson_04, x, mean, var):
    average = lesson_04["average"]
    integral = average(lambda z: np.exp(log_normal(x, z, 1)), 0, 1)
    assert np.isclose(np.log(integral), log_normal(x, 0, 2))
    assert np.isclose(average(lambda z: z**2, mean, var), mean**2 + var)


@given(near, near, wide)
def test_4_2_the_mean_weight_is_the_evidence_for_every_cloud(lesson_04, x, mean, var):
    mean_w = lesson_04["average"](
        lambda z: np.exp(lesson_04["log_weight"](x, z, mean, var)), mean, var
    )
    assert np.isclose(np.log(mean_w), log_normal(x, 0, 2), atol=1e-6)
    same = lesson_04["log_weight"](x, np.array([-1.0, 0.3, 2.0]), x / 2, 0.5)
    assert np.allclose(same, log_normal(x, 0, 2))


@given(st.lists(st.floats(0.01, 10), min_size=2, max_size=6))
def test_4_3_the_log_of_an_average_is_not_below_the_average_log(w):
    gap = np.log(np.mean(w)) - np.mean(np.log(w))
    assert gap >= -1e-12
    assert np.isclose(gap, np.mean(np.asarray(w) / np.mean(w) - 1 - np.log(w / np.mean(w))))
    assert np.isclose(np.log(np.mean([w[0]] * 3)), np.mean(np.log([w[0]] * 3)))


@given(near, near, wide)
def test_4_4_the_lessons_elbo_is_a_bound(lesson_04, x, mean, var):
    value = lesson_04["toy_elbo"](x, mean, var)
    assert np.isclose(value, elbo(x, mean, var))
    assert value <= log_normal(x, 0, 2) + 1e-9


@given(near, near, wide)
def test_4_5_the_gap_is_the_lessons_kl_to_the_posterior(lesson_04, x, mean, var):
    gap = log_normal(x, 0, 2) - lesson_04["toy_elbo"](x, mean, var)
    assert np.isclose(gap, lesson_04["kl_on_grid"](mean, var, x / 2, 0.5), atol=1e-8)
    z = np.linspace(-12, 12, 4801)  # the area that the lesson draws
    q, p = np.exp(log_normal(z, mean, var)), np.exp(log_normal(z, x / 2, 0.5))
    area = q * (log_normal(z, mean, var) - log_normal(z, x / 2, 0.5)) - q + p
    assert area.min() >= -1e-12
    assert np.isclose(np.trapezoid(area, z), gap, atol=1e-8)


@given(near, near, wide)
def test_4_6_reconstruction_minus_kl_is_the_lessons_elbo(lesson_04, x, mean, var):
    reconstruction = lesson_04["average"](lambda z: log_normal(x, z, 1), mean, var)
    kl = lesson_04["kl_on_grid"](mean, var, 0, 1)
    assert np.isclose(reconstruction - kl, lesson_04["toy_elbo"](x, mean, var))


@given(numbers)
def test_4_7_the_wrong_forms_are_below_the_nll(lesson_04, x):
    """At the exact posterior only weight 1 and an average over q give the NLL."""
    nll, kl = -log_normal(x, 0, 2), kl_normals(x / 2, 0.5, 0, 1)
    reconstruction = -(WEIGHTS @ log_normal(x, x / 2 + np.sqrt(0.5) * NODES, 1))
    assert np.isclose(reconstruction + kl, nll)
    assert np.isclose(-lesson_04["toy_elbo"](x, x / 2, 0.5), nll)
    assert reconstruction + 0.5 * kl < nll - 0.04
    assert np.isclose(-log_normal(x, x / 2, 1) + kl, nll - 0.25)


@given(numbers, variances, numbers, st.floats(0.3, 4))
def test_4_8_the_lessons_kl_is_the_integral(lesson_04, mean, var, mean_p, var_p):
    assert np.isclose(
        lesson_04["kl_normals"](mean, var, mean_p, var_p), kl_normals(mean, var, mean_p, var_p)
    )
    assert np.isclose(lesson_04["kl_normals"](mean, var, mean, var), 0)


@given(few_axes)
def test_4_9_the_lessons_kl_is_a_sum_over_axes(lesson_04, axes):
    mu, log_var = np.array(axes).T[:, None]
    integral = sum(kl_normals(m, np.exp(v), 0, 1) for m, v in axes)
    kl = lesson_04["kl_to_prior"](mu, log_var)
    assert kl.shape == (1,)
    assert np.isclose(kl[0], integral, atol=1e-6)
    if integral > 1e-3:
        assert not np.isclose(kl[0] / len(axes), integral)  # averaged over the axes
        assert not np.isclose(kl[0] / 2, integral)  # a second ½ in front


def test_4_9_log_var_is_no_standard_deviation(lesson_04):
    mu, log_var = np.zeros((1, 1)), np.full((1, 1), np.log(4))
    assert np.isclose(lesson_04["kl_to_prior"](mu, log_var)[0], kl_normals(0, 4, 0, 1))
    assert not np.isclose(kl_normals(0, np.log(4) ** 2, 0, 1), kl_normals(0, 4, 0, 1))


@given(few_axes, st.floats(0.1, 3))
def test_4_10_the_lessons_cost_is_that_of_the_densities(lesson_04, pairs, sigma):
    x, x_hat = np.array(pairs).T[:, None]
    densities = np.exp(-(((x - x_hat) / sigma) ** 2) / 2) / np.sqrt(2 * np.pi) / sigma
    cost = lesson_04["nll_gaussian"](x, x_hat, sigma**2)
    assert cost.shape == (1,)
    with np.errstate(divide="ignore"):
        by_hand = -np.log(densities)
    if np.isfinite(by_hand).all():
        assert np.isclose(cost[0], by_hand.sum())


@given(few_axes)
def test_4_10_the_cheapest_variance_is_the_mean_squared_error(lesson_04, pairs):
    x, x_hat = np.array(pairs).T[:, None]
    square = np.mean((x - x_hat) ** 2)
    if square > 1e-3:
        costs = [lesson_04["nll_gaussian"](x, x_hat, k * square)[0] for k in (0.8, 1, 1.25)]
        assert costs[1] < min(costs[0], costs[2])


def test_4_10_a_sum_of_squares_is_variance_one_half(lesson_04):
    x, x_hat = np.array([[1.0, -2.0, 0.5]]), np.zeros((1, 3))
    cost = lesson_04["nll_gaussian"](x, x_hat, 0.5)[0]
    assert np.isclose(cost, 5.25 + 1.5 * np.log(np.pi))


@given(st.lists(st.tuples(st.sampled_from([0.0, 1.0]), st.floats(-12, 12)), min_size=1, max_size=5))
def test_4_11_the_lessons_cost_is_the_bernoulli_sum(lesson_04, pixels):
    x, logits = np.array(pixels).T[:, None]
    x_hat = 1 / (1 + np.exp(-logits))
    by_hand = -(x * np.log(x_hat) + (1 - x) * np.log1p(-x_hat)).sum()
    assert np.isclose(lesson_04["nll_bernoulli"](x, logits)[0], by_hand)


def test_4_11_no_logit_is_too_large(lesson_04):
    x, logits = np.array([[0.0], [1.0], [1.0], [0.0]]), np.array([[800.0], [-800], [800], [0]])
    assert np.allclose(lesson_04["nll_bernoulli"](x, logits), [800, 800, 0, np.log(2)])


@given(numbers, st.floats(-3, 1.5))
def test_4_12_the_lessons_draws_have_the_clouds_moments(lesson_04, mu, log_var):
    z = np.asarray(lesson_04["sample_z"](mu, log_var, NODES))
    assert np.isclose(WEIGHTS @ z, mu, atol=1e-5)
    assert np.isclose(WEIGHTS @ (z - mu) ** 2, np.exp(log_var), rtol=1e-4)


def cubic(z):
    return 0.3 * z**3 - z**2 + 2 * z


def gradient_by_calculus(mu, sigma):
    """Of E[cubic(z)] = 0.3 (mu³ + 3 mu sigma²) − (mu² + sigma²) + 2 mu, by mu and by sigma."""
    return 0.9 * (mu**2 + sigma**2) - 2 * mu + 2, 1.8 * mu * sigma - 2 * sigma


@given(numbers, st.floats(0.3, 2))
def test_4_13_the_lessons_pathwise_gradient_is_unbiased(lesson_04, mu, sigma):
    by_mu, by_sigma = lesson_04["pathwise_gradient"](
        lambda z: 0.9 * z**2 - 2 * z + 2, mu, sigma, NODES
    )
    assert np.allclose([WEIGHTS @ by_mu, WEIGHTS @ by_sigma], gradient_by_calculus(mu, sigma))


@given(numbers, st.floats(0.3, 2))
def test_4_14_the_lessons_score_gradient_is_unbiased(lesson_04, mu, sigma):
    estimates = lesson_04["score_gradient"](cubic, mu, sigma, NODES)
    assert np.allclose([WEIGHTS @ e for e in estimates], gradient_by_calculus(mu, sigma))
    constant = lesson_04["score_gradient"](lambda z: 5 + 0 * z, mu, sigma, NODES)
    assert np.allclose([WEIGHTS @ e for e in constant], 0)  # so a baseline changes no average


def test_4_14_without_the_logarithm_it_is_another_number():
    density = np.exp(log_normal(0.5 + NODES, 0.5, 1))  # f ∇q in place of f ∇log q
    wrong = WEIGHTS @ (cubic(0.5 + NODES) * density * NODES)
    assert not np.isclose(wrong, gradient_by_calculus(0.5, 1)[0], rtol=0.2)


def test_4_14_its_variance_is_what_the_lesson_prints(lesson_04):
    """At mu 0, sigma 1: 1 for the pathwise and 18.6 for the score-function gradient."""
    score = lesson_04["score_gradient"](lambda z: log_normal(1.5, z, 1), 0.0, 1.0, NODES)[0]
    pathwise = lesson_04["pathwise_gradient"](lambda z: 1.5 - z, 0.0, 1.0, NODES)[0]
    variances = [WEIGHTS @ e**2 - (WEIGHTS @ e) ** 2 for e in (pathwise, score)]
    assert np.isclose(variances[0], 1)
    assert round(variances[1], 1) == 18.6


@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 99))
def test_4_15_the_lessons_loss_sums_axes_and_averages_points(lesson_04, n_points, n_axes, seed):
    rng = np.random.default_rng(seed)
    parts = [rng.normal(size=(n_points, n_axes)) for _ in range(4)]
    parts[0] = (parts[0] > 0).astype(float)
    loss = lesson_04["bernoulli_vae_loss"](*parts)
    one_by_one = [
        -np.log(1 / (1 + np.exp(-(2 * x - 1) * logit))) + kl_normals(mu, np.exp(log_var), 0, 1)
        for x, logit, mu, log_var in zip(*(part.ravel() for part in parts), strict=True)
    ]
    assert np.isclose(loss, sum(one_by_one) / n_points)


@given(numbers, st.floats(0.1, 8), numbers, variances)
def test_4_16_no_cloud_is_cheaper_than_the_lessons(lesson_04, x, beta, mean, var):
    best = lesson_04["beta_cloud"](x, beta)
    lowest = -elbo(x, *best, kl_weight=beta)
    beside = [(best[0] + step, best[1]) for step in (-0.05, 0.05)]
    beside += [(best[0], best[1] * factor) for factor in (0.9, 1.1)]
    assert lowest <= -elbo(x, mean, var, kl_weight=beta) + 1e-9
    assert lowest < min(-elbo(x, *cloud, kl_weight=beta) for cloud in beside)


@given(numbers, st.floats(0.1, 8))
def test_4_16_a_weight_below_1_is_no_bound_and_one_above_1_is_a_loose_one(lesson_04, x, beta):
    nll = -log_normal(x, 0, 2)
    lowest = -elbo(x, *lesson_04["beta_cloud"](x, beta), kl_weight=beta)
    if beta < 0.95:
        assert lowest < nll - 1e-3
    elif beta > 1.05:
        assert lowest > nll + 1e-3
    assert np.isclose(-elbo(x, *lesson_04["beta_cloud"](x, 1), kl_weight=1), nll)


def test_4_16_with_half_the_kl_the_clouds_are_wider_than_the_prior(lesson_04):
    """Over x ~ N(0, 2) all clouds together have variance 1 at weight 1, and 1.222 at weight ½."""
    for beta, wanted in [(1, 1.0), (0.5, 1.222)]:
        x = np.sqrt(2) * NODES
        mean, var = lesson_04["beta_cloud"](x, beta)
        assert round(WEIGHTS @ (mean**2 + var), 3) == wanted


# Lesson 05 gan_loss -------------------------------------------------------------------------------

LINE = np.linspace(-40, 40, 8001)
STEP = LINE[1] - LINE[0]
spreads = st.floats(0.6, 2)
small_logits = st.lists(st.floats(-6, 6), min_size=1, max_size=5)


@pytest.fixture(scope="module")
def lesson_05():
    return definitions("05_gan_loss")


def log_density(mean, spread):
    return log_normal(LINE, mean, spread**2)


def entropy(p):
    return -sum(x * np.log(x) for x in p if x > 0)


def slope(function, at, step=1e-2):
    return (float(function(at + step)) - float(function(at - step))) / (2 * step)


@given(numbers, spreads, numbers, spreads, numbers)
def test_5_1_averages_over_data_and_noise_are_the_lessons_integral(
    lesson_05, mean, spread, shift, stretch, tilt
):
    real, fake = mean + spread * NODES, shift + stretch * NODES  # G(z) = shift + stretch · z
    by_averages = -WEIGHTS @ np.logaddexp(0, -tilt * real) - WEIGHTS @ np.logaddexp(0, tilt * fake)
    line, inside = LINE[::4], abs(LINE[::4]) < 12  # beyond, log(1 − D) is rounded to log 0
    d = 1 / (1 + np.exp(-tilt * line[inside]))
    p = np.exp(log_normal(line[inside], mean, spread**2))
    q = np.exp(log_normal(line[inside], shift, stretch**2))
    by_integral = lesson_05["value_of"](d, p, q, 4 * STEP)
    assert np.isclose(by_averages, by_integral, atol=2e-2)
    assert by_integral <= 0


@given(numbers, spreads, numbers, spreads)
def test_5_2_no_idea_is_worth_minus_log_4_whatever_the_densities(lesson_05, m, s, m_g, s_g):
    p, q = np.exp(log_density(m, s)), np.exp(log_density(m_g, s_g))
    assert np.isclose(lesson_05["value_of"](0 * p + 0.5, p, q, STEP), -np.log(4))


@given(st.floats(0.01, 5), st.floats(0.01, 5), st.floats(0.001, 0.999))
def test_5_3_nothing_beats_the_best_discriminator(lesson_05, a, b, y):
    best = lesson_05["best_discriminator"](a, b)
    assert 0 < best < 1

    def worth(y):
        return a * np.log(y) + b * np.log(1 - y)

    assert worth(y) <= worth(best) + 1e-9
    if abs(y - best) > 1e-3:  # and it is the only best one
        assert worth(y) < worth(best)


@given(st.floats(0.01, 5), st.floats(0.01, 5))
def test_5_4_the_log_ratio_is_the_logit_of_the_best_discriminator(lesson_05, a, b):
    d, ratio = lesson_05["best_discriminator"](a, b), np.log(a) - np.log(b)
    assert np.isclose(np.log(d / (1 - d)), ratio)
    assert np.isclose(lesson_05["prob_real"](ratio), d)


def test_5_4_the_articles_ratio_is_no_probability():
    ratio = np.log([3.0, 0.5])
    assert ratio[0] > 1
    assert ratio[1] < 0


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=8))
def test_5_5_the_lessons_divergence_is_a_difference_of_entropies(lesson_05, counts):
    p, q = (np.array(side) / max(sum(side), 1) for side in zip(*counts, strict=True))
    if p.sum() and q.sum():
        jsd = lesson_05["jensen_shannon"](p, q, 1)
        assert np.isclose(jsd, entropy((p + q) / 2) - (entropy(p) + entropy(q)) / 2)
        assert -1e-12 <= jsd <= np.log(2) + 1e-12
        assert np.isclose(jsd, lesson_05["jensen_shannon"](q, p, 1))


def test_5_5_its_ends_are_0_and_log_2(lesson_05):
    p, q = np.array([0.5, 0.5, 0.0]), np.array([0.0, 0.0, 1.0])
    assert np.isclose(lesson_05["jensen_shannon"](p, p, 1), 0)
    assert np.isclose(lesson_05["jensen_shannon"](p, q, 1), np.log(2))


@given(numbers, spreads, numbers, spreads, st.floats(-1, 1))
def test_5_6_the_best_value_is_twice_the_divergence_minus_log_4(lesson_05, m, s, m_g, s_g, wrong):
    log_p, log_q = log_density(m, s), log_density(m_g, s_g)
    p, q, best = np.exp(log_p), np.exp(log_q), log_p - log_q

    def value(logits):
        return -np.sum(p * np.logaddexp(0, -logits) + q * np.logaddexp(0, logits)) * STEP

    twice = 2 * lesson_05["jensen_shannon"](p, q, STEP)
    assert np.isclose(value(best), twice - np.log(4))
    assert not np.isclose(value(best), twice + np.log(4))  # the sign that is easily lost
    assert value(best + wrong) <= value(best) + 1e-9


@given(small_logits, small_logits)
def test_5_7_the_lessons_loss_is_minus_the_value(lesson_05, real, fake):
    real, fake = (np.array(logits, "float32")[:, None] for logits in (real, fake))
    d, d_fake = (1 / (1 + np.exp(-logits.astype("float64"))) for logits in (real, fake))
    by_hand = -np.log(d).mean() - np.log(1 - d_fake).mean()
    assert np.isclose(float(lesson_05["discriminator_loss"](real, fake)), by_hand, atol=1e-4)
    wrong = -np.log(d).mean() - np.log(d_fake).mean()
    assert np.isclose(float(lesson_05["article_loss"](real, fake)), wrong, atol=1e-4)


def test_5_7_its_known_values(lesson_05):
    zero, sure = np.zeros((3, 1)), np.full((3, 1), np.log(1e6 - 1))
    assert np.isclose(float(lesson_05["discriminator_loss"](zero, zero)), 2 * np.log(2))
    assert round(float(lesson_05["discriminator_loss"](sure, sure)), 1) == 13.8
    assert round(float(lesson_05["article_loss"](sure, sure)), 6) == 0.000002
    assert float(lesson_05["discriminator_loss"](500 + zero, -500 + zero)) < 1e-9
    assert float(lesson_05["discriminator_loss"](-500 + zero, 500 + zero)) == 1000


@given(st.floats(-6, 6))
def test_5_8_the_saturating_slope_is_minus_d(lesson_05, logit):
    d = 1 / (1 + np.exp(-logit))
    loss = lesson_05["saturating_loss"]
    assert np.isclose(float(loss(np.array([logit]))), np.log(1 - d), atol=1e-5)
    assert np.isclose(slope(lambda l_: loss(np.array([l_])), logit), -d, atol=1e-3)


@given(st.floats(-6, 6))
def test_5_9_the_non_saturating_slope_is_minus_one_minus_d(lesson_05, logit):
    d = 1 / (1 + np.exp(-logit))
    loss = lesson_05["generator_loss"]
    assert np.isclose(float(loss(np.array([logit]))), -np.log(d), atol=1e-5)
    assert np.isclose(slope(lambda l_: loss(np.array([l_])), logit), d - 1, atol=1e-3)


def test_5_9_only_the_non_saturating_shift_arrives(lesson_05):
    assert lesson_05["shifts"](lambda d: -d)[-1] > 7.9
    assert abs(lesson_05["shifts"](lambda d: d - 1)[-1]) < 0.1


def line_game(lesson, d_rate, g_rate, k=1):
    """The lesson's class around two straight lines, with plain gradient steps."""
    keras = lesson["keras"]
    keras.utils.set_random_seed(0)
    networks = [keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)]) for _ in range(2)]
    gan = lesson["AlternatingGAN"](*networks, lesson["discriminator_loss"], k=k, seed=5)
    gan.compile(keras.optimizers.SGD(d_rate), keras.optimizers.SGD(g_rate))
    return gan


def lines_of(gan):
    return [float(v.numpy().item()) for v in gan.generator.weights + gan.discriminator.weights]


@pytest.mark.parametrize("player", ["discriminator", "generator"])
def test_5_7_and_5_9_a_train_step_goes_down_each_players_own_loss(lesson_05, player):
    """One player's rate is 0. The other's weights change by −0.1 times the slope of its own loss."""
    x = np.array([[1.0], [2.5], [-0.5]], "float32")
    seeds = lesson_05["keras"].random.SeedGenerator(5)
    z_d, z_g = (np.asarray(lesson_05["keras"].random.normal((3, 1), seed=seeds)) for _ in range(2))
    gan = line_game(lesson_05, *((0.1, 0.0) if player == "discriminator" else (0.0, 0.1)))
    before = lines_of(gan)
    gan.train_step(x)

    def loss(weights):
        a, c, w, b = weights
        if player == "discriminator":
            fake = w * (a * z_d + c) + b
            return np.logaddexp(0, -(w * x + b)).mean() + np.logaddexp(0, fake).mean()
        return np.logaddexp(0, -(w * (a * z_g + c) + b)).mean()

    own = (2, 3) if player == "discriminator" else (0, 1)
    for i, (old, new) in enumerate(zip(before, lines_of(gan), strict=True)):
        nudged = [before[:i] + [old + h] + before[i + 1 :] for h in (1e-4, -1e-4)]
        wanted = (loss(nudged[0]) - loss(nudged[1])) / 2e-4 if i in own else 0
        assert np.isclose(new - old, -0.1 * wanted, atol=1e-4)


def test_5_7_the_discriminator_makes_k_steps_for_one_each_with_a_batch_of_its_own(lesson_05):
    gan, seen = line_game(lesson_05, 0.0, 0.1, k=3), []

    def watched(real_logits, fake_logits):
        assert fake_logits.shape == real_logits.shape
        seen.append(np.asarray(real_logits))
        return lesson_05["discriminator_loss"](real_logits, fake_logits)

    gan.d_loss_of, x = watched, np.arange(6, dtype="float32")[:, None]
    gan.train_step(x)
    assert int(gan.d_optimizer.iterations) == 3
    assert int(gan.g_optimizer.iterations) == 1
    *_, w, b = lines_of(gan)  # its rate is 0: they are the same as before
    assert np.allclose(seen, (w * x + b).reshape(3, 2, 1))


@given(numbers, numbers, st.floats(0.05, 1))
def test_5_10_both_at_once_grow_the_radius(lesson_05, theta, psi, eta):
    new = lesson_05["game_step"](theta, psi, eta, False)
    d = 1 / (1 + np.exp(-psi * theta))
    grown = (1 + eta**2 * d**2) * (theta**2 + psi**2)
    assert np.isclose(new[0] ** 2 + new[1] ** 2, grown)
    # The move is eta times the slope of the value: down for the generator, up for the discriminator.
    g_slope = slope(lambda t: -np.log(2) - np.logaddexp(0, psi * t), theta, 1e-4)
    d_slope = slope(lambda p: -np.log(2) - np.logaddexp(0, p * theta), psi, 1e-4)
    assert np.allclose(new, [theta - eta * g_slope, psi + eta * d_slope], atol=1e-5)


@given(st.floats(0.05, 0.5))
def test_5_10_in_turns_they_stay_on_a_ring(lesson_05, eta):
    radius = np.hypot(*lesson_05["game_path"](eta, True, 500).T)
    assert radius.min() > 0.9
    assert radius.max() < 1.2
    assert np.all(np.diff(np.hypot(*lesson_05["game_path"](eta, False, 500).T)) >= 0)


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=5))
def test_5_11_sorting_is_the_cheapest_of_all_pairings(lesson_05, pairs):
    x, y = np.array(pairs).T
    cheapest = min(np.mean(np.abs(x - y[list(order)])) for order in permutations(range(len(y))))
    assert np.isclose(lesson_05["wasserstein_1"](x, y), cheapest)


@given(st.floats(0, 4))
def test_5_11_a_shifted_block_is_as_far_as_its_shift(lesson_05, shift):
    """Where the divergence stays at log 2 from a shift of 1 on."""
    x, n = (np.arange(1000) + 0.5) / 1000, round(100 * shift)
    assert np.isclose(lesson_05["wasserstein_1"](x, x + shift), shift)
    p, q = np.zeros(600), np.zeros(600)
    p[:100], q[n : n + 100] = 1, 1
    wanted = min(n / 100, 1) * np.log(2)
    assert np.isclose(lesson_05["jensen_shannon"](p, q, 0.01), wanted)


@given(numbers, spreads, numbers, numbers)
def test_5_12_any_function_bounds_the_kl_and_the_best_one_reaches_it(lesson_05, m, s, tilt, level):
    log_p, log_q = log_density(m, s), log_density(0, 2)
    p, q = np.exp(log_p), np.exp(log_q)
    kl = np.log(2 / s) + (s**2 + m**2) / 8 - 0.5

    def bound(t):
        return lesson_05["f_bound"](t, lambda t: np.exp(t - 1), p, q, STEP)

    assert bound(tilt * np.tanh(LINE) + level) <= kl + 1e-6
    assert np.isclose(bound(1 + log_p - log_q), kl, atol=1e-6)


@given(st.floats(-3, -0.1))
def test_5_12_the_conjugates_are_the_largest_values(t):
    u = np.exp(np.linspace(-8, 8, 20_001))
    assert np.isclose(max(u * t - u * np.log(u)), np.exp(t - 1), atol=1e-6)
    gan = u * np.log(u) - (u + 1) * np.log(u + 1)
    assert np.isclose(max(u * t - gan), -np.log(1 - np.exp(t)), atol=1e-6)
    assert np.isclose(np.interp(1, u, gan), -np.log(4))


@given(numbers, spreads)
def test_5_12_the_gans_value_is_such_a_bound(lesson_05, m, s):
    p, q = (np.exp(log_normal(LINE[3000:5001], *a)) for a in [(m, s**2), (0, 4)])
    log_d = np.log(p) - np.log(p + q)
    bound = lesson_05["f_bound"](log_d, lambda t: -np.log1p(-np.exp(t)), p, q, STEP)
    assert np.isclose(bound, 2 * lesson_05["jensen_shannon"](p, q, STEP) - np.log(4), atol=1e-3)
