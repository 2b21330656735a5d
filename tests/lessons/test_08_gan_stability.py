"""Lesson 08, gan_stability: its numbered equations, its train step, and wrong answers to its exercises."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from references import after, kl_normals, numbers, slopes, values

SQUARE = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
logits = st.lists(st.floats(-20, 20), min_size=1, max_size=5).map(lambda values: np.array(values)[:, None])
weights = st.lists(numbers, min_size=2, max_size=2).map(lambda values: np.array(values, "float32"))


def test_8_1_the_lessons_shares_count_what_is_near_and_nothing_else(lesson):
    near = SQUARE[[0, 0, 1, 3]] + 0.02
    far = np.array([[0.5, 0.5], [0.0, 0.31], [-0.22, 0.22]])
    shares = lesson["mode_shares"](np.concatenate([near, far, [[0.0, 0.29]]]), SQUARE, 0.1)
    assert np.allclose(shares, np.array([3, 1, 0, 1]) / 8)
    assert np.allclose(lesson["mode_shares"](far, SQUARE, 0.1), 0)


def test_8_1_the_lessons_points_lie_near_their_modes_as_two_normals_do(lesson):
    """In two dimensions a share of exp(−9/2) lies further off than 3σ."""
    x = lesson["draw_points"](5 * SQUARE, 0.1, 40_000, np.random.default_rng(0))
    shares = lesson["mode_shares"](x, 5 * SQUARE, 0.1)
    assert abs(shares.sum() - (1 - np.exp(-4.5))) < 0.003
    assert np.allclose(shares, shares.sum() / 4, atol=0.01)


def test_8_2_the_lessons_reverse_kl_of_even_shares_is_a_logarithm(lesson):
    for drawn in (1, 2, 3, 8):
        shares = np.where(np.arange(8) < drawn, 0.7 / drawn, 0)
        assert np.isclose(lesson["reverse_kl"](shares), np.log(8 / drawn))


def test_8_2_the_lessons_reverse_kl_by_hand_and_without_any_sample(lesson):
    assert np.isclose(lesson["reverse_kl"](np.array([0.3, 0.1])), 0.75 * np.log(1.5) + 0.25 * np.log(0.5))
    assert np.isnan(lesson["reverse_kl"](np.zeros(4)))


@given(logits, st.floats(-20, 20))
def test_8_3_the_lessons_wasserstein_losses_are_differences_of_means(lesson, real, fake):
    d_loss, g_loss = lesson["LOSSES"]["Wasserstein"]
    fakes = np.array([[fake], [fake + 1]])
    assert np.isclose(float(d_loss(real, fakes)), fake + 0.5 - real.mean(), atol=1e-5)
    assert np.isclose(float(g_loss(fakes)), -fake - 0.5, atol=1e-5)


X, FAKE = np.array([[1.0, -2.0], [0.5, 0.0]], "float32"), np.array([[3.0, 1.0], [0.0, -1.0]], "float32")
U = np.array([[0.25], [0.8]], "float32")


def bowl(lesson, w):
    """The score Σ w x², whose slope is 2 w x."""
    return lambda x: lesson["ops"].sum(w * x**2, axis=1, keepdims=True)


@given(weights)
def test_8_4_the_lessons_penalty_is_half_the_mean_squared_slope_at_real_points(lesson, w):
    found = lesson["real_slope"](bowl(lesson, w), lesson["tf"].constant(X), FAKE, U)
    assert np.isclose(float(found), np.mean(np.sum((2 * w * X) ** 2, axis=1)) / 2, rtol=1e-4, atol=1e-6)


@given(weights)
def test_8_5_the_lessons_penalty_wants_slope_one_between_real_points_and_fakes(lesson, w):
    real, fake, u = (lesson["tf"].constant(values) for values in (X, FAKE, U))
    found = lesson["unit_slope"](bowl(lesson, w), real, fake, u)
    lengths = np.linalg.norm(2 * w * (U * X + (1 - U) * FAKE), axis=1)
    assert np.isclose(float(found), np.mean((lengths - 1) ** 2), rtol=1e-4, atol=1e-4)


def test_8_4_a_penalty_on_pictures_sums_over_all_their_pixels(lesson):
    x = np.random.default_rng(0).random((3, 4, 5, 1), "float32")
    lengths = lesson["slope_lengths"](
        lambda x: lesson["ops"].sum(x**2, axis=(1, 2, 3)), lesson["tf"].constant(x)
    )
    assert np.allclose(lengths, 2 * np.linalg.norm(x.reshape(3, -1), axis=1), rtol=1e-5)


@pytest.mark.parametrize("shape", [(2,), (3, 4, 1)])
@pytest.mark.parametrize("pack", [2, 3])
def test_8_6_a_pack_holds_examples_side_by_side_and_each_once(lesson, shape, pack):
    x = np.random.default_rng(0).random((6, *shape), "float32")
    found = np.asarray(lesson["packed"](x, pack))
    assert found.shape == (6 // pack, *shape[:-1], pack * shape[-1])
    parts = np.split(found, pack, axis=-1)
    assert np.array_equal(np.concatenate(parts), x)


def path_by_players(name, eta, gamma, steps):
    """θ walks down θψ − ½γψ², ψ walks up, by their own slopes and no matrix."""
    theta, psi = 1.0, -0.3
    for _ in range(steps):
        if name == "at once":
            theta, psi = theta - eta * psi, psi + eta * theta
        elif name == "in turns":
            psi = psi + eta * theta
            theta = theta - eta * psi
        elif name == "extra-gradient":
            ahead = theta - eta * psi, psi + eta * theta
            theta, psi = theta - eta * ahead[1], psi + eta * ahead[0]
        else:
            theta, psi = theta - eta * psi, psi + eta * (theta - gamma * psi)
    return theta, psi


def test_8_7_the_lessons_matrices_move_as_the_players_do(lesson):
    for name, matrix in lesson["ways_to_play"](eta=0.3, gamma=0.7).items():
        found = np.linalg.matrix_power(matrix, 7) @ [1.0, -0.3]
        assert np.allclose(found, path_by_players(name, 0.3, 0.7, 7))


def test_8_7_the_lessons_eigenvalues_have_their_known_lengths(lesson):
    eta, gamma = 0.2, 0.5
    lengths = {
        "at once": np.sqrt(1 + eta**2),
        "in turns": 1,
        "extra-gradient": np.sqrt((1 - eta**2) ** 2 + eta**2),
        "penalty": np.sqrt(1 - eta * gamma + eta**2),
    }
    for name, matrix in lesson["ways_to_play"](eta, gamma).items():
        assert np.allclose(abs(np.linalg.eigvals(matrix)), lengths[name])
    lines = lesson.run("bilinear").splitlines()
    radius = {line.split("|λ|")[0].strip(): after(line, "radius") for line in lines}
    assert radius["at once"] > 5 and 0.8 < radius["in turns"] < 1.2
    assert max(radius["extra-gradient"], radius["penalty"]) < 0.2


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 4)])
def test_8_8_the_lessons_norm_is_the_largest_singular_value(lesson, shape):
    w = np.random.default_rng(1).standard_normal(shape)
    found = lesson["spectral_norm"](w, 300, np.random.default_rng(2))
    assert np.isclose(found, np.linalg.svd(w, compute_uv=False)[0], rtol=1e-6)


def test_8_8_the_networks_with_spectral_layers_never_get_steeper_than_one(lesson):
    """After Keras' layer has seen some steps, which bring its estimate near the truth."""
    lesson["keras"].utils.set_random_seed(0)
    discriminator = lesson["make_plane_discriminator"](dense=lesson["spectral_dense"])
    x = np.random.default_rng(0).uniform(-1, 1, (500, 2)).astype("float32")
    for _ in range(200):
        discriminator(x, training=True)
    tf = lesson["tf"]
    assert np.max(lesson["slope_lengths"](discriminator, tf.constant(x))) < 1.05
    assert np.max(lesson["slope_lengths"](lesson["make_plane_discriminator"](), tf.constant(x))) > 10


