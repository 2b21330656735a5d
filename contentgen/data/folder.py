"""Read a folder of the reader's own pictures: which files, which classes, which part, what is white."""

import os
import re
import unicodedata
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from contentgen.checks import NotAllowed, check_enough
from contentgen.data.own import is_there

KINDS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP")  # of picture files, as PIL names them
FEWEST = 12  # pictures in all
FEWEST_OF_A_CLASS = 3  # two to train on, since one has no spread, and one to test with
DEPTHS = (1, 8, 10, 12, 14, 16)  # bits of a pixel that cameras and scanners give


def read_folder(name: str, folder: Path, n: int | None, n_test: int | None, size: int, channels: int) -> dict:
    """What `data.load` promises of `"folder:PATH"`, as the fields of its record; its arguments, checked."""
    if not is_there(folder, "folder"):
        file = " (it is a file)" if is_there(folder, "file") else ""
        raise NotAllowed(
            f"There is no folder {str(folder)!r}{file}; give the path of a folder with pictures."
        )
    endings = {ending for ending, kind in Image.registered_extensions().items() if kind in KINDS}
    try:
        files = sorted(_files(folder))
    except OSError as error:
        raise NotAllowed(
            f"{error.filename!r} cannot be opened ({error.strerror}); change its permissions."
        ) from None
    paths = [path for path in files if path.suffix.lower() in endings]
    others = [path for path in files if path.suffix.lower() not in endings]
    left_out = Counter(path.suffix.lower() or "without ending" for path in others)
    if len(paths) < FEWEST:
        besides = f"; left out: {listed(left_out)}; save them as PNG or JPEG" if left_out else ""
        raise NotAllowed(
            f"The folder {str(folder)!r} holds {len(paths)} pictures ({', '.join(KINDS)}), expected at least "
            f"{FEWEST}{besides}."
        )
    classes = [_plain(path.relative_to(folder).parts[0]) if path.parent != folder else "." for path in paths]
    class_names = tuple(sorted(set(classes)))
    y = np.array([class_names.index(c) for c in classes], "int64")
    small = [f"{c!r} ({classes.count(c)})" for c in class_names if classes.count(c) < FEWEST_OF_A_CLASS]
    if small:
        raise NotAllowed(
            f"In {str(folder)!r} a subfolder is a class ('.' are the pictures beside them). Too few are in "
            f"{_some(small, 12)}, expected at least {FEWEST_OF_A_CLASS} in each; add some, or move them away."
        )
    x, (train, test) = _pictures(folder, paths, size, channels), _within_classes(y)
    train = _evenly(name, "training", train, y, n, 2)
    test = _evenly(name, "test", test, y, n_test, 1)
    parts = {"x_train": x[train], "y_train": y[train], "x_test": x[test], "y_test": y[test]}
    return parts | {"class_names": class_names, "left_out": left_out}


def listed(left_out: Counter | dict) -> str:
    """How many files of which ending, the commonest first: `57 .heic, 1 .txt`."""
    return _some([f"{count} {ending}" for ending, count in Counter(left_out).most_common()], 12)


def _some(names, most):
    """The first names of a list, and how many more there are."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _plain(name):
    """A file's name as text that can be shown: composed letters, and a sign for bytes that are no letters."""
    return unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode("utf-8"))


def _files(folder: Path) -> Iterator[Path]:
    """All files below a folder but hidden ones; links are followed, each folder is entered once."""

    def stop(error):
        raise error

    entered = set()
    for here, folders, names in os.walk(folder, onerror=stop, followlinks=True):
        there = os.path.realpath(here)
        folders[:] = [] if there in entered else sorted(name for name in folders if name[0] != ".")
        if there not in entered:
            yield from (Path(here, name) for name in names if name[0] != "." and Path(here, name).is_file())
        entered.add(there)


def _within_classes(y):
    """The places of training and of test examples: every sixth of a class, of fewer than six the last one."""
    test = np.zeros(len(y), bool)
    for k in np.unique(y):
        mine = np.flatnonzero(y == k)
        test[mine[5::6] if len(mine) > 5 else mine[-1]] = True
    return np.flatnonzero(~test), np.flatnonzero(test)


