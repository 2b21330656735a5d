"""State what a lesson reached: check it against a bound, and show the measured value."""

import math
import os

from IPython.display import display


def claim(
    name: str,
    value: float,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    unit: str = "",
    applies: bool = True,
) -> None:
    """Check that `value` keeps its bound, and show both: `✓ error ≤ 0.5 nats · measured 0.31`.

    The measured value differs from machine to machine, so tests compare the line without it. It stands
    in the output's metadata too, as `{"claim": {"name", "value", "at_least" and/or "at_most", "unit"}}`.

    Args:
        name: what was measured, such as `"held-out ELBO"`.
        value: the measured number, in `unit`.
        at_least, at_most: the bounds, one or both; with both, the line says `≥ 0.2 and ≤ 0.6`.
        unit: such as `"nats"` or `"%"`; empty for a pure number.
        applies: whether the bound was made for this case; if not, as on the reader's own data, the value
            is shown as `measured` shows it, and both bounds may be None.

    Raises:
        AssertionError: if the value breaks the bound or is not a finite number. A study, which runs a
            lesson with settings that the bound was not made for, sets the environment variable
            CONTENTGEN_STUDY: then the line begins with ✗ and the lesson goes on.
        ValueError: if no bound is given, or one is not a finite number, or the lower is above the upper.
    """
    if not applies:
        return measured(name, value, unit)
    asked = {"at_least": at_least, "at_most": at_most}
    bounds = {key: float(bound) for key, bound in asked.items() if bound is not None}
    numbers = [*bounds.values()]
    if not numbers or not all(map(math.isfinite, numbers)) or numbers != sorted(numbers):
        raise ValueError(
            f"The claim {name!r} has the bounds {asked}, expected one finite number or two, the lower first."
        )
    value = float(value)
    low, high = bounds.get("at_least", -math.inf), bounds.get("at_most", math.inf)
    kept = math.isfinite(value) and low <= value <= high
    facts = {"name": name, "value": _stored(value), **bounds, "unit": unit}
    stated = f"{name} {bounds_of(facts)}"
    if not kept and not os.environ.get("CONTENTGEN_STUDY"):
        raise AssertionError(f"✗ {stated} does not hold: measured {value:.6g} {unit}".rstrip())
    line = f"{'✓' if kept else '✗'} {stated} · measured {rounded(value)}"
    _show(line, facts)


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


def _show(line, facts):
    display({"text/plain": line}, raw=True, metadata={"claim": facts})