@pytest.mark.parametrize(("a", "b", "label"), [(1, 1, 0.9), (3, 1, 0.9), (1, 2, 0.7)])
def test_8_9_the_best_d_for_the_lessons_loss_is_the_scaled_share(lesson, a, b, label):
    """At one place, with a real points for b samples: the slope of the loss in the logit is 0 there."""
    tf, best = lesson["tf"], label * a / (a + b)
    logit = tf.Variable(np.log(best / (1 - best)))
    with tf.GradientTape() as tape:
        of_real = lesson["smooth_loss"](logit[None], tf.constant([-1000.0], "float64"), label)
        of_fake = lesson["discriminator_loss"](tf.constant([1000.0], "float64"), logit[None])
        loss = a * of_real + b * of_fake
    assert np.isclose(float(tape.gradient(loss, logit)), 0, atol=1e-6)


def test_8_10_the_lessons_vae_loss_is_both_terms_by_hand(lesson):
    lesson["keras"].utils.set_random_seed(0)
    vae, rng = lesson["PointVAE"](), np.random.default_rng(0)
    vae.log_s2.assign(-0.7)
    x, eps = rng.standard_normal((2, 4, 2)).astype("float32")
    mu, log_var = np.split(np.asarray(vae.encoder(x), "float64"), 2, axis=1)
    x_hat = np.asarray(vae.generator((mu + np.exp(log_var / 2) * eps).astype("float32")), "float64")
    off = 0.5 * ((x - x_hat) ** 2 / np.exp(-0.7) - 0.7).sum(axis=1)
    kl = [
        sum(kl_normals(m, v, 0, 1) for m, v in zip(*row, strict=True))
        for row in zip(mu, np.exp(log_var), strict=True)
    ]
    assert np.isclose(float(vae.loss_of(x, eps)), np.mean(off + kl), rtol=1e-4)


