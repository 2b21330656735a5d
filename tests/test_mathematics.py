"""Every numbered equation of the lessons, proven in NumPy; `test_6_3_…` proves equation (6.3).

Where a lesson has a function for the equation, the lesson's own function is held to it too. Known wrong
forms must be caught: they are stated beside the right ones.
"""

import re
import sys
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
