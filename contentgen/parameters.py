"""Which values the parameters of each lesson may take; the cell below them asks here."""

import math
import numbers
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from contentgen.checks import NotAllowed
from contentgen.data import NAMES, TEXT_NAMES
from contentgen.data.own import is_there, own_path


class Allowed(NamedTuple):
    says: str
    holds: Callable[[Any], bool]
    looked: Callable[[Any], str] = lambda value: ""  # where, for a path


def check(lesson: str, values: Mapping[str, Any]) -> None:
    """Refuse a parameter whose value is not allowed, in one sentence that says which are.

    Args:
        lesson: its number, such as `"06"`.
        values: parameter → value; other names are free, so that a lesson can hand over its `globals()`.

    Raises:
        NotAllowed: for the first such parameter.
    """
    for names, (says, holds, looked) in ALLOWED[lesson].items():
        for name in names.split():
            if not holds(values[name]):
                raise NotAllowed(f"{name} is {values[name]!r}; allowed is {says}{looked(values[name])}.")
    for first, second, go_together, says in TOGETHER.get(lesson, ()):
        one, other = values[first], values[second]
        if not go_together(one, other):
            raise NotAllowed(f"{first} is {one!r} and {second} is {other!r}; allowed is {says}.")


def whole(least: int, most: int | None = None, step: int = 1, zero: bool = False) -> Allowed:
    """Whole numbers in this range that are multiples of `step`; 0 too if `zero`."""
    upper = f"{least:,} on" if most is None else f"{least:,} to {most:,}"
    says = f"a whole number from {upper}" if step == 1 else f"a multiple of {step:,} from {upper}"

    def holds(value):
        if not isinstance(value, numbers.Integral) or isinstance(value, bool):
            return False
        return (zero and value == 0) or (value >= least and value <= (most or value) and value % step == 0)

    return Allowed(f"0 or {says}" if zero else says, holds)


def number(least: float, most: float = math.inf, *, open_end: bool = False) -> Allowed:
    """Numbers in this range; `open_end`: without its ends."""
    if open_end:
        says = f"a number above {least:g}" + (f" and below {most:g}" if most < math.inf else "")
    else:
        says = f"a number from {least:g}" + (f" to {most:g}" if most < math.inf else " on")

    def holds(value):
        real = isinstance(value, numbers.Real) and not isinstance(value, bool) and math.isfinite(value)
        return real and (least < value < most if open_end else least <= value <= most)

    return Allowed(says, holds)


def one_of(*choices: Any) -> Allowed:
    *most, last = (str(choice) for choice in choices)
    return Allowed(f"{', '.join(most)} or {last}", lambda value: value in choices)


def folder_to_save(value):
    return isinstance(value, str) and not is_there(Path(value), "file")


def data_set(names: tuple[str, ...], what: str) -> Allowed:
    """One of the names, or the last one's prefix and the path of what is there."""
    *plain, own = names
    kind = own.removesuffix(":PATH")

    def holds(value):
        path = own_path(value, kind)
        return value in plain or (path is not None and is_there(path, kind))

    def looked(value):
        path = own_path(value, kind)
        return f" (there is none at {str(path)!r})" if path else ""

    return Allowed(f"{', '.join(plain)} or {own} with the path of a {what}", holds, looked)


def words_of(*choices: str) -> Allowed:
    """A text of one or more of these words, each once."""

    def holds(value):
        words = value.split() if isinstance(value, str) else []
        return 0 < len(words) == len({*words}) and {*words} <= {*choices}

    return Allowed(f"one or more of the words {', '.join(choices)}", holds)


PICTURES, TEXT = data_set(NAMES, "folder"), data_set(TEXT_NAMES, "text file")
FOLDER = Allowed('the path of a folder, or "" for the cache folder', folder_to_save)
COUNT, SHARE = whole(1), number(0, 1)
RATE = WITHIN = number(0, 1, open_end=True)
N_TRAIN = whole(8, zero=True)  # what a folder of four classes of three gives
ABOVE_0, DROPOUT, YES_OR_NO = number(0, open_end=True), number(0, 0.9), one_of(True, False)
SEED = whole(0, 1_000_000)  # the data take higher ones for what they hold out

