"""Each measure is held against a case with a known answer, and the judge is always the same judge."""

import random

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from contentgen import data, runtime
from contentgen.data import Pictures
from contentgen.metrics import (
    class_coverage,
    frechet_distance,
    nearest_neighbour,
    ngram_probabilities,
    overlapping_windows,
    sharpness,
    split_distances,
)
from contentgen.metrics import pictures as metrics


@pytest.fixture(scope="session")
def strokes():
    return data.load("strokes")


@pytest.fixture(scope="session")
def judge(strokes):
    return metrics.judge(strokes)


def share_right(judge, x, y):
    return (judge.probabilities(x).argmax(1) == y).mean()


def test_the_judge_of_strokes_recognises_strokes_and_real_handwriting(judge, strokes):
    assert judge.accuracy >= 0.98
    assert judge.accuracy == share_right(judge, strokes.x_test, strokes.y_test)
    digits = data.load("digits")
    assert share_right(judge, digits.x_test, digits.y_test) >= 0.85
    assert share_right(judge, digits.x_train, digits.y_train) >= 0.85


def test_the_judge_gives_features_and_probabilities(judge, strokes):
    x = strokes.x_test[:501]  # more than the judge looks at in one go
    features, probabilities = judge.features(x), judge.probabilities(x)
    assert features.shape == (501, 64) and features.dtype == np.float32
    assert probabilities.shape == (501, 10) and (probabilities >= 0).all()
    np.testing.assert_allclose(probabilities.sum(1), 1)
    np.testing.assert_allclose(judge.features(x[500:]), features[500:], rtol=1e-4, atol=1e-4)
    assert judge.class_names == tuple("0123456789")


def test_the_distance_sees_a_missing_class_and_noise(judge, strokes):
    """Features of the judge put real test pictures nearest, and worse sets further away."""
    reference = judge.features(strokes.x_train)
    good = frechet_distance(reference, judge.features(strokes.x_test))
    one_class = frechet_distance(reference, judge.features(strokes.x_test[strokes.y_test == 1]))
    noise = np.random.default_rng(0).random((500, 28, 28, 1))
    assert 0 < 10 * good < one_class and 10 * good < frechet_distance(reference, judge.features(noise))


def test_coverage_sees_that_a_class_is_missing(judge, strokes):
    without = strokes.x_test[strokes.y_test != 4]
    coverage = class_coverage(judge.probabilities(without))
    assert coverage[4] < 0.01 and (np.delete(coverage, 4) > 0.05).all()


@pytest.fixture
def short(monkeypatch, tmp_path):
    monkeypatch.setattr(metrics, "JUDGE_STEPS", 4)
    monkeypatch.setenv("CONTENTGEN_CACHE", str(tmp_path / "cache"))
    metrics._judge_by_name.cache_clear()
    yield tmp_path / "cache" / "judges"
    metrics._judge_by_name.cache_clear()


@pytest.fixture(scope="module")
def digits():
    return data.load("digits", 200, n_test=40, size=8)


@pytest.fixture
def trained(short, monkeypatch):
    """How often a judge was trained, as a list that grows; the network stays as it was begun."""
    calls = []

    def begin(dataset):
        calls.append(dataset)
        shape, classes = dataset.x_train.shape[1:], len(dataset.class_names)
        return metrics._make_judge_network(shape, classes)

    monkeypatch.setattr(metrics, "_train", begin)
    return calls


def test_each_training_gives_the_same_judge(short, digits, monkeypatch, tmp_path):
    first = metrics.judge(digits).probabilities(digits.x_test)
    monkeypatch.setenv("CONTENTGEN_CACHE", str(tmp_path / "another cache"))
    keras.utils.set_random_seed(77)
    np.testing.assert_array_equal(metrics.judge(digits).probabilities(digits.x_test), first)


