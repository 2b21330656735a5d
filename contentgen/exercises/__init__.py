"""Check a learner's answer: `check("6.1", answer)` and `hint("6.1")`.

Each lesson's exercises stand in a module of their own (`lesson_06`, ...) as a table number → `Exercise`.
An answer that still holds the blank `...` is "not attempted". Nothing here raises on a wrong answer, so
that "Run all" reaches the end of a lesson.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from importlib import import_module
from importlib.util import find_spec
from inspect import isfunction
from typing import Any

_hints_given: Counter[str] = Counter()


class Wrong(Exception):
    """Raised by an exercise's test: one sentence that names the case that failed."""


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    Attributes:
        test: takes the answer; returns if it is right, raises `Wrong` with the case that failed if not.
        hints: from a nudge to nearly the answer.
    """

    test: Callable[[Any], None]
    hints: tuple[str, ...]


class _Blank(Exception):
    """The answer's function returned the blank."""


def expect(close: bool, case: str) -> None:
    """Raise `Wrong(case)` unless `close` is true."""
    if not close:
        raise Wrong(case)


def filled(value: Any) -> Any:
    """Return a learner's value; a blank (`...`, alone or in a tuple) counts as not attempted."""
    if value is ... or (isinstance(value, (tuple, list)) and any(part is ... for part in value)):
        raise _Blank
    return value


def _watched(answer):
    """The answer; where it is a function, what it returns goes through `filled` without the test's help."""
    if not isfunction(answer):
        return filled(answer)

    @wraps(answer)
    def watched(*args, **kwargs):
        return filled(answer(*args, **kwargs))

    return watched


def check(number: str, answer: Any) -> None:
    """Print `○ not attempted`, `✗` with the case that failed and a hint, or `✓`.

    Args:
        number: the exercise's number, such as `"6.1"`.
        answer: what the exercise asks for: a value or a function.

    Raises:
        KeyError: if there is no such exercise.
    """
    exercise = _find(number)
    try:
        exercise.test(_watched(answer))
    except _Blank:
        print(f"○ {number} not attempted")
    except Wrong as wrong:
        print(f"✗ {number} {wrong}\n  Hint: {exercise.hints[0]} (More: hint({number!r}).)")
    except Exception as error:  # whatever the learner's code raises
        print(
            f"✗ {number} your answer raised {type(error).__name__}: {error}\n  Hint: {exercise.hints[0]}"
        )
    else:
        print(f"✓ {number}")


def hint(number: str) -> None:
    """Print the exercise's next hint; after the last one, all of them have been seen.

    Raises:
        KeyError: if there is no such exercise.
    """
    hints = _find(number).hints
    given = _hints_given[number]
    _hints_given[number] += 1
    if given < len(hints):
        print(f"Hint {given + 1} of {len(hints)}: {hints[given]}")
    else:
        print("No more hints; a worked answer stands in notebooks/solutions/.")


def _find(number):
    number = str(number)
    module = f"{__name__}.lesson_{number.split('.')[0].zfill(2)}" if "." in number else ""
    table = import_module(module).EXERCISES if module and find_spec(module) else {}
    if number not in table:
        known = (
            f"this lesson has {', '.join(table)}" if table else 'expected a number such as "6.1"'
        )
        raise KeyError(f"There is no exercise {number!r}; {known}.")
    return table[number]
