"""Lesson 05, gan_loss: its numbered equations, and wrong answers to its exercises."""

from itertools import permutations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from known import NODES, WEIGHTS, log_normal, numbers, numbers_in

LINE = np.linspace(-40, 40, 8001)
STEP = LINE[1] - LINE[0]
spreads = st.floats(0.6, 2)
small_logits = st.lists(st.floats(-6, 6), min_size=1, max_size=5)


def log_density(mean, spread):
    return log_normal(LINE, mean, spread**2)


def entropy(p):
    return -sum(x * np.log(x) for x in p if x > 0)


def slope(function, at, step=1e-2):
    return (float(function(at + step)) - float(function(at - step))) / (2 * step)


@given(numbers, spreads, numbers, spreads, numbers)
def test_5_1_averages_over_data_and_noise_are_the_lessons_integral(
    lesson, mean, spread, shift, stretch, tilt
):
    real, fake = mean + spread * NODES, shift + stretch * NODES  # G(z) = shift + stretch · z
    by_averages = -WEIGHTS @ np.logaddexp(0, -tilt * real) - WEIGHTS @ np.logaddexp(0, tilt * fake)
    line, inside = LINE[::4], abs(LINE[::4]) < 12  # beyond, log(1 − D) is rounded to log 0
    d = 1 / (1 + np.exp(-tilt * line[inside]))
    p = np.exp(log_normal(line[inside], mean, spread**2))
    q = np.exp(log_normal(line[inside], shift, stretch**2))
    by_integral = lesson["value_of"](d, p, q, 4 * STEP)
    assert np.isclose(by_averages, by_integral, atol=2e-2)
    assert by_integral <= 0


def test_5_1_and_5_2_draws_and_grid_agree_in_the_lessons_cell(lesson):
    """With D the sigmoid of −x: E[log D(x)] + E[log(1 − D(G(z)))]."""
    lesson.run("densities")
    drawn, on_grid, no_idea = numbers_in(lesson.run("eq-value-check").replace("½", ""))
    left, right, fake = -1.5 + 0.5**0.5 * NODES, 1.5 + 0.5 * NODES, 0.5 + 1.5 * NODES
    real_part = -WEIGHTS @ (0.6 * np.logaddexp(0, left) + 0.4 * np.logaddexp(0, right))
    value = real_part - WEIGHTS @ np.logaddexp(0, -fake)
    assert np.allclose([drawn, on_grid, no_idea], [value, value, -np.log(4)], atol=6e-3)
    assert np.isclose(lesson["real_part"], real_part, atol=3e-3)


@given(st.floats(0.01, 5), st.floats(0.01, 5), st.floats(0.001, 0.999))
def test_5_3_nothing_beats_the_best_discriminator(lesson, a, b, y):
    best = lesson["best_discriminator"](a, b)
    assert 0 < best < 1

    def worth(y):
        return a * np.log(y) + b * np.log(1 - y)

    assert worth(y) <= worth(best) + 1e-9
    if abs(y - best) > 1e-3:  # and it is the only best one
        assert worth(y) < worth(best)


@given(st.floats(0.01, 5), st.floats(0.01, 5))
def test_5_4_the_log_ratio_is_the_logit_of_the_best_discriminator(lesson, a, b):
    d, ratio = lesson["best_discriminator"](a, b), np.log(a) - np.log(b)
    assert np.isclose(np.log(d / (1 - d)), ratio)
    assert np.isclose(lesson["prob_real"](ratio), d)


def test_5_3_and_5_4_the_lessons_search_formula_and_sigmoid_agree(lesson):
    lesson.run("densities")
    _, *lines = lesson.run("eq-optimum-check").splitlines()
    assert len(lines) == 5
    for line in lines:
        x, searched, formula, sigmoid, ratio = numbers_in(line)
        real = 0.6 * np.exp(log_normal(x, -1.5, 0.5)) + 0.4 * np.exp(log_normal(x, 1.5, 0.25))
        share = real / (real + np.exp(log_normal(x, 0.5, 2.25)))
        assert np.allclose([searched, formula, sigmoid], share, atol=6e-4)
        assert np.isclose(ratio, np.log(share / (1 - share)), atol=6e-4)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=8))
def test_5_5_the_lessons_divergence_is_a_difference_of_entropies(lesson, counts):
    p, q = (np.array(side) / max(sum(side), 1) for side in zip(*counts, strict=True))
    if p.sum() and q.sum():
        jsd = lesson["jensen_shannon"](p, q, 1)
        assert np.isclose(jsd, entropy((p + q) / 2) - (entropy(p) + entropy(q)) / 2)
        assert -1e-12 <= jsd <= np.log(2) + 1e-12
        assert np.isclose(jsd, lesson["jensen_shannon"](q, p, 1))


