"""Every source gives one immutable record, and bad input one clear sentence."""

import gzip
import hashlib
import os
import re
import struct
import zlib
from dataclasses import FrozenInstanceError
from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image
from sklearn.datasets import load_digits

from contentgen import data
from contentgen.checks import NotAllowed
from contentgen.data import Pictures, binary, check_pictures, check_varied, file_name, load, strokes


def holds_what_it_promises(loaded, size, channels=1):
    for x, y in ((loaded.x_train, loaded.y_train), (loaded.x_test, loaded.y_test)):
        assert x.dtype == np.float32 and x.shape == (len(y), size, size, channels)
        assert y.dtype == np.int64 and y.ndim == 1
        assert len(x) >= 1 and x.min() >= 0 and x.max() <= 1
        assert y.min() >= 0 and y.max() < len(loaded.class_names)


@pytest.mark.parametrize("size", [8, 28])
def test_digits(size):
    digits = load("digits", size=size)
    holds_what_it_promises(digits, size)
    assert (len(digits.x_train), len(digits.x_test)) == (1498, 299)  # 1,797 in all
    assert digits.class_names == tuple("0123456789")
    assert not digits.factors_train and not digits.factors_test


def test_digits_are_scikit_learns_own_and_split_by_position():
    digits, source = load("digits", size=8), load_digits()
    test = np.arange(1797) % 6 == 5
    np.testing.assert_array_equal(digits.x_test[..., 0] * 16, source.images[test])
    np.testing.assert_array_equal(digits.x_train[..., 0] * 16, source.images[~test])
    np.testing.assert_array_equal(digits.y_test, source.target[test])
    np.testing.assert_array_equal(digits.y_train, source.target[~test])


def test_enlarged_digits_are_the_recorded_ones():
    small, large = load("digits", size=8), load("digits", size=32)
    again = large.x_test[..., 0].reshape(-1, 8, 4, 8, 4).mean((2, 4))
    assert np.corrcoef(again.ravel(), small.x_test.ravel())[0, 1] > 0.97


def test_n_takes_the_first_of_each_split():
    some, whole = load("digits", 10, n_test=3), load("digits")
    np.testing.assert_array_equal(some.x_train, whole.x_train[:10])
    np.testing.assert_array_equal(some.y_test, whole.y_test[:3])
    assert (len(some.y_train), len(some.x_test)) == (10, 3)


def test_a_record_is_immutable():
    digits = load("digits", 5)
    with pytest.raises(ValueError, match="read-only"):
        digits.x_train[0] = 0
    with pytest.raises(ValueError, match="read-only"):
        digits.y_test[0] = 0
    with pytest.raises(FrozenInstanceError):
        digits.x_train = None
    drawn = load("strokes", 5)
    with pytest.raises(ValueError, match="read-only"):
        drawn.factors_train["slant"][0] = 0
    with pytest.raises(TypeError):
        drawn.factors_train["slant"] = 0


def test_a_record_leaves_the_callers_arrays_as_they_are_and_can_be_compared():
    x, y = np.zeros((2, 8, 8, 1), "float32"), np.zeros(2, "int64")
    mine = Pictures("mine", x, y, x, y, ("all",))
    x[0] = 1
    # As arrays have no one truth value, two records are equal only if they are one.
    assert mine == mine and mine != Pictures("mine", x + 1, y, x, y, ("all",))


def test_a_record_says_what_it_is():
    text = repr(load("digits", 100, n_test=20))
    assert text == (
        "digits: 100 training and 20 test pictures of shape (28, 28, 1), float32 from 0.0 to 1.0, 10 classes"
    )


def test_strokes_are_drawn_as_many_as_asked_for():
    drawn = load("strokes", 21, n_test=7)
    holds_what_it_promises(drawn, 28)
    assert (len(drawn.x_train), len(drawn.x_test)) == (21, 7)
    assert len(load("strokes", 21).x_test) == 5 and len(load("strokes", 1).x_test) == 1
    holds_what_it_promises(load("strokes", 5, size=16), 16)


def test_strokes_come_with_what_they_were_drawn_with():
    drawn = load("strokes", 21, n_test=7)
    assert {"slant", "width", "size"} <= set(drawn.factors_train)
    assert set(drawn.factors_test) == set(drawn.factors_train)
    assert {values.shape for values in drawn.factors_train.values()} == {(21,)}
    assert {values.shape for values in drawn.factors_test.values()} == {(7,)}


def test_the_seed_says_which_handwriting():
    one, same, other = load("strokes", 20), load("strokes", 20, 0), load("strokes", 20, 1)
    np.testing.assert_array_equal(one.x_train, same.x_train)
    np.testing.assert_array_equal(one.x_test, same.x_test)
    assert not np.array_equal(one.x_train, other.x_train)
    assert not np.array_equal(one.x_train[:5], one.x_test)  # testing is on other pictures
    np.testing.assert_array_equal(one.x_train, strokes.draw(20, 0)[0])


