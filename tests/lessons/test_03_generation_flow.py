"""Lesson 03, generation_flow: its steps and its training, and wrong answers to its exercises."""

import numpy as np
from references import slopes

from contentgen.drawing import lesson_03 as drawing


def batch(lesson, seed=3):
    rng = np.random.default_rng(seed)
    x, c = lesson["toy_pairs"](32, rng)
    return rng.normal(size=(2, 2)), rng.normal(size=(2, 3)), x, c, rng.standard_normal(32)


def test_a_step_of_d_goes_down_its_own_loss(lesson):
    """Of each case, with all arrows and with one taken out."""
    weights_g, weights_d, x, c, z = batch(lesson)
    for sees_real in (True, False):
        for told in (True, False):
            seen_c = c if told else 0 * c

            def loss(weights_d, real=sees_real, c_seen=seen_c):
                l_real, l_fake = (
                    weights_d[c_seen, 0] + weights_d[c_seen, 1] * v + weights_d[c_seen, 2] * v**2
                    for v in (x, weights_g[c, 0] + weights_g[c, 1] * z)
                )
                return real * np.logaddexp(0, -l_real).mean() + np.logaddexp(0, l_fake).mean()

            passed, new_d = lesson["d_step"](weights_d, weights_g, x, c, z, sees_real, told)
            wanted = weights_d - lesson["rate_d"] * slopes(loss, weights_d)
            assert np.allclose(new_d, wanted, atol=1e-6)
            assert np.isclose(passed["loss"], loss(weights_d, real=1))


def test_a_step_of_g_goes_down_its_own_loss(lesson):
    weights_g, weights_d, _, c, z = batch(lesson)
    for told in (True, False):
        seen_c = c if told else 0 * c

        def loss(weights_g, c_seen=seen_c):
            x = weights_g[c, 0] + weights_g[c, 1] * z
            l_fake = weights_d[c_seen, 0] + weights_d[c_seen, 1] * x + weights_d[c_seen, 2] * x**2
            return np.logaddexp(0, -l_fake).mean()

        passed, new_g = lesson["g_step"](weights_g, weights_d, c, z, told)
        assert np.allclose(new_g, weights_g - lesson["rate_g"] * slopes(loss, weights_g), atol=1e-6)
        assert np.isclose(passed["loss"], loss(weights_g))


def test_the_flow_takes_the_steps_of_its_order_each_with_a_batch_of_its_own(lesson, monkeypatch):
    took, start = [], np.zeros((2, 2))

    def d_step(weights_d, weights_g, x, c, z, *switches):
        took.append(("D", float(z[0]), float(weights_g[0, 0]), switches))
        return {}, weights_d + 1

    def g_step(weights_g, weights_d, c, z, *switches):
        took.append(("G", float(z[0]), float(weights_d[0, 0]), switches))
        assert set(c) <= {0}
        return {}, weights_g + 1

    monkeypatch.setitem(lesson, "d_step", d_step)
    monkeypatch.setitem(lesson, "g_step", g_step)
    record = lesson["train_flow"](start, "DDG", 2, conditional=False, sees_real="sees_real?", told="told?")
    assert "".join(player for player, *_ in took) == "DDGDDG"
    assert len({z for _, z, *_ in took}) == 6
    first_d = record[0]["before_d"][0, 0]
    assert [seen for player, _, seen, _ in took if player == "G"] == [first_d + 2, first_d + 4]  # the new D
    assert [seen for player, _, seen, _ in took if player == "D"] == [0, 0, 1, 1]
    wanted = {"D": ("sees_real?", "told?"), "G": ("told?",)}
    assert all(switches == wanted[player] for player, _, _, switches in took)
    assert np.array_equal(record[1]["before_g"], start + 1)
    assert np.array_equal(record[-1]["weights_g"], start + 2)


def test_without_real_data_a_hill_is_left_and_the_heap_ends_on_its_top(lesson):
    for run in range(4):
        end = lesson["train_flow"](np.array([[2.0, 0.5]] * 2), n_rounds=2000, seed=run, sees_real=False)[-1]
        _, w_1, w_2 = end["weights_d"].T
        centre, spread = end["weights_g"].T
        assert np.all(w_2 < -0.5) and np.all(abs(centre + w_1 / (2 * w_2)) < 0.1)
        assert np.all(abs(centre) < 0.5) and np.all(abs(spread) < 0.02)


