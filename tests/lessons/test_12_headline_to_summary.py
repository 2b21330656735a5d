"""Lesson 12, headline_to_summary: its equations, networks, searches and rules, and wrong answers."""

import itertools
import math

import numpy as np
import pytest
import sacrebleu
from hypothesis import given
from hypothesis import strategies as st
from references import after, values_of
from rouge_score.rouge_scorer import RougeScorer

from contentgen import data, metrics
from contentgen.exercises.lesson_12 import _longest

SMALL = dict(width=8, heads=2, positions="rotary", tied=True, values="tokens", smoothing=0.0, PAD=0, end=1)
TOKENS = {b"\0": 0, b"\n\n": 1, b"a": 2, b" b": 3, b"c": 4, b" ": 5, b"b": 6}
SOURCE = np.array([[2, 3, 4, 0, 0], [4, 2, 3, 3, 6], [6, 0, 0, 0, 0]], "int32")
CODES = np.array([[1, 2, 3, 5], [1, 4, 4, 2], [1, 3, 6, 2]], "int32")
REPORTS = data.news.draw(80, seed=12)
texts = st.text("ab c.\n-1", max_size=40)


def small(lesson, seed=0, scale=0.7, **settings):
    """An encoder and a decoder whose weights are large enough for places to differ."""
    lesson.update(SMALL | {"tokens": TOKENS, "pieces": [token.decode() for token in TOKENS]} | settings)
    lesson["keras"].utils.set_random_seed(seed)
    networks = lesson["make_networks"]()
    rng = np.random.default_rng(seed)
    for weight in {id(w): w for network in networks for w in network.weights}.values():
        if len(weight.shape) > 1:
            weight.assign(rng.normal(0, scale, weight.shape))
    return networks


def log_p(lesson, networks, source, codes):
    """log p of what follows each place, (B, T, V), in one go."""
    logits = np.array(lesson["learner_of"](*networks)([source, codes]), "float64")
    logits[..., 0] = -1e9  # padding is never written
    return logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True)


def every_text(n):
    """All rows of at most n tokens that have ended or have n tokens; padded to n."""
    for row in itertools.product(range(len(TOKENS)), repeat=n):
        at = row.index(1) if 1 in row else n
        if all(code == 0 for code in row[at + 1 :]):
            yield row


# Equations


def test_12_1_all_texts_of_the_tree_make_one(lesson):
    tree = {"": {"x": 0.5, "y": 0.3, "z": 0.2}}
    tree |= {"x": {"x": 0.2, "y": 0.8}, "y": {"z": 1.0}, "z": {"x": 0.6, "z": 0.4}}
    found = dict(lesson["search_tree"](tree, 10**6, 4))
    assert np.isclose(sum(found.values()), 1) and list(found.values()) == sorted(found.values())[::-1]
    assert np.isclose(found["x y z x"], 0.5 * 0.8 * 1.0 * 0.6)


def test_12_1_the_lessons_tree(lesson):
    one, two, every, total = lesson.run("tree").splitlines()
    assert (
        "'Storm hits Foxton'" in one and "'Snow covers Norwood'" in two and "'Snow covers Norwood'" in every
    )
    assert after(one, "p =") == 0.12 and after(two, "p =") == 0.288
    assert after(one, "texts kept:") == 1 and after(two, "texts kept:") == 2
    assert after(total, "sum over all texts:") == 1


def test_12_1_a_found_text_has_its_probability(lesson):
    for seed in range(4):
        networks = small(lesson, seed)
        rows, found = lesson["beam_search"](networks, SOURCE, 3, n=4)
        each = log_p(lesson, networks, SOURCE, np.concatenate([[[1]] * 3, rows[:, :-1]], axis=1))
        for b, row in enumerate(rows):
            length = [*row, 1].index(1) + 1
            wanted = sum(each[b, t, row[t]] for t in range(min(length, len(row))))
            assert np.isclose(found[b], wanted, atol=1e-4)


def test_12_2_padding_gets_nothing_and_the_rest_by_hand(lesson):
    lesson.update(SMALL)
    rng = np.random.default_rng(0)
    q, k, v = rng.standard_normal((2, 5, 4)), *rng.standard_normal((2, 5, 4))
    real = lesson["real_places"](lesson["tf"].constant(SOURCE[:1]))
    mixed, weights = lesson["attention"](
        *(part.astype("float32") for part in (q[0], k, v)), np.asarray(real)[0, 0]
    )
    share = np.exp(q[0] @ k[:3].T / math.sqrt(4))
    share /= share.sum(axis=1, keepdims=True)
    assert np.allclose(weights, np.hstack([share, np.zeros((5, 2))]), atol=1e-5)
    assert np.allclose(mixed, share @ v[:3], atol=1e-5)


