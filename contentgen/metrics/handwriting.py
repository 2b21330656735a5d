"""Measure how a digit was written: its slant, the width of its pen, its size and its place."""

import numpy as np
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from contentgen.data import Pictures, check_pictures

FITTED = 2000  # pictures at most
BLURS = (0, 1, 5)  # times: a model's pictures may be softer than those it learnt from
NAMES = ("slant", "width", "size", "x", "y")


def skew(x: np.ndarray) -> np.ndarray:
    """The tangent by which the ink of each picture leans to the right, (N,); NaN where there is no ink.

    With ink as weights: minus the covariance of a pixel's column and row, over the variance of its row (rows
    are counted downwards). Leaning a picture by a tangent t adds t, whatever is drawn on it.

    Args:
        x: (N, H, W, C), floats in [0, 1].
    """
    return _shape(x)[0]


def _shape(x):
    """Skew (N,), place and spread of the ink (N, 4) in pixels, and moments once it is upright (N, 10)."""
    check_pictures(x)
    ink = x.mean(axis=-1, dtype="float64")  # (N, H, W)
    with np.errstate(invalid="ignore", divide="ignore"):  # no ink: NaN
        p = ink / ink.sum(axis=(1, 2), keepdims=True)

        def mean(values):
            return (p * values).sum(axis=(1, 2), keepdims=True)  # (N, 1, 1)

        down, right = np.arange(x.shape[1])[:, None] + 0.5, np.arange(x.shape[2]) + 0.5
        middle_y, middle_x = mean(down), mean(right)
        v, u = down - middle_y, right - middle_x  # (N, H, 1), (N, 1, W)
        skewed = -mean(u * v) / mean(v * v)
        u = u + skewed * v  # (N, H, W): no lean is left
        wide, high = np.sqrt(mean(u * u)), np.sqrt(mean(v * v))
        u, v = u / wide, v / high
        powers = [(a, n - a) for n in (3, 4) for a in range(n, -1, -1)]
        upright = [wide / high, *(mean(u**a * v**b) for a, b in powers)]
    place = [middle_x - x.shape[2] / 2, middle_y - x.shape[1] / 2, wide, high]
    return skewed[:, 0, 0], np.hstack(place)[..., 0], np.hstack(upright)[..., 0]


def _edges(x):
    """What tells how wide a pen was, as logarithms (N, 4): ink, its edges, and their quotients."""
    ink = x.mean(axis=-1, dtype="float64")
    edge = np.hypot(np.diff(ink, axis=1)[:, :, :-1], np.diff(ink, axis=2)[:, :-1]).sum(axis=(1, 2))
    total, squares = ink.sum(axis=(1, 2)), (ink**2).sum(axis=(1, 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.log([total / edge, total, edge, squares / edge])
    return np.where(np.isfinite(found), found, np.nan).T


class Meter:
    """Measures slant, pen width, size and place of digits, fitted to pictures where they are known.

    The moments of a picture (its skew, and those once it is upright) tell most of it. What a class leans by
    itself is taken off by a ridge regression, one for each class. The slant is equivariant: leaning a picture
    adds as much to what is measured, far beyond the slants that the meter was fitted to.

    Args:
        pictures: such as `data.load("strokes")`; their first 2,000 training pictures are used, blurred
            copies too.

    Attributes:
        class_names: the classes it knows.

    Raises:
        ValueError: if the pictures' slant, width, size and place are not known.
    """

    def __init__(self, pictures: Pictures):
        known = {name: values[:FITTED] for name, values in pictures.factors_train.items()}
        if not set(NAMES) <= known.keys():
            raise ValueError(
                f"{pictures.name} knows the factors {sorted(known)}, but the meter needs {', '.join(NAMES)}: "
                'use data.load("strokes").'
            )
        self.class_names = pictures.class_names
        x, y = pictures.x_train[:FITTED], pictures.y_train[:FITTED]
        copies = [_blurred(x, times) for times in BLURS]
        skewed, place, upright = map(np.concatenate, zip(*map(_shape, copies), strict=True))
        edges = np.concatenate([_edges(copy) for copy in copies])
        slant, width, size, right, down = (np.tile(known[name], len(BLURS)) for name in NAMES)
        from_edges = np.log(width)
        from_shape = np.stack(
            [
                np.tan(np.radians(slant)) - skewed,
                size / place[:, 3],
                (right - place[:, 0]) / place[:, 2],
                (down - place[:, 1]) / place[:, 3],
            ],
            axis=1,
        )
        y = np.tile(y, len(BLURS))
        self._fits = {
            k: [_ridge(a[y == k], b[y == k]) for a, b in ((upright, from_shape), (edges, from_edges))]
            for k in np.unique(y)
        }

    def measure(self, x: np.ndarray, y: np.ndarray) -> dict[str, np.ndarray]:
        """Measure pictures (N, H, W, C) that should show the classes y (N,); NaN where there is no ink.

        Returns:
            Name → (N,): "slant" in degrees, "width", "size", "x" and "y" in pixels, as `strokes` has them.

        Raises:
            ValueError: if a class is none that the meter was fitted to, or x and y have different lengths.
        """
        y = np.asarray(y)
        if y.shape != (len(x),) or not np.isin(y, [*self._fits]).all():
            raise ValueError(
                f"y has shape {y.shape} and classes {np.unique(y)[:12].tolist()}, expected ({len(x)},) and "
                f"some of {[int(k) for k in self._fits]}."
            )
        skewed, place, upright = _shape(x)
        edges, shape, width = _edges(x), np.full((len(x), 4), np.nan), np.full(len(x), np.nan)
        has_ink = np.isfinite(upright).all(axis=1) & np.isfinite(edges).all(axis=1)
        for k, (of_shape, of_edges) in self._fits.items():
            i = np.flatnonzero((y == k) & has_ink)
            if len(i):
                shape[i], width[i] = of_shape.predict(upright[i]), np.exp(of_edges.predict(edges[i]))
        return {
            "slant": np.degrees(np.arctan(skewed + shape[:, 0])),
            "width": width,
            "size": shape[:, 1] * place[:, 3],
            "x": place[:, 0] + shape[:, 2] * place[:, 2],
            "y": place[:, 1] + shape[:, 3] * place[:, 3],
        }


def _blurred(x, times):
    """Each pixel mixed with its neighbours, so many times; the pictures' edges are paper."""
    for _ in range(times):
        for axis in (1, 2):
            x = (np.roll(x, 1, axis) + 2 * x + np.roll(x, -1, axis)) / 4
    return x


def _ridge(features, targets):
    return make_pipeline(StandardScaler(), Ridge(alpha=1.0)).fit(features, targets)