@pytest.mark.parametrize("name", ["digit", "", "MNIST", "folder", "folder:", None, 3])
def test_an_unknown_name_lists_the_known_ones(name):
    sentence = "the known names are digits, strokes, mnist, fashion_mnist, folder:PATH"
    with pytest.raises(ValueError, match=sentence) as raised:
        load(name)
    assert f"no data set {name!r}" in str(raised.value)


LOWEST = {"n": 1, "n_test": 1, "seed": 0, "size": 8}
NOT_WHOLE = st.one_of(st.floats(), st.booleans(), st.text(), st.just([3]), st.just(np.float32(9)))


@given(label=st.sampled_from(sorted(LOWEST)), offer=st.data())
def test_a_wrong_number_says_what_came_and_what_was_expected(label, offer):
    low = LOWEST[label]
    value = offer.draw(NOT_WHOLE | st.integers(max_value=low - 1))
    with pytest.raises(ValueError, match=f"expected a whole number (of at least|from) {low}") as raised:
        load("digits", **{label: value})
    assert str(raised.value).startswith(f"{label} is {value!r}")


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (dict(seed=None), "seed is None"),  # it is a choice for the counts only
        (dict(size=None), "size is None"),
        (dict(size=257), "size is 257, expected a whole number from 8 to 256"),
        (dict(size=np.int64(300)), "from 8 to 256"),
        (dict(n=1499), "1499 training pictures were asked for, but digits has 1498"),
        (dict(n_test=300), "300 test pictures were asked for, but digits has 299"),
        *(
            (dict(channels=c), "expected 1, or 3 with folder:PATH")
            for c in (0, 2, 3, 4, True, 1.0, "1", None)
        ),
    ],
)
def test_a_digit_set_that_cannot_be_is_refused(asked, says):
    with pytest.raises(ValueError, match=says):
        load("digits", **{"size": 8, **asked})


SHAPES = st.tuples(st.integers(1, 3), st.integers(1, 5), st.integers(1, 5), st.sampled_from([1, 3]))
FLOATS = st.sampled_from(["float16", "float32", "float64"])


@given(x=hnp.arrays(FLOATS, SHAPES, elements=st.floats(0, 1, width=16)))
def test_pictures_are_accepted(x):
    check_pictures(x)


@given(
    x=hnp.arrays("float32", SHAPES, elements=st.floats(0, 1, width=32)),
    bad=st.sampled_from([np.nan, np.inf, -np.inf, -0.01, 1.01, 255]),
    where=st.integers(0),
)
def test_one_value_out_of_range_is_refused(x, bad, where):
    x.flat[where % x.size] = bad
    with pytest.raises(ValueError, match=r"z reaches from .* to .*, expected values in \[0, 1\]"):
        check_pictures(x, "z")


@given(shape=hnp.array_shapes(min_dims=1, max_dims=5, max_side=4))
def test_another_shape_is_refused(shape):
    if len(shape) == 4 and shape[-1] in (1, 3):
        return
    with pytest.raises(ValueError, match=r"expected \(N, H, W, C\)") as raised:
        check_pictures(np.zeros(shape, "float32"))
    assert str(shape) in str(raised.value)


@pytest.mark.parametrize(
    ("x", "says"),
    [
        (np.zeros((0, 8, 8, 1), "float32"), "N ≥ 1"),
        (np.zeros((1, 8, 8, 1), "uint8"), "x is a uint8 array, expected a NumPy array of floats"),
        (np.zeros((1, 8, 8, 1), bool), "x is a bool array, expected"),
        (np.zeros((1, 8, 8, 1), complex), "x is a complex128 array, expected"),
        ([[0.5]], "x is a list, expected"),
        (None, "x is a NoneType, expected"),
    ],
)
def test_what_is_no_array_of_pictures_is_refused(x, says):
    with pytest.raises(ValueError, match=says):
        check_pictures(x)


def save_grey(folder, count=12, shade=128, mode="L"):
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        Image.new(mode, (12, 12), shade).save(folder / f"{i}.png")


def only(folder, picture, name="a picture.png", channels=1, size=8, **options):
    """What `load` makes of one picture file: it is a class of its own, three times, beside plain ones."""
    save_grey(folder / "z")
    (folder / "a").mkdir()
    for number in range(3):
        picture.save(folder / "a" / f"{number} {name}", **options)
    loaded = load(f"folder:{folder}", size=size, channels=channels)
    holds_what_it_promises(loaded, size, channels)
    return loaded.x_train[loaded.y_train == 0][0]


def test_a_folder_of_pictures(tmp_path):
    save_grey(tmp_path / "my pictures", 13, 51)
    loaded = load(f"folder:{tmp_path}/my pictures", size=16)
    holds_what_it_promises(loaded, 16)
    assert (len(loaded.x_train), len(loaded.x_test)) == (11, 2)
    assert loaded.class_names == (".",)
    np.testing.assert_allclose(loaded.x_train, 0.2)