def test_a_trained_judge_is_kept(short, digits, trained):
    first = metrics.judge(digits).probabilities(digits.x_test)
    again = metrics.judge(digits).probabilities(digits.x_test)
    np.testing.assert_array_equal(again, first)
    assert len(trained) == 1 and len(list(short.iterdir())) == 1


def test_a_name_is_enough(short, digits, trained, monkeypatch):
    monkeypatch.setattr(metrics.datasets, "load", lambda name: {"digits": digits}[name])
    assert metrics.judge("digits") is metrics.judge("digits")


def test_other_pictures_or_labels_have_another_judge(digits):
    turned = Pictures(**{**vars(digits), "x_train": digits.x_train[::-1]})
    relabelled = Pictures(**{**vars(digits), "y_train": 9 - digits.y_train})
    reshaped = Pictures(**{**vars(digits), "x_train": digits.x_train.reshape(-1, 4, 16, 1)})
    renamed = Pictures(**{**vars(digits), "class_names": (*digits.class_names, "none")})
    all_of_them = [digits, turned, relabelled, reshaped, renamed]
    assert len({metrics._fingerprint(dataset) for dataset in all_of_them}) == 5


@pytest.mark.parametrize("damage", [b"", None])
def test_a_damaged_judge_is_made_again(short, digits, damage, trained):
    first = metrics.judge(digits).probabilities(digits.x_test)
    (path,) = short.iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    np.testing.assert_array_equal(metrics.judge(digits).probabilities(digits.x_test), first)
    assert len(trained) == 2 and list(short.iterdir()) == [path]
    metrics.judge(digits)
    assert len(trained) == 2  # and kept


def test_a_judge_is_written_whole_or_not_at_all(short, digits, trained, monkeypatch):
    def torn(network, path, *_, **__):
        path.write_bytes(b"half")
        raise OSError("no space left")

    monkeypatch.setattr(keras.Model, "save", torn)
    with pytest.raises(OSError, match="no space left"):
        metrics.judge(digits)
    assert not [path for path in short.iterdir() if ".new." not in path.name]


def next_numbers():
    """What a lesson's sources of random numbers would give next, and the names of new layers."""
    dense = keras.layers.Dense(2)
    model = keras.Sequential([keras.Input((3,)), dense, keras.layers.Flatten()])
    return [
        random.random(),
        np.random.rand(3),  # noqa: NPY002 (this is the generator that must be left alone)
        keras.random.normal((3,)),
        tf.random.normal((3,)),
        keras.random.SeedGenerator().state,
        dense.get_weights()[0],
        *(np.array(part.name) for part in [model, *model.layers]),
    ]


def test_a_judge_leaves_the_lessons_random_numbers_as_they_are(short, digits):
    def numbers(with_judge):
        keras.backend.clear_session()
        runtime.setup(5)
        next_numbers()
        if with_judge:
            metrics.judge(digits)
        return next_numbers()

    without, training, cached = numbers(False), numbers(True), numbers(True)
    for expected, *found in zip(without, training, cached, strict=True):
        np.testing.assert_array_equal(found[0], expected)
        np.testing.assert_array_equal(found[1], expected)


@pytest.mark.parametrize("shape", [(8, 8, 1), (40, 50, 3), (256, 256, 1)])
def test_pictures_of_any_size_have_a_judge(short, shape, monkeypatch):
    monkeypatch.setattr(metrics, "JUDGE_BATCH", 4)
    x = np.random.default_rng(0).random((6, *shape), "float32")
    y = np.arange(6) % 2
    judge = metrics.judge(Pictures("mine", x, y, x, y, ("a", "b")))
    assert judge.probabilities(x).shape == (6, 2) and judge.features(x).shape == (6, 64)


def test_training_pictures_are_shifted_within_reach():
    x = np.arange(28.0).reshape(1, 28, 1, 1) * np.ones((1, 1, 28, 1))
    rng = np.random.default_rng(0)
    middle = {float(metrics._shifted(x, rng)[0, 14, 14, 0]) for _ in range(50)}
    assert middle == {12, 13, 14, 15, 16}
    small = np.random.default_rng(1).random((2, 8, 8, 1))
    np.testing.assert_array_equal(metrics._shifted(small, rng), small)