def test_12_2_the_lessons_rows(lesson):
    lesson.run("eq-across-check")
    first = 1 / (1 + math.exp(-4))
    assert np.allclose(lesson["weights"], [[first, 1 - first, 0], [0.5, 0.5, 0]], atol=6e-4)


def test_12_2_more_padding_changes_nothing(lesson):
    networks = small(lesson)
    wider = np.concatenate([SOURCE, np.zeros((3, 4), "int32")], axis=1)
    one, other = (log_p(lesson, networks, source, CODES) for source in (SOURCE, wider))
    assert np.allclose(one, other, atol=1e-4)
    alone = log_p(lesson, networks, SOURCE[:1, :3], CODES[:1])
    assert np.allclose(one[:1], alone, atol=1e-4)


@given(texts, texts)
def test_12_3_rouge_is_the_librarys(lesson, written, reference):
    scores = RougeScorer(["rouge1", "rouge2"]).score(reference, written)
    for n in (1, 2):
        assert np.isclose(lesson["rouge"](written, reference, n), scores[f"rouge{n}"].fmeasure)


def test_12_3_rouge_is_the_librarys_for_news(lesson):
    scorer = RougeScorer(["rouge1", "rouge2"])
    for one, other in itertools.pairwise(REPORTS):
        scores = scorer.score(other.text, one.text)
        for n in (1, 2):
            assert np.isclose(lesson["rouge"](one.text, other.text, n), scores[f"rouge{n}"].fmeasure)


def test_12_3_the_lessons_two_texts_are_equal(lesson):
    for line in lesson.run("eq-rouge-check").splitlines():
        assert after(line, "ROUGE-1") == 0.8 and after(line, "ROUGE-2") == 0.5


def test_12_4_a_beam_of_all_texts_finds_the_best_of_all(lesson):
    n, every = 3, np.array(list(every_text(3)), "int32")
    lengths = np.array([[*text, 1].index(1) + 1 if 1 in text else n for text in every.tolist()])
    found_lengths = set()
    for seed in range(4):
        networks, totals = small(lesson, seed, 0.4), []
        for source in np.repeat(SOURCE[:, None], len(every), axis=1):
            each = log_p(lesson, networks, source, np.insert(every, 0, 1, axis=1)[:, :-1])
            each = np.take_along_axis(each, every[..., None], axis=-1)[..., 0]
            totals.append(np.where(np.arange(n) < lengths[:, None], each, 0).sum(axis=1))
        for alpha in (0.0, 0.7, 1.0, 2.0):
            rows, _ = lesson["beam_search"](networks, SOURCE, len(TOKENS) ** n, alpha, n=n)
            for row, total in zip(rows, totals, strict=True):
                best = (total / lengths**alpha).argmax()
                assert np.array_equal(np.pad(row, (0, n - len(row))), every[best])
                found_lengths.add((alpha > 0, int(lengths[best])))
    assert len(found_lengths) > 2  # else the length is not tested


@pytest.mark.parametrize("eps", [0.1, 0.4])
def test_12_5_the_least_loss_is_at_the_smoothed_target(lesson, eps):
    target = np.full(6, eps / 6)
    target[4] += 1 - eps
    best = float(lesson["smoothed"](np.log(target).astype("float32"), 4, eps))
    assert np.isclose(best, -(target * np.log(target)).sum(), atol=1e-5)
    for seed in range(20):
        other = np.log(target) + 0.3 * np.random.default_rng(seed).standard_normal(6)
        assert float(lesson["smoothed"](other.astype("float32"), 4, eps)) > best


def test_12_5_the_lessons_way_down_ends_there(lesson):
    found = values_of(lesson.run("eq-smooth-check"))
    assert np.allclose(found, [0.02, 0.02, 0.92, 0.02, 0.02], atol=2e-3)


