"""Lesson 04, vae_loss: its numbered equations, and wrong answers to its exercises."""

from types import SimpleNamespace

import numpy as np
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
    values_of,
    variances,
)

near, wide = st.floats(-2, 2), st.floats(0.3, 2)  # clouds that the lesson's grid resolves
decoders = st.floats(0, 1.5)
few_axes = st.lists(st.tuples(numbers, st.floats(-3, 1.5)), min_size=2, max_size=5)


def rows(lesson, *cells):
    """The table that the last of these cells prints."""
    *before, last = cells
    lesson.run("parameters", "eq-marginal-check", *before)
    return table(lesson.run(last))


def drawing_of(lesson, cell, name):
    """What the cell hands to this drawing."""
    lesson.run("parameters", "eq-marginal-check")
    lesson["drawing"] = SimpleNamespace(**{name: lambda *parts: lesson.update(drawn=parts)})
    lesson.run(cell)
    return lesson["drawn"]


PRIOR, NEAR, POSTERIOR = CLOUDS = [(0, 1), (0.8, 0.6), (0.75, 0.5)]  # of the lesson's tables
LOG_PX = log_normal(1.5, 0, 2)
BOTH_WAYS = np.array([[-1.0], [1.0]], "float32")  # the mean and the variance of a standard normal


@given(near, near, wide, decoders)
def test_4_1_the_lessons_average_gives_the_evidence(lesson, x, mean, var, a):
    average = lesson["average"]
    integral = average(lambda z: np.exp(lesson["toy_log_joint"](x, z, a) - log_normal(z, 0, 1)), (0, 1))
    assert np.isclose(np.log(integral), log_normal(x, 0, 1 + a**2))
    assert np.isclose(average(lambda z: z**2, (mean, var)), mean**2 + var)


def test_4_1_the_lessons_cell_shows_the_evidence_twice(lesson):
    printed = lesson.run("parameters", "eq-marginal-check")
    assert after(printed, "added up over codes:") == after(printed, "known              :")
    assert after(printed, "known              :") == round(np.exp(LOG_PX), 3)
    assert after(printed, "log p(x) =") == round(LOG_PX, 3)


@given(near, decoders)
def test_4_1_the_lessons_posterior_is_the_product_made_of_area_1(lesson, x, a):
    z = np.linspace(-3, 3, 7)
    product = lesson["toy_log_joint"](x, z, a) - log_normal(x, 0, 1 + a**2)
    assert np.allclose(log_normal(z, *lesson["posterior"](x, a)), product)


@given(near, decoders, near, wide)
def test_4_1_the_lessons_figure_shows_posterior_evidence_and_bound(lesson, x, a, mean, var):
    lesson["x_toy"] = x
    cloud, log_px, bound = lesson["state"]((mean, var), a)
    assert cloud == lesson["posterior"](x, a)
    assert np.isclose(log_px, log_normal(x, 0, 1 + a**2))
    assert np.isclose(bound, lesson["toy_elbo"](x, (mean, var), a))


@given(near, near, wide)
def test_4_2_the_mean_weight_is_the_evidence_for_every_cloud(lesson, x, mean, var):
    assert np.isclose(np.log(lesson["mean_weight"](x, (mean, var))), log_normal(x, 0, 2), atol=1e-6)
    same = lesson["log_weight"](x, np.array([-1.0, 0.3, 2.0]), (x / 2, 0.5))
    assert np.allclose(same, log_normal(x, 0, 2))


def test_4_2_the_lessons_table_has_the_same_average_and_its_weights(lesson):
    shown = rows(lesson, "eq-importance-check")
    for row, (mean, var) in zip(shown, CLOUDS, strict=True):
        assert np.isclose(row["average of w"], np.exp(LOG_PX), atol=6e-4)
        for z in (0, 1.5):
            log_w = log_normal(1.5, z, 1) + log_normal(z, 0, 1) - log_normal(z, mean, var)
            assert np.isclose(row[f"w({z})"], np.exp(log_w), atol=6e-4)


