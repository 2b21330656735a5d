"""Lesson 05, gan_loss: its numbered equations, and wrong answers to its exercises."""

from itertools import permutations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from references import NODES, WEIGHTS, after, log_normal, noise_of, numbers, slopes, table, values

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
    by_averages = -WEIGHTS @ np.logaddexp(0, tilt * real) - WEIGHTS @ np.logaddexp(0, -tilt * fake)
    p, q = log_density(mean, spread), log_density(shift, stretch)
    by_integral = lesson["value_of"](-tilt * LINE, p, q, STEP)
    assert np.isclose(by_averages, by_integral, atol=2e-2)
    assert by_integral <= 0


def test_5_1_and_5_2_draws_and_grid_agree_in_the_lessons_cell(lesson):
    """With the logit −x: E[log D(x)] + E[log(1 − D(G(z)))]."""
    lesson.run("densities")
    printed = lesson.run("eq-value-check")
    drawn, on_grid = after(printed, "our guess, from draws  :"), after(printed, "our guess, on the grid :")
    no_idea = after(printed, "always ½, on the grid  :")
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
    d, logit = lesson["best_discriminator"](a, b), lesson["best_logits"](np.log(a), np.log(b))
    assert np.isclose(np.log(d / (1 - d)), logit)
    assert np.isclose(lesson["prob_real"](logit), d)


def test_5_3_and_5_4_the_lessons_search_formula_and_sigmoid_agree(lesson):
    lesson.run("densities")
    rows = table(lesson.run("eq-optimum-check"))
    assert len(rows) == 5
    for row in rows:
        x = row["x"]
        real = 0.6 * np.exp(log_normal(x, -1.5, 0.5)) + 0.4 * np.exp(log_normal(x, 1.5, 0.25))
        share = real / (real + np.exp(log_normal(x, 0.5, 2.25)))
        for way in ("searched", "(5.3)", "sigmoid of (5.4)"):
            assert np.isclose(row[way], share, atol=6e-4)


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=2, max_size=8))
def test_5_5_the_lessons_divergence_is_a_difference_of_entropies(lesson, counts):
    p, q = (np.array(side) / sum(side) for side in zip(*counts, strict=True))
    jsd = lesson["jensen_shannon"](np.log(p), np.log(q), 1)
    assert np.isclose(jsd, entropy((p + q) / 2) - (entropy(p) + entropy(q)) / 2)
    assert -1e-12 <= jsd <= np.log(2) + 1e-12
    assert np.isclose(jsd, lesson["jensen_shannon"](np.log(q), np.log(p), 1))


def test_5_6_both_sides_agree_in_the_lessons_table(lesson):
    """For a perfect generator, one with known densities, and one that is far away."""
    lesson.run("densities", "eq-value-check")
    rows = {row["generator"]: row for row in table(lesson.run("eq-jsd-check"))}
    assert rows["perfect"]["V(D*, G)"] == -1.386
    for row in rows.values():
        assert np.isclose(row["2·JSD − log 4"], 2 * row["JSD"] - np.log(4), atol=2e-3)
        assert np.isclose(row["V(D*, G)"], row["2·JSD − log 4"], atol=2e-3)
    assert 0 == rows["perfect"]["JSD"] < rows["ours"]["JSD"] < rows["away"]["JSD"] < np.log(2)


@given(small_logits, small_logits)
def test_5_7_the_lessons_loss_is_minus_the_value(lesson, real, fake):
    real, fake = (np.array(logits, "float32")[:, None] for logits in (real, fake))
    d, d_fake = (1 / (1 + np.exp(-logits.astype("float64"))) for logits in (real, fake))
    by_hand = -np.log(d).mean() - np.log(1 - d_fake).mean()
    assert np.isclose(float(lesson["discriminator_loss"](real, fake)), by_hand, atol=1e-4)
    slipped = -np.log(d).mean() - np.log(d_fake).mean()
    assert np.isclose(float(lesson["slipped_loss"](real, fake)), slipped, atol=1e-4)


