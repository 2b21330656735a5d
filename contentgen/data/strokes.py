"""Handwritten digits that we draw ourselves: as many as you like, every cause of their variety known.

A digit is a skeleton, a few points joined by smooth curves. Moving the points, leaning and stretching the
curves and choosing another pen gives another handwriting; the numbers that were used are kept.
"""

from collections.abc import Iterator

import numpy as np
from numpy import ndarray as Array

from contentgen.checks import check_whole

# Several written forms for each digit, since no two people write a 4 alike. A form is one or more pen strokes
# with "|" between them; a stroke is a smooth curve through its "x,y" points. The unit is a hundredth of the
# digit's height and y grows downwards, as in a picture. Points that are equal within a form move as one, so
# that corners and loops stay closed.
FORMS = {
    0: [
        "42,3 24,3 6,28 3,62 18,95 40,97 59,65 58,28 42,3 30,4",
        "30,2 14,14 5,50 12,90 26,98 38,80 42,45 34,10 20,4",
        "40,0 16,15 3,50 10,88 32,98 54,76 57,38 44,12 22,10",
        "44,6 20,4 0,34 2,76 26,98 58,84 72,44 58,10 30,0 16,12",
    ],
    1: [
        "30,0 30,50 30,100",
        "14,20 32,0 | 32,0 32,50 32,100",
        "0,46 20,26 36,0 | 36,0 36,50 36,100",
        "10,24 32,0 | 32,0 32,50 32,100 | 8,100 56,100",
        "20,26 34,0 | 34,0 34,50 34,100 | 20,98 48,98",
        "20,42 34,0 | 34,0 34,50 32,100",
        "26,2 28,98 | 34,0 33,100",
    ],
    2: [
        "5,22 22,2 50,8 54,32 34,66 2,98 | 2,98 30,97 62,96",
        "6,20 24,2 48,8 50,34 30,70 10,96 2,84 16,76 34,90 64,94",
        "8,28 12,4 36,2 44,28 32,62 10,98 | 10,98 30,98 52,98",
        "2,12 26,0 50,14 44,50 8,92 | 8,92 32,88 48,100 66,92",
        "2,30 18,2 46,4 46,40 24,80 4,98 0,82 16,72 36,88 70,84",
        "4,30 20,4 44,8 44,36 26,74 8,94 2,82 20,72 44,82 76,80",
        "6,20 26,0 46,12 40,44 6,92 | 6,92 30,86 70,90",
        "2,20 20,2 46,8 42,40 18,80 4,94 0,86 10,78 30,88 68,90",
        "4,20 24,2 46,14 36,52 10,88 2,80 14,74 36,88 70,100",
    ],
    3: [
        "6,10 28,0 50,12 46,34 24,46 | 24,46 50,54 56,78 34,99 4,90",
        "6,2 54,2 | 54,2 26,40 | 26,40 54,54 56,82 30,100 2,88",
        "4,14 28,0 48,16 38,42 22,46 38,48 54,72 34,98 2,92",
        "10,16 26,0 46,10 42,36 22,48 | 22,48 46,52 50,74 40,98 14,100 6,82",
        "4,16 24,0 50,8 40,34 20,46 | 20,46 44,54 46,76 24,92 0,98",
    ],
    4: [
        "14,0 8,30 4,56 | 4,56 30,58 64,54 | 50,10 48,50 46,100",
        "10,4 4,36 14,56 36,54 56,46 | 58,0 56,46 | 56,46 50,100",
        "46,0 20,34 0,66 | 0,66 34,66 66,64 | 46,0 44,50 44,100",
        "34,0 20,32 0,62 | 0,62 30,64 62,60 | 42,30 38,66 32,100",
        "8,0 4,40 22,52 50,46 | 54,6 50,46 46,100",
        "32,0 16,34 2,64 | 2,64 30,74 64,66 | 58,34 44,70 36,100",
        "30,0 6,40 4,68 30,72 62,58 | 56,32 46,70 42,100",
    ],
    5: [
        "56,2 14,4 | 14,4 10,42 | 10,42 34,36 56,56 50,88 24,100 2,90",
        "58,0 22,6 10,30 30,44 54,64 46,94 16,100 0,90",
        "14,2 10,40 | 10,40 34,34 52,56 46,86 24,100 2,92 | 12,2 62,0",
        "54,2 16,2 | 16,2 12,44 | 12,44 34,42 48,62 40,88 6,100",
        "72,0 22,8 | 22,8 14,42 | 14,42 42,44 48,70 30,96 0,92",
    ],
    6: [
        "46,0 20,24 4,62 12,94 38,99 54,76 42,54 20,60 8,80",
        "24,0 8,38 4,76 20,98 44,94 50,70 32,56 8,72",
        "50,4 28,4 8,36 4,74 20,98 46,92 50,66 30,54 6,68",
        "16,0 2,40 8,88 36,100 60,82 52,60 32,62 18,90",
        "20,0 4,50 10,90 44,98 68,78 50,62 14,82",
        "24,0 4,52 8,92 40,98 66,76 46,64 16,76 8,90",
    ],
    7: [
        "2,4 58,4 | 58,4 40,46 26,100",
        "2,4 58,4 | 58,4 40,46 26,100 | 14,52 58,48",
        "4,6 46,4 | 46,4 38,50 30,100 | 12,54 66,44",
        "2,20 6,4 | 6,4 58,4 | 58,4 38,50 32,100",
        "2,28 10,4 30,8 58,4 | 58,4 40,40 34,100",
        "2,12 28,4 56,4 50,30 34,60 24,100",
        "0,14 30,6 56,4 | 56,4 30,50 12,100",
        "4,8 54,8 | 54,8 30,56 18,100",
        "6,14 14,2 46,6 42,36 28,100 | 8,58 64,48",
        "4,34 8,6 | 8,6 56,4 | 56,4 48,50 46,100",
    ],
    8: [
        "52,14 30,0 8,16 24,42 46,60 52,84 30,100 6,84 16,58 40,40 52,14",
        "30,0 10,14 14,38 30,46 48,34 50,12 30,0 | 30,46 6,64 8,92 30,100 54,90 54,64 30,46",
        "56,10 34,0 14,14 24,40 40,60 42,86 22,100 4,84 14,58 46,30 56,10",
        "30,2 6,10 8,40 30,54 50,38 48,10 30,2 | 30,54 16,70 14,94 30,100 44,90 42,68 30,54",
        "60,2 26,4 12,24 32,44 48,66 42,94 18,98 8,78 26,56 60,2",
        "62,6 30,2 10,18 28,42 46,66 34,96 10,88 20,62 46,36 64,8",
    ],
    9: [
        "54,14 34,2 8,14 6,42 28,52 50,38 54,14 | 54,14 52,56 48,100",
        "54,16 34,0 8,14 8,42 30,50 54,30 56,60 40,96 8,94",
        "50,14 32,0 8,12 8,40 28,48 48,32 50,14 | 50,14 54,58 50,88 28,100 4,92",
        "52,12 28,2 6,24 16,46 40,40 52,12 | 52,12 40,56 24,100",
        "50,20 26,4 2,26 8,50 32,46 54,16 | 54,16 56,60 60,100",
    ],
}