def test_5_6_both_sides_agree_in_the_lessons_table(lesson):
    """For a perfect generator, one with known densities, and one that is far away."""
    lesson.run("densities", "eq-value-check")
    rows = [numbers_in(line[10:]) for line in lesson.run("eq-jsd-check").splitlines()[1:]]
    assert rows[0] == [0, -1.386, -1.386]
    for jsd, by_divergence, value in rows:
        assert np.isclose(by_divergence, 2 * jsd - np.log(4), atol=2e-3)
        assert np.isclose(value, by_divergence, atol=2e-3)
    assert 0 < rows[1][0] < rows[2][0] < np.log(2)


@given(small_logits, small_logits)
def test_5_7_the_lessons_loss_is_minus_the_value(lesson, real, fake):
    real, fake = (np.array(logits, "float32")[:, None] for logits in (real, fake))
    d, d_fake = (1 / (1 + np.exp(-logits.astype("float64"))) for logits in (real, fake))
    by_hand = -np.log(d).mean() - np.log(1 - d_fake).mean()
    assert np.isclose(float(lesson["discriminator_loss"](real, fake)), by_hand, atol=1e-4)
    wrong = -np.log(d).mean() - np.log(d_fake).mean()
    assert np.isclose(float(lesson["article_loss"](real, fake)), wrong, atol=1e-4)


def test_5_7_its_known_values(lesson):
    zero, sure = np.zeros((3, 1)), np.full((3, 1), np.log(1e6 - 1))
    assert np.isclose(float(lesson["discriminator_loss"](zero, zero)), 2 * np.log(2))
    assert round(float(lesson["discriminator_loss"](sure, sure)), 1) == 13.8
    assert round(float(lesson["article_loss"](sure, sure)), 6) == 0.000002
    assert float(lesson["discriminator_loss"](500 + zero, -500 + zero)) < 1e-9
    assert float(lesson["discriminator_loss"](-500 + zero, 500 + zero)) == 1000


@given(st.floats(-6, 6))
def test_5_8_the_saturating_slope_is_minus_d(lesson, logit):
    d = 1 / (1 + np.exp(-logit))
    loss = lesson["saturating_loss"]
    assert np.isclose(float(loss(np.array([logit]))), np.log(1 - d), atol=1e-5)
    assert np.isclose(slope(lambda l_: loss(np.array([l_])), logit), -d, atol=1e-3)
    both = float(loss(np.array([[logit], [1.0]])))  # an average over the batch
    assert np.isclose(both, (np.log(1 - d) - np.log1p(np.e)) / 2, atol=1e-5)


@given(st.floats(-6, 6))
def test_5_9_the_non_saturating_slope_is_minus_one_minus_d(lesson, logit):
    d = 1 / (1 + np.exp(-logit))
    loss = lesson["generator_loss"]
    assert np.isclose(float(loss(np.array([logit]))), -np.log(d), atol=1e-5)
    assert np.isclose(slope(lambda l_: loss(np.array([l_])), logit), d - 1, atol=1e-3)
    both = float(loss(np.array([[logit], [-1.0]])))
    assert np.isclose(both, (-np.log(d) + np.log1p(np.e)) / 2, atol=1e-5)


@given(st.floats(0.2, 4), st.floats(0.01, 0.5))
def test_5_9_a_step_of_the_lessons_shift_is_the_average_slope(lesson, shift, rate):
    x = shift + NODES
    d = 1 / (1 + np.exp(log_normal(x, shift, 1) - log_normal(x, 0, 1)))  # the best one
    for slope_of in (lambda d: -d, lambda d: d - 1, lambda d: 0 * d - 1):
        path = lesson["shifts"](slope_of, shift=shift, n_steps=2, rate=rate)
        assert len(path) == 3
        assert np.allclose(path[:2], [shift, shift + rate * shift * (WEIGHTS @ slope_of(d))], atol=1e-5)


def test_5_9_only_the_non_saturating_shift_arrives(lesson):
    assert lesson["shifts"](lambda d: -d)[-1] > 7.9
    assert abs(lesson["shifts"](lambda d: d - 1)[-1]) < 0.1


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


def test_5_7_and_5_9_a_train_step_goes_down_each_players_own_loss(lesson):
    for player in ("discriminator", "generator"):
        one_player_goes_down_its_own_loss(lesson, player)