def small_game(lesson, d_rate, g_rate, **recipe):
    """The lesson's class around a linear G and a quadratic D for points of two numbers."""
    keras = lesson["keras"]
    keras.utils.set_random_seed(0)
    z, x = keras.Input((1,)), keras.Input((2 * recipe.get("pack", 1),))
    players = keras.Model(z, keras.layers.Dense(2)(z)), keras.Model(x, keras.layers.Dense(1)(x * x))
    game = lesson["Game"](
        players, (keras.optimizers.SGD(g_rate), keras.optimizers.SGD(d_rate)), seed=5, **recipe
    )
    game.compile()
    return game


def drawn(lesson, n, uniform):
    """What the game draws in a step: noise for D's fakes, u if there is a penalty, noise for G's."""
    random, seeds = lesson["keras"].random, lesson["keras"].random.SeedGenerator(5)
    first = np.asarray(random.normal((n, 1), seed=seeds))
    u = np.asarray(random.uniform((n,), seed=seeds))[:, None] if uniform else None
    return first, u, np.asarray(random.normal((n, 1), seed=seeds))


def score(d, x):
    return x**2 @ d[:-1] + d[-1]


@pytest.mark.parametrize("penalty", ["real_slope", "unit_slope"])
def test_8_4_and_8_5_a_step_of_d_goes_down_its_loss_and_the_weighted_penalty(lesson, penalty):
    game = small_game(lesson, 0.1, 0.0, penalty=(lesson[penalty], 0.3))
    g, d = values(game.generator), values(game.discriminator)
    z, u, _ = drawn(lesson, 2, True)
    fake = z * g[:2] + g[2:]

    def loss(d):
        total = np.logaddexp(0, -score(d, X)).mean() + np.logaddexp(0, score(d, fake)).mean()
        if penalty == "real_slope":
            total += 0.3 * np.sum((2 * d[:2] * X) ** 2, axis=1).mean() / 2
            return total
        lengths = np.linalg.norm(2 * d[:2] * (u * X + (1 - u) * fake), axis=1)
        return total + 0.3 * ((lengths - 1) ** 2).mean()

    game.train_step(lesson["tf"].constant(X))
    assert np.allclose(values(game.discriminator) - d, -0.1 * slopes(loss, d), atol=1e-4)
    assert np.array_equal(values(game.generator), g)