def test_12_5_the_loss_is_its_mean_over_real_tokens_in_bits(lesson):
    for eps in (0.0, 0.2):
        lesson.update(SMALL | {"smoothing": eps})
        logits = np.random.default_rng(0).standard_normal((3, 4, 7)).astype("float32")
        codes = np.array([[2, 3, 1, 0], [4, 1, 0, 0], [3, 3, 3, 1]])
        log = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
        right = np.take_along_axis(log, codes[..., None], axis=-1)[..., 0]
        each = -(1 - eps) * right - eps * log.mean(axis=-1)
        wanted = each[codes != 0].mean() / math.log(2)
        assert np.isclose(float(lesson["masked_bits"](codes, logits)), wanted, atol=1e-5)


@given(texts, texts)
def test_12_6_chrf_is_the_librarys(lesson, written, reference):
    wanted = sacrebleu.sentence_chrf(written, [reference]).score / 100
    assert np.isclose(lesson["chrf"](written, reference), wanted, atol=1e-9)


def test_12_6_chrf_is_the_librarys_for_news(lesson):
    for one, other in itertools.pairwise(REPORTS):
        wanted = sacrebleu.sentence_chrf(one.text, [other.text]).score / 100
        assert np.isclose(lesson["chrf"](one.text, other.text), wanted)


# Writing


def test_a_beam_of_one_is_greedy(lesson):
    for seed in range(4):
        networks = small(lesson, seed)
        greedy = lesson["write_from"](networks, SOURCE, n=6)
        rows, _ = lesson["beam_search"](networks, SOURCE, 1, n=6)
        assert lesson["in_text"](rows) == lesson["in_text"](greedy)


def test_greedy_takes_the_likeliest_token_at_each_place(lesson):
    networks = small(lesson, 2)
    rows = lesson["write_from"](networks, SOURCE, n=6)
    each = log_p(lesson, networks, SOURCE, np.concatenate([[[1]] * 3, rows[:, :-1]], axis=1))
    np.testing.assert_array_equal(each.argmax(axis=-1), rows)


def test_texts_are_drawn_at_their_temperature(lesson):
    networks = small(lesson)
    source = np.repeat(SOURCE[1:2], 20_000, axis=0)
    drawn = lesson["write_from"](networks, source, 2.0, n=1)[:, 0]
    p = np.exp(log_p(lesson, networks, SOURCE[1:2], CODES[:1, :1])[0, 0] / 2)
    assert np.allclose(np.bincount(drawn, minlength=7) / 20_000, p / p.sum(), atol=0.02)


def test_writing_ends_when_all_texts_have_ended(lesson):
    networks = small(lesson)
    rows = lesson["write_from"](
        networks, SOURCE, may=lambda logits, rows: np.tile(-abs(np.arange(7) - 1.0), (3, 1))
    )
    assert rows.tolist() == [[1]] * 3


@pytest.mark.parametrize("positions", ["rotary", "none"])
def test_no_later_token_moves_what_is_written_before(lesson, positions):
    networks = small(lesson, positions=positions)
    whole = log_p(lesson, networks, SOURCE, CODES)
    for t in range(1, 4):
        changed = CODES.copy()
        changed[:, t] = (changed[:, t] + 1) % 7
        found = log_p(lesson, networks, SOURCE, changed)
        assert np.allclose(found[:, :t], whole[:, :t], atol=1e-6)
        assert (np.abs(found[:, t:] - whole[:, t:]).max(axis=(0, 2)) > 1e-4).all()


def test_every_source_token_moves_what_is_written(lesson):
    networks = small(lesson)
    whole = log_p(lesson, networks, SOURCE[1:2], CODES[:1])
    for s in range(5):
        changed = SOURCE[1:2].copy()
        changed[:, s] = 5
        assert np.abs(log_p(lesson, networks, changed, CODES[:1]) - whole).max() > 1e-3


def test_the_encoder_reads_forwards_and_backwards(lesson):
    encoder, _ = small(lesson)
    memory = np.asarray(encoder(SOURCE[1:2]))
    for s in range(5):
        changed = SOURCE[1:2].copy()
        changed[:, s] = 5
        moved = np.abs(np.asarray(encoder(changed)) - memory)[0, :, :8].max(axis=-1)
        assert (moved > 1e-4).all()


def test_what_the_look_across_brings(lesson):
    for values in ("tokens", "places"):
        encoder, _ = small(lesson, values=values)
        memory = np.asarray(encoder(SOURCE))
        place, brought = np.split(memory, 2, axis=-1)
        (embedding,) = (f for f in encoder.layers if isinstance(f, lesson["layers"].ReversibleEmbedding))
        token = np.asarray(embedding.embeddings)[SOURCE]
        assert np.allclose(brought, token if values == "tokens" else place, atol=1e-6)


