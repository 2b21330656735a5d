"""Lesson 09, conditional_images: its equations, its conditional networks and steps, and wrong answers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from references import (
    NODES,
    WEIGHTS,
    after,
    kl_normals,
    log_normal,
    noise_of,
    numbers,
    slopes,
    table,
    values,
    variances,
)

from contentgen import metrics
from contentgen.checks import NotAllowed

logits = st.lists(st.floats(-20, 20), min_size=1, max_size=5).map(lambda values: np.array(values)[:, None])


def test_pictures_of_one_class_are_told_what_they_need(lesson, tmp_path):
    for number in range(12):
        Image.fromarray(np.eye(28, k=number, dtype="uint8") * 255).save(tmp_path / f"{number}.png")
    lesson.update(dataset=f"folder:{tmp_path}", conditions="digit")
    with pytest.raises(
        NotAllowed, match=r"has only one class, .*; sort the pictures into one subfolder a class"
    ):
        lesson.run("data")


# The bound


@given(numbers, numbers, numbers, variances)
def test_9_1_the_toys_bound_is_the_average_by_quadrature(lesson, x, c, mean, var):
    fits = log_normal(x, mean + np.sqrt(var) * NODES + c, 1)
    wanted = WEIGHTS @ fits - kl_normals(mean, var, 0, 1)
    assert np.isclose(lesson["elbo_given_c"](x, c, mean, var), wanted)
    assert wanted <= log_normal(x, c, 2) + 1e-9


def test_9_1_the_toys_bound_is_reached(lesson):
    printed = lesson.run("eq-elbo-check")
    alone, given_c = after(printed, "log p(x)"), after(printed, "log p(x|c)")
    best, other = after(printed, "best cloud"), after(printed, "a cloud that does not know c")
    assert np.isclose(alone, log_normal(1.5, 0, 3), atol=6e-4)
    assert np.isclose([given_c, best], log_normal(1.5, 1, 2), atol=6e-4).all() and other < best


def test_9_1_the_lessons_terms_are_those_of_both_networks_given_c(lesson):
    """Networks by hand: mu = c, log_var = sum of x, and logits z c."""
    tf, keras = lesson["tf"], lesson["keras"]
    rng = np.random.default_rng(0)
    x, c = (rng.random(shape).astype("float32") for shape in ((3, 2, 2, 1), (3, 4)))

    def encoder(inputs, training):
        return inputs[1], 0 * inputs[1] + tf.reduce_sum(inputs[0], axis=(1, 2))

    def decoder(inputs, training):
        return tf.reshape(inputs[0] * inputs[1], (-1, 2, 2, 1))

    vae = lesson["ConditionalVAE"](encoder, decoder, seed=5)
    found = vae.elbo_terms((tf.constant(x), tf.constant(c)))
    eps = np.asarray(keras.random.normal((3, 4), seed=keras.random.SeedGenerator(5)))
    log_var = x.sum(axis=(1, 2))
    z = c + np.exp(log_var / 2) * eps
    q = 1 / (1 + np.exp(-z * c)).reshape(3, 2, 2, 1)
    fits = (x * np.log(q) + (1 - x) * np.log(1 - q)).sum(axis=(1, 2, 3))
    kl = [
        sum(kl_normals(mean, np.exp(v), 0, 1) for mean in row)
        for row, v in zip(c, log_var[:, 0], strict=True)
    ]
    assert np.allclose(found[0], fits, rtol=1e-4) and np.allclose(found[1], kl, rtol=1e-4)


# The game of pairs


@given(logits, logits, logits, st.floats(0, 2))
def test_9_2_the_lessons_loss_has_three_kinds_of_pairs(lesson, real, fake, wrong, weight):
    d_real, not_fake, not_wrong = (1 / (1 + np.exp(v)) for v in (-real, fake, wrong))
    by_hand = -np.log(d_real).mean() - np.log(not_fake).mean() - weight * np.log(not_wrong).mean()
    assert np.isclose(float(lesson["pair_loss"](real, fake, wrong, weight)), by_hand, rtol=1e-4, atol=1e-6)


def test_9_2_undecided_costs_what_the_lesson_says(lesson):
    assert np.isclose(after(lesson.run("eq-d-loss-check"), "½:"), 2.5 * np.log(2), atol=6e-4)


X = np.random.default_rng(1).standard_normal((3, 2, 1, 1)).astype("float32")
C = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, -1.0]], "float32")


def line_gan(lesson, d_rate, g_rate, gamma=0.0, wrong_pairs=0.7):
    """The lesson's class around players for pictures of two pixels, whose formulas stand below."""
    keras = lesson["keras"]
    keras.utils.set_random_seed(0)
    z, x, c = keras.Input((1,)), keras.Input((2, 1, 1)), keras.Input((2,))
    shape = keras.layers.Reshape((2, 1, 1))
    dense = keras.layers.Dense(2, bias_initializer="normal")
    generator = keras.Model([z, c], shape(dense(keras.layers.Concatenate()([z, c]))))
    pairs = keras.layers.Concatenate()([keras.layers.Flatten()(x * x), keras.layers.Flatten()(x) * c])
    discriminator = keras.Model([x, c], keras.layers.Dense(1, bias_initializer="normal")(pairs))
    gan = lesson["ConditionalGAN"](generator, discriminator, wrong_pairs, gamma=gamma, memory=0.75, seed=5)
    gan.compile(keras.optimizers.SGD(d_rate), keras.optimizers.SGD(g_rate))
    return gan


