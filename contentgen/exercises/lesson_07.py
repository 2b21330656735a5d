"""Exercises of lesson 07, gan_images."""

import numpy as np

from contentgen.exercises import exercise, expect, expect_close


@exercise("7.1", "Each such layer doubles the side.", "4 → 8 → 16 and so on; count the arrows.")
def n_layers(answer):
    expect(answer == 4 and not isinstance(answer, bool), f"{answer} layers do not lead from 4 to 64.")


@exercise(
    "7.2",
    "One real picture of each class is enough: x[y == k][0].",
    "np.repeat or np.tile makes 200 of them.",
)
def collapsed_but_sure(function):
    rng = np.random.default_rng(7)
    for n_classes in (10, 4):
        y = rng.permutation(300) % n_classes
        x = rng.random((300, 3, 2, 1)).astype("float32")
        case = f"300 pictures of {n_classes} classes"
        made = np.asarray(function(x, y))
        expect(made.shape == (200, 3, 2, 1), f"{case} gave shape {made.shape}, expected (200, 3, 2, 1).")
        flat_x, flat_made = x.reshape(300, -1), made.reshape(200, -1)
        real = (flat_made[:, None] == flat_x).all(axis=2)  # (200, 300)
        expect(real.any(axis=1).all(), f"{case} gave pictures that are not among them.")
        counts = np.bincount(y[real.argmax(axis=1)], minlength=n_classes)
        expect((counts == 200 // n_classes).all(), f"{case} gave {counts.tolist()} of each class.")
        different = len(np.unique(flat_made, axis=0))
        expect(different == n_classes, f"{case} gave {different} different pictures.")


@exercise(
    "7.3",
    "The standard deviation over the batch is h.std(axis=0), one number a feature.",
    "np.broadcast_to or np.tile makes a row for each picture; np.concatenate with axis=1 appends.",
)
def with_spread(function):
    same = np.ones((3, 2))
    expect_close(function(same), [[1, 1, 0, 0]] * 3, "a batch of three equal rows (1, 1)")
    h = np.array([[0.0, 5.0], [2.0, 5.0], [4.0, -1.0]])
    spread = [(8 / 3) ** 0.5, 8**0.5]
    expect_close(function(h), [[*row, *spread] for row in h], "the rows (0, 5), (2, 5) and (4, −1)")
