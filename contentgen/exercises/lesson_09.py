"""Exercises of lesson 09, conditional_images."""

import numpy as np

from contentgen.exercises import exercise, expect, expect_close


@exercise("9.1", "One-hot coding needs one number for each class.", "26 + 40, and one more for the size.")
def n_numbers(answer):
    expect(answer == 67 and not isinstance(answer, bool), f"{answer} numbers do not say all three.")


@exercise(
    "9.2",
    "Add something to y that is never 0, and take the remainder by n_classes.",
    "rng.integers(1, n_classes, len(y)) gives 1 to n_classes - 1; the % operator takes the remainder.",
)
def wrong_classes(function):
    for n_classes in (10, 3):
        y = np.arange(6000) % n_classes
        wrong = np.asarray(function(y.copy(), n_classes, np.random.default_rng(n_classes)))
        case = f"6,000 pictures of {n_classes} classes"
        expect(wrong.shape == y.shape, f"{case}: the shape is {wrong.shape}, not {y.shape}.")
        expect(wrong.dtype.kind in "iu", f"{case}: the classes are no whole numbers.")
        inside = (wrong >= 0) & (wrong < n_classes)
        expect(inside.all(), f"{case}: {(~inside).sum()} are not from 0 to {n_classes - 1}.")
        expect(not (wrong == y).any(), f"{case}: {(wrong == y).sum()} got their own class.")
        for k in range(n_classes):
            counts = np.delete(np.bincount(wrong[y == k], minlength=n_classes), k)
            share = counts / counts.sum() * (n_classes - 1)
            expect((share > 0.5).all() and (share < 1.5).all(), f"{case}: for class {k}, {counts.tolist()}.")


@exercise(
    "9.3",
    "Make p = x / x.sum(axis=(1, 2), keepdims=True), and places with np.arange for columns and rows.",
    "Take the middle of the ink off both places before you multiply them; the sums go over axes 1 and 2.",
    "u has shape (N, 1, W), v has (N, H, 1); then p * u * v has (N, H, W).",
)
def skews(function):
    x = np.zeros((2, 3, 3))
    x[0, [0, 1, 2], [2, 1, 0]] = 1  # one pixel to the right for each row up
    x[1, :, 1] = 1
    expect_close(function(x), [1, 0], "a line that leans by 1, and an upright one")
    x = np.random.default_rng(9).random((3, 5, 8)) ** 3
    rows, columns = np.mgrid[:5, :8]
    wanted = []
    for ink in x:
        covariance = np.cov(columns.ravel(), rows.ravel(), aweights=ink.ravel())
        wanted.append(-covariance[0, 1] / covariance[1, 1])
    expect_close(function(x), wanted, "three pictures of 5 × 8 random greys")
