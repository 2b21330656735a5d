"""Lesson 07, gan_images: its numbered equations, its train step, and wrong answers to its exercises."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from references import after, noise_of, numbers, slopes, values

logits = st.lists(st.floats(-20, 20), min_size=1, max_size=5).map(lambda values: np.array(values)[:, None])


@given(logits, st.floats(-20, 20))
def test_7_1_the_lessons_loss_is_both_cross_entropies(lesson, real, fake):
    d_real, not_fake = 1 / (1 + np.exp(-real)), 1 / (1 + np.exp(fake))
    by_hand = np.mean(-np.log(d_real)) - np.log(not_fake)
    assert np.isclose(float(lesson["discriminator_loss"](real, np.full((3, 1), fake))), by_hand, rtol=1e-5)


@given(logits)
def test_7_2_the_lessons_loss_is_the_cross_entropy_towards_real(lesson, fake):
    assert np.isclose(float(lesson["generator_loss"](fake)), np.mean(np.log1p(np.exp(-fake))), rtol=1e-5)


def test_7_1_and_7_2_have_their_known_values_and_survive_large_logits(lesson):
    d_loss, g_loss = lesson["discriminator_loss"], lesson["generator_loss"]
    half = np.zeros((4, 1))
    assert np.allclose([d_loss(half, half), g_loss(half)], np.log([4, 2]))
    sure = np.array([[1000.0]])
    assert np.allclose([d_loss(-sure, sure), d_loss(sure, -sure), g_loss(-sure)], [2000, 0, 1000])


@given(st.lists(numbers, min_size=4, max_size=4))
def test_7_3_the_lessons_penalty_is_that_of_a_known_slope(lesson, w):
    """l(x) = Σ w x² has the slope 2 w x."""
    tf, w = lesson["tf"], np.array(w, "float32").reshape(2, 2, 1)
    x = np.random.default_rng(0).standard_normal((3, 2, 2, 1)).astype("float32")

    def quadratic(x):
        return tf.reduce_sum(w * x**2, axis=(1, 2, 3))[:, None]

    found = lesson["r1_penalty"](quadratic, tf.constant(x))
    by_hand = np.mean([np.sum((2 * w * one) ** 2) for one in x]) / 2
    assert np.isclose(float(found), by_hand, rtol=1e-4, atol=1e-6)


def test_7_3_the_penalty_counts_what_a_picture_does_to_the_others_of_its_batch(lesson):
    """The spread ties the logits of a batch together: slopes of their sum, by finite differences."""
    lesson["keras"].utils.set_random_seed(0)
    discriminator = lesson["make_discriminator"]((4, 4, 1), 8)
    x = np.random.default_rng(2).random((3, 4, 4, 1), "float32")

    def total(x):
        return float(lesson["ops"].sum(discriminator(x)))

    squares = 0
    for pixel in range(x.size):
        nudge = np.zeros(x.size, "float32")
        nudge[pixel] = 0.01
        nudge = nudge.reshape(x.shape)
        squares += ((total(x + nudge) - total(x - nudge)) / 0.02) ** 2
    found = lesson["r1_penalty"](discriminator, lesson["tf"].constant(x))
    assert np.isclose(float(found), squares / 3 / 2, rtol=0.02)


X = np.random.default_rng(1).standard_normal((3, 2, 1, 1)).astype("float32")


def line_gan(lesson, d_rate, g_rate, gamma=0.0, memory=0.9):
    """The lesson's class around a linear and a quadratic network for pictures of two pixels."""
    keras = lesson["keras"]
    keras.utils.set_random_seed(0)
    z, x = keras.Input((1,)), keras.Input((2, 1, 1))
    generator = keras.Model(z, keras.layers.Reshape((2, 1, 1))(keras.layers.Dense(2)(z)))
    discriminator = keras.Model(x, keras.layers.Dense(1)(keras.layers.Flatten()(x * x)))
    gan = lesson["GAN"](generator, discriminator, gamma=gamma, memory=memory, seed=5)
    gan.compile(keras.optimizers.SGD(d_rate), keras.optimizers.SGD(g_rate))
    return gan


def fakes(weights, z):
    a, c = weights.reshape(2, 2)
    return (z * a + c).reshape(-1, 2)


def logits_of(weights, x):
    return x.reshape(-1, 2) ** 2 @ weights[:2] + weights[2]


def d_loss_by_hand(d, g, z, gamma=0.0):
    slopes = 2 * X.reshape(-1, 2) * d[:2]
    penalty = gamma / 2 * (slopes**2).sum(axis=1).mean()
    fake = logits_of(d, fakes(g, z))
    return np.logaddexp(0, -logits_of(d, X)).mean() + np.logaddexp(0, fake).mean() + penalty


def g_loss_by_hand(g, d, z):
    return np.logaddexp(0, -logits_of(d, fakes(g, z))).mean()


def test_7_1_and_7_3_a_step_of_the_discriminator_goes_down_its_loss_and_moves_nothing_else(lesson):
    gan = line_gan(lesson, 0.1, 0.0, gamma=0.5)
    for step in range(18):
        z, d, g = noise_of(lesson, step + 1)[-1], values(gan.discriminator), values(gan.generator)
        gamma = 16 * 0.5 if step in (0, 16) else 0
        report = gan.train_step(lesson["tf"].constant(X))
        assert np.isclose(float(report["d_loss"]), d_loss_by_hand(d, g, z), atol=1e-5)
        wanted = -0.1 * slopes(lambda d, g=g, z=z, gamma=gamma: d_loss_by_hand(d, g, z, gamma), d)
        assert np.allclose(values(gan.discriminator) - d, wanted, atol=1e-4)
        assert np.array_equal(values(gan.generator), g)