def test_the_home_folder_may_be_a_tilde(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    save_grey(tmp_path / "pictures")
    assert len(load("folder:~/pictures").x_train) == 10


def test_subfolders_are_classes(tmp_path):
    save_grey(tmp_path / "b cats", 4, 0)
    save_grey(tmp_path / "c dogs" / "small ones", 3, 255)
    save_grey(tmp_path / "a birds", 5, 51)
    loaded = load(f"folder:{tmp_path}", size=8)
    assert loaded.class_names == ("a birds", "b cats", "c dogs")
    for x, y in ((loaded.x_train, loaded.y_train), (loaded.x_test, loaded.y_test)):
        np.testing.assert_allclose(x.mean((1, 2, 3)), np.array([0.2, 0, 1])[y])
    assert sorted([*loaded.y_train, *loaded.y_test]) == [0] * 5 + [1] * 4 + [2] * 3


def transparent():
    picture = Image.new("RGBA", (16, 16), (0, 0, 0, 0))
    picture.paste((0, 0, 0, 255), (0, 0, 8, 16))
    return picture


def palette():
    picture = Image.new("P", (16, 16), 1)
    picture.putpalette([0, 0, 0, 0, 0, 255])
    return picture


def wide():
    picture = Image.new("L", (48, 16), 0)
    picture.paste(255, (16, 0, 32, 16))
    return picture


def sideways():
    """Light above, and to be shown a quarter turn clockwise: light on the right."""
    picture, exif = Image.new("L", (16, 16), 0), Image.Exif()
    picture.paste(255, (0, 0, 16, 8))
    exif[0x0112] = 6
    return picture, exif


SIDES = [(1, 1), (1, 50), (300, 1), (7, 13), (29, 28)]
RED = Image.new("RGB", (20, 20), (255, 0, 0))
DEEP = Image.fromarray(np.full((16, 16), 0.4 * 65535, "uint16"))
HALVES = np.repeat([0.0, 1.0], 8)[None, :, None]  # black left, white right
FILES = {
    "colour stays": (RED, [1, 0, 0], dict(channels=3)),
    "colour becomes grey": (RED, 76 / 255, {}),  # luma of red
    "grey becomes colour": (Image.new("L", (20, 20), 51), 0.2, dict(channels=3)),
    "JPEG": (Image.new("RGB", (40, 30), (102,) * 3), 0.4, dict(name="a.JPG", format="JPEG")),
    "transparent parts become white": (transparent(), HALVES, dict(size=16)),
    "half transparent black is grey": (Image.new("LA", (16, 16), (0, 102)), 153 / 255, {}),
    "a palette is resolved": (palette(), [0, 0, 1], dict(channels=3)),
    "a palette's transparent colour is white": (palette(), 1, dict(channels=3, transparency=1)),
    "sixteen bits in PNG": (DEEP, 0.4, dict(name="a.png")),
    "sixteen bits in TIFF": (DEEP, 0.4, dict(name="a.tif")),
    "one bit": (Image.new("1", (16, 16), 1), 1, {}),
    "a photograph held sideways": (sideways()[0], HALVES, dict(size=16, exif=sideways()[1])),
    "the centred square": (wide(), 1, dict(size=16)),
    **{str(side): (Image.new("L", side, 51), 0.2, {}) for side in SIDES},
}
ROUGH = {"JPEG": 0.01, "sixteen bits in PNG": 0.003, "sixteen bits in TIFF": 0.003}


@pytest.mark.parametrize("name", FILES)
def test_a_picture_file_is_read_as_a_viewer_shows_it(tmp_path, name):
    picture, expected, options = FILES[name]
    x = only(tmp_path, picture, **options)
    np.testing.assert_allclose(x, np.broadcast_to(expected, x.shape), atol=ROUGH.get(name, 0))


def test_what_is_no_picture_is_left_out(tmp_path):
    save_grey(tmp_path / "cats")
    save_grey(tmp_path / "dogs")
    save_grey(tmp_path / ".ipynb_checkpoints")
    save_grey(tmp_path / "cats" / ".thumbnails")
    (tmp_path / "cats" / "._0.png").write_bytes(b"what macOS leaves")
    (tmp_path / "notes.txt").write_text("not a picture")
    (tmp_path / "print.pdf").write_bytes(b"PIL writes PDF and does not read it")
    (tmp_path / "named like a picture.png").mkdir()
    (tmp_path / "cats" / "icon.ico").write_bytes(b"PIL reads it, and it is none of our kinds")
    loaded = load(f"folder:{tmp_path}", size=8)
    assert len(loaded.x_train) + len(loaded.x_test) == 24
    assert loaded.class_names == ("cats", "dogs")
    assert loaded.left_out == {".txt": 1, ".pdf": 1, ".ico": 1}
    assert repr(loaded).endswith("2 classes; left out: 1 .ico, 1 .txt, 1 .pdf")


def test_a_picture_of_another_kind_is_not_opened_under_a_usual_name(tmp_path):
    save_grey(tmp_path, 13)
    Image.new("L", (16, 16)).save(tmp_path / "3.png", format="ICO")
    Image.new("L", (16, 16)).save(tmp_path / "4.png", format="WEBP")  # as browsers like to save them
    with pytest.raises(NotAllowed, match=r"1 of 13 pictures in .* cannot be read: 3\.png;"):
        load(f"folder:{tmp_path}")


def test_a_hidden_folder_may_hold_the_folder(tmp_path):
    save_grey(tmp_path / ".cache" / "pictures")
    assert len(load(f"folder:{tmp_path}/.cache/pictures").x_train) == 10


@pytest.mark.parametrize("damage", ["garbage", "truncated", "empty"])
def test_a_damaged_picture_is_named(tmp_path, damage):
    save_grey(tmp_path, 13)
    noise = np.random.default_rng(0).integers(0, 256, (40, 40), "uint8")
    path = tmp_path / "3 holidays.png"
    Image.fromarray(noise).save(path)
    whole = path.read_bytes()
    torn = {"garbage": b"no picture", "truncated": whole[: len(whole) // 2], "empty": b""}[damage]
    path.write_bytes(torn)
    with pytest.raises(
        NotAllowed, match=r"1 of 14 pictures in .* cannot be read: .*; replace or remove them"
    ) as raised:
        load(f"folder:{tmp_path}")
    assert path.name in str(raised.value) and str(tmp_path) in str(raised.value) and path.read_bytes() == torn


def test_all_damaged_pictures_are_named_at_once(tmp_path):
    save_grey(tmp_path / "cats", 30)
    for number in range(14):
        (tmp_path / "cats" / f"{number}.png").write_bytes(b"no picture")
    with pytest.raises(NotAllowed, match=r"14 of 30 pictures in .* cannot be read") as raised:
        load(f"folder:{tmp_path}")
    assert all(str(Path("cats", f"{number}.png")) in str(raised.value) for number in range(14))


@pytest.mark.parametrize("count", [0, 1, 11])
def test_too_few_pictures_say_how_many_are_needed(tmp_path, count):
    save_grey(tmp_path, count)
    with pytest.raises(NotAllowed, match=rf"holds {count} pictures .* at least 12\.$"):
        load(f"folder:{tmp_path}")


def test_a_folder_of_another_kind_says_what_is_left_out_and_how_many(tmp_path):
    save_grey(tmp_path / "cats", 3)
    for number in range(40):
        (tmp_path / "cats" / f"IMG_{number}.HEIC").write_bytes(b"")
    (tmp_path / "README").write_text("no ending")
    (tmp_path / "LICENSE").write_text("no ending")
    with pytest.raises(
        NotAllowed, match=r"holds 3 pictures .* left out: 40 .heic, 2 without ending; save them as PNG"
    ):
        load(f"folder:{tmp_path}")


def in_each_class(y):
    return np.bincount(y).tolist()


@pytest.mark.parametrize(
    ("in_classes", "n", "wanted"),
    [
        ((60, 60, 60), 50, [16, 17, 17]),
        ((60, 60, 60), 7, [2, 2, 3]),
        ((3, 60), 30, [2, 28]),
        ((12, 60, 90), 60, [10, 25, 25]),
        ((30,), 5, [5]),
    ],
)
def test_training_pictures_are_taken_evenly_over_the_classes(tmp_path, in_classes, n, wanted):
    for k, count in enumerate(in_classes):
        save_grey(tmp_path / f"class {k}", count, 20 * k)
    loaded = load(f"folder:{tmp_path}", n, size=8)
    assert sorted(in_each_class(loaded.y_train)) == wanted
    np.testing.assert_allclose(loaded.x_train.mean((1, 2, 3)), 20 / 255 * loaded.y_train)
    again = load(f"folder:{tmp_path}", n, seed=5, size=8)
    np.testing.assert_array_equal(again.y_train, loaded.y_train)
    np.testing.assert_array_equal(again.x_train, loaded.x_train)


def save_apart(folder, counts):
    """Pictures that can all be told apart, so many in each class."""
    for k, count in enumerate(counts):
        (folder / str(k)).mkdir()
        for i in range(count):
            Image.new("RGB", (8, 8), (k, i, 0)).save(folder / str(k) / f"{i:03}.png")


def told_apart(x):
    return {tuple(colour) for colour in (255 * x[:, 0, 0]).round().astype(int).tolist()}


def test_a_smaller_part_lies_within_a_larger_one_on_the_same_side(tmp_path):
    save_apart(tmp_path, (40, 13, 70))
    parts = [
        load(f"folder:{tmp_path}", n, n_test=m, size=8, channels=3)
        for n, m in ((20, 5), (50, 9), (None, None))
    ]
    for side in ("x_train", "x_test"):
        small, middle, whole = (told_apart(getattr(part, side)) for part in parts)
        assert small < middle < whole
    assert not told_apart(parts[-1].x_train) & told_apart(parts[-1].x_test)
    assert len(told_apart(parts[-1].x_train) | told_apart(parts[-1].x_test)) == 123


def test_the_first_so_many_hold_the_classes_in_the_same_shares_as_all(tmp_path):
    save_apart(tmp_path, (120, 60, 24))
    loaded = load(f"folder:{tmp_path}", size=8, channels=3)
    assert in_each_class(loaded.y_train) == [100, 50, 20]
    for first in (17, 34, 85):
        assert np.abs(np.bincount(loaded.y_train[:first]) - first * np.array([10, 5, 2]) / 17).max() <= 1
    # And within a class not in the order of the names, in which a subfolder's may follow on another's.
    order = (255 * loaded.x_train[loaded.y_train == 0][:, 0, 0, 1]).round()
    assert 20 < np.sum(np.diff(order) > 0) < 80


@pytest.mark.parametrize(
    ("in_classes", "tested"), [((3, 20), [1, 3]), ((5, 6, 11), [1, 1, 1]), ((12, 4), [2, 1]), ((18,), [3])]
)
def test_each_class_has_test_pictures(tmp_path, in_classes, tested):
    save_apart(tmp_path, in_classes)
    loaded = load(f"folder:{tmp_path}", size=8)
    assert in_each_class(loaded.y_test) == tested
    assert in_each_class(loaded.y_train) == [a - b for a, b in zip(in_classes, tested, strict=True)]


def test_classes_that_cannot_be_split_are_named_at_once(tmp_path):
    save_apart(tmp_path, (2, 20, 1))
    save_grey(tmp_path, 1)
    with pytest.raises(
        NotAllowed, match=r"'\.' \(1\), '0' \(2\), '2' \(1\), expected at least 3 in each; add"
    ):
        load(f"folder:{tmp_path}")


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (
            dict(n=5),
            "5 training pictures were asked for, but .* has 3 classes; ask for at least 6, 2 of each",
        ),
        (
            dict(n_test=2),
            "2 test pictures were asked for, but .* has 3 classes; ask for at least 3, 1 of each",
        ),
        (dict(n=31), "31 training pictures were asked for, but .* has 30; ask for fewer"),
        (dict(n_test=7), "7 test pictures were asked for, but .* has 6; ask for fewer"),
    ],
)
def test_too_few_or_too_many_of_a_folder_are_refused(tmp_path, asked, says):
    save_apart(tmp_path, (12, 12, 12))
    with pytest.raises(NotAllowed, match=says):
        load(f"folder:{tmp_path}", **asked)


def sixteen_bits_of_colour(path, values):
    """A PNG file of colours with 16 bits each, values (H, W, 3): PIL writes none."""

    def chunk(kind, content):
        whole = kind + content
        return struct.pack(">I", len(content)) + whole + struct.pack(">I", zlib.crc32(whole))

    height, width = values.shape[:2]
    head = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + parts)


