"""Exercises of lesson 90, article_errata."""

import numpy as np

from contentgen.exercises import exercise, expect, expect_close, filled


@exercise(
    "90.1",
    "Write down the side after each layer: each stride multiplies it.",
    "From 8 to 64 is a factor of 8, so the four strides must have the product 8.",
    "Row 16 was mended in its last layer.",
)
def strides(answer):
    four = isinstance(answer, tuple | list) and len(answer) == 4
    whole = four and all(isinstance(stride, int) and stride >= 1 for stride in answer)
    expect(whole, f"{answer!r} is not a tuple of four whole numbers of at least 1.")
    sides = 8 * np.cumprod(answer)
    expect(sides[-1] == 64, f"the sides are 8 → {' → '.join(map(str, sides))}, expected 64 at last.")


@exercise(
    "90.2",
    "Which answer of D on a fake must be cheap? The article's second term rewards the other one.",
    "−log D is log(1 + exp(−logit)), and −log(1 − D) is log(1 + exp(logit)).",
    "np.logaddexp(0, x) is log(1 + exp(x)) without overflow; each of the two terms is a mean.",
)
def discriminator_loss(function):
    for real, fake, wanted, case in [
        ([0, 0], [0, 0], 2 * np.log(2), "a D that has no idea (all logits 0)"),
        ([5, 5], [-5, -5], 2 * np.log1p(np.exp(-5)), "a good D (logits 5 and −5)"),
        ([5, 5], [5, 5], 5 + 2 * np.log1p(np.exp(-5)), "a D that calls everything real (logits 5)"),
        ([1, -2], [3], np.logaddexp(0, [-1, 2, 3]) @ [0.5, 0.5, 1], "two real pictures, one fake"),
        ([-1000], [1000], 2000.0, "logits of −1000 and 1000"),
    ]:
        real_logits, fake_logits = np.array(real, float)[:, None], np.array(fake, float)[:, None]
        with np.errstate(all="ignore"):
            value = function(real_logits, fake_logits)
        expect_close(value, wanted, f"the cost of {case}")


@exercise(
    "90.3",
    "Print the window after each step, as in row 14.",
    "Keep the whole text in one variable; text[-size:] is what predict may see.",
    "Append to the right: text = text + character. Return the text, not the window.",
)
def continue_text(function):
    for prompt, windows, wanted in [
        ("wxyz", ["xyz", "yza", "zab", "abc"], "wxyzabcd"),
        ("w", ["w", "wa"], "wab"),  # a prompt shorter than the window
    ]:
        seen = []

        def predict(window, seen=seen):
            seen.append(window)
            return "abcdefgh"[len(seen) - 1]

        text = filled(function(prompt, predict, len(windows), 3))
        case = f"with size 3 and the prompt {prompt!r}"
        expect(seen == windows, f"{case}, predict is shown {seen}, expected {windows}.")
        expect(text == wanted, f"{case}, the result is {text!r}, expected {wanted!r}.")