def test_tied_networks_share_their_table(lesson):
    for tied in (True, False):
        encoder, decoder = small(lesson, tied=tied)
        tables = {id(w) for network in (encoder, decoder) for w in network.weights if w.shape == (7, 8)}
        assert len(tables) == (1 if tied else 2)


def test_a_look_across_has_several_heads_by_hand(lesson):
    keras = lesson["keras"]
    lesson.update(SMALL)
    x, memory, source = keras.Input((None, 8)), keras.Input((None, 16)), keras.Input((None,), dtype="int32")
    y = lesson["look_across"](x, memory, lesson["real_places"](source), "out")
    layer = keras.Model([x, memory, source], y)
    rng = np.random.default_rng(1)
    given_x, given_memory = rng.standard_normal((1, 4, 8)), rng.standard_normal((1, 5, 16))
    found = layer([given_x.astype("float32"), given_memory.astype("float32"), SOURCE[:1]])
    dense = [f for f in layer.layers if isinstance(f, lesson["layers"].Dense)]
    dense.sort(key=lambda f: (f.name == "out", int((f.name + "_0").split("_")[1])))  # as they were made
    W_q, W_k, W_v, W_out = (np.asarray(f.kernel) for f in dense)
    q, k, v = given_x[0] @ W_q, given_memory[0, :3, :8] @ W_k, given_memory[0, :3, 8:] @ W_v
    mixed = np.zeros((4, 8))
    for own in (slice(0, 4), slice(4, 8)):
        share = np.exp(q[:, own] @ k[:, own].T / 2)
        mixed[:, own] = share / share.sum(axis=1, keepdims=True) @ v[:, own]
    assert np.allclose(found[0], mixed @ W_out, atol=1e-4)


def test_one_network_for_both_reads_source_and_target_in_a_row(lesson):
    small(lesson)
    one = lesson["make_one_network"](7, 5)
    whole = np.asarray(one([SOURCE, CODES]))
    assert whole.shape == (3, 4, 7)
    for t in range(1, 4):
        changed = CODES.copy()
        changed[:, t] = (changed[:, t] + 1) % 7 + (changed[:, t] == 6)
        found = np.asarray(one([SOURCE, changed]))
        assert np.allclose(found[:, :t], whole[:, :t], atol=1e-5)
        assert np.abs(found[:, t:] - whole[:, t:]).max() > 1e-4
    changed = SOURCE.copy()
    changed[1, 0] = 5
    assert np.abs(np.asarray(one([changed, CODES]))[1] - whole[1]).max() > 1e-4
    narrow = lesson["make_one_network"](7, 3)
    narrow.set_weights(one.get_weights())
    assert np.allclose(narrow([SOURCE[:1, :3], CODES[:1]]), whole[:1], atol=1e-4)
    rows = lesson["write_with_one"](one, SOURCE, 4)
    again = np.asarray(one([SOURCE, np.insert(rows, 0, 1, axis=1)[:, :-1].astype("int32")]))
    np.testing.assert_array_equal(again.argmax(axis=-1), rows)


# Texts, pairs, and what is counted


@pytest.fixture
def news(lesson):
    """The lesson with its tokens, and one pair of each kind of report."""
    lesson.run("tokens")
    return lesson


def test_texts_come_back_from_their_codes(news):
    texts = [part for report in REPORTS for part in report.text.strip().split("\n")]
    rows = news["in_codes"](texts)
    assert len(rows) == len(texts)
    ended = news["padded"]([[*row, news["end"], 77] for row in rows])
    assert ended.shape[1] == 2 + max(map(len, rows)) and news["in_text"](ended) == texts


def test_pairs_hold_source_and_target(news):
    for direction in ("headline", "summary"):
        news.update(direction=direction)
        source, target = news["pairs_of"](REPORTS)
        headlines, summaries = data.news.headlines_and_summaries(REPORTS)
        wanted = (headlines, summaries) if direction == "summary" else (summaries, headlines)
        assert (target[:, 0] == news["end"]).all() and (source != news["end"]).all()
        found = news["in_text"](source), news["in_text"](target[:, 1:])
        assert [text.rstrip("\0") for text in found[0]] == list(wanted[0]) and found[1] == list(wanted[1])