def test_8_6_a_step_of_g_answers_a_d_that_sees_pairs(lesson):
    x = np.concatenate([X, FAKE])
    game = small_game(lesson, 0.0, 0.1, pack=2, loss="non-saturating")
    g, d = values(game.generator), values(game.discriminator)
    _, _, z = drawn(lesson, 4, False)

    def loss(g):
        fake = z * g[:2] + g[2:]
        return np.logaddexp(0, -score(d, np.concatenate([fake[:2], fake[2:]], axis=1))).mean()

    game.train_step(lesson["tf"].constant(x))
    assert np.allclose(values(game.generator) - g, -0.1 * slopes(loss, g), atol=1e-4)
    assert np.array_equal(values(game.discriminator), d)


def test_the_generator_answers_the_discriminator_that_has_just_learnt(lesson):
    game = small_game(lesson, 0.5, 0.0)
    g = values(game.generator)
    _, _, z = drawn(lesson, 2, False)
    report = game.train_step(lesson["tf"].constant(X))
    new = -np.logaddexp(0, score(values(game.discriminator), z * g[:2] + g[2:])).mean()
    assert np.isclose(float(report["g_loss"]), new, atol=1e-5)


def test_the_rate_stays_for_half_of_the_steps_and_falls_to_nothing(lesson):
    rates = lesson["falling"](0.01, 1000)._learning_rate
    found = [float(rates(step)) for step in (0, 250, 500, 750, 1000)]
    assert np.allclose(found, [0.01, 0.01, 0.01, 0.005, 0], atol=1e-6)


def test_a_recipe_plays_the_same_to_the_bit_again(lesson):
    def once(**recipe):
        game = lesson["play"](SQUARE, 0.01, 250, 3, **recipe)
        return np.asarray(game.generator(np.ones((1, 2), "float32")))

    recipe = lesson["RECIPES"]["WGAN-GP"]
    assert np.array_equal(once(**recipe), once(**recipe))
    assert not np.array_equal(once(**recipe), once())


def test_the_discriminators_see_whether_a_batch_has_variety(lesson):
    lesson["keras"].utils.set_random_seed(0)
    x = np.random.default_rng(0).random((8, 28, 28, 1), "float32")
    for spread in (True, False):
        discriminator = lesson["make_stroke_discriminator"](1, spread, width=8)
        others, copies = discriminator(x)[0], discriminator(np.repeat(x[:1], 8, axis=0))[0]
        assert (abs(float(others[0] - copies[0])) > 0.01) == spread
        points = lesson["make_plane_discriminator"](spread=spread)
        others, copies = points(x[:, 0, :2, 0])[0], points(np.repeat(x[:1, 0, :2, 0], 8, axis=0))[0]
        assert (abs(float(others[0] - copies[0])) > 0.01) == spread
    assert lesson["make_stroke_discriminator"](2, False, width=8).input_shape == (None, 28, 28, 2)


def looks_ahead(move):
    """A step of the extra-gradient in which `move` mixes up something."""

    def step(slopes, theta, psi, eta):
        down, up = slopes(theta, psi)
        ahead = theta - eta * down, psi + eta * up
        return move(theta, psi, ahead, *slopes(*ahead), eta)

    return step


# Answers that a learner might well give; each must be refused.
WRONG = {
    "8.1": [np.log(25), 5, -np.log(5), None, "1.6"],
    "8.2": [
        lambda x, pack: np.concatenate(np.split(x[: len(x) // pack * pack], pack), axis=1),
        lambda x, pack: x[: len(x) // pack * pack].reshape(-1, pack, 2),
        lambda x, pack: x[:4].reshape(-1, 2 * pack) if pack < 3 else x[:3].reshape(1, 6),
    ],
    "8.3": [
        lambda slopes, theta, psi, eta: (
            theta - eta * slopes(theta, psi)[0],
            psi + eta * slopes(theta, psi)[1],
        ),
        looks_ahead(lambda t, p, ahead, down, up, eta: (ahead[0] - eta * down, ahead[1] + eta * up)),
        looks_ahead(lambda t, p, ahead, down, up, eta: (t + eta * down, p + eta * up)),
        looks_ahead(lambda t, p, ahead, down, up, eta: (t - eta * up, p + eta * down)),
    ],
}
