"""Load a study: one lesson, run over many settings and seeds, as a table that the course ships."""

import csv
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from contentgen.runtime import shipped


def load(name: str) -> Mapping[str, np.ndarray]:
    """A study's table: column → one value a run, read-only; numbers as float64, all else as text.

    Args:
        name: of a file in `data/studies/`, such as `"06_latent_axes"`; its card stands beside it.

    Raises:
        FileNotFoundError: if the course ships no such study.
    """
    with shipped(f"studies/{name}.csv").open(encoding="utf-8", newline="") as stream:
        head, *rows = csv.reader(stream)
    columns = {}
    for title, values in zip(head, zip(*rows, strict=True), strict=True):
        try:
            column = np.array([float(value or "nan") for value in values])  # empty: not finite
        except ValueError:
            column = np.array(values)
        column.flags.writeable = False
        columns[title] = column
    return MappingProxyType(columns)
