"""Exercises of lesson 03, generation_flow."""

import numpy as np

from contentgen.exercises import Exercise, expect, filled


def _sampling_boxes(answer):
    expect(
        isinstance(answer, set | frozenset | list | tuple),
        f"{answer!r} is no set of texts, such as {{'d_loss', 'g_loss'}}.",
    )
    given = {str(name).strip().lower() for name in answer}
    needed = {"noise z", "condition c", "generator", "generated content"}
    training = {"real data x", "discriminator", "d_loss", "g_loss"}
    expect(given <= needed | training, f"the chart has no box {sorted(given - needed - training)}.")
    expect(not given & training, f"sampling works without {sorted(given & training)}.")
    expect(
        given == needed,
        f"{sorted(given)} is not all: count what goes in, what makes the content, and what comes out.",
    )


def _round_order(answer):
    expect(
        isinstance(answer, str) and sorted(answer.strip().upper()) == list("ABCDE"),
        f"{answer!r} is no text with each of the letters A to E once.",
    )
    order = answer.strip().upper()
    for first, second, reason in [
        ("E", "B", "there is nothing to judge before E"),
        ("B", "D", "d_loss must be there before its slope is used"),
        ("D", "C", "the generator's feedback comes from the updated discriminator"),
        ("C", "A", "g_loss must be there before its slope is used"),
    ]:
        expect(order.index(first) < order.index(second), f"{second} before {first}: {reason}.")


def _one_hot_generator(function):
    weights_g, z = np.array([[-1.0, 0.3], [1.0, 0.5]]), np.array([2.0, -1.0, 1.0, 2.0])
    one_hot = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [0.5, 0.5]])
    x_fake = np.asarray(filled(function(weights_g, z, one_hot)))
    expect(x_fake.shape == (4,), f"for a batch of 4 the shape is {x_fake.shape}, expected (4,).")
    for case, wanted in enumerate([-0.4, 0.5, 1.5, 0.8]):
        expect(
            np.isclose(x_fake[case], wanted),
            f"with the rows (-1, 0.3) and (1, 0.5), the condition {one_hot[case].tolist()} and "
            f"z = {z[case]:.0f} give {x_fake[case]:.2f}, expected {wanted}.",
        )


def _better_d(function):
    x, x_fake = np.array([1.0, 2.0]), np.array([-1.0, 0.0])
    stepped = np.asarray(filled(function(np.zeros(3), x, x_fake, 1.0)))
    expect(stepped.shape == (3,), f"the shape is {stepped.shape}, expected (3,).")
    expect(
        np.allclose(stepped, [0.0, 1.0, 1.0]),
        f"from no idea, with real 1, 2 and fake −1, 0, the weights become {stepped.round(3).tolist()}, "
        "expected [0, 1, 1].",
    )
    expect(
        np.allclose(function(np.zeros(3), x, x_fake, 0.1), [0.0, 0.1, 0.1]),
        "with a rate of 0.1 the step is not a tenth as long.",
    )

    def loss(weights):
        real, fake = (np.polynomial.polynomial.polyval(part, weights) for part in (x, x_fake))
        return np.logaddexp(0, -real).mean() + np.logaddexp(0, fake).mean()

    weights = np.array([0.5, -1.0, 0.3])
    slopes = [(loss(weights + nudge) - loss(weights - nudge)) / 2e-5 for nudge in 1e-5 * np.eye(3)]
    expect(
        np.allclose(
            function(weights.copy(), x, x_fake, 0.2), weights - 0.2 * np.array(slopes), atol=1e-6
        ),
        "from the weights 0.5, −1, 0.3 it does not go against the slope of d_loss.",
    )


EXERCISES = {
    "3.1": Exercise(
        _sampling_boxes,
        (
            "Look at what sample_line gets, and at what it returns.",
            "The discriminator and the losses are there for training only.",
        ),
    ),
    "3.2": Exercise(
        _round_order,
        (
            "Algorithm 1: the discriminator's step comes first, and the generator's step last.",
            "A loss comes before the step that uses its slope.",
            "It begins with E and ends with A.",
        ),
    ),
    "3.3": Exercise(
        _one_hot_generator,
        (
            "(B, 2) times (2, 2): a matrix product gives one row (a, b) for each number.",
            "a, b = (one_hot @ weights_g).T, then as in toy_generator.",
        ),
    ),
    "3.4": Exercise(
        _better_d,
        (
            "Slope of a logit: what was said, minus what is true: 1 for x and 0 for x_fake.",
            "With features (B, 3), logits = features @ weights_d and said = 1 / (1 + np.exp(-logits)).",
            "Slopes: features.T @ (said - target) / len(x), for x and for x_fake; go against their sum.",
        ),
    ),
}
