"""Exercises of lesson 03, generation_flow."""

import numpy as np

from contentgen.exercises import exercise, expect, expect_close


@exercise(
    "3.1",
    "Look at what sample_line gets, and at what it returns.",
    "The discriminator and the losses are there for training only.",
)
def sampling_boxes(answer):
    is_set = isinstance(answer, set | frozenset | list | tuple)
    expect(is_set, f"{answer!r} is no set of texts, such as {{'d_loss', 'g_loss'}}.")
    boxes = {str(name).strip().lower() for name in answer}
    needed = {"noise z", "condition c", "generator", "generated content"}
    training = {"real data x", "discriminator", "d_loss", "g_loss"}
    expect(boxes <= needed | training, f"the chart has no box {sorted(boxes - needed - training)}.")
    expect(not boxes & training, f"sampling works without {sorted(boxes & training)}.")
    count = "count what goes in, what makes the content, and what comes out."
    expect(boxes == needed, f"{sorted(boxes)} is not all: {count}")


@exercise(
    "3.2",
    "Algorithm 1: the discriminator's step comes first, and the generator's step last.",
    "A loss comes before the step that uses its slope.",
    "It begins with T and ends with P.",
)
def round_order(answer):
    order = "".join(filter(str.isalpha, answer.upper())) if isinstance(answer, str) else ""
    whole = sorted(order) == list("PQRST")
    expect(whole, f"{answer!r} is no text with each of the letters P to T once.")
    for first, second, reason in [
        ("T", "Q", "there is nothing to judge before T"),
        ("Q", "S", "d_loss must be there before its slope is used"),
        ("S", "R", "the generator's feedback comes from the updated discriminator"),
        ("R", "P", "g_loss must be there before its slope is used"),
    ]:
        expect(order.index(first) < order.index(second), f"{second} before {first}: {reason}.")


@exercise(
    "3.3",
    "(B, 2) times (2, 2): a matrix product gives one row (a, b) for each number.",
    "a, b = (one_hot @ weights_g).T, then as in toy_generator.",
)
def one_hot_generator(function):
    weights_g, z = np.array([[-1.0, 0.3], [2.0, -0.5]]), np.array([2.0, -1.0, 1.0, 2.0, 1.0])
    one_hot = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [0.5, 0.5], [0.25, 0.75]])
    case = f"rows (-1, 0.3) and (2, -0.5), conditions {one_hot.tolist()}, z {z.tolist()}"
    expect_close(function(weights_g, z, one_hot), [-0.4, 2.5, 1.5, 0.3, 0.95], case)


@exercise(
    "3.4",
    "Slope of a logit: what was said, minus what is true: 1 for x and 0 for x_fake.",
    "With features (B, 3), logits = features @ weights_d and said = 1 / (1 + np.exp(-logits)).",
    "Slopes: features.T @ (said - target) / len(x), for x and for x_fake; go against their sum.",
)
def better_d(function):
    x, x_fake = np.array([1.0, 2.0, 3.0]), np.array([-1.0, 0.0, 1.0])
    for rate in (1.0, 0.1):
        case = f"from no idea, with real 1, 2, 3, fake −1, 0, 1 and rate {rate}, the weights become"
        expect_close(function(np.zeros(3), x, x_fake, rate), [0.0, rate, 2 * rate], case)

    def loss(weights):
        real, fake = (np.polynomial.polynomial.polyval(part, weights) for part in (x, x_fake))
        return np.logaddexp(0, -real).mean() + np.logaddexp(0, fake).mean()

    weights = np.array([0.5, -1.0, 0.3])
    slopes = [(loss(weights + nudge) - loss(weights - nudge)) / 2e-5 for nudge in 1e-5 * np.eye(3)]
    stepped = function(weights.copy(), x, x_fake, 0.2)
    case = "against the slope of d_loss, from the weights 0.5, −1, 0.3"
    expect_close(stepped, weights - 0.2 * np.array(slopes), case, atol=1e-6)