# Lesson → parameters that share a rule → the rule.
# fmt: off
ALLOWED = {
    "00": {"n_samples": whole(1, 1000), "seed": SEED},
    "01": {"n_reports": whole(500), "n_held_out n_pictures": whole(100), "window": whole(3),
           "reach": whole(1, 15), "text_epochs picture_epochs": COUNT, "seed": SEED},
    "02": {"n_train n_test": whole(20), "n_draws": whole(1000), "em_steps": whole(10), "n_starts": COUNT,
           "seed": SEED},
    "03": {"rounds": whole(1001), "batch_size n_runs": COUNT, "rate_d rate_g": ABOVE_0, "seed": SEED},
    "04": {"n_draws n_train": whole(100), "n_copies": whole(1, 1000), "rate": RATE,
           "batch_size toy_steps tiny_steps": COUNT, "seed": SEED},
    "05": {"n_draws": whole(1000), "latent_dim n_hidden batch_size d_steps": COUNT,
           "steps": whole(500, step=25), "seed": SEED},
    "06": {"dataset": PICTURES, "n_train": N_TRAIN, "n_test": whole(2, zero=True), "threshold": WITHIN,
           "latent_dim": whole(2), "batch_size warm_up n_importance": COUNT, "beta": number(0),
           "rate": number(0, 0.01, open_end=True),  # from 0.015 on its pictures become NaN
           "steps textbook_steps": whole(100, step=100), "save_to": FOLDER, "seed": SEED},
    "07": {"dataset": PICTURES, "n_train": N_TRAIN, "latent_dim width batch_size": COUNT,
           "steps": whole(250, step=250), "rate": RATE, "memory": SHARE, "save_to": FOLDER, "seed": SEED},
    "08": {"steps steps_once": whole(250, step=250), "batch_size": whole(2, step=2), "rate": RATE,
           "start": number(-100, 100), "sharpness": ABOVE_0,
           "test_bed": one_of("ring", "grid", "strokes"), "seed": SEED},
    "09": {"dataset": PICTURES, "n_train": N_TRAIN, "threshold": WITHIN, "latent_dim channels": COUNT,
           "conditions": words_of("digit", "slant", "width"), "embedded": YES_OR_NO,
           "loudness beta": number(0), "wrong_pairs memory": SHARE, "vae_steps": whole(100, step=100),
           "gan_rate": RATE, "gan_steps blind_steps": whole(250, step=250), "save_to": FOLDER, "seed": SEED},
    "10": {"dataset": TEXT, "n_train": whole(500), "cell": one_of("gru", "lstm"), "dropout": DROPOUT,
           "units batch_size length steps": COUNT, "rate": RATE, "save_to": FOLDER, "seed": SEED},
    "11": {"dataset": TEXT, "n_train": whole(500), "vocab_size": whole(300), "dropout": DROPOUT,
           "width n_layers heads batch_size length steps": COUNT, "norm": one_of("before", "after"),
           "positions": one_of("rotary", "learned", "none"), "optimizer": one_of("muon", "adam"),
           "rate": RATE, "save_to": FOLDER, "seed": SEED},
    "12": {"direction": one_of("headline", "summary"), "n_train": whole(500), "rare_towns": whole(0, 7),
           "vocab_size": whole(300, 2048), "tied": YES_OR_NO, "values": one_of("tokens", "places"),
           "width heads batch_size": COUNT, "positions": one_of("rotary", "none"), "rate": RATE,
           "steps": whole(10, step=10), "smoothing": DROPOUT, "other_steps": whole(10, step=10, zero=True),
           "save_to": FOLDER, "seed": SEED},
    "90": {"batch_size d_steps text_epochs": COUNT, "seed": SEED},
}
# fmt: on

ON_STROKES = ["lesson 07", "spread, non-saturating", "packing and R1", "WGAN-GP"]
ON_POINTS = ["collapsed", "non-saturating", "faster D", "R1", "WGAN-GP", "packing", "spread"]
ON_POINTS += ["spread, non-saturating", "central start", "R1, central start", "spectral norm"]
ON_POINTS += ["label smoothing", "moving average", "VAE"]


def enough(dataset, n):
    """Whether one of the data sets whose numbers are fixed has so many pictures to train on."""
    return n <= {"digits": 1498, "mnist": 60_000, "fashion_mnist": 60_000}.get(dataset, n)


def all_classes(dataset, n):
    """Whether each class is among the first n: of one's own they are taken evenly."""
    return n == 0 or n >= 100 or own_path(dataset, "folder") is not None


def fits(test_bed, method):
    return method in (ON_STROKES if test_bed == "strokes" else ON_POINTS)


ENOUGH = (
    "dataset",
    "n_train",
    enough,
    "n_train up to 1,498 with digits, to 60,000 with mnist and fashion_mnist",
)
ALL_CLASSES = ("dataset", "n_train", all_classes, "n_train 0, or from 100 on; with folder:PATH from 8 on")
HEADS = (
    "width",
    "heads",
    lambda width, heads: width % (2 * heads) == 0,
    "a width that is a multiple of twice the heads",
)
METHODS = ("test_bed", "method", fits, f"with strokes {ON_STROKES}, with ring and grid {ON_POINTS}")
CONDITIONS = (
    "dataset",
    "conditions",
    lambda dataset, conditions: dataset == "strokes" or "digit" in conditions,
    "digit among the conditions with all pictures but strokes",
)
# Lesson → pairs of parameters, whether they go together, and which do.
TOGETHER = {
    "06": [ENOUGH],
    "07": [ENOUGH],
    "08": [METHODS],
    "09": [ENOUGH, ALL_CLASSES, CONDITIONS],
    "11": [HEADS],
    "12": [HEADS],
}