def test_5_7_its_known_values(lesson):
    zero, sure = np.zeros((3, 1)), np.full((3, 1), np.log(1e6 - 1))
    assert np.isclose(float(lesson["discriminator_loss"](zero, zero)), 2 * np.log(2))
    assert round(float(lesson["discriminator_loss"](sure, sure)), 1) == 13.8
    assert round(float(lesson["slipped_loss"](sure, sure)), 6) == 0.000002
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
    x, keras = shift + NODES, lesson["keras"]
    d = 1 / (1 + np.exp(log_normal(x, shift, 1) - log_normal(x, 0, 1)))  # the best one
    for slope_of in (lambda d: -d, lambda d: d - 1, lambda d: 0 * d - 1):
        slope = -shift * (WEIGHTS @ slope_of(d))
        assert np.isclose(lesson["slope_in_shift"](slope_of, shift), slope, atol=1e-5)
        path = lesson["descend"](slope_of, keras.optimizers.SGD(rate), shift, n_steps=2)
        assert len(path) == 3
        assert np.allclose(path[:2], [shift, shift - rate * slope], atol=1e-5)


def test_5_8_and_5_9_the_lessons_four_runs(lesson):
    """A step of Adam is (nearly) its rate, whatever the slope; plain descent moves by slope times rate."""
    rows = {(row["loss"], row["optimiser"]): row for row in table(lesson.run("stuck"))}
    for (loss, _), row in rows.items():  # E[D] · 8 by quadrature is 3.9e-4
        assert np.isclose(row["slope at the start"], 4e-4 if loss == "saturating" else 8)
    stuck, adam, arrived, late = (
        rows[loss, optimizer]["shift at the end"]
        for loss in ("saturating", "non-saturating")
        for optimizer in ("gradient descent", "Adam")
    )
    assert 7.9 < stuck < 8 and abs(adam) < 0.5 and abs(arrived) < 0.1 and 0.5 < late < 4
    first = [path[0] - path[1] for path in lesson["paths"].values()]
    assert np.allclose(first, [3.93e-5, 0.1, 0.8, 0.1], rtol=2e-2)
    far, sooner = lesson.run("stuck-far").splitlines()
    x = 10 + np.linspace(-8, 8, 4001)  # E[D] · 20: nearly all comes from between the two heaps
    wanted = 20 * np.sum(np.exp(log_normal(x, 20, 1) - np.logaddexp(0, 20 * x - 200))) * (x[1] - x[0])
    assert after(far, "shift") == after(far, "→") == 20
    assert np.isclose(after(far, "slope"), wanted, rtol=0.3, atol=0)
    assert after(sooner, "β₂") == 0.9 and abs(after(sooner, "→")) < late - 0.5


def line_game(lesson, d_rate, g_rate, k=1):
    """The lesson's class around two straight lines, with plain gradient steps."""
    keras = lesson["keras"]
    keras.utils.set_random_seed(0)
    networks = [keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)]) for _ in range(2)]
    gan = lesson["AlternatingGAN"](*networks, k=k, seed=5)
    gan.compile(keras.optimizers.SGD(d_rate), keras.optimizers.SGD(g_rate))
    return gan


def test_5_7_and_5_9_a_train_step_goes_down_each_players_own_loss(lesson):
    """The other player's rate is 0. The own weights change by −0.1 times the slope of the own loss."""
    x = np.array([[1.0], [2.5], [-0.5]], "float32")
    z_d, z_g = noise_of(lesson, 2)

    def d_loss(d, g):
        fake = d[0] * (g[0] * z_d + g[1]) + d[1]
        return np.logaddexp(0, -(d[0] * x + d[1])).mean() + np.logaddexp(0, fake).mean()

    def g_loss(g, d):
        return np.logaddexp(0, -(d[0] * (g[0] * z_g + g[1]) + d[1])).mean()

    for d_rate, g_rate in ((0.1, 0.0), (0.0, 0.1)):
        gan = line_game(lesson, d_rate, g_rate)
        d, g = values(gan.discriminator), values(gan.generator)
        gan.train_step(x)
        d_slopes, g_slopes = slopes(lambda d, g=g: d_loss(d, g), d), slopes(lambda g, d=d: g_loss(g, d), g)
        assert np.allclose(values(gan.discriminator) - d, -d_rate * d_slopes, atol=1e-4)
        assert np.allclose(values(gan.generator) - g, -g_rate * g_slopes, atol=1e-4)


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
    w, b = values(gan.discriminator)  # its rate is 0: they are the same as before
    assert np.allclose(seen, (w * x + b).reshape(3, 2, 1))


