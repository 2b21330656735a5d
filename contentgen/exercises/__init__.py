"""Check a learner's answer: `check("6.1", answer)` and `hint("6.1")`.

Each lesson's exercises stand in a module of their own (`lesson_06`, ...), one function each: it takes the
answer, returns if it is right, and raises `Wrong` if not. An answer that still holds the blank `...` is "not
attempted". Nothing here raises on a wrong answer, so that "Run all" reaches the end of a lesson.
"""

from collections import Counter
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from importlib.util import find_spec
from inspect import isfunction
from typing import Any

import numpy as np

_exercises: dict[str, tuple[Callable, tuple[str, ...]]] = {}  # number → its test and its hints
_hints_given: Counter[str] = Counter()


def exercise(number: str, *hints: str) -> Callable:
    """Make the function below the test of this exercise; hints go from a nudge to nearly the answer."""

    def register(test):
        _exercises[number] = test, hints
        return test

    return register


class Wrong(Exception):
    """Raised by an exercise's test: one sentence that names the case that failed."""


class _Blank(Exception):
    """The answer's function returned the blank."""


def expect(close: bool, case: str) -> None:
    """Raise `Wrong(case)` unless `close` is true."""
    if not close:
        raise Wrong(case)


def expect_close(value: Any, wanted: Any, case: str, rtol: float = 1e-5, atol: float = 1e-8) -> None:
    """Raise `Wrong` unless a number or an array of numbers is as wanted, in its shape too."""
    answer, wanted = np.asarray(filled(value)), np.asarray(wanted)
    expect(answer.dtype.kind in "biuf", f"{case}: {value!r} is not made of numbers.")
    expect(answer.shape == wanted.shape, f"{case}: the shape is {answer.shape}, not {wanted.shape}.")
    shown = f"{case}: {answer.round(4).tolist()}, expected {wanted.round(4).tolist()}."
    expect(np.allclose(answer, wanted, rtol, atol), shown)


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


def check(number: str, answer: Any, then: Callable[[Any], None] | None = None) -> None:
    """Print `○ not attempted`, `✗` with the case that failed and a hint, or `✓`.

    Args:
        number: the exercise's number, such as `"6.1"`.
        answer: what the exercise asks for: a value or a function.
        then: what is done with a right answer, to show what it is good for.

    Raises:
        KeyError: if there is no such exercise.
    """
    test, hints = _find(number)
    try:
        test(_watched(answer))
    except _Blank:
        print(f"○ {number} not attempted")
    except Wrong as wrong:
        print(f"✗ {number} {wrong}\n  Hint: {hints[0]} (More: hint({number!r}).)")
    except Exception as error:  # whatever the learner's code raises
        raised = f"{type(error).__name__}: {error}"
        print(f"✗ {number} your answer raised {raised}\n  Hint: {hints[0]}")
    else:
        print(f"✓ {number}")
        if then:
            then(answer)


def hint(number: str) -> None:
    """Print the exercise's next hint; after the last one, all of them have been seen.

    Raises:
        KeyError: if there is no such exercise.
    """
    _, hints = _find(number)
    shown = _hints_given[number]
    _hints_given[number] += 1
    if shown < len(hints):
        print(f"Hint {shown + 1} of {len(hints)}: {hints[shown]}")
    else:
        print("No more hints; a worked answer stands in notebooks/solutions/.")


def _find(number):
    number = str(number)
    lesson, _, _ = number.partition(".")
    module = f"{__name__}.lesson_{lesson.zfill(2)}"
    if "." in number and find_spec(module):
        import_module(module)
    if number not in _exercises:
        others = [other for other in _exercises if other.startswith(f"{lesson}.")]
        others = f"this lesson has {', '.join(others)}" if others else 'expected a number such as "6.1"'
        raise KeyError(f"There is no exercise {number!r}; {others}.")
    return _exercises[number]