# Ranges at 28 x 28; lengths grow with the picture. The slant's are mean, spread, lowest, highest, in degrees.
SLANT = (6, 13, -20, 30)
HEIGHT = (17, 27)  # pixels, pen included
PEN = (0.085, 0.23)  # of the height: a pen fixed in pixels would fill the loops of small digits
ASPECT = (0.7, 1.45)
EDGE = (0.8, 3.0)  # pixels from full ink to none: from a crisp scan to a blurred one
INK = (0.85, 1.0)
OFFSET = 3.0  # pixels off the middle, either way
TILT = 4.0  # degrees that the base line climbs or falls, standard deviation
BEND = 0.14  # how far whole strokes bow, and
JITTER = 0.023  # how far single points stray: standard deviations, of the height

CHUNK = 64  # pictures drawn together: few enough to stay in the processor's cache
STEP = 0.5  # pixels between neighbouring dots of a stroke, less than any pen is wide


def _dots(form: str, step: float) -> tuple[Array, Array]:
    """Control points (P, 2) of a form, and the matrix (K, P) that turns them into K dots on its curves."""
    strokes = [stroke.split() for stroke in form.split("|")]
    names = list(dict.fromkeys(name for stroke in strokes for name in stroke))
    points = np.array([name.split(",") for name in names], float) / 100
    rows = []
    for stroke in strokes:
        index = [names.index(name) for name in stroke]
        p = np.eye(len(points))[index]  # (stroke's points, P)
        # A curve needs a neighbour on each side of a span: the ends get one by running straight on.
        p = np.concatenate([2 * p[:1] - p[1:2], p, 2 * p[-1:] - p[-2:-1]])
        lengths = 1.15 * np.linalg.norm(np.diff(points[index], axis=0), axis=1)  # a curve is longer
        for i, length in enumerate(lengths):
            p0, p1, p2, p3 = p[i : i + 4]
            t = np.linspace(0, 1, int(np.ceil(length / step)) + 1)[:, None]  # (K, 1)
            # Catmull-Rom: through p1 and p2, parallel at each to the line between its two neighbours.
            a = (p2 - p0) / 2
            b = p0 - 2.5 * p1 + 2 * p2 - p3 / 2
            c = 1.5 * (p1 - p2) + (p3 - p0) / 2
            rows.append(p1 + t * (a + t * (b + t * c)))
    return points - (0.3, 0.5), np.concatenate(rows)  # (P, 2), (K, P)


