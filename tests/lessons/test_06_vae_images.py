"""Lesson 06, vae_images: its numbered equations, and wrong answers to its exercises."""

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from references import (
    NODES,
    WEIGHTS,
    after,
    elbo,
    gradients,
    kl_normals,
    log_normal,
    numbers,
    table,
    variances,
)

TOY = log_normal(1.5, 0, 2)  # log p(x) for z ~ N(0, 1), x|z ~ N(z, 1), x = 1.5


def test_6_1_the_lessons_integral_over_codes_is_the_known_marginal(lesson):
    printed = lesson.run("eq-marginal-check")
    assert round(TOY, 3) == after(printed, "integral") == after(printed, "exact")
    z, joint = lesson["z_grid"], lesson["joint"]
    assert np.allclose(joint / np.exp(TOY), np.exp(log_normal(z, 0.75, 0.5)))  # the posterior


@given(st.lists(st.tuples(st.sampled_from([0.0, 1.0]), st.floats(-8, 8)), min_size=1, max_size=6))
def test_6_2_the_lessons_likelihood_is_the_bernoulli_sum(lesson, pixels):
    x, logits = np.array(pixels, "float32").T.reshape(2, 1, -1, 1, 1)
    x_hat = 1 / (1 + np.exp(-logits.astype("float64")))
    by_hand = (x * np.log(x_hat) + (1 - x) * np.log1p(-x_hat)).sum()
    assert np.isclose(float(lesson["log_bernoulli"](x, logits)[0]), by_hand, atol=1e-4)


def test_6_2_probabilities_add_up_to_one_and_no_idea_costs_log_2_a_pixel(lesson):
    pictures = np.array(np.meshgrid([0, 1], [0, 1], [0, 1]), "float32").reshape(3, 8).T
    logits = np.tile(np.array([0.3, -2.0, 1.5], "float32"), (8, 1))
    log_p = lesson["log_bernoulli"](pictures.reshape(8, 3, 1, 1), logits.reshape(8, 3, 1, 1))
    assert np.isclose(np.exp(log_p).sum(), 1, atol=1e-5)
    x = np.ones((2, 4, 5, 1), "float32")
    assert np.allclose(lesson["log_bernoulli"](x, 0 * x), -20 * np.log(2))


@pytest.fixture
def elbo_table(lesson):
    lesson.run("eq-marginal-check")
    return table(lesson.run("eq-elbo-check"))


def test_6_3_the_lessons_elbo_is_a_bound_that_the_posterior_reaches(lesson, elbo_table):
    for row in elbo_table:
        assert np.isclose(row["ELBO"], elbo(1.5, row["mean"], row["var"], 1), atol=6e-4)
        assert row["ELBO"] <= TOY + 6e-4
    assert np.isclose(elbo_table[-1]["ELBO"], TOY, atol=6e-4)


def test_6_4_the_lessons_gap_is_the_kl_to_the_posterior(lesson, elbo_table):
    for row in elbo_table:
        wanted = kl_normals(row["mean"], row["var"], 0.75, 0.5)
        assert np.allclose([row["gap"], row["KL to posterior"]], wanted, atol=6e-4)


@given(numbers, variances, numbers, st.floats(0.3, 4))
def test_6_4_the_lessons_kl_is_the_integral(lesson, mean, var, mean_p, var_p):
    integral = kl_normals(mean, var, mean_p, var_p)
    assert np.isclose(lesson["kl_normals"](mean, var, mean_p, var_p), integral, atol=1e-8)


@given(st.lists(st.tuples(numbers, st.floats(-3, 1.5)), min_size=2, max_size=5))
def test_6_5_the_lessons_kl_is_the_integral_summed_over_axes(lesson, axes):
    mu, log_var = np.array(axes).T
    integral = sum(kl_normals(m, np.exp(v), 0, 1) for m, v in axes)
    per_axis = np.asarray(lesson["kl_per_axis"](mu[None], log_var[None]))
    assert per_axis.shape == (1, len(axes))
    assert np.isclose(per_axis.sum(), integral, atol=1e-6)


