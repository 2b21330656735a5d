"""Refuse bad input in one clear sentence, the same everywhere."""

from typing import Any

import numpy as np


class NotAllowed(ValueError):
    """One sentence for the reader; Jupyter shows it alone, without the lines of code that led to it."""

    def _render_traceback_(self):
        return [f"NotAllowed: {self}"]


def check_whole(name: str, value: Any, least: int, most: int | None = None) -> None:
    """Raise ValueError unless `value` is a whole number in this range; True and False are none."""
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not whole or value < least or (most is not None and value > most):
        wanted = f"of at least {least}" if most is None else f"from {least} to {most}"
        raise ValueError(f"{name} is {value!r}, expected a whole number {wanted}.")


def check_enough(name: str, asked: int | None, available: int, split: str) -> None:
    """Raise NotAllowed if more pictures of a split are asked for than there are."""
    if asked is not None and asked > available:
        raise NotAllowed(
            f"{asked} {split} pictures were asked for, but {name} has {available}; ask for fewer."
        )


def digits_of(number: str) -> list[int]:
    """The digits of a number that somebody typed; raises ValueError unless it has 1 to 10 of them."""
    if not (number.isascii() and number.isdigit() and len(number) <= 10):
        raise ValueError(f"{number!r} is no number of 1 to 10 digits; try 2026.")
    return [int(digit) for digit in number]