# Type of the pixels, ending, the highest value in the folder, and what is white then.
DEEP_KINDS = [
    ("uint16", "png", 4095, 4095),
    ("uint16", "png", 3000, 4095),
    ("uint16", "png", 1000, 1023),
    ("uint16", "tif", 16383, 16383),
    ("uint16", "tif", 40_000, 65_535),
    ("uint16", "png", 200, 255),
    ("uint16", "png", 1, 1),
    ("int32", "tif", 4095, 4095),
    ("int32", "tif", 1_000_000, 2**20 - 1),
    ("int32", "tif", 2**31 - 1, 2**31 - 1),
    ("float32", "tif", 0.9, 1),
    ("float32", "tif", 1.02, 1),
    ("float32", "tif", 1.5, 1.5),
    ("float32", "tif", 250.0, 250),
    ("colour", "png", 60_000, 65_535),
]


@pytest.mark.parametrize(("kind", "ending", "highest", "white"), DEEP_KINDS)
def test_deep_pictures_are_scaled_by_what_is_there(tmp_path, kind, ending, highest, white):
    shares = np.linspace(0, 1, 12)
    for i, share in enumerate(shares):
        values, path = np.full((8, 8), highest * share), tmp_path / f"{i:02}.{ending}"
        if kind == "colour":
            sixteen_bits_of_colour(path, np.repeat(values[..., None], 3, axis=2))
        else:
            Image.fromarray(values.astype(kind)).save(path)
    loaded = load(f"folder:{tmp_path}", size=8)
    x = np.sort(np.concatenate([loaded.x_train, loaded.x_test]).mean((1, 2, 3)))
    wanted = np.sort(shares * highest if kind == "float32" else np.floor(shares * highest)) / white
    np.testing.assert_allclose(x, wanted.clip(0, 1), atol=1 / 255 if kind == "colour" else 1e-5)
    assert x.max() >= 0.5


