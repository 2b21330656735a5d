"""Exercises of lesson 01, what_is_content_generation."""

import numpy as np

from contentgen.exercises import Exercise, expect, filled


def _bits_for_text(answer):
    expect(
        isinstance(answer, int | float) and abs(answer - 0.25) < 1e-9,
        f"{answer} bits per character is not what 6 words at ¼ each need in 48 characters.",
    )


def _kind_of_sky_with_fog(function):
    def old_laws(facts):
        return f"the old law for {facts['degrees']} degrees"

    cases = [
        ("steady", "light", "4", "fog"),
        ("steady", "light", "-9", "fog"),
        ("steady", "light", "5", "the old law for 5 degrees"),
        ("steady", "light", "30", "the old law for 30 degrees"),
        ("steady", "strong", "-2", "the old law for -2 degrees"),
        ("falling", "light", "-2", "the old law for -2 degrees"),
    ]
    for pressure, wind, degrees, wanted in cases:
        facts = {"pressure": pressure, "wind": wind, "degrees": degrees}
        sky = filled(function(facts, old_laws))
        where = f"pressure {pressure}, {wind} wind, {degrees} degrees"
        expect(sky == wanted, f"with {where} it returns {sky!r}, expected {wanted!r}.")


def _pair_probability(function):
    words = ["rain", "and", "snow", "and", "rain", "and", "sun", "then", "rain"]
    cases = [("rain", "and", 1), ("and", "rain", 1 / 3), ("and", "wind", 0), ("hail", "and", 0)]
    for before, after, wanted in cases:
        share = filled(function(words, before, after))
        expect(
            isinstance(share, int | float) and abs(share - wanted) < 1e-9,
            f"in {' '.join(words)!r}, p({after} | {before}) comes out as {share}, expected {wanted:.3g}.",
        )


def _with_temperature(function):
    p = np.array([[0.5, 0.3, 0.2], [0.9, 0.1, 0.0]])
    same = np.asarray(filled(function(p.copy(), 1.0)))
    expect(same.shape == (2, 3), f"for p of shape (2, 3) the shape is {same.shape}.")
    expect(np.allclose(same, p), "at temperature 1 the probabilities change.")
    bold = np.asarray(function(p.copy(), 2.0))
    expect(np.allclose(bold.sum(1), 1), "at temperature 2 the rows do not add up to 1.")
    expect(
        np.allclose(bold[1], [0.75, 0.25, 0]),
        f"at temperature 2, 0.9, 0.1, 0 become {bold[1].round(3).tolist()}, expected 0.75, 0.25, 0.",
    )
    careful = np.asarray(function(p.copy(), 0.5))
    expect(
        np.allclose(careful[0] * 38, [25, 9, 4]),
        f"at temperature 0.5, 0.5, 0.3, 0.2 become {careful[0].round(3).tolist()}, "
        "expected 25, 9 and 4 parts of 38.",
    )


EXERCISES = {
    "1.1": Exercise(
        _bits_for_text,
        (
            "The surprise of one word is −log₂ ¼, and ¼ is ½ · ½.",
            "Six words at 2 bits each; then divide by the number of characters.",
        ),
    ),
    "1.2": Exercise(
        _kind_of_sky_with_fog,
        (
            'The degrees are text: compare int(facts["degrees"]) with 5.',
            "Three conditions joined by `and`; if they do not hold, return kind_of_sky(facts).",
        ),
    ),
    "1.3": Exercise(
        _pair_probability,
        (
            "pairwise(words), from itertools, gives all pairs of neighbours; the last word starts none.",
            "Collect the followers of `before` in a list: [b for a, b in pairwise(words) if a == before].",
            "followers.count(after) / len(followers), and 0 for an empty list.",
        ),
    ),
    "1.4": Exercise(
        _with_temperature,
        (
            "Raise p to the power 1 / temperature, not to the power temperature.",
            "Divide by the sum of each row: .sum(axis=1, keepdims=True).",
        ),
    ),
}