def test_scores_of_true_false_and_broken_texts(lesson):
    for direction in ("headline", "summary"):
        lesson.update(direction=direction, reports=REPORTS[:4])
        sources, targets = lesson["sides"](REPORTS[:4])
        lesson.update(sources=sources, targets=targets)
        assert lesson["scores_of"](targets).tolist() == [100, 100, 100]
        kept = lesson["scores_of"]([*targets[:3], "Nothing happened"])
        assert kept.tolist() == [75, 75, 75]
        assert lesson["with_source"](targets) == data.news.headlines_and_summaries(REPORTS[:4])


def test_free_words_are_those_that_a_target_has_and_its_source_has_not(lesson):
    assert lesson["free_words"](["a goat, at 3.15", "b: c"], ["a horse: 3.15", "b c."]) == {"horse"}
    assert lesson["words_of"]('"It is," said 4-0: \n\n') == ["It", "is", "said", "4-0", ""]


def test_the_rule_lets_through_only_words_of_the_source_and_free_ones(news, monkeypatch):
    headlines, sources = data.news.headlines_and_summaries(REPORTS)
    free = news["free_words"](sources, headlines)
    rng = np.random.default_rng(0)

    def next_logits(decoder, memory, source, codes, cache):
        return news["tf"].constant(rng.standard_normal((len(source), 2048)).astype("float32")), cache

    monkeypatch.setitem(news, "next_logits", next_logits)
    networks = (lambda source: news["tf"].zeros((*source.shape, 16))), None
    source = news["padded"](news["in_codes"](sources))
    written = news["in_text"](news["write_from"](networks, source, may=news["copying"](sources, free), n=30))
    for text, given_text in zip(written, sources, strict=True):
        allowed = set(news["words_of"](given_text)) | free
        *whole, last = news["words_of"](text)
        assert set(whole) <= allowed and any(word.startswith(last) for word in allowed)
    assert sum(map(len, written)) > 100


@pytest.mark.parametrize("rows", [["Storm"], ["Storm", " Hugo"], ["Storm", " Hugo", " hits"]])
def test_the_rule_leaves_the_logits_of_what_may_be_written(news, rows):
    tokens = news["tokens"]
    codes = np.array([[tokens[part.encode()] for part in rows]], "int32").reshape(1, -1)
    logits = np.full((1, len(tokens)), -5.0, "float32")
    for k, part in enumerate((" Hugo", " hits", " Foxton", "\n\n")):
        logits[0, tokens[part.encode()]] = k
    allowed = news["copying"](["Storm Hugo Marlpit"], {"hits"})(logits, codes)
    kept = {part for part in (" Hugo", " hits", " Foxton", "\n\n") if allowed[0, tokens[part.encode()]] > -10}
    assert kept == {" Hugo", " hits", "\n\n"}
    for code in np.flatnonzero(allowed[0] > -10):
        assert allowed[0, code] == logits[0, code]


def test_a_word_that_has_begun_is_ended_by_its_own_letters_only(news):
    tokens = news["tokens"]
    codes = np.array([[tokens[b"M"]]], "int32")
    logits = np.zeros((1, len(tokens)), "float32")
    logits[0, [tokens[b"a"], tokens[b"i"], tokens[b"\n\n"], tokens[b" Hugo"]]] = 5, 4, 3, 2
    allowed = news["copying"](["Hugo Marlpit"], set())(logits, codes)[0]
    assert allowed[tokens[b"a"]] == 5
    assert max(allowed[tokens[part]] for part in (b"i", b"\n\n", b" Hugo")) < -10


def test_complete_drafts_are_taken_first(lesson):
    drafts = [["Hugo in Foxton", "Hugo in Marlpit.", "Hugo in Marlpit, again"], ["none", "here", "fits"]]
    found = list(lesson["complete"](["Hugo hits Marlpit", "Elsa hits Foxton"], drafts, {"hits"}))
    assert found == ["Hugo in Marlpit.", "none"]


