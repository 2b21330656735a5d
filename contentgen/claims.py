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
    in the output's metadata too, as `{"claim": {"name", "value", "at_least" or "at_most", "unit"}}`.

    Args:
        name: what was measured, such as `"held-out ELBO"`.
        value: the measured number, in `unit`.
        at_least, at_most: the bound; exactly one of the two.
        unit: such as `"nats"` or `"%"`; empty for a pure number.
        applies: whether the bound was made for this case; if not, as on the reader's own data, the value
            is shown as `measured` shows it, and the bound may be None.

    Raises:
        AssertionError: if the value breaks the bound or is not a finite number. A study, which runs a
            lesson with settings that the bound was not made for, sets the environment variable
            CONTENTGEN_STUDY: then the line begins with ✗ and the lesson goes on.
        ValueError: if not exactly one bound is given, or it is not a finite number.
    """
    if not applies:
        return measured(name, value, unit)
    if (at_least is None) == (at_most is None):
        raise ValueError(f"The claim {name!r} needs exactly one of at_least and at_most.")
    value = float(value)
    sign, bound = ("≥", at_least) if at_most is None else ("≤", at_most)
    bound = float(bound)
    if not math.isfinite(bound):
        raise ValueError(f"The claim {name!r} has the bound {bound}, expected a finite number.")
    kept = math.isfinite(value) and (value >= bound if at_most is None else value <= bound)
    stated = f"{name} {sign} {number(bound)} {unit}".rstrip()
    if not kept and not os.environ.get("CONTENTGEN_STUDY"):
        raise AssertionError(f"✗ {stated} does not hold: measured {value:.6g} {unit}".rstrip())
    line = f"{'✓' if kept else '✗'} {stated} · measured {rounded(value)}"
    key = "at_least" if at_most is None else "at_most"
    _show(line, {"name": name, "value": _stored(value), key: bound, "unit": unit})


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