def test_4_2_the_lessons_estimate_misses_nothing_at_the_posterior_and_the_gap_with_one_draw(lesson):
    lesson.run("parameters", "eq-marginal-check", "eq-importance-check")
    assert np.isclose(lesson["miss"](POSTERIOR, 5), 0)
    one_draw = [lesson["miss"](NEAR, 1) for _ in range(2000)]
    gaps = lesson["n_copies"] * kl_normals(*NEAR, *POSTERIOR)
    assert abs(np.mean(one_draw) + gaps) < 4 * np.std(one_draw) / np.sqrt(2000)


def test_4_2_the_logarithm_of_the_lessons_average_is_that_of_the_mean_weight(lesson):
    """Few copies, many draws: the average is near p(x), and the estimate misses next to nothing."""
    lesson.run("parameters", "eq-marginal-check", "eq-importance-check")
    lesson["n_copies"] = 2
    assert abs(lesson["miss"](PRIOR, 100_000)) < 0.03


def test_4_2_the_variance_of_the_weights_grows_as_a_power_of_the_copies(lesson):
    lesson.run("parameters", "eq-marginal-check", "eq-importance-check")
    lesson["misses"] = {"prior": {10_000: np.array([-9.0])}, "near": {1: np.array([-1.0])}}
    printed = lesson.run("why-not-claim")
    square = WEIGHTS @ np.exp(2 * (log_normal(1.5, NODES, 1) - LOG_PX))
    assert round(square - 1, 2) == after(printed, "1 copy")
    assert np.isclose(after(printed, "64 copies"), square**64 - 1, rtol=0.03)


def test_4_3_the_lessons_log_of_an_average_is_not_below_its_average_log(lesson):
    shown = rows(lesson, "eq-jensen-check")
    assert len(shown) == 4
    for row in shown:
        w, log_of_mean, mean_of_log = values_of(row["weights"]), row["log of mean"], row["mean of logs"]
        assert np.isclose(log_of_mean, np.log(sum(w) / len(w)), atol=6e-4)
        assert np.isclose(mean_of_log, np.log(np.prod(w)) / len(w), atol=6e-4)
        assert np.isclose(row["gap"], log_of_mean - mean_of_log, atol=2e-3)
        assert np.isclose(row["deviation"], np.sqrt(np.mean(np.square(w)) - np.mean(w) ** 2), atol=6e-3)
        assert row["gap"] > 0 if len(set(w)) > 1 else row["gap"] == 0


def test_4_3_weights_that_scatter_more_may_have_the_smaller_gap(lesson):
    """The last two lines of the lesson's table are the counter-example that its text names."""
    *_, wider, lower = rows(lesson, "eq-jensen-check")
    assert wider["deviation"] > lower["deviation"]
    assert wider["gap"] < lower["gap"]


@given(near, near, wide, decoders)
def test_4_4_the_lessons_elbo_is_a_bound(lesson, x, mean, var, a):
    value = lesson["toy_elbo"](x, (mean, var), a)
    z = mean + np.sqrt(var) * NODES
    assert np.isclose(value, WEIGHTS @ log_normal(x, a * z, 1) - kl_normals(mean, var, 0, 1))
    assert value <= log_normal(x, 0, 1 + a**2) + 1e-9


@given(near, near, wide)
def test_4_4_the_lessons_elbo_averages_the_logarithms_of_its_weights(lesson, x, mean, var):
    z = mean + np.sqrt(var) * NODES
    log_w = lesson["log_weight"](x, z, (mean, var))
    assert np.isclose(lesson["toy_elbo"](x, (mean, var)), WEIGHTS @ log_w)


def test_4_4_the_lessons_table_has_the_elbo_twice(lesson):
    shown = rows(lesson, "eq-importance-check", "eq-elbo-check")
    for row, cloud in zip(shown, CLOUDS, strict=True):
        assert np.isclose(row["ELBO on the grid"], elbo(1.5, *cloud), atol=6e-3)
        assert np.isclose(row["from draws"], elbo(1.5, *cloud), atol=0.02)
        assert np.isclose(row["log p(x)"], LOG_PX, atol=6e-3)