def fakes(g, z):
    return np.hstack([z, C]) @ g[:6].reshape(3, 2) + g[6:]


def logits_of(d, x, c):
    x = x.reshape(3, 2)
    return np.hstack([x**2, x * c]) @ d[:4] + d[4]


def d_loss_by_hand(d, g, z, gamma=0.0, wrong_pairs=0.7):
    slopes = 2 * X.reshape(3, 2) * d[:2] + C * d[2:4]
    terms = [
        (1, -logits_of(d, X, C)),
        (1, logits_of(d, fakes(g, z), C)),
        (wrong_pairs, logits_of(d, X, np.roll(C, 1, axis=0))),
    ]
    fits = sum(weight * np.logaddexp(0, terms).mean() for weight, terms in terms)
    return fits, fits + gamma / 2 * (slopes**2).sum(axis=1).mean()


def g_loss_by_hand(g, d, z):
    return np.logaddexp(0, -logits_of(d, fakes(g, z), C)).mean()


def test_9_2_a_step_of_the_discriminator_goes_down_its_loss_and_moves_nothing_else(lesson):
    gan, pairs = line_gan(lesson, 0.1, 0.0, gamma=0.5), (lesson["tf"].constant(X), lesson["tf"].constant(C))
    for step in range(18):
        z, d, g = noise_of(lesson, step + 1)[-1], values(gan.discriminator), values(gan.generator)
        gamma = 16 * 0.5 if step in (0, 16) else 0
        report = gan.train_step(pairs)
        assert np.isclose(float(report["d_loss"]), d_loss_by_hand(d, g, z)[0], atol=1e-5)
        wanted = -0.1 * slopes(lambda d, g=g, z=z, gamma=gamma: d_loss_by_hand(d, g, z, gamma)[1], d)
        assert np.allclose(values(gan.discriminator) - d, wanted, atol=1e-4)
        assert np.array_equal(values(gan.generator), g)


def test_9_2_a_step_of_the_generator_goes_down_its_loss_and_moves_nothing_else(lesson):
    gan, pairs = line_gan(lesson, 0.0, 0.1), (lesson["tf"].constant(X), lesson["tf"].constant(C))
    average = values(gan.averaged)
    for step in range(3):
        z, d, g = noise_of(lesson, step + 1)[-1], values(gan.discriminator), values(gan.generator)
        report = gan.train_step(pairs)
        assert np.isclose(float(report["g_loss"]), g_loss_by_hand(g, d, z), atol=1e-5)
        wanted = -0.1 * slopes(lambda g, d=d, z=z: g_loss_by_hand(g, d, z), g)
        assert np.allclose(values(gan.generator) - g, wanted, atol=1e-4)
        assert np.array_equal(values(gan.discriminator), d)
        average = 0.75 * average + 0.25 * values(gan.generator)
        assert np.allclose(values(gan.averaged), average, atol=1e-6)


# The networks hear the condition


def inputs_of(lesson, network):
    rng = np.random.default_rng(3)
    return [lesson["tf"].constant(rng.random((4, *i.shape[1:])), "float32") for i in network.inputs]


def all_networks(lesson):
    lesson["keras"].utils.set_random_seed(0)
    return {
        "encoder": lesson["make_conditional_encoder"]((28, 28, 1), 12, 6),
        "decoder": lesson["make_conditional_decoder"](6, 12, (28, 28, 1)),
        "generator": lesson["make_conditional_generator"](6, 12, 8),
        "discriminator": lesson["make_conditional_discriminator"]((28, 28, 1), 12, 8),
    }