@given(numbers, numbers, st.floats(0.05, 1))
def test_5_11_both_at_once_grow_the_radius(lesson, theta, psi, eta):
    new = lesson["game_step"](theta, psi, eta, False)
    d = 1 / (1 + np.exp(-psi * theta))
    grown = (1 + eta**2 * d**2) * (theta**2 + psi**2)
    assert np.isclose(new[0] ** 2 + new[1] ** 2, grown)
    # The move is eta times the slope of the value: down for the generator, up for the discriminator.
    g_slope = slope(lambda t: -np.log(2) - np.logaddexp(0, psi * t), theta, 1e-4)
    d_slope = slope(lambda p: -np.log(2) - np.logaddexp(0, p * theta), psi, 1e-4)
    assert np.allclose(new, [theta - eta * g_slope, psi + eta * d_slope], atol=1e-5)


@given(st.floats(0.05, 0.5))
def test_5_11_in_turns_they_stay_on_a_ring(lesson, eta):
    path = lesson["game_path"](eta, True, 500)
    assert path.shape == (501, 2)
    assert np.allclose(path[1:], [lesson["game_step"](*at, eta, True) for at in path[:-1]])
    radius = np.hypot(*path.T)
    assert radius.min() > 0.9 and radius.max() < 1.2
    assert np.all(np.diff(np.hypot(*lesson["game_path"](eta, False, 500).T)) >= 0)


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=5))
def test_5_10_sorting_is_the_cheapest_of_all_pairings(lesson, pairs):
    x, y = np.array(pairs).T
    cheapest = min(np.mean(np.abs(x - y[list(order)])) for order in permutations(range(len(y))))
    assert np.isclose(lesson["wasserstein_1"](x, y), cheapest)


@given(st.lists(st.tuples(numbers, numbers, numbers, numbers), min_size=2, max_size=4))
def test_5_10_the_lessons_distance_takes_columns_one_by_one(lesson, points):
    x, y = np.hsplit(np.array(points), 2)
    apart = [lesson["wasserstein_1"](a, b) for a, b in zip(x.T, y.T, strict=True)]
    assert np.allclose(lesson["wasserstein_1"](x, y), apart)


def test_5_10_the_lessons_sliced_distance_averages_over_half_a_turn(lesson):
    """A shift by s looks like s·|cos| from each direction: 2 s / π on average."""
    x = np.random.default_rng(0).standard_normal((50, 2))
    for shift in ([3.0, 0.0], [0.0, 3.0], [-3.0, 0.0]):
        assert np.isclose(lesson["sliced_wasserstein"](x, x + shift), 6 / np.pi, rtol=2e-3)


@given(st.floats(0, 4))
def test_5_10_a_shifted_set_is_as_far_as_its_shift(lesson, shift):
    x = np.random.default_rng(0).standard_normal(1000)
    assert np.isclose(lesson["wasserstein_1"](x, x + shift), shift)


