"""The meter of handwriting is held against pictures whose slant, width, size and place are known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentgen import data
from contentgen.metrics import Meter, skew
from contentgen.metrics.handwriting import _blurred

NAMES = ("slant", "width", "size", "x", "y")


@pytest.fixture(scope="module")
def strokes():
    return data.load("strokes", 3000)


@pytest.fixture(scope="module")
def meter(strokes):
    return Meter(strokes)


def pushed(x, steps):
    """Pictures on wider paper, each row so many pixels further to the right than the row below it."""
    height = x.shape[1]
    wide = np.pad(x, [(0, 0), (0, 0), (2 * height, 2 * height), (0, 0)])
    rows = [np.roll(wide[:, k], steps * (height // 2 - k), axis=1) for k in range(height)]
    return np.stack(rows, axis=1)


@given(st.integers(0, 2**32 - 1), st.sampled_from([-2, -1, 1, 2]))
def test_pushing_rows_adds_to_the_skew(seed, steps):
    x = np.random.default_rng(seed).random((3, 6, 9, 1), "float32") ** 4
    np.testing.assert_allclose(skew(pushed(x, steps)), skew(x) + steps, atol=1e-6)


def test_the_skew_is_that_of_a_weighted_covariance():
    x = np.random.default_rng(0).random((4, 7, 5, 3), "float32")
    rows, columns = np.mgrid[:7, :5]
    for picture, found in zip(x, skew(x), strict=True):
        ink = picture.mean(axis=-1).ravel()
        covariance = np.cov(columns.ravel(), rows.ravel(), aweights=ink)
        assert np.isclose(found, -covariance[0, 1] / covariance[1, 1])


def test_a_bar_that_leans_has_the_skew_of_its_lean():
    x = np.zeros((1, 20, 20, 1), "float32")
    x[0, 5:15, 9:11] = 1
    assert skew(x)[0] == pytest.approx(0) and skew(pushed(x, 1))[0] == pytest.approx(1)


@pytest.mark.parametrize("blur", [0, 1, 4])
def test_the_meter_knows_held_out_pictures_and_soft_ones(meter, strokes, blur):
    """Each error is at most a third of that of somebody who always says the mean."""
    found = meter.measure(_blurred(strokes.x_test, blur), strokes.y_test)
    assert tuple(found) == NAMES
    for name in NAMES:
        truth = strokes.factors_test[name]
        error, blind = (np.abs(guess - truth).mean() for guess in (found[name], truth.mean()))
        assert error < blind / 3, name
    assert np.abs(found["slant"] - strokes.factors_test["slant"]).mean() < 3.5
    assert np.abs(found["width"] / strokes.factors_test["width"] - 1).mean() < 0.08


def test_the_meter_follows_any_lean_and_nothing_else_changes(meter, strokes):
    x, y = strokes.x_test[:50], strokes.y_test[:50]
    wide = pushed(x, 0)
    upright, leaning = meter.measure(wide, y), meter.measure(pushed(x, 1), y)
    tangents = [np.tan(np.radians(found["slant"])) for found in (upright, leaning)]
    np.testing.assert_allclose(tangents[1], tangents[0] + 1, atol=1e-4)
    for name in ("size", "y"):
        np.testing.assert_allclose(leaning[name], upright[name], rtol=1e-3, atol=1e-3)


def test_a_shift_is_measured_and_leaves_the_rest(meter, strokes):
    x, y = np.pad(strokes.x_test[:50], [(0, 0), (4, 4), (4, 4), (0, 0)]), strokes.y_test[:50]
    before, after = meter.measure(x, y), meter.measure(np.roll(x, (3, -2), axis=(1, 2)), y)
    moved = {"x": -2, "y": 3}
    for name in NAMES:
        np.testing.assert_allclose(after[name], before[name] + moved.get(name, 0), rtol=1e-3, atol=1e-3)


def test_each_picture_is_measured_alone(meter, strokes):
    x, y = strokes.x_test[:20], strokes.y_test[:20]
    together, alone = meter.measure(x, y), meter.measure(x[7:8], y[7:8])
    assert all(np.isclose(alone[name][0], together[name][7], rtol=1e-4, atol=1e-4) for name in NAMES)


def test_the_meter_remembers_the_classes_it_was_fitted_to(meter, strokes):
    assert meter.class_names == strokes.class_names


def test_no_ink_has_no_measure(meter):
    blank = np.zeros((2, 28, 28, 1), "float32")
    assert np.isnan(skew(blank)).all()
    found = meter.measure(blank, np.array([3, 4]))
    assert all(np.isnan(values).all() for values in found.values())


def test_bad_input_gets_one_sentence(meter, strokes):
    with pytest.raises(ValueError, match=r"digits knows the factors \[\], but the meter needs slant, width"):
        Meter(data.load("digits"))
    x = strokes.x_test[:3]
    with pytest.raises(ValueError, match=r"y has shape \(2,\) and classes \[1, 2\], expected \(3,\)"):
        meter.measure(x, np.array([1, 2]))
    with pytest.raises(ValueError, match=r"classes \[1, 2, 11\], expected \(3,\) and some of \[0, 1"):
        meter.measure(x, np.array([1, 2, 11]))
    with pytest.raises(ValueError, match="expected values in"):
        skew(10 * x)
