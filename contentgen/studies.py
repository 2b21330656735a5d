"""Load and show a study: one lesson, run over many settings and seeds, as a table that the course ships."""

import csv
import math
from collections.abc import Mapping, Sequence
from statistics import mean
from types import MappingProxyType

import numpy as np
from IPython.display import Markdown

from contentgen.claims import rounded
from contentgen.runtime import shipped


def load(name: str, /, **only: object) -> Mapping[str, np.ndarray]:
    """A study's table: column → one value a run, read-only; numbers as float64, all else as text.

    Args:
        name: of a file in `data/studies/`, such as `"06_latent_axes"`; its card stands beside it.
        only: setting → value, None for one that was left empty: leave out the runs that have another.

    Raises:
        FileNotFoundError: if the course ships no such study.
        ValueError: if the study has no such setting, or no run with that value.
    """
    with shipped(f"studies/{name}.csv").open(encoding="utf-8", newline="") as stream:
        head, *rows = csv.reader(stream)
    for setting, value in only.items():
        if setting not in head:
            raise ValueError(f"The study {name} has no column {setting!r}; it has {', '.join(head)}.")
        place = head.index(setting)
        tried = dict.fromkeys(row[place] for row in rows)
        rows = [row for row in rows if _same(row[place], value)]
        if not rows:
            raise ValueError(f"The study {name} has no {setting} {value!r}; it has {', '.join(tried)}.")
    columns = {}
    for title, values in zip(head, zip(*rows, strict=True), strict=True):
        try:
            column = np.array([float(value or "nan") for value in values])  # empty: not finite
        except ValueError:
            column = np.array(values)
        columns[title] = column
    for column in columns.values():
        column.flags.writeable = False
    return MappingProxyType(columns)


def summary(
    study: Mapping[str, np.ndarray], base: Mapping[str, object], columns: Mapping[str, str]
) -> Markdown:
    """A table with one row for each combination of settings, named after what differs from `base`.

    A single setting is named once, in the heading.

    Args:
        study: column → one value a run, as `load` gives it.
        base: setting → the lesson's own value.
        columns: the columns to show, each with its heading.

    Returns:
        The mean over the runs of one row, with the lowest and the highest in brackets.
    """
    rows: dict[str, list[int]] = {}
    alone = len(base) == 1
    for run in range(len(study["seed"])):
        here = {name: study[name][run] for name in base}
        changed = {name: _plain(value) for name, value in here.items() if not _is(value, base[name])}
        label = ", ".join(value if alone else f"{name} {value}" for name, value in changed.items())
        rows.setdefault(label if changed else "as in this lesson", []).append(run)
    tables = {label: {column: study[column][runs] for column in columns} for label, runs in rows.items()}
    return side_by_side(tables, columns, heading="".join(base) if alone else "changed")


def side_by_side(
    tables: Mapping[str, Mapping[str, np.ndarray]], columns: Mapping[str, str], heading: str = ""
) -> Markdown:
    """A table with one row for each study: mean over its runs, with the lowest and the highest in brackets.

    Args:
        tables: name → study, as `load` gives it; which run was which setting does not show.
        columns: the columns to show, each with its heading.
        heading: of the column with the names.
    """
    lines = [f"| {' | '.join([heading, *columns.values()])} |", "|---" * (len(columns) + 1) + "|"]
    for name, study in tables.items():
        lines.append(f"| {' | '.join([name, *(spread(study[column], 3) for column in columns)])} |")
    return Markdown("\n".join(lines))


def spread(values: Sequence[float], digits: int = 4) -> str:
    """The mean of the finite values, with the lowest and the highest in brackets: `8.5 (8 to 9)`."""
    finite = [value for value in values if math.isfinite(value)] or [math.nan]
    middle, low, high = (rounded(of(finite), digits) for of in (mean, min, max))
    return f"{middle} ({low} to {high})"


def as_text(value: object) -> str:
    """A value as a study's table holds it: nothing for None."""
    return "" if value is None else str(value)


def _same(text: str, value: object) -> bool:
    """Whether a table's text stands for a value: 4 and 4.0 are the same, 1 and True are not."""
    if text == as_text(value):
        return True
    try:
        return not isinstance(value, (bool, str)) and float(text) == float(value)
    except (TypeError, ValueError):
        return False


def _is(value: str | float, base: object) -> bool:
    """The same for a value as `load` gives it, where an empty one among numbers is NaN."""
    if isinstance(value, str):
        return _same(value, base)
    return math.isnan(value) if base is None else value == base


def _plain(value):
    return value if isinstance(value, str) else f"{value:,.10g}"