def two_gaussians():
    rng = np.random.default_rng(0)
    mean_a, mean_b = np.array([0.0, 1.0, -1.0]), np.array([0.5, 1.0, 1.0])
    root_a, root_b = rng.normal(size=(2, 3, 3))
    return mean_a, root_a @ root_a.T, mean_b, root_b @ root_b.T


def test_two_gaussians_have_the_distance_of_the_closed_form():
    mean_a, cov_a, mean_b, cov_b = two_gaussians()
    # The trace of (C_a C_b)^½ by another way than the code's: the eigenvalues of the plain product.
    root = np.sqrt(np.linalg.eigvals(cov_a @ cov_b).real).sum()
    closed_form = ((mean_a - mean_b) ** 2).sum() + np.trace(cov_a + cov_b) - 2 * root
    rng = np.random.default_rng(1)
    a = rng.multivariate_normal(mean_a, cov_a, 200_000)
    b = rng.multivariate_normal(mean_b, cov_b, 200_000)
    assert frechet_distance(a, b) == pytest.approx(closed_form, rel=0.02)


def test_one_dimension_by_hand():
    """Means 0 and 3, standard deviations 1 and 2: 3² + (2 − 1)² = 10."""
    a = np.array([[-1.0], [1], [0]])  # variance 1
    b = 3 + 2 * a[:, [0]]
    assert frechet_distance(a, b) == pytest.approx(10)


FEATURES = st.integers(0, 10**6).map(
    lambda seed: np.random.default_rng(seed).normal(size=(2, 40, 5)) * [[[3.0]], [[0.5]]]
)


@given(FEATURES)
def test_a_set_against_itself_has_no_distance_and_the_order_is_all_one(sets):
    a, b = sets
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-10)
    assert frechet_distance(a, a[::-1]) == pytest.approx(0, abs=1e-10)
    assert frechet_distance(a, b) == pytest.approx(frechet_distance(b, a))
    assert frechet_distance(a, b) > 0


@given(FEATURES, st.lists(st.floats(-9, 9), min_size=5, max_size=5))
def test_a_shifted_copy_is_as_far_as_the_shift_squared(sets, shift):
    a = sets[0]
    assert frechet_distance(a, a + shift) == pytest.approx(np.square(shift).sum(), abs=1e-9)


def test_fewer_examples_than_features_still_agree_with_themselves():
    a = np.random.default_rng(0).random((10, 64))
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-5)


def test_coverage_of_four_pictures_by_hand():
    probabilities = np.array([[0.8, 0.1, 0.1], [0.5, 0.2, 0.3], [0.0, 0.1, 0.9], [0.6, 0.4, 0.0]])
    np.testing.assert_array_equal(class_coverage(probabilities), [0.75, 0, 0.25])


def test_copies_are_found_at_no_distance():
    training = data.load("digits", 300).x_train
    chosen = np.array([7, 299, 0, 7])
    distances, indices = nearest_neighbour(training[chosen], training)
    np.testing.assert_array_equal(distances, 0)
    np.testing.assert_array_equal(indices, chosen)


def test_a_set_against_itself_gives_the_nearest_other():
    x = np.zeros((3, 2, 2, 1), "float32")
    x[:, 0, 0, 0] = [0, 0.25, 1]
    distances, indices = nearest_neighbour(x, x)
    np.testing.assert_array_equal(distances, [0.25, 0.25, 0.75])
    np.testing.assert_array_equal(indices, [1, 0, 1])


def test_the_distance_is_over_all_pixels():
    black, grey = np.zeros((1, 4, 4, 3)), np.full((1, 4, 4, 3), 0.5)
    distances, _ = nearest_neighbour(black, grey)
    assert distances.shape == (1,) and distances[0] == pytest.approx(0.5 * np.sqrt(48))


