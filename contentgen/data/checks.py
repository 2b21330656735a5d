"""Refuse a bad number in one clear sentence, the same for pictures and for text."""

from typing import Any

import numpy as np


def check_whole(name: str, value: Any, least: int) -> None:
    """Raise ValueError unless `value` is a whole number of at least `least`; True and False are none."""
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not whole or value < least:
        raise ValueError(f"{name} is {value!r}, expected a whole number of at least {least}.")
