"""Exercises of lesson 10, text_lstm."""

import numpy as np

from contentgen.exercises import exercise, expect_close


@exercise("10.1", "Bits add up: so many bits for one character, a million times.", "A byte has 8 bits.")
def n_bytes(answer):
    expect_close(answer, 55_000, "0.44 bits for each of 1,000,000 characters")


@exercise(
    "10.2",
    "p.max(axis=-1, keepdims=True) is the likeliest of each row, in the shape (B, 1).",
    "np.where(kept, p, 0) cuts the others away; then divide each row by its sum.",
)
def min_p(function):
    p = np.array([[0.5, 0.3, 0.15, 0.05], [0.01, 0.02, 0.01, 0.96]])
    cases = {
        0.5: [[0.625, 0.375, 0, 0], [0, 0, 0, 1]],
        0.25: [[0.5 / 0.95, 0.3 / 0.95, 0.15 / 0.95, 0], [0, 0, 0, 1]],
        0.0: p,
    }
    for share, wanted in cases.items():
        expect_close(function(p.copy(), share), wanted, f"share {share} of two rows of four")


@exercise(
    "10.3",
    "np.arange(batch_size)[:, None] * (N // batch_size) has the streams' starts in the shape (B, 1).",
    "Starts + step * length + np.arange(length + 1), modulo N, are the places of the window's characters.",
)
def window_at(function):
    for n, batch_size, length, step in [
        (20, 2, 3, 0),
        (20, 2, 3, 2),
        (23, 3, 4, 1),
        (23, 3, 4, 5),
        (50, 1, 6, 9),
    ]:
        codes = np.random.default_rng(n).permutation(100)[:n]
        places = [
            [(b * (n // batch_size) + step * length + t) % n for t in range(length + 1)]
            for b in range(batch_size)
        ]
        case = f"{n} codes, batch_size {batch_size}, length {length}, step {step}"
        expect_close(function(codes, batch_size, length, step), codes[places], case)