def test_sharpness_by_hand():
    """A checkerboard's Laplacian is 4 or −4, in equal numbers: variance 16. The pixels' variance is ¼."""
    board = np.indices((8, 6)).sum(0) % 2
    np.testing.assert_allclose(sharpness(board[None, :, :, None].astype(float)), [64])
    for shade in (0, 0.1, 0.3, 1):
        np.testing.assert_array_equal(sharpness(np.full((2, 9, 7, 1), shade, "float32")), [0, 0])


def test_blur_takes_sharpness_away():
    x = data.load("strokes", 10).x_train
    before = sharpness(x)
    for radius in (0.5, 1, 2, 4):
        pictures = [Image.fromarray((p[..., 0] * 255).astype("uint8")) for p in x]
        blurred = [np.asarray(p.filter(ImageFilter.GaussianBlur(radius))) / 255 for p in pictures]
        after = sharpness(np.stack(blurred)[..., None])
        assert (after < before).all()
        before = after


@given(st.floats(0.01, 1), st.floats(0, 1))
@settings(max_examples=30)
def test_faint_ink_is_as_sharp_as_strong_ink(strength, paper):
    x = np.random.default_rng(0).random((3, 8, 8, 1))
    faint = paper * (1 - strength) + strength * x
    np.testing.assert_allclose(sharpness(faint), sharpness(x), rtol=1e-6)


def test_each_picture_is_measured_alone():
    x = data.load("digits", 5).x_train
    np.testing.assert_allclose(sharpness(x), [sharpness(one[None])[0] for one in x])


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("number", [float, np.float32, np.float64])
def test_a_share_of_nothing_is_no_number_and_no_warning(number):
    assert metrics.share(number(3), number(4)) == 0.75
    assert metrics.share(number(0), number(4)) == 0
    assert np.isnan(metrics.share(number(3), number(0))) and np.isnan(metrics.share(number(0), number(0)))
    assert np.isnan(metrics.share(number("nan"), number(1))) and np.isnan(
        metrics.share(number(1), number("nan"))
    )


X, ONE = np.zeros((2, 8, 8, 1)), np.zeros((1, 8, 8, 1))
ONE_CLASS = Pictures("holidays", *[np.zeros((6, 8, 8, 1), "float32"), np.zeros(6, "int64")] * 2, (".",))
HOLED = np.where(np.arange(10).reshape(5, 2) == 7, np.nan, 0.0)
BAD = [
    *((frechet_distance, shapes, r"expected \(N, F\) and \(M, F\), N, M ≥ 2") for shapes in (
        ((5,), (5,)), ((5, 2), (5, 3)), ((1, 2), (5, 2)), ((5, 2), (1, 2)), ((5, 2, 1), (5, 2)))),
    (frechet_distance, [HOLED, np.zeros((5, 2))], "expected finite numbers"),
    (frechet_distance, [np.zeros((5, 2)), -HOLED], "expected finite numbers"),
    (frechet_distance, [np.zeros((5, 2)), HOLED + np.inf], "expected finite numbers"),
    *((class_coverage, [shape], r"expected \(N, K\) with N") for shape in ((3,), (0, 9), (3, 0), (2, 2, 2))),
    (nearest_neighbour, [X, (2, 8, 8, 3)], r"expected pictures of \(8, 8, 3\) as in reference"),
    (nearest_neighbour, [X, X + 2 * np.eye(8)[:, :, None]], "^reference reaches from 0 to 2"),
    (nearest_neighbour, [ONE] * 2, "expected another picture"),
    (sharpness, [(1, 2, 9, 1)], "2 × 9 pixels, expected at least 3 × 3"),
    (sharpness, [np.zeros((1, 9, 9, 1), "uint8")], "uint8 array"),
    (metrics.judge, [ONE_CLASS], "holidays has only one class.* one subfolder a class"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "arguments", "says"), BAD)