def test_the_distance_of_a_shifted_generator_is_its_shift(lesson):
    data = np.stack([lesson["MEANS"], lesson["SPREADS"]], axis=1)
    perfect = lesson["distance_to_data"](data)
    assert perfect < 0.03
    for shift in (-2.0, 0.5, 3.0):
        moved = lesson["distance_to_data"](data + [shift, 0])
        assert abs(moved - abs(shift)) <= perfect + 1e-9
    swapped = lesson["distance_to_data"](data[::-1])
    assert swapped > 1.9  # kind by kind: the right numbers under the wrong name are far away
    wide = [[0.0, np.sqrt(1 + np.mean(data[:, 1] ** 2))]] * 2
    assert lesson["distance_to_data"](np.array(wide), conditional=False) < 0.4


def test_the_chart_notes_what_passed_and_real_data_rest_while_g_learns(lesson):
    (seen,) = lesson["train_flow"](np.array([[2.0, 0.5]] * 2), n_rounds=1, seed=3)
    steps = drawing.flow_steps(lesson["toy_discriminator"], seen, conditional=True)
    assert len(steps) == 9
    d_saw, g_made = steps[3][1], steps[6][1]
    assert d_saw["real data x", "discriminator"] == f"{seen['D']['x'][0]:.2f}"
    assert d_saw["generated content", "discriminator"] == f"{seen['D']['x_fake'][0]:.2f}"
    assert g_made["generated content", "discriminator"] == f"{seen['G']['x_fake'][0]:.2f}"
    assert g_made["real data x", "discriminator"] is None
    new = lesson["toy_discriminator"](seen["weights_d"], seen["G"]["x_fake"][:1], seen["G"]["c"][:1])[0]
    assert steps[7][1]["discriminator", "g_loss"].endswith(f"{new:.2f}")
    assert any("condition c" in arrow for _, passed in steps for arrow in passed)
    steps = drawing.flow_steps(lesson["toy_discriminator"], seen, conditional=False)
    assert not any("condition c" in arrow for _, passed in steps for arrow in passed)


def step_of_d(weights_d, x, x_fake, rate, sees_real=1):  # lesson 03, right as it stands
    features, fakes = (np.stack([v**0, v, v**2], axis=1) for v in (x, x_fake))
    slopes = sees_real * features.T @ (1 / (1 + np.exp(-features @ weights_d)) - 1) / len(x)
    slopes = slopes + fakes.T @ (1 / (1 + np.exp(-fakes @ weights_d))) / len(x_fake)
    return weights_d - rate * slopes


# Answers that a learner might well give; each must be refused.
WRONG = {
    "3.1": [
        {"noise z", "condition c", "generator", "generated content", "discriminator"},
        {"condition c", "generator", "generated content"},
        {"noise z", "condition c", "generator", "output"},
        "generator",
    ],
    "3.2": ["TRPQS", "TQRPS", "QTSRP", "TSQRP", "TQSPR", "PQR", None],  # first: the generator's step first
    "3.3": [
        lambda weights_g, z, one_hot: weights_g[one_hot.argmax(1)] @ [1, 0] + 0.3 * z,
        lambda weights_g, z, one_hot: (weights_g[one_hot.argmax(1)] * np.c_[z**0, z]).sum(1),
        lambda weights_g, z, one_hot: one_hot @ weights_g[:, 0],
        lambda weights_g, z, one_hot: one_hot @ weights_g[:, 0] + np.abs(one_hot @ weights_g[:, 1]) * z,
        lambda weights_g, z, one_hot: np.stack(
            [weights_g[row > 0].mean(0) @ [1, noise] for row, noise in zip(one_hot, z, strict=True)]
        ),
        lambda weights_g, z, one_hot: one_hot @ weights_g * z[:, None],
    ],
    "3.4": [
        lambda weights_d, x, x_fake, rate: step_of_d(weights_d, x, x_fake, -rate),  # uphill
        lambda weights_d, x, x_fake, rate: step_of_d(weights_d, x_fake, x, rate),  # real is 0
        lambda weights_d, x, x_fake, rate: step_of_d(weights_d, x, x_fake, rate, sees_real=0),
        lambda weights_d, x, x_fake, rate: step_of_d(weights_d, x, x_fake, 1.0),
        lambda weights_d, x, x_fake, rate: step_of_d(0 * weights_d, x, x_fake, rate),
        lambda weights_d, x, x_fake, rate: step_of_d(weights_d, x, x_fake, rate * len(x)),  # sums
        lambda weights_d, x, x_fake, rate: step_of_d(weights_d, x, x_fake, rate * len(x) / 2),
    ],
}
