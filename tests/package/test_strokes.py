"""The strokes are handwriting whose factors can be read off the pictures again."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contentgen.data import strokes


@pytest.fixture(scope="module")
def drawn():
    return strokes.draw(4000, seed=3)


def ink_box(x):
    """First and last row and column (B, 4) that the pen's own outline, half of the ink, reaches."""
    half = x[..., 0] > 0.5 * x.max(axis=(1, 2, 3))[:, None, None] - 1e-3
    sides = []
    for axis in (2, 1):
        line = half.any(axis=axis)
        sides += [line.argmax(axis=1), line.shape[1] - 1 - line[:, ::-1].argmax(axis=1)]
    return np.stack(sides, axis=1)


def lean(x):
    """Degrees (B,) by which the ink leans right, from its second moments."""
    ink = x[..., 0].astype(float)
    grid = np.arange(ink.shape[1])
    total = ink.sum(axis=(1, 2))
    right = grid - (ink.sum(axis=1) @ grid / total)[:, None]
    up = (ink.sum(axis=2) @ grid / total)[:, None] - grid
    together = np.einsum("bij,bi,bj->b", ink, up, right)
    return np.degrees(np.arctan(together / np.einsum("bij,bi->b", ink, up**2)))


@settings(max_examples=25)
@given(n=st.integers(1, 40), seed=st.integers(0, 2**32), size=st.integers(16, 40))
def test_shapes_types_and_ranges(n, seed, size):
    x, y, factors = strokes.draw(n, seed, size)
    assert x.shape == (n, size, size, 1) and x.dtype == np.float32
    assert x.min() >= 0 and x.max() <= 1
    assert (x.max(axis=(1, 2, 3)) > 0.3).all()
    assert y.shape == (n,) and y.dtype == np.int64
    assert set(factors) == {"slant", "width", "size", "x", "y", "form"}
    for name, values in factors.items():
        assert values.shape == (n,)
        assert values.dtype == (np.int64 if name == "form" else np.float32)
    counts = np.bincount(y, minlength=10)
    assert len(counts) == 10 and counts.max() - counts.min() <= 1


def test_the_documented_ranges_are_used_and_kept(drawn):
    _, y, factors = drawn
    ranges = {"slant": (-20, 30), "width": (1.4, 6.3), "size": (17, 27), "x": (-3, 3), "y": (-3, 3)}
    for name, (low, high) in ranges.items():
        values = factors[name]
        span = high - low
        assert low - 1e-4 <= values.min() < low + 0.1 * span, name
        assert high - 0.1 * span < values.max() <= high + 1e-4, name
    for digit, forms in strokes.FORMS.items():
        assert set(factors["form"][y == digit]) == set(range(len(forms)))


def test_the_same_seed_gives_the_same_bytes():
    first, again, other = (strokes.draw(50, seed=7), strokes.draw(50, seed=7), strokes.draw(50, seed=8))
    assert first[0].tobytes() == again[0].tobytes()
    assert first[1].tobytes() == again[1].tobytes()
    assert all(first[2][name].tobytes() == again[2][name].tobytes() for name in first[2])
    assert first[0].tobytes() != other[0].tobytes()
    assert first[1].tobytes() != other[1].tobytes()


def test_no_picture_comes_twice(drawn):
    x = drawn[0]
    assert len({picture.tobytes() for picture in x}) == len(x)


def test_a_plain_one_leans_by_its_slant(drawn):
    x, y, factors = drawn
    plain = (y == 1) & (factors["form"] == 0)
    error = lean(x[plain]) - factors["slant"][plain]
    assert plain.sum() > 30
    # Jittered points lean a stem by a degree or two of their own.
    assert abs(error.mean()) < 1.5
    assert np.abs(error).max() < 12


@pytest.mark.parametrize("digit", range(10))
def test_every_digit_leans_right_as_its_slant_grows(drawn, digit):
    x, y, factors = drawn
    mine = y == digit
    growth, _ = np.polyfit(factors["slant"][mine], lean(x[mine]), 1)
    assert 0.6 < growth < 1.3


