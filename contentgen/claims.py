"""State what a lesson reached: check it against a bound, and show the measured value."""

import math
from collections.abc import Mapping

from IPython.display import display

BROKEN = "✗"  # begins the line of a claim that does not hold


def claim(
    name: str,
    value: float,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    unit: str = "",
) -> None:
    """Check that `value` keeps its bound, and show both: `✓ error ≤ 0.5 nats · measured 0.31`.

    Where it does not, the line begins with ✗ and the lesson goes on: a reader may have changed a parameter
    or brought other data. Tests compare the line without its measured value, which differs from machine to
    machine, so they stop at a ✗ where a ✓ is stored.

    The value stands in the output's metadata too, as
    `{"claims": [{"name", "value", "at_least" and/or "at_most", "unit"}]}`.

    Args:
        name: what was measured, such as `"held-out ELBO"`.
        value: the measured number, in `unit`; NaN and infinity keep no bound.
        at_least, at_most: the bounds, one or both; with both, the line says `≥ 0.2 and ≤ 0.6`. With
            neither, as for the reader's own data, the value is shown as by `measured`.
        unit: such as `"nats"` or `"%"`; empty for a pure number.

    Raises:
        ValueError: if a bound is not a finite number, or the lower is above the upper.
    """
    asked = {"at_least": at_least, "at_most": at_most}
    bounds = {key: float(bound) for key, bound in asked.items() if bound is not None}
    numbers = [*bounds.values()]
    if not numbers:
        return measured(name, value, unit)
    if not all(map(math.isfinite, numbers)) or numbers != sorted(numbers):
        raise ValueError(
            f"The claim {name!r} has the bounds {asked}, expected finite numbers, the lower first."
        )
    value = float(value)
    low, high = bounds.get("at_least", -math.inf), bounds.get("at_most", math.inf)
    kept = math.isfinite(value) and low <= value <= high
    fact = {"name": name, "value": _stored(value), **bounds, "unit": unit}
    line = f"{'✓' if kept else BROKEN} {name} {bounds_of(fact)} · measured {rounded(value)}"
    _show(line if kept else f"{line} (the bound was made for the lesson's own settings and data)", fact)


def bounds_of(fact: dict) -> str:
    """The bounds in a claim's metadata, such as `≥ 0.2 and ≤ 0.6 nats`; empty for a measured number."""
    signs = {"at_least": "≥", "at_most": "≤"}
    stated = " and ".join(f"{sign} {number(fact[key])}" for key, sign in signs.items() if key in fact)
    return f"{stated} {fact['unit']}".rstrip() if stated else ""


def measured(name: str, value: float, unit: str = "") -> None:
    """Show a number that has no bound, in the form of a claim: `• loss · measured 301.2 nats`.

    For what nobody can promise: a baseline, a number on the reader's own data, a training whose end
    depends on the machine. The metadata are those of a claim, without a bound.

    Args:
        name: what was measured, such as `"held-out ELBO"`.
        value: the measured number, in `unit`; infinity and NaN are shown as such.
        unit: such as `"nats"` or `"%"`; empty for a pure number.
    """
    value = float(value)
    line = f"• {name} · measured {rounded(value)} {unit}".rstrip()
    _show(line, {"name": name, "value": _stored(value), "unit": unit})


def measured_table(
    rows: Mapping[str, float | Mapping[str, float]], unit: str | Mapping[str, str] = ""
) -> None:
    """Show more than four numbers that have no bound as one small table; each is kept as by `measured`.

    Args:
        rows: name → value; or name → measure → value, with the same measures in each row, which are the
            columns then, and a number is named `"name: measure"`.
        unit: of all values, or of each name or measure that has one.
    """
    is_table = isinstance(next(iter(rows.values())), Mapping)
    cells = {name: row if is_table else {"": row} for name, row in rows.items()}
    columns = list(next(iter(cells.values())))
    units = dict.fromkeys(columns if is_table else rows, unit) if isinstance(unit, str) else unit
    titles = {name: f"{name} ({units[name]})" if units.get(name) else name for name in (*columns, *rows)}
    width = max(len("measured"), *(len(titles[name]) for name in rows))
    head, facts = "  ".join(f"{titles[column]:>10}" for column in columns), []
    lines = [f"{'measured':{width}} ╷ {head}".rstrip()]
    for name, row in cells.items():
        shown = (f"{rounded(float(row[c])):>{max(10, len(titles[c]))}}" for c in columns)
        lines.append(f"{titles[name]:{width}} │ {'  '.join(shown)}")
        for column in columns:
            full = f"{name}: {column}" if is_table else name
            value, unit = _stored(float(row[column])), units.get(column or name, "")
            facts.append({"name": full, "value": value, "unit": unit})
    _show("\n".join(lines), *facts)


def rounded(value: float | None, digits: int = 4) -> str:
    """A measured number with so many digits that count, thousands marked, and a real minus sign."""
    if value is None:  # as it is stored where it was not finite
        return "NaN"
    short = float(f"{value:.{digits}g}")
    text = f"{short:,.0f}" if 10**digits <= abs(short) < math.inf else f"{short:.{digits}g}"
    return text.replace("-", "−").replace("nan", "NaN").replace("inf", "∞")


def number(value: float) -> str:
    """A bound, as it was given."""
    return f"{value:,.10g}".replace("-", "−")


def _stored(value):
    return float(f"{value:.6g}") if math.isfinite(value) else None  # JSON has no NaN


def _show(line, *facts):
    display({"text/plain": line}, raw=True, metadata={"claims": list(facts)})