@given(near, near, wide, decoders)
def test_4_5_the_gap_is_the_lessons_kl_to_the_posterior(lesson, x, mean, var, a):
    gap = log_normal(x, 0, 1 + a**2) - lesson["toy_elbo"](x, (mean, var), a)
    assert np.isclose(gap, lesson["kl_on_grid"]((mean, var), lesson["posterior"](x, a)), atol=1e-8)
    assert gap > -1e-9


def test_4_5_the_lessons_table_has_the_gap_its_kl_and_the_two_swapped(lesson):
    shown = rows(lesson, "eq-importance-check", "eq-gap-check")
    for row, cloud in zip(shown, CLOUDS, strict=True):
        forward, backward = kl_normals(*cloud, *POSTERIOR), kl_normals(*POSTERIOR, *cloud)
        assert np.allclose([row["gap"], row["KL(q || posterior)"]], forward, atol=6e-4)
        assert np.isclose(row["KL(posterior || q)"], backward, atol=6e-4)


def test_4_5_a_step_of_the_decoder_raises_the_bound_and_lowers_the_evidence(lesson):
    lesson.run("parameters", "eq-marginal-check")
    printed, slopes = lesson.run("trade-check").split("slope, guess at the ", 1)
    shown = table(printed)
    a, bound, evidence, gap = ([row[name] for row in shown] for name in ("a", "ELBO", "log p(x)", "gap"))
    a, bound, evidence = map(np.array, (a, bound, evidence))
    assert np.allclose(evidence, log_normal(1.5, 0, 1 + a**2), atol=6e-4)
    assert np.allclose(bound, [WEIGHTS @ log_normal(1.5, each * NODES, 1) for each in a], atol=6e-4)
    assert np.allclose(gap, evidence - bound, atol=2e-3)
    assert (np.diff(a) < 0).all()
    assert (np.diff(bound) > 0).all()
    assert (np.diff(evidence) < 0).all()
    # By calculus 1.5 μ − a (μ² + σ²), for the prior and for the posterior of a = ½, N(0.6, 0.8).
    assert np.isclose(after(slopes, "prior:"), -0.5, atol=6e-3)
    assert np.isclose(after(slopes, "posterior:"), 1.5 * 0.6 - 0.5 * (0.36 + 0.8), atol=6e-3)


def test_4_5_the_lessons_figure_has_the_evidence_above_the_bound(lesson):
    a, evidence, bound, step, _ = drawing_of(lesson, "trade", "trade")
    assert np.allclose(evidence, log_normal(1.5, 0, 1 + a**2))
    assert np.allclose(bound, [WEIGHTS @ log_normal(1.5, each * NODES, 1) for each in a])
    assert step == (0.5, 0.0)


@given(near, near, wide)
def test_4_6_the_lessons_two_terms_are_their_averages(lesson, x, mean, var):
    z = mean + np.sqrt(var) * NODES
    assert np.isclose(lesson["reconstruction"](x, (mean, var)), WEIGHTS @ log_normal(x, z, 1))
    assert np.isclose(lesson["kl_on_grid"]((mean, var), (0, 1)), kl_normals(mean, var, 0, 1))


def test_4_6_the_lessons_table_has_both_terms_and_their_difference(lesson):
    shown = rows(lesson, "eq-importance-check", "eq-split-check")
    for row, cloud in zip(shown, [*CLOUDS, (1.5, 0.1)], strict=True):
        assert np.isclose(row["KL"], kl_normals(*cloud, 0, 1), atol=6e-4)
        assert np.isclose(row["difference = ELBO"], elbo(1.5, *cloud), atol=6e-4)
        assert np.isclose(row["reconstruction"], elbo(1.5, *cloud) + row["KL"], atol=2e-3)