def _evenly(name, split, places, y, n, least):
    """So many of these places, each class as often as the others while it lasts, the same on every run.

    They come in an order in which any first part has the classes in the same shares as all: lessons look at
    the first ten, or the first 2,000.
    """
    check_enough(name, n, len(places), split)
    n_classes = len(np.unique(y))
    if n is not None and n < least * n_classes:
        raise NotAllowed(
            f"{n} {split} pictures were asked for, but {name} has {n_classes} classes; ask for at least "
            f"{least * n_classes}, {least} of each."
        )
    places = np.random.default_rng(0).permutation(places)
    chosen = places[np.argsort(_number_in_class(y[places]), kind="stable")][:n]
    number = _number_in_class(y[chosen])
    share = (number + 0.5) / np.bincount(y[chosen])[y[chosen]]
    return chosen[np.argsort(share, kind="stable")]


def _number_in_class(y):
    """For each example how many of its class stand before it, (N,)."""
    number = np.empty(len(y), int)
    for k in np.unique(y):
        number[y == k] = np.arange(np.sum(y == k))
    return number


def _pictures(folder, paths, size, channels):
    """All picture files as float32 (N, size, size, channels), values in [0, 1]."""
    x = np.zeros((len(paths), size, size, channels), "float32")
    kinds, highest, damaged = np.full(len(paths), " "), np.zeros(len(paths)), []
    for i, path in enumerate(paths):
        try:
            with warnings.catch_warnings(action="ignore"):  # of odd notes in files that PIL reads well
                x[i], kinds[i], highest[i] = _picture(path, size, channels)
        except Exception as error:  # PIL raises many kinds for many kinds of damage
            why = "" if isinstance(error, UnidentifiedImageError) else f" ({error})"
            damaged.append(_plain(f"{path.relative_to(folder)}{why}"))
    if damaged:
        raise NotAllowed(
            f"{len(damaged)} of {len(paths)} pictures in {str(folder)!r} cannot be read: "
            f"{_some(damaged, 100)}; replace or remove them, or save them as PNG with 8 bits."
        )
    # Only all such pictures together tell which value is white.
    whole, floats = kinds == "I", kinds == "F"
    bits = int(highest[whole].max(initial=0)).bit_length()
    x[whole] /= 2 ** min((depth for depth in DEPTHS if depth >= bits), default=bits) - 1
    most = highest[floats].max(initial=0)
    x[floats] /= most if most > 1.05 else 1  # what was resized may reach a little beyond 1
    colours = kinds == "C"
    if colours.any() and highest[colours].max() < 64:
        raise NotAllowed(
            f"{colours.sum()} pictures in {str(folder)!r} have 16 bits a colour, of which the upper 8 can be "
            "read, and these hold next to nothing; save them with 8 bits a colour."
        )
    return x.clip(0, 1)


def _picture(path, size, channels):
    """One picture file as float32 (size, size, channels); transparent parts become white.

    Returns:
        The picture, its kind, and the highest value in the file. " ": 8 bits, values in [0, 1]. "C": colours
        with 16 bits, of which PIL reads the upper 8, values in [0, 1]. "I" and "F": a whole number or a float
        for each pixel, of 16 or 32 bits, as it is in the file.
    """
    with Image.open(path, formats=KINDS) as image:
        kind = "C" if re.search(";16[BLN]", str(image.tile)) else " "
        if image.mode[0] in "IF" and getattr(image, "tag_v2", {}).get(262) == 0:
            raise ValueError("0 is white in it")
        image = ImageOps.exif_transpose(image)
        if image.mode[0] in "IF":
            values = np.asarray(image)
            if not (values.min() >= 0 and np.isfinite(values.max())):
                raise ValueError("a pixel is below 0, or no number")
            deep = Image.fromarray(values.astype("float32"))
            x = np.asarray(ImageOps.fit(deep, (size, size), Image.Resampling.BICUBIC))
            return x[..., None], image.mode[0], values.max()
        image = image.convert("RGBA")
    colours = np.asarray(image)  # (H, W, 4)
    image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    image = image.convert("L" if channels == 1 else "RGB")
    image = ImageOps.fit(image, (size, size), Image.Resampling.BICUBIC)
    x = (np.asarray(image, "float32") / 255).reshape(size, size, channels)
    return x, kind, colours[colours[..., 3] > 0, :3].max(initial=0)