def test_the_looks_are_means_over_the_heads_and_over_real_places_only(lesson):
    encoder, decoder = small(lesson)
    source, target = np.tile(SOURCE, (2, 1)), np.tile(np.insert(CODES, 4, 1, axis=1), (2, 1)).astype("int32")
    lesson.update(encoder=encoder, decoder=decoder, test_source=source, test_target=target)
    lesson.run("look")
    looks = lesson["weights"]
    assert looks.shape == (6, 4, 5) and np.allclose(looks.sum(axis=-1), 1, atol=1e-5)
    assert np.abs(looks[source[:, None].repeat(4, axis=1) == 0]).max() < 1e-6
    changed = target.copy()
    changed[:, 3] = 4
    lesson.update(test_target=changed)
    lesson.run("look")
    assert np.allclose(lesson["weights"][:, :3], looks[:, :3], atol=1e-6)
    assert lesson["shown"][0] == (["a", " b", "c"], ["a", " b", "c"])
    assert np.abs(lesson["weights"] - looks).max() > 1e-3


def test_the_bits_of_a_fact_are_those_of_its_tokens(news):
    lesson, report = news, REPORTS[0]
    headline, summary = report.text.strip().split("\n")
    value = list(metrics.pair_facts(headline, summary).named.values())[-1]
    V = len(lesson["tokens"])

    def learner(given_pair):
        rng = np.random.default_rng(0)
        return lesson["tf"].constant(rng.standard_normal((*given_pair[1].shape, V)).astype("float32"))

    lesson.update(learner=learner)
    found = lesson["fact_bits"]([summary], [headline], [value])[0]
    row = lesson["in_codes"]([headline])[0]
    logits = np.asarray(learner([None, np.zeros((1, len(row) + 1))]))[0]
    bits = -(logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True)))[
        np.arange(len(row)), row
    ] / math.log(2)
    pieces = [lesson["from_tokens"]([code], lesson["tokens"]) for code in row]
    owner, at = np.repeat(np.arange(len(row)), list(map(len, pieces))), headline.find(value)
    assert np.isclose(found, bits[sorted(set(owner[at : at + len(value)]))].sum(), rtol=1e-4)


# Training, shipped networks


def test_a_killed_training_that_goes_on_ends_the_same_to_the_bit(
    lesson, monkeypatch, tmp_path, goes_on_after_a_kill
):
    rng = np.random.default_rng(0)
    source = rng.integers(2, 7, (60, 5)).astype("int32")
    target = np.insert(source[:, :3], [0, 3], 1, axis=1).astype("int32")

    def train():
        learner = lesson["learner_of"](*small(lesson))
        lesson.update(batch_size=4, rate=0.01)
        return learner, lesson["train_writer"](learner, source, target, 50, "test")

    goes_on_after_a_kill(lesson, train)


def test_the_shipped_networks_write_news(lesson):
    lesson.run("tokens", "play")
    new = lesson["news_for"]("match", "Storm Hugo batters Gull Bay ")
    headline, summary = new.split("\n")
    assert (
        headline == "Storm Hugo batters Gull Bay" and "Storm Hugo left" in summary and "Gull Bay" in summary
    )
    assert lesson["news_for"]("match", "", 0.0).startswith(
        "Foxton edge past Holmfield 3-2\nFoxton beat Holmfield"
    )
    assert lesson["news_for"]("match", "Storm Elsa hits Foxton", 0.0).startswith("Storm Elsa hits Foxton\n")


# Answers that a learner might well give; each must be refused.
WRONG = {
    "12.1": [2, 1, 4, None, True, 10],
    "12.2": [
        lambda log_p, lengths, alpha: np.argmax(log_p / lengths**alpha),
        lambda log_p, lengths, alpha: np.argmin(log_p / ((5 + lengths) / 6) ** alpha),
        lambda log_p, lengths, alpha: np.argmax(log_p * ((5 + lengths) / 6) ** alpha),
        lambda log_p, lengths, alpha: log_p / ((5 + lengths) / 6) ** alpha,
        lambda log_p, lengths, alpha: np.argmax(log_p),
    ],
    "12.3": [
        lambda written, reference: len(set(written) & set(reference)) * 2 / (len(written) + len(reference)),
        lambda written, reference: _longest(written, reference),
        lambda written, reference: _longest(written, reference) / len(reference),
        lambda written, reference: _longest(written, reference) / (len(written) + len(reference)),
        lambda written, reference: 2 * _run(written, reference) / (len(written) + len(reference)),
    ],
}


def _run(a, b):
    """The longest run of neighbours: no gaps."""
    return max(
        (
            n
            for n in range(len(a) + 1)
            for i in range(len(a))
            for j in range(len(b))
            if a[i : i + n] == b[j : j + n] and i + n <= len(a)
        ),
        default=0,
    )