def test_4_7_the_lessons_sum_is_the_nll_and_the_wrong_forms_are_below(lesson):
    """At the exact posterior only weight 1 and an average over q give the NLL."""
    shown = rows(lesson, "eq-exact-check")
    assert len(shown) == 4
    for row in shown:
        kl = kl_normals(row["x"] / 2, 0.5, 0, 1)
        wanted = -log_normal(row["x"], 0, 2)
        assert np.allclose([row["NLL"], row["−rec + KL"]], wanted, atol=6e-4)
        assert np.isclose(row["−rec + ½ KL"], wanted - kl / 2, atol=6e-4)
        assert np.isclose(row["−rec at z = μ, + KL"], wanted - 0.25, atol=6e-4)
    assert lesson["worst"] < 1e-6


@given(few_axes)
def test_4_8_the_lessons_kl_is_a_sum_over_axes(lesson, axes):
    mu, log_var = np.array(axes).T[:, None]  # (1, L)
    integral = sum(kl_normals(m, np.exp(v), 0, 1) for m, v in axes)
    kl = np.asarray(lesson["kl_to_prior"](mu, log_var))
    assert kl.shape == (1,)
    assert np.isclose(kl[0], integral, atol=1e-5)


def test_4_8_the_lessons_cell_has_the_kl_three_times_and_its_share(lesson):
    """log q − log p is (z² − ε²)/2 and a constant, so its variance is μ²σ² + (σ² − 1)²/2 on each axis."""
    lesson.run("parameters", "eq-marginal-check")
    printed = lesson.run("eq-kl-check")
    formula, grid = after(printed, "formula"), after(printed, "grid")
    drawn, error = after(printed, "draws"), after(printed, "standard error")
    wrong = after(printed, "wrong, mean over axes:")
    mu, var = np.array([1, -0.5, 0]), np.exp([-1, -2, -0.5])
    exact = sum(kl_normals(m, v, 0, 1) for m, v in zip(mu, var, strict=True))
    assert np.allclose([formula, grid, 3 * wrong], exact, atol=2e-3)
    assert error == round(np.sqrt((mu**2 * var + (var - 1) ** 2 / 2).sum() / lesson["n_draws"]), 3)
    assert abs(drawn - exact) < 5 * error


@given(few_axes, st.floats(0.1, 3))
def test_4_9_the_lessons_cost_is_that_of_the_densities(lesson, pairs, sigma):
    x, x_hat = np.array(pairs).T[:, None]  # (1, D)
    densities = np.exp(-(((x - x_hat) / sigma) ** 2) / 2) / np.sqrt(2 * np.pi) / sigma
    cost = np.asarray(lesson["nll_gaussian"](x, x_hat, sigma**2))
    assert cost.shape == (1,)
    with np.errstate(divide="ignore"):
        by_hand = -np.log(densities)
    if np.isfinite(by_hand).all():
        assert np.isclose(cost[0], by_hand.sum(), atol=1e-5)


def test_4_9_the_lessons_cell_finds_the_squared_error_the_cheapest_variance(lesson):
    lesson.run("parameters", "eq-marginal-check")
    printed = lesson.run("eq-gaussian-check")
    by_hand = round(-2 * log_normal(0.4, 0, 0.09), 3)
    assert after(printed, "(4.9)") == after(printed, "product") == by_hand
    tried = {var: after(printed, f"variance {var:.2f}:") for var in (0.04, 0.16, 1.0)}
    assert tried == {var: round(-2 * log_normal(0.4, 0, var), 2) for var in tried}
    assert min(tried, key=tried.get) == 0.16


@given(numbers, st.floats(-3, 1.5))
def test_4_10_the_lessons_draws_have_the_clouds_moments(lesson, mu, log_var):
    z = np.asarray(lesson["sample_z"](mu, log_var, NODES))
    assert np.isclose(WEIGHTS @ z, mu, atol=1e-5)
    assert np.isclose(WEIGHTS @ (z - mu) ** 2, np.exp(log_var), rtol=1e-4)


@given(numbers, st.floats(-3, 1.5))
def test_4_10_the_lessons_draws_let_the_gradient_through(lesson, mu, log_var):
    slopes = gradients(lesson["tf"], lesson["sample_z"], mu, log_var)
    assert np.allclose(slopes, [2 * mu, np.exp(log_var)], atol=1e-3)