@pytest.mark.parametrize("embedded", [False, True])
def test_every_network_has_its_shapes_and_hears_each_number_of_the_condition(lesson, monkeypatch, embedded):
    monkeypatch.setitem(lesson, "embedded", embedded)
    shapes = {"encoder": (4, 6), "decoder": (4, 28, 28, 1), "generator": (4, 28, 28, 1)}
    for name, network in all_networks(lesson).items():
        other, c = inputs_of(lesson, network)
        with lesson["tf"].GradientTape() as tape:
            tape.watch(c)
            out = network([other, c])
            out = out[0] if isinstance(out, list) else out
        assert out.shape == shapes.get(name, (4, 1))
        slope = np.abs(tape.gradient(out, c))
        assert (slope.max(axis=0) > 0).all(), name


def test_9_3_two_conditions_differ_by_an_inner_product_with_the_features(lesson):
    """The features are read off inside; V_c is the one dense layer that is fed with the condition."""
    keras, ops = lesson["keras"], lesson["ops"]
    network = all_networks(lesson)["discriminator"]
    dense = [layer for layer in network.layers if isinstance(layer, keras.layers.Dense)]
    of_c = next(layer for layer in dense if layer.kernel.shape[0] == 12)
    features = next(layer for layer in dense if layer.kernel.shape[0] == 7 * 7 * 8)
    bend = [layer for layer in network.layers if isinstance(layer, keras.layers.LeakyReLU)][-1]
    assert features.units == of_c.units == 32
    h = np.asarray(keras.Model(network.inputs, bend.output)(inputs_of(lesson, network)))
    x, c = inputs_of(lesson, network)
    other = ops.roll(c, 1, axis=1)
    found = np.asarray(network([x, c]) - network([x, other]))[:, 0]
    wanted = (h * (np.asarray(of_c(c)) - np.asarray(of_c(other)))).sum(axis=1)
    assert np.allclose(found, wanted, atol=1e-3) and np.abs(found).max() > 0.01


def test_9_3_an_embedding_of_a_one_hot_list_picks_a_row(lesson, monkeypatch):
    keras = lesson["keras"]
    monkeypatch.setitem(lesson, "embedded", True)
    c = keras.Input((5,))
    network = keras.Model(c, lesson["heard"](c, 3.0))
    (matrix,) = network.get_weights()
    assert matrix.shape == (5, 16) and np.allclose(network(np.eye(5, dtype="float32")), 3 * matrix)


def test_a_quiet_condition_is_made_louder(lesson):
    keras = lesson["keras"]
    c = keras.Input((5,))
    assert np.allclose(keras.Model(c, lesson["heard"](c, 3.0))(np.eye(5, dtype="float32")), 3 * np.eye(5))


def test_a_step_moves_the_weights_that_hear_the_condition(lesson):
    """Of each player and of both networks of the VAE: the condition reaches them in training, too."""
    tf, keras = lesson["tf"], lesson["keras"]
    encoder, decoder, generator, discriminator = all_networks(lesson).values()
    rng = np.random.default_rng(0)
    x, c = (tf.constant(rng.random((4, *shape)), "float32") for shape in ((28, 28, 1), (12,)))
    vae = lesson["ConditionalVAE"](encoder, decoder)
    vae.compile(keras.optimizers.SGD(1e-3))
    gan = lesson["ConditionalGAN"](generator, discriminator)
    gan.compile(keras.optimizers.SGD(1e-2), keras.optimizers.SGD(1e-2))
    hears = [
        (vae, next(w for w in encoder.weights if w.shape[0] == 784 + 12), slice(784, None)),
        (vae, next(w for w in decoder.weights if w.shape[0] == 6 + 12), slice(6, None)),
        (gan, next(w for w in generator.weights if w.shape[0] == 6 + 12), slice(6, None)),
        (gan, next(w for w in discriminator.weights if w.shape[0] == 12), slice(0, None)),
    ]
    for model, weights, rows in hears:
        before = np.asarray(weights)[rows].copy()
        model.train_step((x, c))
        assert (np.asarray(weights)[rows] != before).any(axis=1).all()


# Asking and measuring


def test_conditions_hold_what_is_asked_for_in_its_order(lesson):
    y, factors = np.array([2, 0]), {"slant": np.array([6.0, 30.0]), "width": [3.5, 2.5], "x": [0, 1]}
    encode = lesson["encode"]
    assert np.allclose(encode(["digit"], y, {}, 3), [[0, 0, 1], [1, 0, 0]])
    assert np.allclose(encode(["width", "slant"], y, factors, 3), [[0, 0], [-1, 2]])
    both = encode(["digit", "slant"], y, factors)
    assert both.shape == (2, 11) and both.dtype == np.float32 and np.allclose(both[:, 10], [0, 2])