def one_player_goes_down_its_own_loss(lesson, player):
    """The other player's rate is 0. This one's weights change by −0.1 times the slope of its own loss."""
    x = np.array([[1.0], [2.5], [-0.5]], "float32")
    seeds = lesson["keras"].random.SeedGenerator(5)
    z_d, z_g = (np.asarray(lesson["keras"].random.normal((3, 1), seed=seeds)) for _ in range(2))
    gan = line_game(lesson, *((0.1, 0.0) if player == "discriminator" else (0.0, 0.1)))
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


def test_5_7_the_discriminator_makes_k_steps_for_one_each_with_a_batch_of_its_own(lesson):
    gan, seen = line_game(lesson, 0.0, 0.1, k=3), []

    def watched(real_logits, fake_logits):
        assert fake_logits.shape == real_logits.shape
        seen.append(np.asarray(real_logits))
        return lesson["discriminator_loss"](real_logits, fake_logits)

    gan.d_loss_of, x = watched, np.arange(6, dtype="float32")[:, None]
    gan.train_step(x)
    assert int(gan.d_optimizer.iterations) == 3
    assert int(gan.g_optimizer.iterations) == 1
    *_, w, b = lines_of(gan)  # its rate is 0: they are the same as before
    assert np.allclose(seen, (w * x + b).reshape(3, 2, 1))


@given(numbers, numbers, st.floats(0.05, 1))
def test_5_10_both_at_once_grow_the_radius(lesson, theta, psi, eta):
    new = lesson["game_step"](theta, psi, eta, False)
    d = 1 / (1 + np.exp(-psi * theta))
    grown = (1 + eta**2 * d**2) * (theta**2 + psi**2)
    assert np.isclose(new[0] ** 2 + new[1] ** 2, grown)
    # The move is eta times the slope of the value: down for the generator, up for the discriminator.
    g_slope = slope(lambda t: -np.log(2) - np.logaddexp(0, psi * t), theta, 1e-4)
    d_slope = slope(lambda p: -np.log(2) - np.logaddexp(0, p * theta), psi, 1e-4)
    assert np.allclose(new, [theta - eta * g_slope, psi + eta * d_slope], atol=1e-5)


@given(st.floats(0.05, 0.5))
def test_5_10_in_turns_they_stay_on_a_ring(lesson, eta):
    path = lesson["game_path"](eta, True, 500)
    assert path.shape == (501, 2)
    assert np.allclose(path[1:], [lesson["game_step"](*at, eta, True) for at in path[:-1]])
    radius = np.hypot(*path.T)
    assert radius.min() > 0.9 and radius.max() < 1.2
    assert np.all(np.diff(np.hypot(*lesson["game_path"](eta, False, 500).T)) >= 0)


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=5))
def test_5_11_sorting_is_the_cheapest_of_all_pairings(lesson, pairs):
    x, y = np.array(pairs).T
    cheapest = min(np.mean(np.abs(x - y[list(order)])) for order in permutations(range(len(y))))
    assert np.isclose(lesson["wasserstein_1"](x, y), cheapest)


@given(st.lists(st.tuples(numbers, numbers, numbers, numbers), min_size=2, max_size=4))
def test_5_11_the_lessons_distance_takes_columns_one_by_one(lesson, points):
    x, y = np.hsplit(np.array(points), 2)
    apart = [lesson["wasserstein_1"](a, b) for a, b in zip(x.T, y.T, strict=True)]
    assert np.allclose(lesson["wasserstein_1"](x, y), apart)


def test_5_11_the_lessons_sliced_distance_averages_over_half_a_turn(lesson):
    """A shift by s looks like s·|cos| from each direction: 2 s / π on average."""
    x = np.random.default_rng(0).standard_normal((50, 2))
    for shift in ([3.0, 0.0], [0.0, 3.0], [-3.0, 0.0]):
        assert np.isclose(lesson["sliced_wasserstein"](x, x + shift), 6 / np.pi, rtol=2e-3)


@given(st.floats(0, 4))
def test_5_11_a_shifted_block_is_as_far_as_its_shift(lesson, shift):
    """Where the divergence stays at log 2 from a shift of 1 on."""
    x, n = (np.arange(1000) + 0.5) / 1000, round(100 * shift)
    assert np.isclose(lesson["wasserstein_1"](x, x + shift), shift)
    p, q = np.zeros(600), np.zeros(600)
    p[:100], q[n : n + 100] = 1, 1
    wanted = min(n / 100, 1) * np.log(2)
    assert np.isclose(lesson["jensen_shannon"](p, q, 0.01), wanted)