def test_5_10_only_the_lessons_distance_still_grows_where_densities_hardly_meet(lesson):
    lesson.run("densities", "eq-value-check")
    rows = table(lesson.run("eq-wasserstein-check"))
    assert [row["shift"] for row in rows] == [0, 1, 2, 4, 6, 8]
    for row in rows:
        s = row["shift"]
        assert np.isclose(row["W1"], s, atol=5e-3)
        # By quadrature over each half: log p/m is log 2 − log(1 + q/p), and q/p is exp(s x − s²/2).
        half = np.log(2) - WEIGHTS @ np.logaddexp(0, s * NODES - s**2 / 2)
        assert s > 4 or np.isclose(row["JSD"], half, atol=6e-3)
    assert 0.69 < rows[-1]["JSD"] < np.log(2) + 5e-4


@given(numbers)
def test_5_12_both_slopes_agree_and_are_the_integral_by_hand(lesson, theta):
    """By hand: p_g's own slope is p_g (x − θ), which weighs −log D*."""
    log_p = np.logaddexp(np.log(0.6) + log_normal(LINE, -1.5, 0.5), np.log(0.4) + log_normal(LINE, 1.5, 0.25))
    left, log_q, right = (log_normal(LINE, theta + h, 1) for h in (-1e-4, 0, 1e-4))
    fixed = lesson["best_logits"](log_p, log_q)
    by_hand = np.sum(np.exp(log_q) * (LINE - theta) * np.logaddexp(0, log_q - log_p)) * STEP
    loss = lesson["loss_at"](right, fixed, STEP) - lesson["loss_at"](left, fixed, STEP)
    rise = lesson["kl_minus_two_jsd"](right, log_p, STEP) - lesson["kl_minus_two_jsd"](left, log_p, STEP)
    assert np.allclose([loss / 2e-4, rise / 2e-4], by_hand, atol=1e-3)


def test_5_12_the_lessons_table_has_equal_columns(lesson):
    lesson.run("densities")
    rows = table(lesson.run("eq-best-check"))
    left, right = ([row[side] for row in rows] for side in ("slope of the loss", "slope of KL − 2 JSD"))
    assert len(rows) == 4 and np.allclose(left, right, atol=2e-3) and np.ptp(left) > 1
    forgets, beside = lesson.run("eq-best-sides").splitlines()
    assert after(forgets, "KL") < after(beside, "KL")
    assert np.isclose(after(forgets, "KL"), -np.log(0.6), atol=0.03)
    assert after(forgets, "KL − 2 JSD") < after(beside, "KL − 2 JSD")


@given(numbers, spreads, numbers, spreads)
def test_5_13_the_lessons_best_critic_reaches_the_distance_of_sorted_draws(lesson, m, s, shift, stretch):
    """Two normals: sorted partners are the same quantiles, m + s·u and shift + stretch·u."""
    p, q = np.exp(log_density(m, s)), np.exp(log_density(shift, stretch))
    u, du = LINE[abs(LINE) < 8], STEP
    distance = np.sum(np.exp(log_normal(u, 0, 1)) * abs(m - shift + (s - stretch) * u)) * du
    best = lesson["best_critic"](p, q, STEP)
    assert np.isclose(lesson["critic_value"](best, p, q, STEP), distance, atol=2e-2)
    assert np.max(np.abs(np.diff(best))) <= STEP * (1 + 1e-9)


@given(numbers, numbers, numbers, st.floats(0.2, 3))
def test_5_13_no_critic_of_slope_one_passes_it(lesson, m, shift, bend, often):
    p, q = np.exp(log_density(m, 1)), np.exp(log_density(shift, 1))
    for f in (LINE, -LINE, np.sin(often * LINE + bend) / often):
        assert lesson["critic_value"](f, p, q, STEP) <= abs(m - shift) + 1e-6
    assert np.isclose(lesson["critic_value"](LINE, p, q, STEP), m - shift, atol=1e-6)


def test_5_13_the_lessons_table_of_critics(lesson):
    lesson.run("densities", "eq-wasserstein-check")
    drawn, *critics = lesson.run("eq-dual-check").splitlines()
    x, tanh, best, thrice = (after(line, "value") for line in critics)
    assert np.isclose(best, after(drawn, "pairs:"), atol=0.011)
    assert x < best and tanh < best and np.isclose(thrice, 3 * best, atol=0.02)
    assert np.allclose([after(line, "steepest") for line in critics[2:]], [1, 3])