def test_many_pictures_are_drawn_as_few_are(lesson):
    generator = all_networks(lesson)["generator"]
    rng = np.random.default_rng(0)
    z, c = rng.standard_normal((700, 6)), rng.random((700, 12))
    x = lesson["ask"](generator, z, c)
    assert x.shape == (700, 28, 28, 1) and 0 <= x.min() < x.max() <= 1
    assert np.allclose(x[600:603], lesson["ask"](generator, z[600:603], c[600:603]), atol=1e-5)


@pytest.fixture
def box(lesson, monkeypatch):
    monkeypatch.setattr(lesson["plots"], "explore", lambda *args, **kwargs: None)
    lesson.run("play")
    return lesson


def test_the_box_writes_numbers_and_says_what_is_none(box):
    assert box["handwrite"]("2026", 5, 3.0, 1).shape == (4, 28, 28, 1)
    for bad in ("", "20 26", "-1", "3.5", "two", "12345678901", "²"):
        with pytest.raises(ValueError, match=f"^{bad!r} is no number of 1 to 10 digits; try 2026.$"):
            box["handwrite"](bad, 5, 3.0, 1)


def test_the_shipped_generator_keeps_its_hand_when_the_digit_changes(box):
    """Size and place are left to z: ten digits of one z share them, and a shuffle of z does not."""
    box.update(asked=list(box["ALL"]), n_classes=10)
    classes = np.tile(np.arange(10), 40)
    meter = metrics.Meter(box["data"].load("strokes", 2000))
    found = meter.measure(box["same_hand"](box["shipped"], 40), classes)
    rng = np.random.default_rng(0)
    for name in ("size", "x", "y"):
        table = found[name].reshape(40, 10)
        assert box["fixed_by_z"](table) > 60
        assert box["fixed_by_z"](rng.permuted(table, axis=0)) < 30


def test_what_z_fixes_is_a_share_of_the_variance(lesson):
    hand, digit = np.arange(200.0)[:, None], 7.0 * np.arange(10)
    assert np.isclose(lesson["fixed_by_z"](hand + digit), 100)
    noise = np.random.default_rng(0).standard_normal((2000, 10))
    assert np.isclose(lesson["fixed_by_z"](noise), 10, atol=1.5)
    assert np.isclose(
        lesson["fixed_by_z"](3 * np.random.default_rng(1).standard_normal((2000, 1)) + noise), 91, atol=2
    )


def test_errors_are_means_of_distances_from_what_was_wanted(lesson, monkeypatch):
    class Fixed:
        def measure(self, x, y):
            return {"slant": np.array([10.0, -6.0]), "width": np.array([3.0, 5.0])}

    monkeypatch.setitem(lesson, "meter", Fixed())
    wanted = {"slant": np.array([7.0, -1.0]), "width": np.array([4.0, 4.0])}
    assert np.allclose(lesson["misses"](None, None, wanted), (4, 25))


places = st.lists(st.tuples(numbers, numbers, st.floats(0.1, 1)), min_size=3, max_size=6)


@given(places, st.floats(-2, 2))
def test_9_4_the_lessons_skew_is_a_covariance_and_adds_what_rows_are_pushed_by(lesson, dots, t):
    u, v, p = np.array(dots).T
    v = v + np.arange(len(v))  # never all in one row
    p = p / p.sum()
    covariance = np.cov(u, v, aweights=p)
    found = lesson["skew"](u, v, p)
    assert np.isclose(found, -covariance[0, 1] / covariance[1, 1], atol=1e-6)
    assert np.isclose(lesson["skew"](u - t * v, v, p), found + t, atol=1e-6)


def test_9_4_the_lessons_cell_shows_the_push(lesson):
    printed = lesson.run("eq-skew-check")
    assert np.isclose(after(printed, "pushed"), after(printed, "dots:") + 0.5, atol=1e-3)


# Deeper


def test_9_5_what_is_left_of_the_log_ratio_has_no_class_in_it(lesson):
    lesson.run("eq-projection-check")
    assert np.ptp(lesson["log_ratio"], axis=0).min() > 0.1
    assert np.allclose(np.ptp(lesson["rest"], axis=0), 0, atol=5e-3)
    centres = np.array([[0.0, 2.0], [1.5, -1.0]])
    x = np.array([[0.3, -2.0], [1.0, 1.0], [-1.0, 0.5]])
    wanted = [log_normal(x, centre, 1).sum(axis=1) for centre in centres]
    assert np.allclose(lesson["log_normals"](x, centres), np.transpose(wanted))