@given(numbers, spreads, numbers, numbers)
def test_5_12_any_function_bounds_the_kl_and_the_best_one_reaches_it(lesson, m, s, tilt, level):
    log_p, log_q = log_density(m, s), log_density(0, 2)
    p, q = np.exp(log_p), np.exp(log_q)
    kl = np.log(2 / s) + (s**2 + m**2) / 8 - 0.5

    def bound(t):
        return lesson["f_bound"](t, lambda t: np.exp(t - 1), p, q, STEP)

    assert bound(tilt * np.tanh(LINE) + level) <= kl + 1e-6
    assert np.isclose(bound(1 + log_p - log_q), kl, atol=1e-6)


def test_5_12_the_lessons_table_of_bounds(lesson):
    """KL of N(1, 1) from N(0, 1) is ½; T = x + ½ reaches it. With T = log D* the GAN's value comes back."""
    lesson.run("densities", "eq-value-check", "eq-optimum-check", "eq-jsd-check")
    lesson["d_star"] = lesson["best_discriminator"](lesson["p_data"], lesson["p_g"])
    *lines, as_gan = lesson.run("eq-f-check").splitlines()
    bounds = [numbers_in(line)[-1] for line in lines]
    wanted = [0.5 - np.exp(1 / 8 - 1), 1 - np.exp(-0.5), 0.5]  # E[T] − E[exp(T − 1)]
    assert np.allclose(bounds, wanted, atol=6e-4)
    jsd = lesson["jensen_shannon"](lesson["p_data"], lesson["p_g"], lesson["dx"])
    assert np.isclose(numbers_in(as_gan)[-1], 2 * jsd - np.log(4), atol=6e-4)


def softplus(logits):
    return np.logaddexp(0, logits)


def smooth(logits, label):
    return np.mean(label * softplus(-logits) + (1 - label) * softplus(logits))


def overflows(real, fake, label=0.9):
    d, d_fake = 1 / (1 + np.exp(-real)), 1 / (1 + np.exp(-fake))
    real_part = label * np.log(d) + (1 - label) * np.log(1 - d)
    return -real_part.mean() - np.log(1 - d_fake).mean()


def jsd(p, q):
    m = (p + q) / 2
    return 0.5 * sum(np.sum(a[a > 0] * np.log(a[a > 0] / m[a > 0])) for a in (p, q))


def game(theta, psi, eta, pull, pulled):
    d = 1 / (1 + np.exp(-psi * theta))
    return theta + eta * d * psi, psi - eta * d * theta + eta * pull * pulled


def game_in_turns(theta, psi, eta, gamma):  # theta answers the new psi
    psi = game(theta, psi, eta, -gamma, psi)[1]
    return game(theta, psi, eta, 0, psi)[0], psi


# Answers that a learner might well give; each must be refused.
WRONG = {
    "5.1": [0.75, 1 / 3, 3, -np.log(3), "0.25"],
    "5.2": [
        lambda real, fake, label=0.9: label * np.mean(softplus(-real)) + np.mean(softplus(fake)),
        lambda real, fake, label=0.9: smooth(real, label) + smooth(fake, 1 - label),
        lambda real, fake, label=0.9: smooth(real, label) + np.mean(softplus(-fake)),
        overflows,
    ],
    "5.3": [
        lambda p, q: 0.5 * np.sum(p * np.log(2 * p / (p + q)) + q * np.log(2 * q / (p + q))),
        lambda p, q: sum(np.nansum(a * np.log(2 * a / (p + q))) for a in (p, q)) / 2,  # warns
        lambda p, q: np.sum(p[p > 0] * np.log(2 * p[p > 0] / (p + q)[p > 0])),
        lambda p, q: 2 * jsd(p, q),
        lambda p, q: jsd(p, q) / np.log(2),
    ],
    "5.4": [
        lambda theta, psi, eta, gamma: (theta, psi - eta * gamma * psi),
        lambda theta, psi, eta, gamma: game(theta, psi, eta, +gamma, psi),
        lambda theta, psi, eta, gamma: game(theta, psi, eta, -gamma / 2, psi),
        lambda theta, psi, eta, gamma: game(theta, psi, eta, -gamma, theta),
        lambda theta, psi, eta, gamma: game(theta, psi, eta, -gamma, psi)[0],
        game_in_turns,
    ],
}