def test_4_10_the_lessons_cell_shows_where_the_gradient_stops(lesson):
    lesson.run("parameters", "eq-marginal-check")
    printed = lesson.run("eq-reparameterise-check")
    assert "cut off  : None" in printed and after(printed, "by (4.10):") == 1.5


@given(near, st.floats(-1, 0.7), decoders)
def test_4_11_the_lessons_toy_is_minus_its_bound(lesson, mu, log_var, a):
    lesson["x_toy"] = 1.5
    mu, log_var = np.array([mu], "float32"), np.array([log_var], "float32")
    exact = -lesson["toy_elbo"](1.5, (mu[0], np.exp(log_var[0])), a)
    assert np.isclose(float(lesson["toy_loss"](mu, log_var, a, BOTH_WAYS)), exact, atol=1e-5)


@given(near, st.floats(-1, 0.7), decoders)
def test_4_11_one_draw_has_the_gradient_of_the_bound_on_average(lesson, mu, log_var, a):
    """By calculus, from −E[log p(x|z)] = ½(x − aμ)² + ½a²σ² and (4.8)."""
    tf, var = lesson["tf"], np.exp(log_var)
    lesson["x_toy"] = 1.5
    variables = [tf.Variable([value], dtype="float32") for value in (mu, log_var, a)]
    with tf.GradientTape() as tape:
        loss = lesson["toy_loss"](*variables, BOTH_WAYS)
    error = 1.5 - a * mu
    wanted = [mu - a * error, (a**2 * var + var - 1) / 2, a * var - mu * error]
    found = [0.0 if slope is None else float(slope[0]) for slope in tape.gradient(loss, variables)]
    assert np.allclose(found, wanted, atol=1e-4)


def test_4_11_training_on_the_bound_lowers_the_evidence_before_it_raises_it(lesson):
    evidence, bound, best, _ = drawing_of(lesson, "train", "climb")
    assert evidence[:30].min() < evidence[0] - 0.01
    assert evidence[-1] > evidence[0] + 0.05
    assert bound[-1] > bound[0] + 0.2
    assert (evidence >= bound - 1e-6).all()
    assert evidence.max() <= best + 1e-9
    assert np.isclose(best, max(log_normal(1.5, 0, 1 + a**2) for a in np.linspace(0, 3, 3001)))


def test_4_11_the_lessons_cell_shows_single_draws_their_average_and_the_exact_loss(lesson):
    """At a = ½ with the prior for the guess; a single draw may lie below the NLL."""
    lesson.run("parameters", "eq-marginal-check", "eq-reparameterise-check")
    printed = lesson.run("eq-loss-check")
    many, exact, nll = (after(printed, label) for label in ("draws :", "exact         :", "NLL"))
    wanted = -(WEIGHTS @ log_normal(1.5, 0.5 * NODES, 1))
    assert np.allclose([many, exact], wanted, atol=0.02)
    assert nll == round(-log_normal(1.5, 0, 1.25), 2)
    assert min(lesson["single"]) < nll < max(lesson["single"])


def test_4_11_the_lessons_batches_cost_the_same_twice_and_axes_double(lesson):
    lesson.run("parameters", "eq-marginal-check")
    printed = lesson.run("sums-check")
    assert after(printed, "no idea:") == after(printed, "3 log 2:") == round(3 * np.log(2), 3)
    once, twice = after(printed, "batch      :"), after(printed, "batch twice:")
    assert once == twice
    assert np.isclose(after(printed, "axes twice :"), 2 * once, atol=2e-3)


@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 99))
def test_4_11_the_lessons_loss_sums_axes_and_averages_points(lesson, n_points, n_axes, seed):
    rng = np.random.default_rng(seed)
    parts = [rng.normal(size=(n_points, n_axes)) for _ in range(4)]
    parts[0] = (parts[0] > 0).astype(float)
    loss = lesson["bernoulli_vae_loss"](*parts)
    one_by_one = [
        -np.log(1 / (1 + np.exp(-(2 * x - 1) * logit))) + kl_normals(mu, np.exp(log_var), 0, 1)
        for x, logit, mu, log_var in zip(*(part.ravel() for part in parts), strict=True)
    ]
    assert np.isclose(loss, sum(one_by_one) / n_points)


