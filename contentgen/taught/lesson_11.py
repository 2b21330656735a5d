"""Taught in notebooks/11_text_transformer.ipynb. `make save` writes this file; change the lesson."""

import re
import keras
import numpy as np
from keras import layers, ops


WORDS = r"\n\n| ?\w{1,16}|\s{1,16}| ?[^\w\s]{1,16}"  # letters or signs, a space before; or spaces


def to_tokens(text, tokens):
    """Text → codes (N,): each word in the longest tokens that fit; usual is to repeat the joins."""
    longest = re.compile(b"|".join(map(re.escape, sorted(tokens, key=len, reverse=True))), re.S)
    words = re.findall(WORDS, text)
    cut = {word: [tokens[part] for part in longest.findall(word.encode())] for word in set(words)}
    return np.array([code for word in words for code in cut[word]], "int32")


def from_tokens(codes, tokens):
    """Codes → text."""
    parts = list(tokens)
    return b"".join(parts[code] for code in codes).decode("utf-8", "replace")


def attention(q, k, v, allowed):
    """Equations (11.1), (11.2): q (…, T, d), k and v (…, K, d), allowed (…, T, K) → (…, T, d), weights."""
    scores = ops.matmul(q, ops.swapaxes(k, -1, -2)) / np.sqrt(q.shape[-1])  # (…, T, K)
    weights = layers.Softmax()(ops.where(allowed, scores, -1e9))  # (…, T, K)
    return ops.matmul(weights, v), weights


def rotated(x, places):
    """Equation (11.3): x (…, T, d) with each pair turned by its speed times the place, places (…, T)."""
    half = x.shape[-1] // 2
    speeds = (10_000 ** -(np.arange(half) / half)).astype("float32")  # (d/2,)
    angles = ops.expand_dims(ops.cast(places, "float32"), -1) * speeds  # (…, T, d/2)
    (a, b), cos, sin = ops.split(x, 2, axis=-1), ops.cos(angles), ops.sin(angles)
    return ops.concatenate([a * cos - b * sin, a * sin + b * cos], axis=-1)


def may_look(places, all_places):
    """The causal mask (B, 1, T, P + T): each place may look at itself and at those before it."""
    return all_places[:, None, None, :] <= places[:, None, :, None]


def in_heads(x, heads):
    """(B, T, D) → (B, H, T, d)."""
    return layers.Permute((2, 1, 3))(layers.Reshape((-1, heads, x.shape[-1] // heads))(x))


def look_back(x, past, places, all_places, allowed, name, heads, positions):
    """One layer's attention: x (B, T, D), keys and values of the past (B, P, 2D) → (B, T, D), all of them."""
    width = x.shape[-1]
    q, new = ops.split(layers.Dense(3 * width, use_bias=False)(x), [width], axis=-1)
    kept = ops.concatenate([past, new], axis=1)  # (B, P + T, 2D)
    k, v = ops.split(kept, 2, axis=-1)
    queries, keys = in_heads(q, heads), in_heads(k, heads)  # (B, H, T, d), (B, H, P + T, d)
    if positions == "rotary":
        queries, keys = rotated(queries, places[:, None]), rotated(keys, all_places[:, None])
    mixed, _ = attention(queries, keys, in_heads(v, heads), allowed)
    mixed = layers.Reshape((-1, width))(layers.Permute((2, 1, 3))(mixed))  # (B, T, D)
    return layers.Dense(width, use_bias=False, name=name)(mixed), kept


def make_optimizer(kind, rate, steps):
    """Muon or Adam, with a learning rate that rises to `rate` and falls to 0 in half a wave."""
    rises = dict(warmup_target=rate, warmup_steps=min(50, steps // 10))
    schedule = keras.optimizers.schedules.CosineDecay(0.0, steps, **rises)
    same = dict(learning_rate=schedule, global_clipnorm=1.0, weight_decay=None)
    adam = keras.optimizers.Adam(beta_2=0.99, **same)
    muon = keras.optimizers.Muon(adam_beta_2=0.99, adam_weight_decay=None, **same)
    return muon if kind == "muon" else adam