def test_bad_input_gets_one_sentence(function, arguments, says):
    """A shape stands for an array of zeros."""
    with pytest.raises(ValueError, match=says):
        function(*(np.zeros(part) if isinstance(part, tuple) else part for part in arguments))


@pytest.mark.parametrize("shape", [(1, 8, 8, 1), (1, 28, 28, 3), (1, 28, 27, 1)])
def test_the_judge_refuses_what_it_did_not_learn(judge, shape):
    with pytest.raises(ValueError, match=r"expected pictures of \(28, 28, 1\) as the judge learnt") as raised:
        judge.features(np.zeros(shape, "float32"))
    assert str(shape) in str(raised.value)
    for bad in (255.0, np.nan):
        with pytest.raises(ValueError, match="rescale it"):
            judge.probabilities(np.full((1, 28, 28, 1), bad))


def counted_by_hand(train, context, character, vocab_size):
    """Witten and Bell's mixture, by its definition."""
    shorter = counted_by_hand(train, context[1:], character, vocab_size) if context else 1 / vocab_size
    k = len(context)
    after = [train[i + k] for i in range(len(train) - k) if train[i : i + k] == context]
    different = len(set(after))
    return (after.count(character) + different * shorter) / (len(after) + different) if after else shorter


@given(
    st.lists(st.integers(0, 2), min_size=6, max_size=40),
    st.lists(st.integers(0, 3), max_size=5),
    st.integers(1, 4),
)
def test_counting_gives_witten_and_bells_probabilities(train, test, order):
    whole = [*train, *test, 0]
    wanted = [
        counted_by_hand(train, whole[i - order + 1 : i], whole[i], 4) for i in range(len(train), len(whole))
    ]
    found = ngram_probabilities(np.array(train), np.array([*test, 0]), order, 4)
    np.testing.assert_allclose(found, wanted)


def test_the_probabilities_of_all_characters_add_up_to_one():
    train = np.random.default_rng(0).integers(0, 5, 300)
    every = [ngram_probabilities(train, np.array([c]), 3, 6)[0] for c in range(6)]
    assert np.isclose(sum(every), 1) and min(every) > 0


@pytest.mark.parametrize("order", [0, -1])
def test_an_order_that_cannot_be_counted_is_named(order):
    with pytest.raises(ValueError, match=f"order is {order}, expected 1 or more"):
        ngram_probabilities(np.zeros(9, int), np.zeros(2, int), order, 4)


@given(st.integers(1, 40), st.integers(1, 5))
def test_second_halves_of_overlapping_windows_make_up_the_text(n, half):
    codes = np.arange(1, n + 1, dtype="int32")
    windows = overlapping_windows(codes, 2 * half, 0)
    assert windows.shape[1] == 2 * half and windows.dtype == codes.dtype
    row = np.concatenate([windows[0, :half], *windows[:, half:]])
    np.testing.assert_array_equal(row, [*[0] * half, *codes, *[0] * (-n % half)])
    np.testing.assert_array_equal(windows[1:, :half], windows[:-1, half:])


def test_an_odd_length_has_no_half():
    with pytest.raises(ValueError, match="length is 5, expected an even number"):
        overlapping_windows(np.arange(9), 5, 0)


def test_the_distance_of_halves_is_that_of_disjoint_halves_and_falls_with_their_size():
    features = np.random.default_rng(0).normal(size=(3000, 3))
    many, few = split_distances(features), split_distances(features, n=150)
    assert many.shape == (20,) and 0 < 5 * many.mean() < few.mean()
    assert np.array_equal(many, split_distances(features))
    assert not np.isclose(many, split_distances(features, seed=1)).any()
    pair = np.array([[0.0], [0], [1], [1]])  # halves are (0, 0) and (1, 1), or twice (0, 1)
    assert {*split_distances(pair).round(6)} == {0, 1}
    assert split_distances(features, n=10, splits=3).shape == (3,)