@given(numbers, st.floats(-3, 1.5))
def test_6_6_draws_have_the_right_moments_and_gradients(lesson, mu, log_var):
    z = np.asarray(lesson["sample_z"](mu, log_var, NODES))
    assert np.isclose(WEIGHTS @ z, mu, atol=1e-5)
    assert np.isclose(WEIGHTS @ (z - mu) ** 2, np.exp(log_var), rtol=1e-4)
    slopes = gradients(lesson["tf"], lesson["sample_z"], mu, log_var)
    assert np.allclose(slopes, [2 * mu, np.exp(log_var)], atol=1e-3)


def test_6_6_the_lessons_cell_shows_where_the_gradient_stops(lesson):
    lesson["rng"] = np.random.default_rng(0)
    slopes = [line.split(":")[1].split() for line in lesson.run("eq-reparameterise-check").splitlines()]
    assert slopes == [["None", "None"], ["1.4", "0.8"], ["1.4", "0.8"]]


def tiny_vae(lesson, beta=1.0, warm_up=1):
    """The lesson's class around two linear networks with 2 × 2 pictures and codes of 3 axes."""
    keras = lesson["keras"]
    keras.utils.set_random_seed(0)
    x, z = keras.Input((2, 2, 1)), keras.Input((3,))
    flat = keras.layers.Flatten()(x)
    encoder = keras.Model(x, [keras.layers.Dense(3)(flat), keras.layers.Dense(3)(flat)])
    decoder = keras.Model(z, keras.layers.Reshape((2, 2, 1))(keras.layers.Dense(4)(z)))
    vae = lesson["VAE"](encoder, decoder, beta=beta, warm_up=warm_up, seed=5)
    vae.compile(optimizer=keras.optimizers.SGD(0.1))
    return vae


def terms_by_hand(vae, x, eps):
    mu, log_var = (np.asarray(out, "float64") for out in vae.encoder(x))
    logits = np.asarray(vae.decoder((mu + np.exp(0.5 * log_var) * eps).astype("float32")))
    log_px_z = (x * logits - np.logaddexp(0, logits)).sum(axis=(1, 2, 3))
    kl = 0.5 * (mu**2 + np.exp(log_var) - 1 - log_var).sum(axis=1)
    return log_px_z.mean(), kl.mean()


def test_6_7_a_train_step_goes_down_the_loss_of_the_equation(lesson):
    for beta in (1.0, 4.0):
        step_goes_down_the_loss(lesson, beta, 1, beta)


def test_6_7_the_weight_of_the_kl_rises_to_beta_and_stays(lesson):
    for done, weight in [(0, 1.0), (1, 2.0), (3, 4.0), (9, 4.0)]:
        step_goes_down_the_loss(lesson, 4.0, 4, weight, done)


def step_goes_down_the_loss(lesson, beta, warm_up, weight_of_kl, done=0):
    """The step's change of each weight is −0.1 times the loss's slope, found by finite differences."""
    vae, twin = tiny_vae(lesson, beta, warm_up), tiny_vae(lesson, beta, warm_up)
    vae.optimizer.iterations.assign(done)
    x = np.array([[1, 0, 0, 1], [0, 1, 1, 1]], "float32").reshape(2, 2, 2, 1)
    keras = lesson["keras"]
    eps = np.asarray(keras.random.normal((2, 3), seed=keras.random.SeedGenerator(5)))
    report = vae.train_step(x)
    log_px_z, kl = terms_by_hand(twin, x, eps)
    assert np.allclose([report["log_px_z"], report["kl"]], [log_px_z, kl], atol=1e-4)
    for moved, weight in zip(vae.trainable_variables, twin.trainable_variables, strict=True):
        start = weight.numpy()
        at = (0,) * start.ndim
        slopes = []
        for step in (0.01, -0.01):
            nudged = start.copy()
            nudged[at] += step
            weight.assign(nudged)
            log_px_z, kl = terms_by_hand(twin, x, eps)
            slopes.append(-log_px_z + weight_of_kl * kl)
        weight.assign(start)
        slope = (slopes[0] - slopes[1]) / 0.02
        assert np.isclose(moved.numpy()[at] - start[at], -0.1 * slope, atol=2e-4)


