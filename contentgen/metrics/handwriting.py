"""Measure how a digit was written: its slant, the width of its pen, its size and its place."""

import numpy as np
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from contentgen.data import Pictures, check_pictures

FITTED = 2000  # pictures at most
BLURS = (0, 1, 5)  # times: a model's pictures may be softer than those that the model learnt from
NAMES = ("slant", "width", "size", "x", "y")


def skew(x: np.ndarray) -> np.ndarray:
    """The tangent by which the ink of each picture leans to the right, (N,); NaN where there is no ink.

    With ink as weights: minus the covariance of a pixel's column and row, over the variance of its row (rows
    are counted downwards). Leaning a picture by a tangent t adds t, whatever is drawn on it.

    Args:
        x: (N, H, W, C), floats in [0, 1].
    """
    return _cloud(x)[0]


def _cloud(x):
    """The ink of pictures as clouds of points.

    Returns:
        lean: how a cloud leans, as `skew` has it, (N,).
        place: its middle from the picture's middle, right and down, and its spread across and down once the
            lean is taken off (standard deviations): pixels, (4, N).
        shape: how wide over how high it is then, and third and fourth moments, scaled to spread 1: (N, 10).
    """
    check_pictures(x)
    ink = x.mean(axis=-1, dtype="float64")  # (N, H, W)
    with np.errstate(invalid="ignore", divide="ignore"):  # no ink: NaN
        p = ink / ink.sum(axis=(1, 2), keepdims=True)

        def mean(values):
            return (p * values).sum(axis=(1, 2), keepdims=True)  # (N, 1, 1)

        down, right = np.arange(x.shape[1])[:, None] + 0.5, np.arange(x.shape[2]) + 0.5
        middle_y, middle_x = mean(down), mean(right)
        v, u = down - middle_y, right - middle_x  # (N, H, 1), (N, 1, W)
        lean = -mean(u * v) / mean(v * v)
        u = u + lean * v  # (N, H, W): no lean is left
        wide, high = np.sqrt(mean(u * u)), np.sqrt(mean(v * v))
        u, v = u / wide, v / high
        powers = [(a, n - a) for n in (3, 4) for a in range(n, -1, -1)]
        shape = [wide / high, *(mean(u**a * v**b) for a, b in powers)]
    place = [middle_x - x.shape[2] / 2, middle_y - x.shape[1] / 2, wide, high]
    return lean[:, 0, 0], np.stack(place)[..., 0, 0], np.hstack(shape)[..., 0]


def _edges(x):
    """What tells how wide a pen was, as logarithms (N, 4): ink over edges, ink, edges, ink² over edges."""
    ink = x.mean(axis=-1, dtype="float64")
    edge = np.hypot(np.diff(ink, axis=1)[:, :, :-1], np.diff(ink, axis=2)[:, :-1]).sum(axis=(1, 2))
    total, squares = ink.sum(axis=(1, 2)), (ink**2).sum(axis=(1, 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.log([total / edge, total, edge, squares / edge])
    return np.where(np.isfinite(found), found, np.nan).T


class Meter:
    """Measures slant, pen width, size and place of digits, fitted to pictures where they are known.

    1. The ink as a cloud of points gives a first guess: its lean for the slant, its spread for the size, its
       middle for the place.
    2. The guess is off by what a class and its written form bring along: an upright 7 leans, a 9 has more
       ink above. So a ridge regression, one for each class, learns the corrections from the cloud's shape
       once it is upright. A picture that is made to lean more has the same corrections, so its slant grows by
       what was done to it, far beyond the slants in the fit.
    3. A second ridge for each class gives the pen's width, from ink and edges: a wide pen has much ink for
       its edges.

    Args:
        pictures: such as `data.load("strokes")`; their first 2,000 training pictures are used, blurred
            copies too.

    Attributes:
        class_names: those of the pictures.

    Raises:
        ValueError: if the pictures' slant, width, size and place are not known.
    """

    def __init__(self, pictures: Pictures):
        factors = pictures.factors_train
        if not set(NAMES) <= factors.keys():
            raise ValueError(
                f"{pictures.name} knows the factors {sorted(factors)}, but the meter needs "
                f'{", ".join(NAMES)}: use data.load("strokes").'
            )
        self.class_names = pictures.class_names
        copies = [_blurred(pictures.x_train[:FITTED], times) for times in BLURS]
        clouds = [_cloud(copy) for copy in copies]
        lean, shape = (np.concatenate([cloud[k] for cloud in clouds]) for k in (0, 2))
        middle_x, middle_y, wide, high = np.concatenate([cloud[1] for cloud in clouds], axis=1)
        slant, width, size, x, y = (np.tile(factors[name][:FITTED], len(BLURS)) for name in NAMES)
        # A tangent to add, a factor of the height, shifts in units of the spread: (N, 4).
        turn, factor = np.tan(np.radians(slant)) - lean, size / high
        corrections = np.stack([turn, factor, (x - middle_x) / wide, (y - middle_y) / high], axis=1)
        edges = np.concatenate([_edges(copy) for copy in copies])
        digit = np.tile(pictures.y_train[:FITTED], len(BLURS))
        self._fits = {}  # class → the regressions of the corrections and of the pen's width
        for k in np.unique(digit):
            mine = digit == k
            self._fits[k] = _ridge(shape[mine], corrections[mine]), _ridge(edges[mine], np.log(width[mine]))

    def measure(self, x: np.ndarray, y: np.ndarray) -> dict[str, np.ndarray]:
        """Measure pictures (N, H, W, C) that should show the classes y (N,); NaN where ink is too little.

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
        lean, (middle_x, middle_y, wide, high), shape = _cloud(x)
        edges, corrections, width = _edges(x), np.full((len(x), 4), np.nan), np.full(len(x), np.nan)
        enough_ink = np.isfinite(shape).all(axis=1) & np.isfinite(edges).all(axis=1)
        for k, (of_cloud, of_pen) in self._fits.items():
            i = np.flatnonzero((y == k) & enough_ink)
            if len(i):
                corrections[i], width[i] = of_cloud.predict(shape[i]), np.exp(of_pen.predict(edges[i]))
        tangent, factor, to_right, downwards = corrections.T
        return {
            "slant": np.degrees(np.arctan(lean + tangent)),
            "width": width,
            "size": factor * high,
            "x": middle_x + to_right * wide,
            "y": middle_y + downwards * high,
        }


def _blurred(x, times):
    """Each pixel mixed with its neighbours, so many times; the margins must be blank, as `np.roll` wraps."""
    for _ in range(times):
        for axis in (1, 2):
            x = (np.roll(x, 1, axis) + 2 * x + np.roll(x, -1, axis)) / 4
    return x


def _ridge(features, targets):
    return make_pipeline(StandardScaler(), Ridge(alpha=1.0)).fit(features, targets)