def _handwriting(points: Array, aspect: Array, slant: Array, rng: np.random.Generator) -> Array:
    """One form (P, 2) in as many hands as there are slants: (B, P, 2)."""
    u, v = np.moveaxis(points + rng.normal(0, JITTER, (len(slant), *points.shape)), -1, 0)  # (B, P)
    u = u * aspect[:, None]
    bow, taper, sag, balance = rng.normal(0, BEND, (4, len(slant), 1))
    # None of these four leans a digit to one side, so that the slant below is the slant one sees.
    u, v = u + 2 * bow * v**2 + taper * u * v, v + 2 * sag * u**2 + 2 * balance * v**2
    v = v + np.tan(np.radians(rng.normal(0, TILT, (len(slant), 1)))) * u
    return np.stack([u - np.tan(np.radians(slant))[:, None] * v, v], axis=-1)  # (B, P, 2)


def _chunks(y: Array, form: Array) -> Iterator[tuple[str, Array]]:
    """The pictures that share a skeleton, a few at a time, as (form, their indices)."""
    for digit, forms in FORMS.items():
        for f, text in enumerate(forms):
            index = np.flatnonzero((y == digit) & (form == f))
            for start in range(0, len(index), CHUNK):
                yield text, index[start : start + CHUNK]


def draw(n: int, seed: int = 0, size: int = 28) -> tuple[Array, Array, dict[str, Array]]:
    """Draw n handwritten digits, white on black.

    The same n, seed and size give the same pictures to the byte (on one machine); another seed gives others.
    Every digit comes n / 10 times, give or take one, in random order.

    Args:
        n: how many digits, at least 1.
        seed: which handwriting, a whole number from 0.
        size: height and width of a picture, 16 to 128 pixels. Lengths below are for 28 and grow with it.

    Returns:
        x: float32 (n, size, size, 1) in [0, 1], 0 the paper and 1 the ink.
        y: int64 (n,), the digit, 0 to 9.
        factors: what was used for each picture, arrays (n,), float32 but for the last:
            "slant": degrees by which an upright stroke leans, right is positive, -20 to 30;
            "width": of the pen, pixels, 1.4 to 6.2, in proportion to the size that was asked for;
            "size": height of the ink, pixels, 17 to 27, less where the digit was too wide for the frame;
            "x", "y": from the frame's middle to the digit's, pixels, right and down are positive, -3 to 3;
            "form": int64, which of the digit's written forms, an index into FORMS[digit].

    Raises:
        ValueError: n is not a whole number of at least 1, or size is not one from 16 to 128.
    """
    check_whole("n", n, 1)
    check_whole("size", size, 16, 128)
    rng = np.random.default_rng(seed)
    unit = size / 28
    y = rng.permutation(n) % 10
    form = rng.integers(np.array([len(FORMS[digit]) for digit in range(10)])[y])
    mean, spread, lowest, highest = SLANT
    slant = np.clip(rng.normal(mean, spread, n), lowest, highest)
    height = rng.uniform(*HEIGHT, n) * unit
    width = rng.uniform(*PEN, n) * height
    aspect = np.exp(rng.uniform(*np.log(ASPECT), n))
    edge = rng.uniform(*EDGE, n) * unit
    ink = rng.uniform(*INK, n)
    offset = rng.uniform(-OFFSET, OFFSET, (n, 2)) * unit

    x = np.empty((n, size, size), np.float32)
    pixels = np.arange(size, dtype=np.float32) + 0.5
    for text, i in _chunks(y, form):
        points, curve = _dots(text, STEP / (HEIGHT[1] * unit))
        dots = curve @ _handwriting(points, aspect[i], slant[i], rng)  # (B, K, 2)
        low, high = dots.min(axis=1), dots.max(axis=1)
        pen = width[i, None]
        # One scale for both directions: stretching only one of them would change the slant.
        target = np.stack([np.full(len(i), size - unit), height[i]], axis=1) - pen  # (B, 2)
        scale = (target / (high - low)).min(axis=1, keepdims=True)
        extent = (high - low) * scale + pen
        height[i] = extent[:, 1]
        room = np.maximum((size - extent) / 2 - unit, 0)
        offset[i] = np.clip(offset[i], -room, room)
        dots = (dots - (low + high)[:, None] / 2) * scale[:, None] + size / 2 + offset[i, None]
        # (K, B, size) twice. The nearest dot is where their sum is least; dots this close pass for a line.
        dx2, dy2 = np.square(pixels - dots.astype(np.float32).transpose(2, 1, 0)[..., None])
        nearest = np.full((len(i), size, size), np.inf, np.float32)
        for across, down in zip(dx2, dy2, strict=True):
            np.minimum(nearest, down[:, :, None] + across[:, None, :], out=nearest)  # (B, H, W)
        pen, soft, level = (a[i, None, None].astype(np.float32) for a in (width, edge, ink))
        x[i] = level * np.clip(0.5 + (pen / 2 - np.sqrt(nearest)) / soft, 0, 1)

    factors = {"slant": slant, "width": width, "size": height, "x": offset[:, 0], "y": offset[:, 1]}
    return x[..., None], y, {**{k: v.astype(np.float32) for k, v in factors.items()}, "form": form}