@given(st.lists(st.tuples(st.sampled_from([0.0, 1.0]), st.floats(-12, 12)), min_size=1, max_size=5))
def test_4_12_the_lessons_cost_is_the_bernoulli_sum(lesson, pixels):
    x, logits = np.array(pixels).T[:, None]
    x_hat = 1 / (1 + np.exp(-logits))
    by_hand = -(x * np.log(x_hat) + (1 - x) * np.log1p(-x_hat)).sum()
    assert np.isclose(lesson["nll_bernoulli"](x, logits)[0], by_hand)


def test_4_12_no_logit_is_too_large(lesson):
    x, logits = np.array([[0.0], [1.0], [1.0], [0.0]]), np.array([[800.0], [-800], [800], [0]])
    assert np.allclose(lesson["nll_bernoulli"](x, logits), [800, 800, 0, np.log(2)])


def quartic(z):
    return 0.1 * z**4 + 0.3 * z**3 - z**2


def slope_of_quartic(z):
    return 0.4 * z**3 + 0.9 * z**2 - 2 * z


def gradient_by_calculus(mu, sigma):
    """Of E[quartic(z)], with E[z⁴] = mu⁴ + 6 mu² sigma² + 3 sigma⁴ and so on, by mu and by sigma."""
    by_mu = 0.4 * (mu**3 + 3 * mu * sigma**2) + 0.9 * (mu**2 + sigma**2) - 2 * mu
    return by_mu, 1.2 * (mu**2 * sigma + sigma**3) + 1.8 * mu * sigma - 2 * sigma


def test_4_12_the_lessons_table_shows_where_rounding_ends_the_other_form(lesson):
    printed = lesson.run("eq-bernoulli-check")
    for logit, cost in {0: 0.693, 3: 3.049, 17: 17, 40: 40}.items():
        (line,) = (line for line in printed.splitlines() if after(line, "logit") == logit)
        assert after(line, "by (4.12)") == cost
        assert after(line, "by probability") == (cost if logit < 17 else np.inf)


@given(numbers, st.floats(0.3, 2))
def test_4_13_the_lessons_pathwise_gradient_is_unbiased(lesson, mu, sigma):
    by_mu, by_sigma = lesson["pathwise_gradient"](slope_of_quartic, mu, sigma, NODES)
    assert np.allclose([WEIGHTS @ by_mu, WEIGHTS @ by_sigma], gradient_by_calculus(mu, sigma))


@given(numbers, st.floats(0.3, 2))
def test_4_14_the_lessons_score_gradient_is_unbiased(lesson, mu, sigma):
    estimates = lesson["score_gradient"](quartic, mu, sigma, NODES)
    assert np.allclose([WEIGHTS @ e for e in estimates], gradient_by_calculus(mu, sigma))
    constant = lesson["score_gradient"](lambda z: 5 + 0 * z, mu, sigma, NODES)
    assert np.allclose([WEIGHTS @ e for e in constant], 0)  # so a baseline changes no average


def test_4_14_the_lessons_cell_shows_both_gradients_and_their_variance(lesson):
    """At mu 0, sigma 1: 1 for the pathwise and 18.6 for the score-function gradient."""
    g = log_normal(1.5, NODES, 1) * NODES
    variance = WEIGHTS @ g**2 - (WEIGHTS @ g) ** 2
    exact, pathwise, score = rows(lesson, "eq-gradients-check")
    for row, off in ((exact, 0), (pathwise, 0), (score, 0.11)):
        assert np.allclose([row["by mu"], row["by sigma"]], [1.5, -1.0], atol=off)
    assert pathwise["variance of one draw"] == 1
    assert np.isclose(score["variance of one draw"], variance, atol=1.5)


