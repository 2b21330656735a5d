"""Exercises of lesson 11, text_transformer."""

import numpy as np

from contentgen.exercises import exercise, expect, expect_close


@exercise(
    "11.1",
    "Each layer keeps a key and a value for each token; all heads together, each has D numbers.",
    "Layers times 2 times D numbers for a token.",
)
def n_bytes(answer):
    expect_close(answer, 73_728_000, "12 layers, D = 768, 4 bytes a number, 1,000 tokens")


@exercise(
    "11.2",
    "np.arange(T)[:, None] - np.arange(T) is how far column j lies before row i.",
    "That distance must be at least 0 and less than reach.",
)
def sliding_window(function):
    for T, reach in [(5, 2), (4, 1), (6, 4), (3, 9)]:
        mask, case = np.asarray(function(T, reach)), f"T = {T}, reach = {reach}"
        expect(mask.shape == (T, T), f"{case}: the shape is {mask.shape}, not {(T, T)}.")
        for i in range(T):
            for j in range(T):
                wanted = i - reach < j <= i
                expect(bool(mask[i, j]) == wanted, f"{case}: row {i}, column {j} should be {wanted}.")


def _by_hand(x, W_q, W_k, W_v, W_out, heads):
    q, k, v, d = x @ W_q, x @ W_k, x @ W_v, x.shape[1] // heads
    mixed = np.zeros_like(q)
    for h in range(heads):
        own = slice(h * d, (h + 1) * d)
        for i in range(len(x)):
            share = np.exp(k[: i + 1, own] @ q[i, own] / np.sqrt(d))
            mixed[i, own] = share / share.sum() @ v[: i + 1, own]
    return mixed @ W_out


@exercise(
    "11.3",
    "(x @ W_q).reshape(T, heads, d).transpose(1, 0, 2) has the queries of each head, (heads, T, d).",
    "scores = q @ k.transpose(0, 2, 1) / np.sqrt(d); put -np.inf where np.tril(np.ones((T, T))) is 0.",
    "Softmax along the last axis, then weights @ v: the mixes of each head, (heads, T, d).",
    "Back again: mixed.transpose(1, 0, 2).reshape(T, D) @ W_out.",
)
def all_heads(function):
    for T, D, heads in [(4, 8, 1), (5, 8, 2), (3, 12, 4)]:
        rng = np.random.default_rng(D + heads)
        x, *weights = rng.standard_normal((5, max(T, D), D))
        x, weights = x[:T], [w[:D] for w in weights]
        case = f"T = {T}, D = {D}, {heads} heads"
        expect_close(function(x, *weights, heads), _by_hand(x, *weights, heads), case)