def test_6_7_the_elbo_that_is_reported_has_weight_one_and_is_the_average_of_all_batches(lesson):
    keras = lesson["keras"]
    assert lesson["VAE"](None, None).beta == 1
    for beta in (1.0, 7.0):
        vae, seeds, by_hand = tiny_vae(lesson, beta), keras.random.SeedGenerator(5), []
        for x in (np.ones((4, 2, 2, 1), "float32"), np.zeros((4, 2, 2, 1), "float32")):
            report = vae.test_step(x)
            eps = np.asarray(keras.random.normal((4, 3), seed=seeds))
            by_hand.append(terms_by_hand(vae, x, eps))
        log_px_z, kl = np.mean(by_hand, axis=0)
        wanted = {"elbo": log_px_z - kl, "log_px_z": log_px_z, "kl": kl}
        assert report.keys() == wanted.keys()
        assert np.allclose([float(report[name]) for name in wanted], [*wanted.values()], atol=1e-4)


def density(x, mean, var):
    return np.exp(log_normal(x, mean, var))


def test_6_8_the_lessons_parts_of_the_kl_are_the_integrals(lesson):
    """Three round clouds of 150 pictures each in a plane, and codes at the quantiles of their axes."""
    centres, var, line = np.array([[2.0, 2.0], [-2.0, -2.0], [2.0, -2.0]]), 0.3, np.linspace(-6, 6, 601)
    quantiles = NormalDist().inv_cdf
    steps = np.array(
        [[quantiles((a + 0.5) / 15), quantiles((b + 0.5) / 10)] for a in range(15) for b in range(10)]
    )
    steps /= steps.std(axis=0)
    mu = np.repeat(centres, 150, axis=0)  # (450, 2)
    z = mu + np.sqrt(var) * np.tile(steps, (3, 1))
    parts = lesson["kl_parts"](mu, np.full(mu.shape, np.log(var)), z)

    first, second = (density(line[:, None], centres[:, j], var) for j in (0, 1))  # (G, 3)
    q, q_1, q_2 = first @ second.T / 3, first.mean(axis=1), second.mean(axis=1)  # (G, G), (G,), (G,)
    area, p = (line[1] - line[0]) ** 2, density(line, 0, 1)
    own = first[:, None] * second  # (G, G, 3)
    information = np.sum(own * np.log(own / q[..., None])) * area / 3
    combinations = np.sum(q * np.log(q / (q_1[:, None] * q_2))) * area
    axes = sum(np.sum(of * np.log(of / p)) * (line[1] - line[0]) for of in (q_1, q_2))
    wanted = {"mutual information": information, "combinations": combinations, "single axes": axes}
    assert parts.keys() == wanted.keys()
    assert np.allclose([parts[name] for name in wanted], [*wanted.values()], atol=0.03)
    whole = np.mean(np.sum(lesson["kl_per_axis"](mu, np.full(mu.shape, np.log(var))), axis=1))
    assert np.isclose(sum(wanted.values()), whole, atol=1e-3)  # (6.8)
    assert np.isclose(sum(parts.values()), whole, atol=0.1)


def test_6_8_the_information_is_the_logarithm_of_the_number_of_clouds_that_lie_apart(lesson):
    mu = np.tile(50.0 * np.arange(600)[:, None], 3)  # (600, 3)
    z = mu + np.random.default_rng(0).standard_normal(mu.shape)
    parts = lesson["kl_parts"](mu, np.zeros(mu.shape), z)
    assert np.isclose(parts["mutual information"], np.log(600), atol=1e-6)