def test_4_14_the_lessons_variances_with_many_axes(lesson):
    """For L copies g is a sum: E[(g z₁)²] needs only the first two moments of g's other terms."""
    lesson.run("parameters", "eq-marginal-check")
    g, z = log_normal(1.5, NODES, 1), NODES
    mean, var = WEIGHTS @ g, WEIGHTS @ g**2 - (WEIGHTS @ g) ** 2
    for n in (1, 16):
        others = (n - 1) * mean
        score = WEIGHTS @ ((g + others) * z) ** 2 + (n - 1) * var - 1.5**2
        baseline = WEIGHTS @ ((g - mean) * z) ** 2 + (n - 1) * var - 1.5**2
        found = lesson["gradient_variances"](n, n=100_000)
        assert np.allclose(found, [1, score, baseline], rtol=0.1)


def test_the_thermometers_loss_at_the_exact_posterior_is_their_nll(lesson):
    """With W diagonal the posterior has independent axes, so an encoder of one matrix can be exact."""
    lesson.run("parameters", "eq-marginal-check")
    w, var_x, x = np.array([0.9, 0.4]), 0.3, np.random.default_rng(1).normal(size=(50, 2))
    var = 1 / (1 + w**2 / var_x)
    exact = [np.diag(var * w / var_x), np.log(var), np.diag(w), np.log(var_x)]
    lesson["trained"] = {1.0: (exact, [])}
    loss, nll = lesson["tiny_scores"](x, 1.0)
    wanted = -np.mean(log_normal(x, 0, w**2 + var_x).sum(axis=1))
    assert np.allclose([loss, nll], wanted, atol=1e-5)


def test_the_thermometers_nll_knows_that_the_two_go_together(lesson):
    x = np.random.default_rng(1).normal(size=(50, 2))
    turned = x @ np.array([[1, 1], [-1, 1]]) / np.sqrt(2)  # sum and difference are independent
    nll = lesson["nll_normal_2d"](turned, np.array([[1.5, 1.0], [1.0, 1.5]]))
    assert np.isclose(nll, -np.mean(log_normal(x, 0, np.array([2.5, 0.5])).sum(axis=1)), atol=1e-6)


@given(numbers, st.floats(0.1, 8), numbers, variances)
def test_4_15_no_cloud_is_cheaper_than_the_lessons(lesson, x, beta, mean, var):
    best = lesson["beta_cloud"](x, beta)
    lowest = -elbo(x, *best, kl_weight=beta)
    beside = [(best[0] + step, best[1]) for step in (-0.05, 0.05)]
    beside += [(best[0], best[1] * factor) for factor in (0.9, 1.1)]
    assert lowest <= -elbo(x, mean, var, kl_weight=beta) + 1e-9
    assert lowest < min(-elbo(x, *cloud, kl_weight=beta) for cloud in beside)


@given(numbers, st.floats(0.1, 8))
def test_4_15_a_weight_below_1_is_no_bound_and_one_above_1_is_a_loose_one(lesson, x, beta):
    nll = -log_normal(x, 0, 2)
    lowest = -elbo(x, *lesson["beta_cloud"](x, beta), kl_weight=beta)
    if beta < 0.95:
        assert lowest < nll - 1e-3
    elif beta > 1.05:
        assert lowest > nll + 1e-3
    assert np.isclose(-elbo(x, *lesson["beta_cloud"](x, 1), kl_weight=1), nll)


def test_4_15_the_lessons_table_has_the_best_clouds_twice_and_their_cost(lesson):
    lesson.run("parameters", "eq-marginal-check")
    _, shown = lesson.run("eq-beta-check").split("\n", 1)
    for row, beta in zip(table(shown), (0.5, 1.0, 4.0), strict=True):
        cloud = 1.5 / (1 + beta), beta / (1 + beta)
        assert row["beta"] == beta
        assert np.allclose([values_of(row[name]) for name in ("best by search", "(4.15)")], cloud, atol=6e-3)
        assert np.isclose(row["cost"], -elbo(1.5, *cloud, kl_weight=beta), atol=1e-3)
        means, var = lesson["beta_cloud"](np.sqrt(2) * NODES, beta)  # over x ~ N(0, 2)
        assert np.isclose(row["all guesses together"], WEIGHTS @ (means**2 + var), atol=6e-3)