@pytest.mark.parametrize("highest", [0, 200, 4095, 16_000])
def test_deep_colours_that_hold_next_to_nothing_in_their_upper_bits_are_refused(tmp_path, highest):
    for i in range(12):
        sixteen_bits_of_colour(tmp_path / f"{i}.png", np.full((8, 8, 3), highest * i // 11))
    with pytest.raises(
        NotAllowed, match=r"12 pictures in .* have 16 bits a colour, .*; save them with 8 bits"
    ):
        load(f"folder:{tmp_path}")


def test_each_kind_of_deep_picture_has_a_white_of_its_own(tmp_path):
    kinds = {"a": ("uint16", 4095), "b": ("float32", 1.0), "c": ("uint8", 255)}
    for name, (kind, white) in kinds.items():
        (tmp_path / name).mkdir()
        for i in range(6):
            Image.fromarray(np.full((8, 8), white * (i / 5)).astype(kind)).save(tmp_path / name / f"{i}.tif")
    loaded = load(f"folder:{tmp_path}", size=8)
    for k in range(3):
        both = loaded.x_train[loaded.y_train == k], loaded.x_test[loaded.y_test == k]
        x = np.sort(np.concatenate(both).mean((1, 2, 3)))
        np.testing.assert_allclose(x, np.linspace(0, 1, 6), atol=0.01)


def test_a_picture_in_which_0_is_white_is_not_shown_as_its_negative(tmp_path):
    save_grey(tmp_path, 12)
    Image.fromarray(np.full((8, 8), 40_000, "uint16")).save(tmp_path / "x.tif", tiffinfo={262: 0})
    with pytest.raises(NotAllowed, match=r"x\.tif \(0 is white in it\)"):
        load(f"folder:{tmp_path}")


def test_linked_folders_are_followed_and_each_is_read_once(tmp_path):
    save_grey(tmp_path / "elsewhere" / "b", 8, 200)
    save_grey(tmp_path / "mine" / "a", 8)
    (tmp_path / "mine" / "b").symlink_to(tmp_path / "elsewhere" / "b")
    (tmp_path / "mine" / "a" / "around").symlink_to(tmp_path / "mine")
    loaded = load(f"folder:{tmp_path}/mine", size=8)
    assert loaded.class_names == ("a", "b") and in_each_class(loaded.y_train) == [7, 7]


def test_of_two_names_for_one_folder_the_first_counts(tmp_path):
    save_grey(tmp_path / "real", 12)
    (tmp_path / "also").symlink_to(tmp_path / "real")
    assert load(f"folder:{tmp_path}", size=8).class_names == ("also",)


def test_a_file_that_may_not_be_looked_at_is_named(tmp_path, monkeypatch):
    save_grey(tmp_path, 12)
    really = Path.is_file

    def is_file(path):
        if path.name == "3.png":
            raise PermissionError(13, "Permission denied", str(path))
        return really(path)

    monkeypatch.setattr(Path, "is_file", is_file)
    with pytest.raises(NotAllowed, match=r"3.png' cannot be opened \(Permission denied\); change its perm"):
        load(f"folder:{tmp_path}")


def test_a_folder_that_cannot_be_opened_is_named(tmp_path, monkeypatch):
    save_grey(tmp_path / "a", 12)
    (tmp_path / "b").mkdir()
    really = os.scandir

    def scandir(path):
        if str(path).endswith("b"):
            raise PermissionError(13, "Permission denied", str(path))
        return really(path)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(
        NotAllowed, match=r"b' cannot be opened \(Permission denied\); change its permissions"
    ):
        load(f"folder:{tmp_path}")


@pytest.mark.parametrize("path", ["a" * 5000, "a/" * 3000, "a\0b", "~nobody/x", "C:\\a"])
def test_whatever_somebody_types_gets_the_sentence(path):
    with pytest.raises(NotAllowed, match="There is no folder"):
        load(f"folder:{path}")
    assert re.fullmatch(r"[\w-]+", file_name(f"folder:{path}"))


def test_a_name_from_another_system_can_be_shown(tmp_path):
    """Letters with loose marks, as macOS writes them, and bytes that are no letters."""
    save_grey(tmp_path / "cafe\u0301", 6)
    save_grey(tmp_path / os.fsdecode(b"caf\xe9"), 6)
    loaded = load(f"folder:{tmp_path}", size=8)
    assert loaded.class_names == ("caf?", "caf\xe9")


@pytest.mark.parametrize("odd", [-5.0, np.nan, np.inf])
def test_a_deep_picture_with_no_brightness_is_named(tmp_path, odd):
    save_grey(tmp_path, 12)
    values = np.full((8, 8), 0.5, "float32")
    values[3, 3] = odd
    Image.fromarray(values).save(tmp_path / "heights.tif")
    with pytest.raises(
        NotAllowed, match=r"cannot be read: heights\.tif \(a pixel is below 0, or no number\);"
    ):
        load(f"folder:{tmp_path}")


def test_pictures_become_binary():
    x = np.array([0.0, 0.3, 0.5, 1.0], "float32").reshape(1, 2, 2, 1)
    np.testing.assert_array_equal(binary(0.5, x)[0].ravel(), [0, 0, 1, 1])
    assert binary(0.5, x)[0].dtype == np.float32
    np.testing.assert_array_equal(binary(0.3, x)[0].ravel(), [0, 1, 1, 1])


def test_all_parts_have_one_threshold():
    """What is advised for one part would not do for the other."""
    dark, light = shades(0, 0.3, 30), shades(0.35, 0.6, 3)
    parts = binary(0.2, dark, light)
    np.testing.assert_array_equal(parts[0], dark >= 0.2)
    assert parts[1].min() == 1
    with pytest.raises(NotAllowed, match=r"30 of 33 pictures .*; set threshold to 0\.1"):
        binary(0.5, dark, light)


def shades(low, high, n=20):
    """Pictures that reach from low to high."""
    return np.random.default_rng(0).uniform(low, high, (n, 8, 8, 1)).astype("float32")


@pytest.mark.parametrize(
    ("x", "threshold"),
    [(shades(0, 0.3), 0.5), (shades(0.7, 1), 0.5), (shades(0, 1), 0.999999), (shades(0.4, 0.45), 0.5)],
)
def test_a_threshold_that_leaves_nothing_says_which_one_leaves_something(x, threshold):
    with pytest.raises(NotAllowed, match="of 20 pictures become blank, all 0 or all 1: on average") as raised:
        binary(threshold, x)
    advised = float(re.search(r"set threshold to ([\d.]+)\.$", str(raised.value))[1])
    ink = binary(advised, x)[0].mean((1, 2, 3))
    assert ink.min() > 0.2 and ink.max() < 0.8


@pytest.mark.parametrize("shade", [0.0, 0.3, 1.0])
def test_even_pictures_are_refused(shade):
    red = np.zeros((10, 8, 8, 3), "float32") + np.array([1, 0, 0], "float32")
    with pytest.raises(NotAllowed, match="10 of 10"):
        check_varied(red)
    with pytest.raises(NotAllowed, match="10 of 10"):
        binary(0.5, red)
    x = np.full((10, 8, 8, 1), shade, "float32")
    with pytest.raises(
        NotAllowed, match=r"10 of 10 pictures become blank.*; take pictures with more contrast"
    ):
        binary(0.5, x)
    with pytest.raises(
        NotAllowed, match=rf"10 of 10 pictures are of one even colour \({shade:.2f} on average"
    ):
        check_varied(x)
    x[:5, 3, 3] = 1 - x[:5, 3, 3].round()
    check_varied(x)
    binary(0.5, x)


def test_a_relative_path_is_named_as_the_absolute_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NotAllowed, match="There is no folder") as raised:
        load("folder:d/three")
    assert repr(str(tmp_path.resolve() / "d" / "three")) in str(raised.value)
    save_grey(tmp_path / "d" / "three")
    assert len(load("folder:d/three").x_train) == 10


def test_a_tilde_may_begin_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save_grey(tmp_path / "~nobody's leaves")
    assert len(load("folder:~nobody's leaves").x_train) == 10


def test_what_is_saved_has_a_name_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert [file_name(name) for name in ("strokes", "news", "pydoc")] == ["strokes", "news", "pydoc"]
    names = [
        "folder:a/leaves",
        "folder:b/leaves",
        "folder:a/b/leaves",
        "file:a/my text.txt",
        "file:my/text.txt",
    ]
    names += [
        "file:text.md",
        "folder:a-b/leaves",
        "folder:" + 60 * "long",
        "folder:" + 60 * "long" + "er",
        "file:猫",
    ]
    saved = [file_name(name) for name in names]
    assert len({*saved}) == len(names) and all(re.fullmatch(r"[\w-]{5,60}", name) for name in saved)
    assert saved[0].startswith("leaves-") and saved[3].startswith("my-text-") and saved[-1].startswith("猫-")
    # One folder has one name, however its path is written.
    assert file_name("folder:a/leaves") == file_name(f"folder:{tmp_path}/b/../a/leaves/")


def test_no_such_folder_is_told(tmp_path):
    for name in ("nowhere", "PATH "):
        with pytest.raises(ValueError, match=rf"There is no folder .*{name}'"):
            load(f"folder:{tmp_path}/{name}")
    (tmp_path / "file.png").write_bytes(b"")
    with pytest.raises(ValueError, match=r"There is no folder .*file.png"):
        load(f"folder:{tmp_path}/file.png")


@pytest.fixture
def keras_home(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    (tmp_path / "keras" / "datasets" / "fashion-mnist").mkdir(parents=True)
    return tmp_path / "keras" / "datasets"


def as_keras_gives_them():
    """Pictures of the shapes and types of the real loader's, every picture of its own shade."""
    shades = np.arange(60000, dtype="int64") % 256
    x = np.broadcast_to(shades.astype("uint8")[:, None, None], (60000, 28, 28))
    y = (shades % 10).astype("uint8")
    return (x, y), (x[:10000], y[:10000])


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_fetched_pictures(keras_home, monkeypatch, name):
    monkeypatch.setattr(getattr(keras.datasets, name), "load_data", as_keras_gives_them)
    loaded = load(name, 300, n_test=20)
    holds_what_it_promises(loaded, 28)
    assert (len(loaded.x_train), len(loaded.x_test)) == (300, 20)
    np.testing.assert_allclose(loaded.x_train[:, 0, 0, 0], np.arange(300) % 256 / 255)
    np.testing.assert_array_equal(loaded.y_train, np.arange(300) % 256 % 10)
    assert len(loaded.class_names) == 10 and ("Bag" in loaded.class_names) == (name != "mnist")


@pytest.mark.parametrize("reason", ["URL fetch failure on https://… : no route\nand more", ""])
def test_no_network_says_what_to_do_instead(keras_home, monkeypatch, reason):
    def fails():
        raise Exception(reason)

    monkeypatch.setattr(keras.datasets.mnist, "load_data", fails)
    with pytest.raises(ConnectionError, match='use "digits" or "strokes", which need') as raised:
        load("mnist")
    sentence = str(raised.value)
    assert sentence.startswith("mnist could not be fetched (" + (reason.split("\n")[0] or "Exception"))
    assert "\n" not in sentence


def test_keras_itself_without_a_network_says_so(keras_home):
    with pytest.raises(ConnectionError, match="fashion_mnist could not be fetched"):
        load("fashion_mnist")
    assert [path for path in keras_home.rglob("*") if path.is_file()] == []


SHA256, MD5 = (
    "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
    "bef4ecab320f06d8554ea6380940ec79",
)
DAMAGED = [
    ("mnist", "mnist.npz", "sha256", SHA256),
    ("fashion_mnist", "fashion-mnist/t10k-images-idx3-ubyte.gz", "md5", MD5),
]


@pytest.fixture(params=DAMAGED, ids=lambda param: param[0])
def damaged(request, keras_home):
    """The data set's name, its damaged file, and what an error says of it."""
    name, file, algorithm, expected = request.param
    path = keras_home / file
    path.write_bytes(b"half of a download")
    found = hashlib.new(algorithm, b"half of a download").hexdigest()
    return name, path, f"its {algorithm} is {found}, expected {expected}"


def test_a_damaged_cached_file_is_named_and_left_alone(damaged, monkeypatch):
    name, path, says = damaged
    monkeypatch.setattr(getattr(keras.datasets, name), "load_data", as_keras_gives_them)
    with pytest.raises(ValueError, match="refetch=True") as raised:
        load(name)
    assert str(path) in str(raised.value) and says in str(raised.value)
    assert path.read_bytes() == b"half of a download" and len(list(path.parent.iterdir())) <= 2


def test_a_damaged_cached_file_is_fetched_again_when_asked(damaged, monkeypatch):
    name, path, _ = damaged
    seen = []

    def fetches():
        seen.append(path.exists())
        return as_keras_gives_them()

    monkeypatch.setattr(getattr(keras.datasets, name), "load_data", fetches)
    assert len(load(name, 50, refetch=True).x_train) == 50
    assert seen == [False]  # out of the way, so that Keras fetches it
    assert path.with_name(path.name + ".damaged").read_bytes() == b"half of a download"


def test_a_fetch_that_fails_loses_nothing(damaged, monkeypatch):
    name, path, says = damaged

    def fails():
        raise Exception("no route")

    monkeypatch.setattr(getattr(keras.datasets, name), "load_data", fails)
    with pytest.raises(ConnectionError, match=f"{name} could not be fetched"):
        load(name, refetch=True)
    assert path.read_bytes() == b"half of a download"
    with pytest.raises(ValueError, match="refetch=True") as raised:
        load(name)
    assert says in str(raised.value)


def test_a_fetch_that_brings_a_damaged_file_is_noticed(keras_home, monkeypatch):
    def fetches():
        (keras_home / "mnist.npz").write_bytes(b"not what it should be")
        return as_keras_gives_them()

    monkeypatch.setattr(keras.datasets.mnist, "load_data", fetches)
    with pytest.raises(ValueError, match=r"mnist.npz is damaged"):
        load("mnist")


def test_a_whole_cached_file_is_read_by_keras_itself(keras_home, monkeypatch):
    """Four small files in Fashion-MNIST's format, at the checksums of their own."""
    checksums = {}
    for split, count in (("train", 60000), ("t10k", 10000)):
        pictures = struct.pack(">IIII", 0x803, count, 28, 28) + bytes(count * 28 * 28)
        labels = struct.pack(">II", 0x801, count) + bytes(i % 10 for i in range(count))
        for kind, content in (("images-idx3", pictures), ("labels-idx1", labels)):
            file = f"fashion-mnist/{split}-{kind}-ubyte.gz"
            (keras_home / file).write_bytes(gzip.compress(content, 1))
            checksums[file] = hashlib.md5((keras_home / file).read_bytes()).hexdigest()
    monkeypatch.setitem(data.pictures._CACHED, "fashion_mnist", checksums)
    monkeypatch.setattr("keras.src.backend.config._KERAS_DIR", str(keras_home.parent))
    loaded = load("fashion_mnist", 12, n_test=11)
    holds_what_it_promises(loaded, 28)
    np.testing.assert_array_equal(loaded.y_train, np.arange(12) % 10)
    assert Path(keras_home / file).exists()
