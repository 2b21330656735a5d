"""Exercises of lesson 01, what_is_content_generation."""

import numpy as np

from contentgen.exercises import exercise, expect, expect_close, filled


@exercise(
    "1.1",
    "The surprise of one word is −log₂ ¼, and ¼ is ½ · ½.",
    "Six words at 2 bits each; then divide by the number of characters.",
)
def bits_for_text(answer):
    right = isinstance(answer, int | float) and abs(answer - 0.25) < 1e-9
    expect(right, f"{answer} bits per character is not what 6 words at ¼ need in 48 characters.")


@exercise(
    "1.2",
    'The degrees are text: compare int(facts["degrees"]) with 5.',
    "Three conditions joined by `and`; if they do not hold, return kind_of_sky(facts).",
)
def kind_of_sky_with_fog(function):
    def old_laws(facts):
        return f"the old law for {facts['degrees']} degrees"

    for pressure, wind, degrees, fog in [
        ("steady", "light", "4", True),
        ("steady", "light", "-9", True),
        ("steady", "light", "5", False),
        ("steady", "light", "30", False),
        ("steady", "strong", "-2", False),
        ("falling", "light", "-2", False),
    ]:
        facts = {"pressure": pressure, "wind": wind, "degrees": degrees}
        sky, wanted = filled(function(facts, old_laws)), "fog" if fog else old_laws(facts)
        where = f"pressure {pressure}, {wind} wind, {degrees} degrees"
        expect(sky == wanted, f"with {where} it returns {sky!r}, expected {wanted!r}.")


@exercise(
    "1.3",
    "pairwise(words), from itertools, gives all pairs of neighbours; the last word starts none.",
    "Collect the followers of `before` in a list: [b for a, b in pairwise(words) if a == before].",
    "followers.count(after) / len(followers), and 0 for an empty list.",
)
def pair_probability(function):
    words = "rain and snow and rain and sun then rain"
    cases = [("rain", "and", 1), ("and", "rain", 1 / 3), ("and", "wind", 0), ("hail", "and", 0)]
    for before, after, wanted in cases:
        share = function(words.split(), before, after)
        expect_close(share, wanted, f"p({after} | {before}) in {words!r}", rtol=0, atol=1e-9)


@exercise(
    "1.4",
    "Raise p to the power 1 / temperature, not to the power temperature.",
    "Divide by the sum of each row: .sum(axis=1, keepdims=True).",
)
def with_temperature(function):
    p = np.array([[0.5, 0.3, 0.2], [0.9, 0.1, 0.0]])
    expect_close(function(p.copy(), 1.0), p, "at temperature 1 the probabilities change")
    bold, careful = (np.asarray(function(p.copy(), temperature)) for temperature in (2.0, 0.5))
    expect(np.allclose(bold.sum(1), 1), "at temperature 2 the rows do not add up to 1.")
    expect_close(bold[1], [0.75, 0.25, 0], "at temperature 2, 0.9, 0.1 and 0 become")
    expect_close(careful[0], np.array([25, 9, 4]) / 38, "at temperature ½, 0.5, 0.3 and 0.2 become")