@given(st.floats(-2, 2), st.floats(0.3, 2), st.floats(0, 5))
def test_9_6_and_9_7_the_guided_normal_is_that_of_the_grid(lesson, c, s, w):
    grid = np.linspace(c - 12, c + 12, 4001)
    log_p = (1 + w) * log_normal(grid, c, s**2) - w * log_normal(grid, 0, 1 + s**2)
    p = np.exp(log_p - log_p.max())
    p = p / p.sum()
    mean = p @ grid
    sd = np.sqrt(p @ (grid - mean) ** 2)
    assert np.allclose(lesson["guided"](c, s, w), (mean, sd), atol=2e-3)


def test_9_6_the_lessons_table_has_equal_columns(lesson):
    lesson.run("eq-projection-check")
    head, lines = lesson.run("eq-guidance-check").split("\n", 1)
    assert head.split("   ") == ["w", "  mean, sd by (9.7)", "mean, sd on the grid"]
    rows = table(f"w  mean  sd  mean on the grid  sd on the grid\n{lines}")
    formula = np.array([[row["mean"], row["sd"]] for row in rows])
    on_grid = np.array([[row["mean on the grid"], row["sd on the grid"]] for row in rows])
    assert formula.shape == (4, 2) and np.allclose(formula, on_grid, atol=2e-3)
    assert rows[0]["w"] == 0 and np.allclose(formula[0], [1, 0.5], atol=1e-3)  # the data's own
    assert (np.diff(formula[:, 0]) > 0).all() and (np.diff(formula[:, 1]) < 0).all()


# Training


@pytest.mark.parametrize("kind", ["vae", "gan"])
def test_a_killed_training_that_goes_on_ends_the_same_to_the_bit(
    lesson, monkeypatch, goes_on_after_a_kill, kind
):
    rng = np.random.default_rng(0)
    x, c = rng.random((64, 28, 28, 1), "float32") ** 3, rng.random((64, 12), "float32")
    small = dict(x_train=x, c_train=c, asked=["digit"], run={}, right=lambda network: 50.0)
    for name, value in small.items():
        monkeypatch.setitem(lesson, name, value)

    def train():
        encoder, decoder, generator, discriminator = all_networks(lesson).values()
        if kind == "vae":
            model = lesson["ConditionalVAE"](encoder, decoder, seed=3)
            model.compile(lesson["keras"].optimizers.Adam(1e-3))
            history = lesson["train_pairs"](model, None, x, 8, 50, 5, "test")
            return model, [-value for value in history["elbo"]]
        model = lesson["ConditionalGAN"](generator, discriminator, seed=3)
        model.compile(*(lesson["keras"].optimizers.Adam(1e-3) for _ in range(2)))
        return model, lesson["train_pairs"](model, model.averaged, x, 8, 50, 5, "test")["d_loss"]

    goes_on_after_a_kill(lesson, train)


# Answers that a learner might well give; each must be refused.
WRONG = {
    "9.1": [66, 68, 28, 3, None, "67", True],
    "9.2": [
        lambda y, n_classes, rng: rng.integers(0, n_classes, len(y)),
        lambda y, n_classes, rng: (y + 1) % n_classes,
        lambda y, n_classes, rng: np.roll(y, 1)[:-1],
        lambda y, n_classes, rng: y + rng.integers(1, n_classes, len(y)),
        lambda y, n_classes, rng: (y + rng.integers(0, n_classes, len(y))) % n_classes,
        lambda y, n_classes, rng: rng.permutation(y),
        lambda y, n_classes, rng: (y + 0.5) % n_classes,
    ],
    "9.3": [
        lambda x: -skews_by_hand(x),
        lambda x: skews_by_hand(x, centred=False),
        lambda x: skews_by_hand(x, over=0),
        lambda x: skews_by_hand(x)[:1],
    ],
}


def skews_by_hand(x, centred=True, over=1):
    found = []
    for ink in x:
        p = ink / ink.sum()
        places = np.indices(ink.shape).astype(float)
        if centred:
            places -= (p * places).sum(axis=(1, 2), keepdims=True)
        v, u = places
        found.append(-(p * u * v).sum() / (p * (v if over else u) ** 2).sum())
    return np.array(found)
