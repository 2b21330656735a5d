"""Lesson 11, text_transformer: its equations, tokens, mask, cache and heads, and wrong answers."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from references import after, softmax, values_of

from contentgen import data
from contentgen.exercises.lesson_11 import _by_hand

CODES = np.random.default_rng(0).integers(0, 11, (3, 9)).astype("int32")
SMALL = dict(width=8, heads=2, n_layers=2, drop=0.0, positions="rotary", norm="before", length=8)
TOY = "the cat and the hat and the bat\n\nthat cat sat\n\nthe end of 1999, of 1998 and of 1997\n\n"


def small(lesson, seed=0, vocab_size=11, **settings):
    """A network whose weights are large enough for its heads to differ."""
    lesson.update(SMALL | settings)
    lesson["keras"].utils.set_random_seed(seed)
    network = lesson["make_transformer"](vocab_size)
    rng = np.random.default_rng(seed)
    for weight in network.weights:
        if len(weight.shape) > 1:
            weight.assign(rng.normal(0, 0.5, weight.shape))
    return network


def read(lesson, network, codes, cache=None):
    """As `read_on` does, but as plain Python: to trace it takes longer than all calls here."""
    codes = lesson["tf"].constant(codes)
    states = lesson["empty_cache"](network, len(codes)) if cache is None else [cache]
    logits, (cache,) = lesson["read_on"].python_function(network, codes, states)
    return logits.numpy(), cache


@pytest.mark.parametrize(("T", "d", "seed"), [(3, 4, 0), (4, 8, 1), (7, 2, 2)])
def test_11_1_and_11_2_place_by_place(lesson, T, d, seed):
    q, k, v = np.random.default_rng(seed).standard_normal((3, T, d)).astype("float32")
    mixed, weights = lesson["attention"](q, k, v, np.tril(np.ones((T, T), bool)))
    for i in range(T):
        share = np.exp([q[i] @ k[j] / math.sqrt(d) for j in range(i + 1)])
        share /= share.sum()
        assert np.allclose(weights[i], [*share, *[0] * (T - 1 - i)], atol=1e-5)
        assert np.allclose(mixed[i], sum(w * v[j] for j, w in enumerate(share)), atol=1e-5)


def test_11_1_the_lessons_four_tokens(lesson):
    lesson.run("eq-attention-check")
    third = 1 / (1 + 2 * math.exp(-8 / math.sqrt(8)))
    wanted = [[1, 0, 0, 0], [0, 1, 0, 0], [(1 - third) / 2, (1 - third) / 2, third, 0], [0, 0.5, 0, 0.5]]
    assert np.allclose(lesson["weights"], wanted, atol=6e-4)
    arrives = [1, 2, 1.5 * (1 - third) + 3 * third, 3]
    assert np.allclose(np.asarray(lesson["mixed"])[:, 0], arrives, atol=6e-4)


@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(0, 500))
def test_11_3_turning_keeps_lengths(lesson, seed, half, place):
    x = np.random.default_rng(seed).standard_normal((1, 2 * half)).astype("float32")
    turned = np.asarray(lesson["rotated"](x, np.array([place])))
    assert np.isclose(np.linalg.norm(turned), np.linalg.norm(x), rtol=1e-4)


@given(st.integers(0, 10_000), st.integers(0, 60), st.integers(0, 60), st.integers(1, 60))
def test_11_3_products_depend_on_the_distance_alone(lesson, seed, i, j, moved):
    q, k = np.random.default_rng(seed).standard_normal((2, 1, 8)).astype("float32")

    def product(i, j):
        return float(np.sum(np.asarray(lesson["rotated"](q, [i])) * np.asarray(lesson["rotated"](k, [j]))))

    assert np.isclose(product(i, j), product(i + moved, j + moved), atol=1e-3)


@pytest.mark.parametrize("place", [1, 7])
def test_11_3_is_a_product_of_complex_numbers(lesson, place):
    x = np.random.default_rng(place).standard_normal((1, 6)).astype("float32")
    speeds = 10_000 ** -(np.arange(3) / 3)
    wanted = (x[:, :3] + 1j * x[:, 3:]) * np.exp(1j * place * speeds)
    found = np.asarray(lesson["rotated"](x, [place]))
    assert np.allclose(found, np.concatenate([wanted.real, wanted.imag], axis=1), atol=1e-5)


def test_11_3_the_lessons_rows_are_equal(lesson):
    lines = lesson.run("eq-rotary-check").splitlines()
    rows = np.array([values_of(line.split("later:")[1]) for line in lines])
    assert rows.shape == (3, 3) and np.ptp(rows, axis=0).max() < 2e-3 and np.ptp(rows[0]) > 0.1


def test_11_4_the_loss_is_the_surprise_in_bits(lesson):
    logits = np.random.default_rng(0).standard_normal((3, 9, 11)).astype("float32")
    p = np.take_along_axis(softmax(logits), CODES[..., None], axis=-1)[..., 0]
    assert np.allclose(lesson["token_bits"](CODES, logits), -np.log2(p), atol=1e-4)


@pytest.mark.parametrize("n", [5, 8, 23])
def test_11_4_the_judge_counts_every_token_once_by_what_stood_before(lesson, n):
    """Tokens are bytes here, but for one of two signs; a window holds 8."""
    network = small(lesson, vocab_size=259)
    tokens = {bytes([byte]): byte for byte in range(256)} | {b"\n\n": 256, b" a": 257, b"bc": 258}
    text = "".join(np.random.default_rng(n).choice([*"de fg"], n)) + "x a"
    codes = lesson["to_tokens"](text, tokens)
    row, bits = np.concatenate([[256] * 4, codes]).astype("int32"), 0.0
    for t in range(4, len(row)):
        first = 4 * (t // 4) - 4  # a window's second half is judged
        p = softmax(read(lesson, network, row[None, first:t])[0])[0, -1, row[t]]
        bits -= math.log2(p)
    assert len(codes) < len(text)
    assert np.isclose(lesson["bits_of_text"](network, tokens, text), bits / len(text), rtol=1e-4)


def test_11_5_the_variance_is_the_number_of_products(lesson):
    for line in lesson.run("eq-scale-check").splitlines():
        d, undivided, divided = (after(f" {line}", label) for label in (" d", "largest share", ", divided"))
        assert np.isclose(after(line, "variance"), d, rtol=0.05) and 0.1 < divided < 0.25
        assert undivided > divided + (0.03 if d == 4 else 0.3)


@pytest.mark.parametrize("positions", ["rotary", "learned", "none"])
@pytest.mark.parametrize("norm", ["before", "after"])
def test_no_later_token_moves_an_earlier_output(lesson, positions, norm):
    network = small(lesson, positions=positions, norm=norm)
    whole = read(lesson, network, CODES)[0]
    for t in range(9):
        changed = CODES.copy()
        changed[:, t] = (changed[:, t] + 1) % 11
        logits = read(lesson, network, changed)[0]
        np.testing.assert_array_equal(logits[:, :t], whole[:, :t])
        assert (np.abs(logits[:, t:] - whole[:, t:]).max(axis=(0, 2)) > 1e-4).all()


@pytest.mark.parametrize("norm", ["before", "after"])
@pytest.mark.parametrize("positions", ["rotary", "learned"])
def test_reading_with_the_cache_equals_reading_anew(lesson, positions, norm):
    network = small(lesson, positions=positions, norm=norm)
    whole, all_kept = read(lesson, network, CODES)
    cache, parts = None, []
    for cut in (slice(0, 1), slice(1, 4), slice(4, 9)):
        logits, cache = read(lesson, network, CODES[:, cut], cache)
        parts.append(logits)
    assert np.allclose(np.concatenate(parts, axis=1), whole, atol=1e-4)
    assert np.allclose(cache, all_kept, atol=1e-5) and cache.shape == (3, 9, 2, 16)


@pytest.mark.parametrize("temperature", [0.5, 2.0])
def test_writing_with_the_cache_equals_writing_anew(lesson, temperature):
    network = small(lesson)
    kept, codes = lesson["write_tokens"](network, CODES, 20, temperature), CODES
    for step in range(20):
        logits = read(lesson, network, codes)[0][:, -1] / temperature
        new = lesson["tf"].random.stateless_categorical(logits, 1, [lesson["seed"], step], "int32")
        codes = np.concatenate([codes, new], axis=1)
    assert kept.shape == (3, 20) and len(np.unique(kept)) > 2
    np.testing.assert_array_equal(kept, codes[:, -20:])


def test_tokens_are_drawn_at_their_temperature(lesson):
    """One layer of nothing: each token is drawn from the softmax of the same logits."""
    network, codes = small(lesson), np.repeat(CODES[:1], 20_000, axis=0)
    logits = read(lesson, network, CODES[:1])[0][0, -1]
    drawn = lesson["write_tokens"](network, codes, 1, 2.0)[:, 0]
    assert np.allclose(np.bincount(drawn, minlength=11) / 20_000, softmax(logits / 2), atol=0.02)


def test_without_places_the_order_of_what_was_read_does_not_matter(lesson):
    """In one layer. With rotary or learned positions it does."""
    mixed = CODES[:, [2, 0, 3, 1, 4, 7, 6, 5, 8]]
    for positions, same in {"none": True, "rotary": False, "learned": False}.items():
        network = small(lesson, positions=positions, n_layers=1)
        apart = np.abs(read(lesson, network, CODES)[0] - read(lesson, network, mixed)[0])[:, -1].max()
        assert (apart < 1e-4) == same


@pytest.mark.parametrize("heads", [2, 4])
def test_a_layer_is_attention_with_several_heads_by_hand(lesson, heads):
    keras, ops = lesson["keras"], lesson["ops"]
    x, past = keras.Input((None, 8)), keras.Input((None, 16))
    places = keras.Input((None,), dtype="int32")
    allowed = lesson["may_look"](places, places)
    y, kept = lesson["look_back"](x, past, places, places, allowed, "out", heads, "none")
    layer = keras.Model([x, past, places], [y, kept])
    numbers = np.random.default_rng(0).standard_normal((1, 5, 8)).astype("float32")
    found, kept = layer([numbers, np.zeros((1, 0, 16), "float32"), np.arange(5)[None]])
    W, W_out = (np.asarray(weight) for weight in layer.weights)
    W_q, W_k, W_v = np.split(W, 3, axis=1)
    assert np.allclose(found[0], _by_hand(numbers[0], W_q, W_k, W_v, W_out, heads), atol=1e-4)
    assert np.allclose(ops.split(kept, 2, axis=-1)[1][0], numbers[0] @ W_v, atol=1e-5)


def test_the_weights_are_tied(lesson):
    network = small(lesson, n_layers=1)
    assert [weight.shape for weight in network.weights].count((11, 8)) == 1
    last = [layer for layer in network.layers if isinstance(layer, lesson["layers"].LayerNormalization)][-1]
    (embedding,) = (f for f in network.layers if isinstance(f, lesson["layers"].ReversibleEmbedding))
    inside = lesson["keras"].Model(network.inputs, last.output)
    x = inside([lesson["tf"].constant(CODES), *lesson["empty_cache"](network, 3)])
    logits = read(lesson, network, CODES)[0]
    assert np.allclose(logits, x @ np.asarray(embedding.embeddings).T, atol=1e-4)


def test_normalised_after_each_part_the_stream_has_mean_0_and_variance_1(lesson):
    for norm, wanted in {"after": True, "before": False}.items():
        network = small(lesson, norm=norm)
        last = [f for f in network.layers if isinstance(f, lesson["layers"].LayerNormalization)][-1]
        inside = lesson["keras"].Model(network.inputs, last.input)
        x = np.asarray(inside([lesson["tf"].constant(CODES), *lesson["empty_cache"](network, 3)]))
        assert (abs(x.var(axis=-1) - 1).max() < 0.01) == wanted


def maps(lesson, network):
    softmaxes = [f.output for f in network.layers if isinstance(f, lesson["layers"].Softmax)]
    looker = lesson["keras"].Model(network.inputs, softmaxes)
    return [np.asarray(m) for m in looker([lesson["tf"].constant(CODES), *lesson["empty_cache"](network, 3)])]


@pytest.mark.parametrize(("layer", "head"), [(0, 0), (0, 1), (1, 1)])
def test_switching_a_head_off_changes_only_what_it_should(lesson, layer, head):
    network = small(lesson)
    before, whole = [np.asarray(weight) for weight in network.weights], read(lesson, network, CODES)[0]
    copy = lesson["without_head"](network, layer, head)
    name = f"from_heads_{layer}"
    for weight, old, new in zip(network.weights, before, copy.weights, strict=True):
        np.testing.assert_array_equal(weight, old)
        if new is copy.get_layer(name).kernel:
            rows = np.arange(8) // 4 != head
            np.testing.assert_array_equal(np.asarray(new)[rows], old[rows])
            assert not np.asarray(new)[~rows].any()
        else:
            np.testing.assert_array_equal(new, old)
    assert np.abs(read(lesson, copy, CODES)[0] - whole).max() > 1e-3
    for at, (one, other) in enumerate(zip(maps(lesson, network), maps(lesson, copy), strict=True)):
        assert np.allclose(one, other, atol=1e-5) == (at <= layer)


def test_the_lens_ends_in_the_networks_own_answer(lesson):
    network = small(lesson)
    found = lesson["lens"](network, CODES[0], 5)
    assert found.shape == (5, 4)
    logits = read(lesson, network, CODES[:1])[0][0, 5]
    assert found[-1].tolist() == np.argsort(-logits)[:4].tolist()
    (embedding,) = (f for f in network.layers if isinstance(f, lesson["layers"].ReversibleEmbedding))
    x = np.asarray(embedding.embeddings)[CODES[0, 5]]
    x = (x - x.mean()) / np.sqrt(x.var() + 1e-3)  # the stream at the beginning is the embedding
    assert found[0, 0] == np.argmax(np.asarray(embedding.embeddings) @ x)


def slow_pairs(lesson, text, n):
    """What the byte pairs are by their definition: everything is counted anew for each."""
    words = Counter(word.encode() for word in lesson["re"].findall(lesson["WORDS"], text))
    parts = {word: [bytes([byte]) for byte in word] for word in words}
    found = []
    while True:
        counts = Counter()
        for word, times in words.items():
            for pair in zip(parts[word], parts[word][1:], strict=False):
                counts[pair] += times
        if not counts or max(counts.values()) < 2 or len(found) == n:
            return found
        best = max(counts, key=lambda pair: (counts[pair], pair))
        if b"".join(best) not in found:
            found.append(b"".join(best))
        for word, old in parts.items():
            new, i = [], 0
            while i < len(old):
                step = 2 if tuple(old[i : i + 2]) == best else 1
                new.append(b"".join(old[i : i + step]))
                i += step
            parts[word] = new


@given(st.text("ab c\n", min_size=1, max_size=60))
def test_tokens_are_the_commonest_pairs(lesson, text):
    tokens = lesson["learn_tokens"](text, 270)
    assert list(tokens)[256:] == slow_pairs(lesson, text, 14)
    assert list(tokens.values()) == list(range(len(tokens)))
    assert list(tokens)[:256] == [bytes([byte]) for byte in range(256)]


def test_a_text_without_spaces_is_cut_into_words(lesson):
    """So a long one has many short words, and its tokens are no longer."""
    text = "ACGTTG" * 50 + " " + "。" * 40 + " " * 40
    words = lesson["re"].findall(lesson["WORDS"], text)
    assert "".join(words) == text and max(map(len, words)) <= 17
    assert max(map(len, lesson["learn_tokens"](text, 400))) <= 17 * 3  # bytes of a sign


def test_the_lessons_toy(lesson):
    assert "b'ab', b' ab'" in lesson.run("pairs")


@given(st.text())
def test_any_text_comes_back(lesson, text):
    tokens = lesson["learn_tokens"](TOY, 300)
    codes = lesson["to_tokens"](text, tokens)
    assert lesson["from_tokens"](codes, tokens) == text
    assert len(codes) <= len(text.encode()) and all(0 <= code < len(tokens) for code in codes)


@given(st.text())
def test_no_token_is_learnt_across_words(lesson, text):
    """A text that has learnt its own tokens comes back, too, and each token lies within a word."""
    tokens = lesson["learn_tokens"](text * 2, 280)
    assert lesson["from_tokens"](lesson["to_tokens"](text, tokens), tokens) == text
    words = [word.encode() for word in lesson["re"].findall(lesson["WORDS"], text * 2)]
    assert "".join(lesson["re"].findall(lesson["WORDS"], text)) == text
    assert all(any(token in word for word in words) for token in list(tokens)[256:])


def test_a_word_is_cut_into_the_longest_tokens(lesson):
    tokens = {bytes([byte]): byte for byte in range(256)} | {b"ab": 256, b"abc": 257, b"cd": 258}
    assert lesson["to_tokens"]("abcd abd", tokens).tolist() == [257, ord("d"), ord(" "), 256, ord("d")]


def test_the_place_before_a_second_mention(lesson):
    reports = [report for report in data.news.draw(60, seed=5) if report.kind == "gale"]
    lesson["tokens"] = lesson["learn_tokens"]("".join(report.text for report in reports), 400)
    for report in reports:
        codes, before, named = lesson["second_mention"](report, "town")
        town = report.facts["town"]

        def text(part, codes=codes):
            return lesson["from_tokens"](part, lesson["tokens"]) if len(part) else ""

        assert text(codes[named]).strip() == town
        assert text(codes[before + 1 :]).lstrip().startswith(town)
        assert text(codes[: before + 1]).count(town) == 1
        assert text(codes) == "\n\n" + report.text.strip()


def prepared(lesson, monkeypatch, tmp_path, times=9):
    """A small text of the toy, ready to train on."""
    lesson.update(SMALL)
    monkeypatch.setenv("CONTENTGEN_CACHE", str(tmp_path))
    tokens = lesson["learn_tokens"](TOY, 264)
    codes = lesson["to_tokens"](TOY * times, tokens)
    lesson.update(tokens=tokens, train=codes, batch_size=4, rate=0.01)
    lesson.update(end=lesson["to_tokens"]("\n\n", tokens)[-1], per_token=2.0)


@pytest.mark.parametrize("optimizer", ["muon", "adam"])
def test_a_killed_training_that_goes_on_ends_the_same_to_the_bit(
    lesson, monkeypatch, tmp_path, goes_on_after_a_kill, optimizer
):
    prepared(lesson, monkeypatch, tmp_path)
    lesson.update(optimizer=optimizer, drop=0.2)

    def train():
        network = lesson["make_transformer"](264)
        return network, lesson["train_transformer"](network, 50, "test")

    goes_on_after_a_kill(lesson, train)


def test_training_reports_bits_per_character_of_the_next_token(lesson, monkeypatch, tmp_path):
    """With the learning rate 0, what is reported is the mean over all windows of the untrained network."""
    prepared(lesson, monkeypatch, tmp_path, times=2)
    lesson.update(optimizer="adam", rate=0.0, batch_size=1)
    windows = lesson["training"].paragraph_windows(lesson["train"], lesson["end"], 8)
    network = lesson["make_transformer"](264)
    history = lesson["train_transformer"](network, 10 * len(windows), "test")
    logits = read(lesson, network, windows[:, :-1])[0]
    p = np.take_along_axis(softmax(logits), windows[:, 1:, None], axis=-1)
    assert np.allclose(history, -np.log2(p).mean() / 2.0, rtol=1e-3)


def test_the_shipped_network_knows_its_tokens(lesson):
    lesson.run("box")
    network, tokens = lesson["shipped"], lesson["shipped_tokens"]
    assert network.output_shape[0][-1] == len(tokens) and list(tokens.values()) == list(range(len(tokens)))
    assert list(tokens)[:256] == [bytes([byte]) for byte in range(256)]
    for beginning in ("", "Storm ", "Ünïcode ✓ "):
        assert lesson["finish"](beginning).startswith(beginning.rstrip())


# Answers that a learner might well give; each must be refused.
WRONG = {
    "11.1": [36_864_000, 18_432_000, None, 12 * 768 * 1000, 73_728],
    "11.2": [
        lambda T, reach: np.tril(np.ones((T, T), bool)),
        lambda T, reach: window(T, reach + 1),
        lambda T, reach: window(T, reach).T,
        lambda T, reach: window(T, reach)[:-1],
        lambda T, reach: abs(np.arange(T)[:, None] - np.arange(T)) < reach,
    ],
    "11.3": [
        lambda x, W_q, W_k, W_v, W_out, heads: _by_hand(x, W_q, W_k, W_v, W_out, 1),
        lambda x, W_q, W_k, W_v, W_out, heads: _by_hand(x, W_k, W_q, W_v, W_out, heads),
        lambda x, W_q, W_k, W_v, W_out, heads: _by_hand(x, W_q, W_k, W_v, np.eye(len(W_q)), heads),
        lambda x, W_q, W_k, W_v, W_out, heads: _by_hand(x, 2 * W_q, W_k, W_v, W_out, heads),
        lambda x, W_q, W_k, W_v, W_out, heads: (
            np.repeat((x @ W_v).mean(axis=0)[None], len(x), axis=0) @ W_out
        ),
    ],
}


def window(T, reach):
    back = np.arange(T)[:, None] - np.arange(T)
    return (back >= 0) & (back < reach)
