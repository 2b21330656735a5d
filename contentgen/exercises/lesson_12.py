"""Exercises of lesson 12, headline_to_summary."""

import numpy as np

from contentgen.exercises import exercise, expect, expect_close


@exercise(
    "12.1",
    "Multiply along each path: which whole text is the likeliest? With which first word does it begin?",
    "The beam must keep that first word after the first step.",
)
def least_beams(answer):
    expect(not isinstance(answer, bool), "Expected a number of beams.")
    expect_close(answer, 3, "the least number of beams that finds the likeliest text")


@exercise(
    "12.2",
    "The logarithms are negative, and the best score is the highest one: nearest to 0.",
    "np.argmax(log_p / ((5 + lengths) / 6) ** alpha)",
)
def best_text(function):
    log_p, lengths = np.array([-4.0, -4.6, -9.0, -9.5]), np.array([3, 7, 20, 5])
    for alpha, wanted in [(0.0, 0), (0.4, 1), (0.7, 1), (1.0, 2)]:
        answer = function(log_p, lengths, alpha)
        expect(np.ndim(answer) == 0, f"alpha = {alpha}: {answer!r} is not one number.")
        expect_close(answer, wanted, f"alpha = {alpha}, log p {log_p.tolist()}, lengths {lengths.tolist()}")


def _longest(a, b):
    if not a or not b:
        return 0
    if a[-1] == b[-1]:
        return 1 + _longest(a[:-1], b[:-1])
    return max(_longest(a[:-1], b), _longest(a, b[:-1]))


@exercise(
    "12.3",
    "Let m[i][j] be the longest such sequence of the first i words of one text and the first j of the other.",
    "If the last words are equal, m[i][j] = m[i-1][j-1] + 1; else the larger of m[i-1][j] and m[i][j-1].",
    "With m at the end: 2 * m / (len(written) + len(reference)).",
)
def rouge_l(function):
    rng = np.random.default_rng(12)
    drawn = [[str(w) for w in rng.choice(list("abcd"), n)] for n in (5, 7, 6, 8)]
    cases = [("a b c", "a x b y c"), ("b a", "a b"), ("a a", "a b a"), ("x", "y")]
    pairs = [(one.split(), other.split()) for one, other in cases] + [drawn[:2], drawn[2:]]
    for written, reference in pairs:
        wanted = 2 * _longest(written, reference) / (len(written) + len(reference))
        expect_close(function(list(written), list(reference)), wanted, f"{written} against {reference}")