def test_7_2_a_step_of_the_generator_goes_down_its_loss_and_moves_nothing_else(lesson):
    gan = line_gan(lesson, 0.0, 0.1)
    for step in range(3):
        z, d, g = noise_of(lesson, step + 1)[-1], values(gan.discriminator), values(gan.generator)
        report = gan.train_step(lesson["tf"].constant(X))
        assert np.isclose(float(report["g_loss"]), g_loss_by_hand(g, d, z), atol=1e-5)
        wanted = -0.1 * slopes(lambda g, d=d, z=z: g_loss_by_hand(g, d, z), g)
        assert np.allclose(values(gan.generator) - g, wanted, atol=1e-4)
        assert np.array_equal(values(gan.discriminator), d)


def test_the_generator_answers_the_discriminator_that_has_just_learnt(lesson):
    gan = line_gan(lesson, 0.5, 0.0)
    g = values(gan.generator)
    report = gan.train_step(lesson["tf"].constant(X))
    new = g_loss_by_hand(g, values(gan.discriminator), noise_of(lesson, 1)[0])
    assert np.isclose(float(report["g_loss"]), new, atol=1e-5)


def test_7_4_the_lessons_average_remembers_the_share_that_it_is_told(lesson):
    gan = line_gan(lesson, 0.1, 0.2, memory=0.75)
    wanted = values(gan.generator)
    for _ in range(5):
        assert np.allclose(values(gan.averaged), wanted, atol=1e-6)
        gan.train_step(lesson["tf"].constant(X))
        wanted = 0.75 * wanted + 0.25 * values(gan.generator)
    assert not np.allclose(values(gan.averaged), values(gan.generator), atol=1e-3)


def test_7_4_the_lessons_cell_shows_the_lag(lesson):
    printed = lesson.run("eq-average-check")
    assert after(printed, "the weight is") == 10_000 and after(printed, "its average") == 9801


def test_the_networks_have_the_shapes_that_the_lesson_states(lesson):
    generator, discriminator = lesson["make_generator"](32, 8), lesson["make_discriminator"]((28, 28, 1), 8)
    x = lesson["generate"](generator, np.random.default_rng(0).standard_normal((700, 32), "float32"))
    assert x.shape == (700, 28, 28, 1) and 0 <= x.min() < x.max() <= 1
    assert discriminator(x[:5]).shape == (5, 1)
    dcgan = lesson["make_dcgan_generator"]()
    assert dcgan.output_shape == (None, 28, 28, 1)
    assert lesson["make_dcgan_discriminator"]((28, 28, 1)).output_shape == (None, 1)


def test_the_discriminator_sees_whether_a_batch_has_variety(lesson):
    """One and the same picture gets another logit among copies of itself than among others."""
    lesson["keras"].utils.set_random_seed(0)
    discriminator = lesson["make_discriminator"]((28, 28, 1), 8)
    x = np.random.default_rng(0).random((8, 28, 28, 1), "float32")
    among_others, among_copies = discriminator(x)[0], discriminator(np.repeat(x[:1], 8, axis=0))[0]
    assert abs(float(among_others[0] - among_copies[0])) > 0.01


def test_a_killed_training_that_goes_on_ends_the_same_to_the_bit(lesson, monkeypatch, goes_on_after_a_kill):
    """The lesson's own networks, class, optimisers and `train_gan`; little data, 5 steps an epoch."""
    x = np.random.default_rng(0).random((64, 28, 28, 1), "float32")
    small = dict(x_train=x, batch_size=8, z_judged=np.ones((4, 32), "float32"))
    for name, value in small.items():
        monkeypatch.setitem(lesson, name, value)
    monkeypatch.setitem(lesson, "quality", lambda x: {"ink": float(x.mean())})
    Batches = lesson["training"].Batches
    monkeypatch.setattr(lesson["training"], "Batches", lambda x, size, _, seed: Batches(x, size, 5, seed))
    histories, losses = [], []
    listen = lesson["keras"].callbacks.LambdaCallback(
        on_train_batch_end=lambda _, logs: losses.append(logs["d_loss"])
    )

    def train():
        players = lesson["make_generator"](32, 8), lesson["make_discriminator"]((28, 28, 1), 8)
        gan = lesson["GAN"](*players, seed=3)
        histories.append(lesson["train_gan"](gan, 2500, "test", listen))
        return gan, histories[-1]["d_loss"]

    goes_on_after_a_kill(lesson, train)
    whole, resumed = histories
    assert resumed == whole and {len(values) for values in whole.values()} == {10}
    assert np.allclose(whole["d_loss"], np.reshape(losses[:50], (10, 5)).mean(axis=1))


def first_of_each(x, y):
    return np.repeat([x[y == k][0] for k in np.unique(y)], 200 // len(np.unique(y)), axis=0)


# Answers that a learner might well give; each must be refused.
WRONG = {
    "7.1": [5, 3, 16, None, "4", True],
    "7.2": [
        lambda x, y: np.repeat(x[:1], 200, axis=0),
        lambda x, y: x[:200],
        lambda x, y: first_of_each(x, y)[:100],
        lambda x, y: 0 * first_of_each(x, y),
        lambda x, y: np.concatenate([first_of_each(x, y)[:-1], x[-1:]]),
    ],
    "7.3": [
        lambda h: np.concatenate([h, h.std(axis=1, keepdims=True)], axis=1),
        lambda h: np.concatenate([h, np.full_like(h, h.std())], axis=1),
        lambda h: np.concatenate([h, np.tile(h.var(axis=0), (len(h), 1))], axis=1),
        lambda h: h.std(axis=0),
    ],
}
