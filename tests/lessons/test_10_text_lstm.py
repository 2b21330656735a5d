"""Lesson 10, text_lstm: its numbered equations, train step and coder, and wrong answers to its exercises."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from references import after, softmax

from contentgen import data

CODES = np.random.default_rng(0).integers(1, 6, (3, 9)).astype("int32")
rows = st.lists(st.floats(0.01, 1), min_size=2, max_size=8).map(lambda p: np.array([p]) / sum(p))


def small(lesson, cell="gru", seed=0, units=5):
    lesson["keras"].utils.set_random_seed(seed)
    return lesson["make_network"](7, units, cell)


def start(lesson, network, batch=1):
    return lesson["empty_states"](network, batch)


def read(lesson, network, codes, states=None):
    codes = lesson["tf"].constant(codes)
    states = start(lesson, network, len(codes)) if states is None else states
    logits, states = lesson["read_on"](network, codes, states)
    return logits.numpy(), states


def test_10_1_and_10_2_on_the_language_of_two_letters(lesson):
    printed = lesson.run("eq-chain-check")
    assert after(printed, "p(abbab) =") == 0.125 and ", 0.6 bits per character" in printed


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=9))
def test_10_2_the_lessons_bits_are_the_logarithm_of_the_product(lesson, answers):
    assert np.isclose(2 ** (-len(answers) * lesson["text_bits"](answers)), np.prod(answers))


def test_10_1_the_networks_probabilities_of_all_texts_add_up_to_one(lesson):
    network = small(lesson)
    texts = np.array([[0, *rest] for rest in itertools.product(range(7), repeat=3)], "int32")
    p = softmax(read(lesson, network, texts[:, :-1])[0])
    product = np.take_along_axis(p, texts[:, 1:, None], axis=-1)[..., 0].prod(axis=1)
    assert np.isclose(product.sum(), 1, atol=1e-5)
    some = np.flatnonzero(texts[:, 1:].min(axis=1) > 0)[::40]  # 0 is unknown and costs extra
    bits = [lesson["each_bits"](network, texts[i]).sum() for i in some]
    assert np.allclose(2 ** -np.array(bits), product[some], rtol=1e-3)


def test_10_2_the_loss_and_the_judge_are_the_mean_surprise(lesson):
    network = small(lesson)
    logits = read(lesson, network, CODES[:, :-1])[0]
    p = np.take_along_axis(softmax(logits), CODES[:, 1:, None], axis=-1)
    assert np.isclose(float(lesson["mean_bits"](CODES[:, 1:], logits)), -np.log2(p).mean(), rtol=1e-5)
    assert np.allclose(lesson["each_bits"](network, CODES[1]), -np.log2(p)[1, :, 0], rtol=1e-4)


def test_10_2_the_judge_reads_on_from_window_to_window(lesson):
    """More than one window of 512, against the whole text at once."""
    network, codes = small(lesson), np.random.default_rng(1).integers(1, 7, 1300).astype("int32")
    logits = read(lesson, network, codes[None, :-1])[0][0]
    p = softmax(logits)[np.arange(1299), codes[1:]]
    found = lesson["each_bits"](network, codes)
    assert found.shape == (1299,) and np.allclose(found, -np.log2(p), atol=1e-3)


def test_an_unknown_character_costs_its_name_too(lesson):
    network, codes = small(lesson), np.array([1, 2, 0, 3], "int32")
    p = softmax(read(lesson, network, codes[None, :-1])[0])[0, [0, 1, 2], codes[1:]]
    wanted = -np.log2(p) + [0, math.log2(0x110000), 0]
    assert np.allclose(lesson["each_bits"](network, codes), wanted, rtol=1e-4)


def test_10_3_and_10_4_by_hand_on_one_number(lesson):
    i, f, g, o = (lambda a: 1 / (1 + math.exp(-a)))(-4), 1 / (1 + math.exp(-4)), math.tanh(1), 0.5
    c = f * 2 + i * g
    printed = lesson.run("eq-lstm-check")
    assert np.isclose(after(printed, "2 →"), c, atol=6e-4)
    assert np.isclose(after(printed, "h ="), o * math.tanh(c), atol=6e-4)


@pytest.mark.parametrize("seed", range(3))
def test_10_3_and_10_4_each_gate_by_its_own_sum(lesson, seed):
    rng = np.random.default_rng(seed)
    x, h, c = rng.normal(size=3), rng.normal(size=2), rng.normal(size=2)
    W, U, b = rng.normal(size=(3, 8)), rng.normal(size=(2, 8)), rng.normal(size=8)
    new_h, new_c = lesson["lstm_step"](x[None], h[None], c[None], W, U, b)
    for unit in range(2):
        i, f, g, o = (
            sum(x[d] * W[d, gate * 2 + unit] for d in range(3))
            + sum(h[d] * U[d, gate * 2 + unit] for d in range(2))
            + b[gate * 2 + unit]
            for gate in range(4)
        )
        s = [1 / (1 + math.exp(-a)) for a in (i, f, o)]
        wanted = s[1] * c[unit] + s[0] * math.tanh(g)
        assert np.isclose(new_c[0, unit], wanted) and np.isclose(new_h[0, unit], s[2] * math.tanh(wanted))


@pytest.mark.parametrize("seed", range(3))
def test_10_7_and_10_8_each_gate_by_its_own_sum(lesson, seed):
    rng = np.random.default_rng(seed)
    x, h = rng.normal(size=3), rng.normal(size=2)
    W, U, b = rng.normal(size=(3, 6)), rng.normal(size=(2, 6)), rng.normal(size=(2, 6))
    new_h = lesson["gru_step"](x[None], h[None], W, U, b)
    for unit in range(2):
        z, r, g = (gate * 2 + unit for gate in range(3))
        a, u = x @ W + b[0], h @ U + b[1]
        keep, reset = 1 / (1 + math.exp(-a[z] - u[z])), 1 / (1 + math.exp(-a[r] - u[r]))
        wanted = keep * h[unit] + (1 - keep) * math.tanh(a[g] + reset * u[g])
        assert np.isclose(new_h[0, unit], wanted)


def test_10_3_to_10_8_by_hand_is_what_keras_computes(lesson):
    printed = lesson.run("eq-lstm-layer")
    assert printed.count("True") == 2 and "False" not in printed


@given(rows, st.floats(0.2, 3))
def test_10_5_the_temperature_is_a_power_of_the_probabilities(lesson, p, temperature):
    wanted = p ** (1 / temperature)
    found = lesson["with_temperature"](np.log(p), temperature)
    assert np.allclose(found, wanted / wanted.sum(), rtol=1e-5)


def test_10_5_large_logits_do_no_harm(lesson):
    found = lesson["with_temperature"](np.array([[1000.0, 999.0], [-1000.0, -1000.0]]), 0.5)
    assert np.allclose(found, [[1 / (1 + math.exp(-2)), 1 / (1 + math.exp(2))], [0.5, 0.5]])


def test_10_6_by_hand_and_against_the_fast_function(lesson):
    printed = lesson.run("eq-witten-bell-check")
    assert after(printed, "by hand") == after(printed, "the course's function") == 0.819


@given(st.text("abc", min_size=3, max_size=20), st.text("abc", max_size=3), st.sampled_from("abc?"))
def test_10_6_is_its_definition_and_adds_up_to_one(lesson, text, s, x):
    def by_hand(s, x):
        shorter = by_hand(s[1:], x) if s else 1 / 4
        after = [text[i + len(s)] for i in range(len(text) - len(s)) if text[i:].startswith(s)]
        d = len(set(after))
        return (after.count(x) + d * shorter) / (len(after) + d) if after else shorter

    assert np.isclose(lesson["witten_bell"](text, s, x, 4), by_hand(s, x))
    assert np.isclose(sum(lesson["witten_bell"](text, s, y, 4) for y in "abc?"), 1)


@given(st.floats(-3, 6), st.integers(1, 30))
def test_10_9_the_slope_is_the_product_of_the_gates(lesson, bias, k):
    f = 1 / (1 + math.exp(-bias))
    assert np.isclose(lesson["cell_slope"](bias, k), f**k, rtol=1e-4, atol=1e-6)


def test_10_9_the_lessons_table_has_equal_columns(lesson):
    lines = lesson.run("eq-forget-check").splitlines()
    assert len(lines) == 4
    for line in lines:
        assert np.isclose(after(line, "slope"), after(line, "product of the gates"), atol=2e-4)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=40), st.integers(0, 5))
def test_10_10_a_text_is_packed_into_its_bits_and_comes_back(lesson, codes, seed):
    """A memory of one character: the counts after each are others."""
    p = np.random.default_rng(seed).dirichlet([0.3] * 4, 5)
    tables = 1 + np.floor(p * (2**20 - 4)).astype(int)
    tables[:, 0] += 2**20 - tables.sum(axis=1)

    def after(code):
        return tables[4 if code is None else code]

    number, digits = lesson["pack"](after, codes)
    chances = [tables[before][code] / 2**20 for before, code in zip([4, *codes], codes, strict=False)]
    assert digits == math.ceil(-sum(map(math.log2, chances)) - 1e-9) + 1
    assert 0 <= number < 2**digits
    assert lesson["unpack"](after, number, digits, len(codes)) == codes


def test_10_10_the_lessons_example(lesson):
    lesson.run("eq-coder-functions")
    assert lesson["pack"](lesson["fixed"], [2, 2, 0])[1] == 5


@given(st.lists(st.floats(-60, 60), min_size=2, max_size=9))
def test_counts_add_up_and_none_is_zero(lesson, logits):
    counts = lesson["as_counts"](np.array(logits, "float32"))
    assert counts.sum() == lesson["TOTAL"] and counts.min() >= 1
    assert np.allclose(counts / lesson["TOTAL"], softmax(np.array(logits)), atol=2e-5)


@given(rows, st.integers(1, 8))
def test_top_k_keeps_the_k_likeliest_in_proportion(lesson, p, k):
    p, k = p + np.arange(p.size) * 1e-6, min(k, p.size)  # no two are equal
    kept = lesson["top_k"](p, k)
    wanted = np.where(p >= np.sort(p[0])[-k], p, 0)
    assert (kept > 0).sum() == k and np.allclose(kept, wanted / wanted.sum())


@given(rows, st.floats(0.05, 1))
def test_top_p_keeps_the_smallest_set_that_is_enough(lesson, p, share):
    p = p + np.arange(p.size) * 1e-6
    p /= p.sum()
    kept = lesson["top_p"](p, share)
    chosen = kept[0] > 0
    sizes = [
        size
        for size in range(1, p.size + 1)
        for subset in itertools.combinations(p[0], size)
        if sum(subset) >= share - 1e-12
    ]
    assert chosen.sum() == min(sizes, default=p.size)
    assert p[0][chosen].min() >= p[0][~chosen].max(initial=0)
    assert np.allclose(kept[0][chosen], p[0][chosen] / p[0][chosen].sum())


def test_draws_are_as_frequent_as_their_probabilities(lesson):
    p = np.array([[0.5, 0.0, 0.2, 0.3]])
    codes = lesson["draw_codes"](np.repeat(p, 20_000, axis=0), np.random.default_rng(0))
    assert np.allclose(np.bincount(codes, minlength=4) / 20_000, p[0], atol=0.02)


def test_text_and_codes_are_each_others_inverse(lesson):
    vocabulary = ["\ufffd", *"abc"]
    assert lesson["to_codes"]("cabx", vocabulary).tolist() == [3, 1, 2, 0]
    assert lesson["to_text"]([3, 1, 2, 0], vocabulary) == "cab\ufffd"


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_the_carried_state_equals_the_whole_window(lesson, cell):
    network = small(lesson, cell)
    whole, last = read(lesson, network, CODES)
    states, parts = None, []
    for cut in (slice(0, 1), slice(1, 4), slice(4, 9)):
        logits, states = read(lesson, network, CODES[:, cut], states)
        parts.append(logits)
    assert np.allclose(np.concatenate(parts, axis=1), whole, atol=1e-5)
    assert all(np.allclose(a, b, atol=1e-5) for a, b in zip(states, last, strict=True))
    assert whole.shape == (3, 9, 7) and len(states) == (2 if cell == "lstm" else 1)


def test_writing_reads_the_beginning_and_what_was_written(lesson):
    """Greedy writing, against the whole text read again for each character."""
    network, vocabulary = small(lesson), ["\ufffd", *"abcdef"]
    (written,) = lesson["write"](network, vocabulary, "abc", 12, lambda logits: logits.argmax(axis=-1))
    text = "abc"
    for _ in range(12):
        logits = read(lesson, network, lesson["to_codes"](text, vocabulary)[None])[0]
        text += vocabulary[logits[0, -1].argmax()]
    assert written == text[3:]
    rng = np.random.default_rng(0)
    several = lesson["write"](network, vocabulary, "a", 30, lesson["at"](1.0, rng), batch=4)
    assert len(set(several)) == 4 and {len(text) for text in several} == {30}


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_a_step_goes_down_the_slope_and_carries_the_states(lesson, cell):
    tf, keras = lesson["tf"], lesson["keras"]
    network = small(lesson, cell)
    reader = lesson["Reader"](network, 3)
    reader.compile(keras.optimizers.SGD(0.5), run_eagerly=True)
    states = start(lesson, network, 3)
    for window in (CODES[:, :5], CODES[:, 4:]):
        before = [weight.numpy() for weight in network.trainable_variables]
        with tf.GradientTape() as tape:
            logits, *after = network([tf.constant(window[:, :-1]), *states], training=True)
            loss = lesson["mean_bits"](window[:, 1:], logits)
        slopes = tape.gradient(loss, network.trainable_variables)
        report = reader.train_step(tf.constant(window))
        for weight, old, slope in zip(network.trainable_variables, before, slopes, strict=True):
            wanted = old - 0.5 * tf.convert_to_tensor(slope).numpy()
            assert np.allclose(weight.numpy(), wanted, atol=1e-5)
        assert all(np.allclose(a, b, atol=1e-6) for a, b in zip(reader.states, after, strict=True))
        assert np.abs(after[0]).max() > 0
        reader.bits.reset_state()
        states = after
    assert float(report["bits"]) == pytest.approx(float(loss), rel=1e-5)


def test_each_stream_begins_anew_after_32_windows(lesson):
    tf, keras = lesson["tf"], lesson["keras"]
    network = small(lesson)
    reader = lesson["Reader"](network, 3)
    reader.compile(keras.optimizers.SGD(0.0), run_eagerly=True)
    for step in range(70):
        before = [state.numpy() for state in reader.states]
        begins = [stream for stream in range(3) if (stream + step) % 32 == 0]
        for state in before:
            state[begins] = 0
        wanted = read(lesson, network, CODES[:, :4], [tf.constant(state) for state in before])[1]
        reader.train_step(tf.constant(CODES[:, :5]))
        assert np.allclose(reader.states[0], wanted[0], atol=1e-6), step


def test_a_grus_keep_gate_starts_open(lesson):
    layer = next(f for f in small(lesson).layers if isinstance(f, lesson["layers"].GRU))
    assert layer.cell.bias.numpy()[0].tolist() == [1.0] * 5 + [0.0] * 10


def test_a_killed_training_that_goes_on_ends_the_same_to_the_bit(lesson, monkeypatch, goes_on_after_a_kill):
    """The lesson's own network, class, optimiser and `train_network`; dropout is on."""
    monkeypatch.setitem(lesson, "train", np.random.default_rng(0).integers(1, 7, 3000).astype("int32"))
    monkeypatch.setitem(lesson, "batch_size", 4)
    monkeypatch.setitem(lesson, "length", 8)

    def train():
        network = lesson["make_network"](7, 6, "gru", dropout=0.3)
        return network, lesson["train_network"](network, 50, "test")

    goes_on_after_a_kill(lesson, train)