@pytest.mark.parametrize("digit", range(10))
def test_ink_grows_with_the_pen(drawn, digit):
    x, y, factors = drawn
    mine = y == digit
    # By length times width, each relative to the size, so that big digits do not pass for wide pens.
    ink = x[mine].sum(axis=(1, 2, 3)) / factors["size"][mine] ** 2
    pen = factors["width"][mine] / factors["size"][mine]
    assert np.corrcoef(ink, pen)[0, 1] > 0.7


def test_the_height_is_the_size(drawn):
    x, _, factors = drawn
    top, bottom, _, _ = ink_box(x).T
    error = bottom - top + 1 - factors["size"]
    assert abs(error.mean()) < 0.5
    assert np.quantile(np.abs(error), 0.99) < 2


def test_x_and_y_are_where_the_digit_stands(drawn):
    x, _, factors = drawn
    top, bottom, left, right = ink_box(x).T
    assert np.quantile(np.abs((left + right + 1) / 2 - 14 - factors["x"]), 0.99) < 1
    assert np.quantile(np.abs((top + bottom + 1) / 2 - 14 - factors["y"]), 0.99) < 1


def test_no_ink_is_lost_at_the_frame(drawn):
    x = drawn[0][..., 0]
    border = np.concatenate([x[:, 0], x[:, -1], x[:, :, 0], x[:, :, -1]], axis=1)
    assert (border.max(axis=1) > 0.6).mean() < 0.01


def test_a_digit_too_wide_for_the_frame_is_drawn_smaller(monkeypatch):
    monkeypatch.setattr(strokes, "ASPECT", (3, 3))
    x, _, factors = strokes.draw(300, seed=2)
    top, bottom, left, right = ink_box(x).T
    assert (right - left == 25).mean() > 0.3, "no digit was too wide"
    assert np.quantile(np.abs(bottom - top + 1 - factors["size"]), 0.98) < 2
    assert x[:, :, [0, -1]].max() < 0.6


@pytest.mark.parametrize("name", ["JITTER", "BEND", "TILT"])
def test_no_two_hands_are_the_same(monkeypatch, name):
    shaky = strokes.draw(30, seed=4)[0]
    monkeypatch.setattr(strokes, name, 0)
    steady = strokes.draw(30, seed=4)[0]
    assert (np.abs(shaky - steady).max(axis=(1, 2, 3)) > 0.02).mean() > 0.7


def test_a_larger_picture_shows_the_same_handwriting():
    small, y, factors = strokes.draw(40, seed=5)
    large, y_large, factors_large = strokes.draw(40, seed=5, size=56)
    assert np.array_equal(y, y_large)
    assert np.allclose(factors["slant"], factors_large["slant"])
    assert np.allclose(2 * factors["width"], factors_large["width"], rtol=1e-4)
    halved = large.reshape(40, 28, 2, 28, 2, 1).mean(axis=(2, 4))
    assert np.abs(halved - small).mean() < 0.01


def test_the_pen_leaves_no_gaps(drawn):
    x, y, factors = drawn
    upright = x[(y == 1) & (factors["form"] == 0), ..., 0]
    for picture, level in zip(upright, upright.max(axis=(1, 2)), strict=True):
        rows = np.flatnonzero(picture.max(axis=1) > 0.5 * level)
        assert len(rows) == rows[-1] - rows[0] + 1


def test_a_number_that_is_not_whole_or_out_of_range_is_named():
    for n in (0, -1, 2.0, "10", True, None):
        with pytest.raises(ValueError, match=f"^n is {n!r}, expected a whole number of at least 1"):
            strokes.draw(n)
    for size in (0, 15, 129, 28.0, True, None):
        with pytest.raises(ValueError, match=f"^size is {size!r}, expected a whole number from 16 to 128"):
            strokes.draw(10, size=size)
    assert strokes.draw(np.int64(3), size=np.int32(28))[0].shape == (3, 28, 28, 1)