def gaussian_loss(x, x_hat, var_x, kl, join=np.sum):
    return np.mean(join((x - x_hat) ** 2 / var_x + np.log(2 * np.pi * var_x), axis=1) / 2 + kl)


def kl_of(mu, log_var, join=np.sum):
    return 0.5 * join(mu**2 + np.exp(log_var) - 1 - log_var, axis=1)


def loss_of_means(x, x_hat, var_x, mu, log_var, beta=1.0):
    return gaussian_loss(x, x_hat, var_x, beta * kl_of(mu, log_var, np.mean), np.mean)


def loss_with_half_kl(x, x_hat, var_x, mu, log_var, beta=1.0):
    return gaussian_loss(x, x_hat, var_x, 0.5 * beta * kl_of(mu, log_var))


def loss_without_beta(x, x_hat, var_x, mu, log_var, beta=1.0):
    return gaussian_loss(x, x_hat, var_x, kl_of(mu, log_var))


def loss_with_beta_half_if_not_given(x, x_hat, var_x, mu, log_var, beta=0.5):
    return gaussian_loss(x, x_hat, var_x, beta * kl_of(mu, log_var))


def loss_with_log_var_as_std(x, x_hat, var_x, mu, log_var, beta=1.0):
    return gaussian_loss(x, x_hat, var_x, beta * kl_of(mu, np.log(log_var**2 + 1e-9)))


def loss_of_a_batch_of_two(x, x_hat, var_x, mu, log_var, beta=1.0):
    return gaussian_loss(x, x_hat, var_x, beta * kl_of(mu, log_var)) * len(x) / 2


def of_kinds(likelihood, prior, q):  # the right answer of 4.2, for wrong ones to differ from
    joint = likelihood * prior
    return np.log(joint.sum()), q @ np.log(joint / q), joint / joint.sum()


# Answers that a learner might well give; each must be refused.
WRONG = {
    # at x = 1.5; no gap; without ½; the sign; a text; nothing; a list
    "4.1": [0.716, 0.0, 0.307, -0.153, "0.153", np.array([]), [0.153]],
    "4.2": [
        lambda lik, prior, q: (np.log(q @ (lik * prior)), *of_kinds(lik, prior, q)[1:]),
        lambda lik, prior, q: (np.log(lik @ prior), np.log(lik @ prior), lik * prior / (lik @ prior)),
        lambda lik, prior, q: (np.log(lik @ prior), q @ np.log(lik * prior), lik * prior / (lik @ prior)),
        lambda lik, prior, q: (*of_kinds(lik, prior, q)[:2], lik / lik.sum()),
        lambda lik, prior, q: (*of_kinds(lik, prior, q)[:2], prior),
        lambda lik, prior, q: of_kinds(lik, prior, q)[1],
        lambda lik, prior, q: of_kinds(lik, prior, prior),
    ],
    "4.3": [
        loss_of_means,
        loss_with_half_kl,
        loss_with_log_var_as_std,
        loss_without_beta,
        loss_with_beta_half_if_not_given,
        loss_of_a_batch_of_two,
        lambda x, x_hat, var_x, mu, log_var, beta=1.0: np.zeros(len(x)),
    ],
    "4.4": [lambda n: 1.0, lambda n: n / 2, lambda n: np.sqrt(0.5), lambda n: np.sqrt(n)],
    "4.5": [
        lambda f, z, mu, var, baseline: f(z) * (z - mu) / var,
        lambda f, z, mu, var, baseline: (f(z) - baseline) * (z - mu) / np.sqrt(var),
        lambda f, z, mu, var, baseline: (f(z) - baseline) * (z - mu) * np.exp(-((z - mu) ** 2)),
        lambda f, z, mu, var, baseline: np.mean((f(z) - baseline) * (z - mu) / var),
    ],
}