def test_the_shipped_writers_know_their_vocabularies(lesson):
    lesson.run("box")
    for network, vocabulary in lesson["writers"].values():
        assert network.output_shape[0][-1] == len(vocabulary) and vocabulary[0] == "\ufffd"
        assert vocabulary[1:] == sorted(vocabulary[1:])
    assert set(data.load_text("news", 64).vocabulary) <= set(lesson["writers"]["news"][1])


# Answers that a learner might well give; each must be refused.
WRONG = {
    "10.1": [440_000, 55, 0.055, None, 8 * 440_000],
    "10.2": [
        lambda p, share: p,
        lambda p, share: np.where(p >= share * p.max(axis=-1, keepdims=True), p, 0),
        lambda p, share: np.where(p >= share, p, 0) / np.where(p >= share, p, 0).sum(axis=-1, keepdims=True),
        lambda p, share: (
            (q := np.where(p >= share * p.max(), p, 0)) / np.maximum(q.sum(axis=-1, keepdims=True), 1e-9)
        ),
    ],
    "10.3": [
        lambda codes, b, t, step: codes[: b * (t + 1)].reshape(b, t + 1),
        lambda codes, b, t, step: window(codes, b, t, step)[:, :-1],
        lambda codes, b, t, step: window(codes, b, t + 1, step)[:, :-1],
        lambda codes, b, t, step: window(codes, b, t, 0),
        lambda codes, b, t, step: window(codes[: len(codes) // b * b], b, t, step),
    ],
}


def window(codes, batch_size, length, step):
    starts = np.arange(batch_size)[:, None] * (len(codes) // batch_size)
    return codes[(starts + step * length + np.arange(length + 1)) % len(codes)]
