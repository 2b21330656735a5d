"""Exercises of lesson 90, article_errata."""

import numpy as np

from contentgen.exercises import Exercise, expect, filled


def _strides(answer):
    expect(
        isinstance(answer, tuple | list)
        and len(answer) == 4
        and all(isinstance(stride, int) and stride >= 1 for stride in answer),
        f"{answer!r} is not a tuple of four whole numbers of at least 1.",
    )
    sides = 8 * np.cumprod(answer)
    expect(
        sides[-1] == 64,
        f"the sides are 8 → {' → '.join(map(str, sides))}, expected 64 at the end.",
    )


def _d_loss_from_logits(function):
    def loss(real, fake):
        real_logits, fake_logits = np.array(real, float)[:, None], np.array(fake, float)[:, None]
        value = np.asarray(filled(function(real_logits, fake_logits)))
        expect(value.shape == (), f"the shape is {value.shape}, expected one number.")
        return float(value)

    for real, fake, wanted, case in [
        ([0, 0], [0, 0], 2 * np.log(2), "a D that has no idea (all logits 0)"),
        ([5, 5], [-5, -5], 2 * np.log1p(np.exp(-5)), "a good D (logits 5 and −5)"),
        ([5, 5], [5, 5], 5 + 2 * np.log1p(np.exp(-5)), "a D that calls everything real (logits 5)"),
        ([1, -2], [3], np.logaddexp(0, [-1, 2, 3]) @ [0.5, 0.5, 1], "two real pictures, one fake"),
    ]:
        value = loss(real, fake)
        expect(np.isclose(value, wanted), f"{case} costs {value:.3f}, expected {wanted:.3f}.")
    with np.errstate(all="ignore"):
        far = loss([-1000], [1000])
    expect(np.isclose(far, 2000), f"logits of −1000 and 1000 cost {far}, expected 2000.")


def _continue_text(function):
    seen = []

    def predict(window):
        seen.append(window)
        return "abcdefgh"[len(seen) - 1]

    text = filled(function("wxyz", predict, 4, 3))
    expect(
        seen[:1] == ["xyz"],
        f"with size 3, the prompt 'wxyz' is shown to predict as {seen[:1]}, expected ['xyz'].",
    )
    expect(
        seen == ["xyz", "yza", "zab", "abc"],
        f"while a, b, c, d arrive, predict is shown {seen}, expected ['xyz', 'yza', 'zab', 'abc'].",
    )
    expect(text == "wxyzabcd", f"the result is {text!r}, expected 'wxyzabcd'.")
    seen.clear()
    text = function("w", predict, 2, 3)
    expect(
        (text, seen) == ("wab", ["w", "wa"]),
        f"a prompt shorter than size gives {text!r} from {seen}, expected 'wab' from ['w', 'wa'].",
    )


EXERCISES = {
    "90.1": Exercise(
        _strides,
        (
            "Write down the side after each layer: each stride multiplies it.",
            "From 8 to 64 is a factor of 8, so the four strides must have the product 8.",
            "Row 16 was mended in its last layer.",
        ),
    ),
    "90.2": Exercise(
        _d_loss_from_logits,
        (
            "Which answer of D on a fake must be cheap? The article's second term rewards the other one.",
            "−log D is log(1 + exp(−logit)), and −log(1 − D) is log(1 + exp(logit)).",
            "np.logaddexp(0, x) is log(1 + exp(x)) without overflow; each of the two terms is a mean.",
        ),
    ),
    "90.3": Exercise(
        _continue_text,
        (
            "Print the window after each step, as in row 14.",
            "Keep the whole text in one variable; text[-size:] is what predict may see.",
            "Append to the right: text = text + character. Return the text, not the window.",
        ),
    ),
}
