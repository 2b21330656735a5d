"""Measure text: what counting gives for it, and what the grammar of the news says of it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from contentgen.data import news

# Kinds of facts that the headlines of the news name; the rest are goods, animals, plans and so on.
KINDS = {
    "numbers": {"score", "degrees", "homes", "percent"},
    "names": {"last", "storm"},
    "places": {"town", "home", "away", "street", "spot"},
}


def ngram_probabilities(train: np.ndarray, test: np.ndarray, order: int, vocab_size: int) -> np.ndarray:
    """The probability that counting gives to each character of a text, from the order − 1 before it.

    The counts are those of `train`. Where a context is rare, shorter ones are mixed in (Witten and Bell 1991,
    method C, as Chen and Goodman 1999 write it).

    Args:
        train, test: characters as whole numbers below `vocab_size`, (N,) and (M,); `test` follows on `train`.
        order: 1 or more.
        vocab_size: how many characters there are.

    Returns:
        (M,), probabilities above 0.

    Raises:
        ValueError: if the order is out of range.
    """
    if order < 1:
        raise ValueError(f"order is {order}, expected 1 or more.")
    both = np.concatenate([train, test]).astype("int64")
    is_test, context, p = np.arange(len(both)) >= len(train), np.zeros(len(both), "int64"), 1 / vocab_size
    for k in range(order):
        if k:  # contexts that are one character longer get new numbers
            longer = context[k:] * vocab_size + both[:-k]
            context[k:] = np.unique(longer, return_inverse=True)[1]
        pair = context * vocab_size + both  # a context and the character after it
        learnt = np.flatnonzero(~is_test)[k:]
        n_context, n_pair = (_count(key[is_test], key[learnt]) for key in (context, pair))
        different = _count(context[is_test], np.unique(pair[learnt]) // vocab_size)
        p = np.where(n_context > 0, (n_pair + different * p) / np.maximum(n_context + different, 1), p)
    return p


def _count(keys, seen):
    """How often each of `keys` is among `seen`."""
    values, counts = np.unique(seen, return_counts=True)
    place = np.minimum(np.searchsorted(values, keys), len(values) - 1)
    return np.where(values[place] == keys, counts[place], 0)


def overlapping_windows(codes: np.ndarray, length: int, fill: int) -> np.ndarray:
    """Windows of a text whose second halves make up the text, so that each number follows on T/2 others.

    Args:
        codes: the text as whole numbers, (N,).
        length: T, even.
        fill: the number that stands before the text's beginning and behind its end.

    Returns:
        (W, T), the dtype of `codes`.

    Raises:
        ValueError: if the length is odd.
    """
    half = length // 2
    if length % 2 or not half:
        raise ValueError(f"length is {length}, expected an even number.")
    row = np.concatenate([np.full(half, fill), codes, np.full(-len(codes) % half, fill)])
    halves = row.astype(codes.dtype).reshape(-1, half)  # (W + 1, T/2)
    return np.concatenate([halves[:-1], halves[1:]], axis=1)


def grammatical(reports: list[list[news.Sentence]]) -> float:
    """The share of sentences that some rule of the grammar writes; reports as `news.sentences` gives them."""
    found = [sentence.kind is not None for report in reports for sentence in report]
    return sum(found) / max(len(found), 1)


def agreement(reports: list[list[news.Sentence]]) -> float:
    """The share of facts mentioned again in their report that are the same as before; 1 if there are none."""
    again, alike = 0, 0
    for report in reports:
        facts = {}
        for sentence in report:
            for name, value in sentence.facts.items() if sentence.kind == report[0].kind else ():
                again += name in facts
                alike += facts.get(name) == value
                facts.setdefault(name, value)
    return alike / again if again else 1.0


class PairFacts(NamedTuple):
    """The facts that a headline names, those that its summary's first sentence states (name → value), and
    whether every sentence of both is grammatical."""

    named: Mapping[str, str]
    stated: Mapping[str, str]
    grammatical: bool


def pair_facts(headline: str, summary: str) -> PairFacts:
    """What a headline and its summary say; a first sentence of another kind of report states nothing."""
    head, *rest = news.sentences(f"{headline}\n{summary}")[0]
    stated = rest[0].facts if rest and head.kind and rest[0].kind == head.kind else {}
    return PairFacts(head.facts, stated, all(sentence.kind for sentence in (head, *rest)))


def pair_scores(headlines: Iterable[str], summaries: Iterable[str]) -> np.ndarray:
    """Whether each pair is grammatical, 0 or 1, and the share of the headline's facts that the summary has.

    Args:
        headlines, summaries: N each. An ungrammatical headline has the share 0.

    Returns:
        (N, 2).
    """
    scores = []
    for headline, summary in zip(headlines, summaries, strict=True):
        named, stated, good = pair_facts(headline, summary)
        kept = [stated.get(name) == value for name, value in named.items()]
        scores.append((good, np.mean(kept or [0])))
    return np.array(scores, "float64")


def invented(headlines: Iterable[str], summaries: Iterable[str]) -> dict[str, float]:
    """Percent of the headlines' facts that their summaries do not state the same, for `KINDS` and "other".

    A kind that no headline names has 0. Ungrammatical headlines name nothing; "ungrammatical pairs" has the
    percentage of pairs with an ungrammatical sentence.
    """
    wrong = {kind: [] for kind in [*KINDS, "other", "ungrammatical pairs"]}
    for headline, summary in zip(headlines, summaries, strict=True):
        named, stated, good = pair_facts(headline, summary)
        wrong["ungrammatical pairs"].append(not good)
        for name, value in named.items():
            kind = next((kind for kind, names in KINDS.items() if name in names), "other")
            wrong[kind].append(stated.get(name) != value)
    return {kind: 100 * float(np.mean(values or [0])) for kind, values in wrong.items()}


def mentions(pieces: Sequence[str], value: str) -> np.ndarray:
    """The numbers of the pieces of a text in which a value stands as whole words: (M,), in order."""
    owner = np.repeat(np.arange(len(pieces)), [len(piece) for piece in pieces])
    found = re.finditer(rf"(?<![\w.:-]){re.escape(value)}(?!\w|[.:-]\w)", "".join(pieces))
    places = [owner[mention.start() : mention.end()] for mention in found]
    return np.unique(np.concatenate(places)) if places else np.zeros(0, "int64")