def test_6_9_the_lessons_bound_takes_the_bernoulli_likelihood_of_the_decoders_logits(lesson):
    """A decoder that says 2 whatever the code, an encoder at the prior: all weights are p(x)."""
    vae = tiny_vae(lesson)
    for weight in vae.trainable_variables:
        weight.assign(0 * weight)
    vae.decoder.weights[-1].assign([2.0] * 4)
    x = np.array([[1, 1, 1, 0]] * 3, "float32").reshape(3, 2, 2, 1)
    for k in (1, 5):
        bound = lesson["importance_bound"](vae, x, k)
        assert np.allclose(bound, -3 * np.log1p(np.exp(-2)) - np.log1p(np.exp(2)), atol=1e-5)


W = np.array([[0.9, -0.4], [0.4, 0.9], [0.5, 0.0], [0.0, 0.5]])  # its columns are at right angles
VAR_X, X = 0.3, np.array([1.0, -0.5, 0.2, 0.6])


class LinearGaussian:
    """z ~ N(0, I), x|z ~ N(Wz, 0.3 I) in the lesson's form; each x gets the same cloud N(mean, var)."""

    def __init__(self, lesson, mean, var):
        self.cloud = (mean, np.log(var))
        self.seed_generator = lesson["keras"].random.SeedGenerator(3)

    def encoder(self, x):
        return [np.tile(part, (len(x), 1)).astype("float32") for part in self.cloud]

    def decoder(self, z):
        return z @ W.T.astype("float32")


@pytest.fixture
def gaussian_bounds(lesson, monkeypatch):
    """(mean, var of the cloud, K) → the lesson's bound for 20,000 copies of X."""

    def log_px_z(x, x_hat):
        return lesson["ops"].sum(log_normal(x, x_hat, VAR_X), axis=-1)

    def bounds(mean, var, k):
        model = LinearGaussian(lesson, mean, var)
        return np.asarray(lesson["importance_bound"](model, np.tile(X, (20_000, 1)), k))

    monkeypatch.setitem(lesson, "log_bernoulli", log_px_z)
    return bounds


COV = W @ W.T + VAR_X * np.eye(4)
LOG_PX = -0.5 * (X @ np.linalg.inv(COV) @ X + np.linalg.slogdet(2 * np.pi * COV)[1])
POSTERIOR_VAR = 1 / (1 + (W**2).sum(axis=0) / VAR_X)  # (2,)
POSTERIOR_MEAN = POSTERIOR_VAR * (X @ W) / VAR_X


def test_6_9_with_the_exact_posterior_the_lessons_bound_is_the_likelihood_at_any_k(gaussian_bounds):
    for k in (1, 2, 5):
        bound = gaussian_bounds(POSTERIOR_MEAN, POSTERIOR_VAR, k)
        assert bound.shape == (20_000,)
        assert np.allclose(bound, LOG_PX, atol=1e-4)


def test_6_9_the_lessons_bound_is_between_the_elbo_and_the_known_likelihood(gaussian_bounds):
    """K = 1 is the ELBO on average, more draws raise it, and none passes log p(x) but by chance."""

    def log_weights(eps, mean, var):  # of the codes mean + √var · eps, (..., 2) → (...)
        z = mean + np.sqrt(var) * eps
        log_px_z = log_normal(X, z @ W.T, VAR_X).sum(axis=-1)
        return log_px_z + (log_normal(z, 0, 1) - log_normal(z, mean, var)).sum(axis=-1)

    draws = np.random.default_rng(0).standard_normal((5, 200_000, 2))
    nodes = np.stack(np.meshgrid(NODES, NODES), axis=-1)
    for aside, wider in [([0.3, -0.2], 0.5), ([-0.2, -0.1], 2.0)]:
        cloud = POSTERIOR_MEAN + aside, wider * POSTERIOR_VAR
        bounds = [gaussian_bounds(*cloud, k) for k in (1, 2, 5, 50)]
        means = [bound.mean() for bound in bounds]
        error = [5 * bound.std() / np.sqrt(20_000) for bound in bounds]
        assert abs(means[0] - WEIGHTS @ log_weights(nodes, *cloud) @ WEIGHTS) < error[0]
        five = np.logaddexp.reduce(log_weights(draws, *cloud), axis=0) - np.log(5)
        assert abs(means[2] - five.mean()) < error[2]
        assert means == sorted(means)
        assert LOG_PX - 0.2 * (LOG_PX - means[0]) < means[-1] < LOG_PX + error[-1]


