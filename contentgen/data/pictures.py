"""Load the course's pictures: one call, one immutable record, whatever the source."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import numpy as np
from PIL import Image

from contentgen.checks import NotAllowed, check_enough, check_whole
from contentgen.data import strokes
from contentgen.data.folder import listed, read_folder
from contentgen.data.own import own_path

DIGITS = tuple("0123456789")
FASHION = ("T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Boot")
NAMES = ("digits", "strokes", "mnist", "fashion_mnist", "folder:PATH")

MORE_CONTRAST = "take pictures with more contrast"

# Checksums: MNIST from Keras' own loader (SHA-256), Fashion-MNIST from its repository's README (MD5).
_CACHED = {
    "mnist": {"mnist.npz": "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"},
    "fashion_mnist": {
        "fashion-mnist/train-images-idx3-ubyte.gz": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        "fashion-mnist/train-labels-idx1-ubyte.gz": "25c81989df183df01b3e8a0aad5dffbe",
        "fashion-mnist/t10k-images-idx3-ubyte.gz": "bef4ecab320f06d8554ea6380940ec79",
        "fashion-mnist/t10k-labels-idx1-ubyte.gz": "bb300cfdad3c16e7a12a480ee83cd310",
    },
}


@dataclass(frozen=True, eq=False)  # two records are equal if they are one: arrays have no one equality
class Pictures:
    """Pictures with their split; arrays are read-only.

    Attributes:
        name: what was loaded, such as `"digits"`.
        x_train, x_test: float32 of shape (N, H, W, C), values in [0, 1], ink or light is 1.
        y_train, y_test: int64 of shape (N,), each an index into `class_names`.
        class_names: one name a class.
        factors_train, factors_test: what a drawn picture was drawn with, name → array of shape (N,);
            empty where it is not known.
        left_out: of a folder, how many files of which ending are no pictures that can be read.
    """

    name: str
    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    class_names: tuple[str, ...]
    factors_train: Mapping[str, np.ndarray] = field(default_factory=dict)
    factors_test: Mapping[str, np.ndarray] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self):
        for name in ("x_train", "y_train", "x_test", "y_test"):
            object.__setattr__(self, name, _read_only(getattr(self, name)))
        for name in ("factors_train", "factors_test"):
            factors = {key: _read_only(values) for key, values in getattr(self, name).items()}
            object.__setattr__(self, name, MappingProxyType(factors))
        object.__setattr__(self, "left_out", MappingProxyType(dict(self.left_out)))

    def __repr__(self) -> str:
        return (
            f"{self.name}: {len(self.x_train)} training and {len(self.x_test)} test pictures of shape "
            f"{self.x_train.shape[1:]}, {self.x_train.dtype} from {self.x_train.min():.1f} to "
            f"{self.x_train.max():.1f}, {len(self.class_names)} classes"
            + (f"; left out: {listed(self.left_out)}" if self.left_out else "")
        )


def _read_only(array):
    view = array.view()  # the caller's own array stays as it is
    view.flags.writeable = False
    return view


def load(
    name: str,
    n: int | None = None,
    seed: int = 0,
    *,
    n_test: int | None = None,
    size: int = 28,
    channels: int = 1,
    refetch: bool = False,
) -> Pictures:
    """Load a data set by name.

    Args:
        name: one of
            `"digits"`: 1,797 real digits from scikit-learn; every sixth picture is for testing;
            `"strokes"`: handwriting that the course draws itself, as much as asked for;
            `"mnist"`, `"fashion_mnist"`: fetched once by Keras (needs a network the first time);
            `"folder:PATH"`: your own pictures of any size, grey or colour, cut to the centred square
            and resized; each subfolder is a class; every sixth picture of a class is for testing. At least
            12 pictures, and 3 of each class.
        n: how many training pictures: the first so many of the split; of a folder, evenly over its classes,
            at least two of each, in a fixed mixed order. All of them if None (`strokes`: 8,000).
        seed: for `strokes`, which handwriting to draw. The other data sets are always the same.
        n_test: how many test pictures, likewise, at least one of each. All of them if None (`strokes`: a
            quarter of `n`).
        size: height and width in pixels, 8 to 256 (`strokes`: 16 to 128). The size that `digits` was
            recorded in is 8.
        channels: 1 for grey; 3 for colour, with `folder:PATH` only.
        refetch: fetch a damaged cached file again; the damaged one is kept beside it as `*.damaged`.

    Raises:
        NotAllowed: (a ValueError) if there is no such folder, it holds too few pictures or damaged ones, or
            more pictures are asked for than there are.
        ValueError: if the name is unknown, a number is out of range, or a cached file is damaged.
        ConnectionError: if a data set must be fetched and there is no network.
    """
    folder = own_path(name, "folder")
    if folder is None and name not in NAMES[:-1]:
        raise ValueError(f"There is no data set {name!r}; the known names are {', '.join(NAMES)}.")
    for label, count in (("n", n), ("n_test", n_test)):
        if count is not None:
            check_whole(label, count, 1)
    check_whole("seed", seed, 0)
    check_whole("size", size, 8, 256)
    if type(channels) is not int or channels not in ((1,) if folder is None else (1, 3)):
        raise ValueError(f"channels is {channels!r}, expected 1, or 3 with folder:PATH.")

    if name == "strokes":
        return _strokes(8000 if n is None else n, n_test, seed, size)
    if name == "digits":
        loaded = _every_sixth(*_digits(size), DIGITS)
    elif folder is not None:
        return Pictures(name, **read_folder(name, folder, n, n_test, size, channels))
    else:
        loaded = _fetched(name, n, n_test, size, refetch)
    x_train, y_train, x_test, y_test, class_names = loaded
    check_enough(name, n, len(x_train), "training")
    check_enough(name, n_test, len(x_test), "test")
    return Pictures(name, x_train[:n], y_train[:n], x_test[:n_test], y_test[:n_test], class_names)


def check_pictures(x: np.ndarray, name: str = "x") -> None:
    """Raise one clear ValueError unless `x` holds pictures: float, (N, H, W, 1 or 3), within [0, 1]."""
    if not isinstance(x, np.ndarray) or x.dtype.kind != "f":
        kind = f"{x.dtype} array" if isinstance(x, np.ndarray) else type(x).__name__
        raise ValueError(f"{name} is a {kind}, expected a NumPy array of floats in [0, 1].")
    if x.ndim != 4 or x.shape[-1] not in (1, 3) or 0 in x.shape:
        raise ValueError(f"{name} has shape {x.shape}, expected (N, H, W, C) with C = 1 or 3 and N ≥ 1.")
    low, high = float(x.min()), float(x.max())
    if not (low >= 0 and high <= 1):
        raise ValueError(f"{name} reaches from {low:g} to {high:g}, expected values in [0, 1]; rescale it.")


def check_varied(x: np.ndarray) -> None:
    """Raise NotAllowed (a ValueError) if over half of the pictures (N, H, W, C) are of one even colour."""
    check_pictures(x)
    even = np.sum(np.ptp(x, axis=(1, 2)).max(axis=-1) < 1 / 255)
    if even > len(x) / 2:
        raise NotAllowed(
            f"{even} of {len(x)} pictures are of one even colour ({x.mean():.2f} on average, 0 is black): a "
            f"network can learn nothing from them; {MORE_CONTRAST}."
        )


def binary(threshold: float, *parts: np.ndarray) -> list[np.ndarray]:
    """Pictures with 1 where a value is at least the threshold and 0 elsewhere, float32.

    Args:
        threshold: the value from which a pixel is 1.
        parts: pictures (N, H, W, C) each, such as those to train on and those to test with.

    Raises:
        NotAllowed: (a ValueError) if more than half of them become blank, each channel all 0 or all 1.
    """
    for part in parts:
        check_pictures(part)
    low, high = (
        np.concatenate([end(part, axis=(1, 2)) for part in parts]) for end in (np.min, np.max)
    )  # (N, C)

    def blank(t):
        return np.sum(((low >= t) | (high < t)).all(axis=-1))

    if blank(threshold) > len(low) / 2:
        blanks = {t: blank(t) for t in np.arange(1, 100) / 100}
        fewest = min(blanks.values())
        good = [t for t in blanks if blanks[t] == fewest]
        other = f"set threshold to {good[len(good) // 2]:g}" if fewest <= len(low) / 2 else MORE_CONTRAST
        raise NotAllowed(
            f"With threshold {threshold:g}, {blank(threshold)} of {len(low)} pictures become blank, all 0 or "
            f"all 1: on average they reach from {low.mean():.2f} to {high.mean():.2f}; {other}."
        )
    return [(part >= threshold).astype("float32") for part in parts]


def _every_sixth(x, y, class_names):
    """Split by position, so that the same picture is always on the same side."""
    test = np.arange(len(x)) % 6 == 5
    return x[~test], y[~test], x[test], y[test], class_names


def _resize(x, size):
    """Resize grey pictures of shape (N, H, W), values in [0, 1], with PIL's bicubic filter."""
    if x.shape[1:] == (size, size):
        return x
    resized = [Image.fromarray(p).resize((size, size), Image.Resampling.BICUBIC) for p in x]
    return np.clip(np.stack([np.asarray(p) for p in resized]), 0, 1)  # (N, size, size)