@given(numbers, spreads, numbers, numbers)
def test_5_14_any_function_bounds_the_kl_and_the_best_one_reaches_it(lesson, m, s, tilt, level):
    log_p, log_q = log_density(m, s), log_density(0, 2)
    p, q = np.exp(log_p), np.exp(log_q)
    kl = np.log(2 / s) + (s**2 + m**2) / 8 - 0.5

    def bound(t):
        return lesson["f_bound"](t, lambda t: np.exp(t - 1), p, q, STEP)

    assert bound(tilt * np.tanh(LINE) + level) <= kl + 1e-6
    assert np.isclose(bound(1 + log_p - log_q), kl, atol=1e-6)


def test_5_14_the_lessons_table_of_bounds(lesson):
    """KL of N(1, 1) from N(0, 1) is ½; T = x + ½ reaches it. With T = log D* the GAN's value comes back."""
    lesson.run("densities")
    lesson["d_star"] = lesson["best_discriminator"](lesson["p_data"], lesson["p_g"])
    *lines, as_gan = lesson.run("eq-f-check").splitlines()
    bounds = [after(line, "KL ≥") for line in lines]
    wanted = [0.5 - np.exp(1 / 8 - 1), 1 - np.exp(-0.5), 0.5]  # E[T] − E[exp(T − 1)]
    assert np.allclose(bounds, wanted, atol=6e-4)
    jsd = lesson["jensen_shannon"](lesson["log_p_data"], lesson["log_p_g"], lesson["dx"])
    assert np.isclose(after(as_gan, "conjugate:"), 2 * jsd - np.log(4), atol=6e-4)


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


def one_round(
    w, s, x, z_d, z_g, rate, old_d=False, own_noise=True, uphill=False, real_label=1, reduce=np.mean
):
    """Right as it stands; each option is a slip."""

    def sigmoid(logits):
        return 1 / (1 + np.exp(-logits))

    fake, seen = z_d + s, w
    w = w - rate * reduce((sigmoid(w * x) - real_label) * x + sigmoid(w * fake) * fake)
    seen = seen if old_d else w
    slope = -reduce(sigmoid(-seen * ((z_g if own_noise else z_d) + s))) * seen
    return w, s + (rate if uphill else -rate) * slope


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
        lambda *case: one_round(*case, old_d=True),
        lambda *case: one_round(*case, own_noise=False),
        lambda *case: one_round(*case, uphill=True),
        lambda *case: one_round(*case, real_label=0),
        lambda *case: one_round(*case, reduce=np.sum),
        lambda *case: one_round(*case)[0],
    ],
    "5.4": [
        lambda theta, psi, eta, gamma: (theta, psi - eta * gamma * psi),
        lambda theta, psi, eta, gamma: game(theta, psi, eta, +gamma, psi),
        lambda theta, psi, eta, gamma: game(theta, psi, eta, -gamma / 2, psi),
        lambda theta, psi, eta, gamma: game(theta, psi, eta, -gamma, theta),
        lambda theta, psi, eta, gamma: game(theta, psi, eta, -0.5 * (gamma > 0), psi),
        lambda theta, psi, eta, gamma: game(theta, psi, eta, -gamma, psi)[0],
        game_in_turns,
    ],
    "5.5": [
        lambda p, q: 0.5 * np.sum(p * np.log(2 * p / (p + q)) + q * np.log(2 * q / (p + q))),
        lambda p, q: sum(np.nansum(a * np.log(2 * a / (p + q))) for a in (p, q)) / 2,  # warns
        lambda p, q: np.sum(p[p > 0] * np.log(2 * p[p > 0] / (p + q)[p > 0])),
        lambda p, q: jsd(p + 1e-8, q + 1e-8),
        lambda p, q: 2 * jsd(p, q),
        lambda p, q: jsd(p, q) / np.log(2),
    ],
}