def test_6_4_a_pictures_own_cloud_comes_to_the_posterior_and_its_elbo_to_the_likelihood(lesson, monkeypatch):
    """There the gap of (6.4) is 0: what `refine` gains from a poor start is the amortisation gap."""

    def log_px_z(x, x_hat):
        return lesson["ops"].sum(log_normal(x.astype("float32"), x_hat, VAR_X), axis=-1)

    monkeypatch.setitem(lesson, "log_bernoulli", log_px_z)
    model = LinearGaussian(lesson, POSTERIOR_MEAN + [0.3, -0.2], 2 * POSTERIOR_VAR)
    x = np.tile(X, (400, 1))
    before = lesson["elbo_of"](model, x, *model.encoder(x))
    nearer = lesson["elbo_of"](model, x, *lesson["refine"](model, x, 10))
    mu, log_var = lesson["refine"](model, x, 300)
    assert np.allclose(np.mean(mu, axis=0), POSTERIOR_MEAN, atol=0.02)
    assert np.allclose(np.exp(np.mean(log_var, axis=0)), POSTERIOR_VAR, rtol=0.1)
    reached = lesson["elbo_of"](model, x, mu, log_var)
    assert before + 0.1 < nearer < LOG_PX + 0.05
    assert abs(reached - LOG_PX) < 0.05


def test_the_nearest_other_point_is_counted_by_its_class(lesson, monkeypatch):
    monkeypatch.setitem(lesson, "y_some", np.array([0, 0, 1, 1, 0]))
    points = np.array([[0.0, 0], [0, 1], [5, 0], [5, 1], [5, 2.5]])
    assert lesson["same_class"](points) == 80


def drawn_from(mean_and_cov):
    """An answer to 6.3 that draws from normals with these means and covariances of each class's codes."""

    def draw(z, y, n_each, rng):
        normals = [mean_and_cov(z[y == k], z) for k in (0, 1)]
        return np.concatenate([rng.multivariate_normal(*normal, n_each) for normal in normals])

    return draw


def underflows(log_w):
    return np.log(np.exp(log_w).mean(axis=1))


# Answers that a learner might well give; each must be refused.
WRONG = {
    "6.1": [0.7, 0, 1, 0.5, None, "0.3"],
    "6.2": [
        lambda mu, log_var, eps, temperature: temperature * (mu + np.exp(0.5 * log_var) * eps),
        lambda mu, log_var, eps, temperature: mu + temperature * np.exp(log_var) * eps,
        lambda mu, log_var, eps, temperature: None,
    ],
    "6.3": [
        drawn_from(lambda codes, z: (codes.mean(axis=0), np.diag(codes.var(axis=0)))),
        drawn_from(lambda codes, z: (z.mean(axis=0), np.cov(z.T))),
        drawn_from(lambda codes, z: (codes.mean(axis=0), np.eye(2))),
        lambda z, y, n_each, rng: drawn_from(lambda codes, z: (codes.mean(axis=0), np.cov(codes.T)))(
            z, y, n_each // 2, rng
        ),
        lambda z, y, n_each, rng: np.concatenate([rng.choice(z[y == k], n_each) for k in (0, 1)]),
        lambda z, y, n_each, rng: z,
    ],
    "6.4": [
        lambda x, x_hat, sigma: -(((x - x_hat) / sigma) ** 2).sum(axis=(1, 2, 3)) / 2,
        lambda x, x_hat, sigma: -((x - x_hat) ** 2).mean(),
    ],
    "6.5": [underflows, lambda log_w: log_w.max(axis=1), lambda log_w: log_w.mean(axis=1)],
}