def _digits(size):
    from sklearn.datasets import load_digits

    bunch = load_digits()
    x = (bunch.images / 16).astype("float32")
    return _resize(x, size)[..., None], bunch.target.astype("int64")  # (N, size, size, 1), (N,)


def _strokes(n, n_test, seed, size):
    n_test = max(1, n // 4) if n_test is None else n_test
    x_train, y_train, factors_train = strokes.draw(n, seed, size)
    # A far seed: the test pictures are none of the training pictures of a nearby seed.
    x_test, y_test, factors_test = strokes.draw(n_test, seed + 1_000_003, size)
    return Pictures("strokes", x_train, y_train, x_test, y_test, DIGITS, factors_train, factors_test)


def _fetched(name, n, n_test, size, refetch):
    from contentgen.runtime import keras  # by way of `runtime`, which silences its start-up noise

    damaged = _check_cached(name, refetch)
    loader = {"mnist": keras.datasets.mnist, "fashion_mnist": keras.datasets.fashion_mnist}[name]
    try:
        (x_train, y_train), (x_test, y_test) = loader.load_data()
    except Exception as error:  # Keras raises a bare Exception when it cannot fetch
        for path in damaged:  # nothing is lost
            path.with_name(path.name + ".damaged").replace(path)
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise ConnectionError(
            f"{name} could not be fetched ({reason}); "
            'connect to the network once, or use "digits" or "strokes", which need none.'
        ) from None
    _check_cached(name, False)
    # Cut first: 70,000 pictures as floats are 220 MB.
    x_train, y_train, x_test, y_test = x_train[:n], y_train[:n], x_test[:n_test], y_test[:n_test]
    x_train, x_test = (  # (N, size, size, 1)
        _resize((x / 255).astype("float32"), size)[..., None] for x in (x_train, x_test)
    )
    class_names = DIGITS if name == "mnist" else FASHION
    return x_train, y_train.astype("int64"), x_test, y_test.astype("int64"), class_names


def _check_cached(name, refetch):
    """Raise if a cached file is damaged; with `refetch`, move it out of the way instead, and say which."""
    damaged = []
    home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    for file, expected in _CACHED[name].items():
        path = home / "datasets" / file
        if not path.exists():
            continue
        algorithm = "sha256" if len(expected) == 64 else "md5"
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, algorithm).hexdigest()
        if found == expected:
            continue
        if not refetch:
            raise ValueError(
                f"The cached file {path} is damaged: its {algorithm} is {found}, expected {expected}; "
                f'call load("{name}", refetch=True) to fetch it again.'
            )
        path.replace(path.with_name(path.name + ".damaged"))
        damaged.append(path)
    return damaged
