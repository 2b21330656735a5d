"""A check says "not attempted", wrong with a hint, or right, and never stops a lesson."""

import numpy as np
import pytest

from contentgen import exercises
from contentgen.exercises import Wrong, check, exercise, expect, expect_close, filled, hint


@pytest.fixture(autouse=True)
def lesson(monkeypatch):
    """Lesson 99 has two exercises."""
    monkeypatch.setattr(exercises, "_exercises", {})
    exercises._hints_given.clear()

    @exercise("99.1", "Think.", "Two times x.")
    def double(answer):
        for x, expected in ((2, 4), (-3, -6)):
            expect(answer(x) == expected, f"the case x = {x} failed.")

    @exercise("99.2", "Look at the signs.")
    def pair(answer):
        kl, elbo = answer
        expect(kl >= 0, "the first number is negative.")
        expect(elbo == -1, "the second number is not −1.")


def checked(capsys, number, answer):
    check(number, answer)
    out, err = capsys.readouterr()
    assert err == ""
    return out


def fills_later(x):
    result = ...
    return result


def half_a_pair(x):
    return 1.0, ...


@pytest.mark.parametrize(
    ("number", "blank"),
    [
        ("99.1", ...),
        ("99.1", lambda x: ...),
        ("99.1", fills_later),
        ("99.1", half_a_pair),
        ("99.2", ...),
        ("99.2", (..., ...)),
        ("99.2", [0.5, ...]),
        ("99.2", (np.zeros(3), ...)),
    ],
)
def test_a_blank_is_not_attempted(capsys, number, blank):
    assert checked(capsys, number, blank) == f"○ {number} not attempted\n"


def test_a_test_can_ask_for_a_value_itself():
    assert filled((1, 2)) == (1, 2)
    array = np.zeros(2)
    assert filled(array) is array


def test_a_wrong_answer_names_the_case_and_gives_the_first_hint(capsys):
    assert checked(capsys, "99.1", lambda x: x + 2) == (
        "✗ 99.1 the case x = -3 failed.\n  Hint: Think. (More: hint('99.1').)\n"
    )
    assert checked(capsys, "99.2", (-1.0, -1)).startswith("✗ 99.2 the first number is negative.")


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda x: 1 / 0, "ZeroDivisionError: division by zero"),
        (lambda: 3, "TypeError"),
        (7, "TypeError"),
        (None, "TypeError"),
        (lambda x: np.zeros(2), "ValueError"),  # no one truth value
    ],
)
def test_an_answer_that_raises_is_told_and_does_not_raise(capsys, answer, says):
    out = checked(capsys, "99.1", answer)
    assert out.startswith(f"✗ 99.1 your answer raised {says}") and "Hint: Think." in out


class Doubler:
    """Callable, and no function: it reaches the test as it is, with its attributes."""

    def __call__(self, x):
        return 2 * x


@pytest.mark.parametrize(
    ("number", "answer"),
    [("99.1", lambda x: 2 * x), ("99.1", Doubler()), ("99.1", (2).__mul__), (99.2, (0.5, -1))],
)
def test_a_right_answer(capsys, number, answer):
    assert checked(capsys, number, answer) == f"✓ {number}\n"


def test_only_a_right_answer_is_put_to_use(capsys):
    used = []
    for answer in (..., (0.5, ...), (-1.0, -1), None, (0.5, -1)):
        check("99.2", answer, then=used.append)
    assert used == [(0.5, -1)]
    check("99.1", lambda x: 2 * x, then=lambda double: print(double(21)))
    assert capsys.readouterr().out.endswith("✓ 99.1\n42\n")


def test_hints_come_one_after_the_other(capsys):
    for _ in range(4):
        hint("99.1")
    assert capsys.readouterr().out.splitlines() == [
        "Hint 1 of 2: Think.",
        "Hint 2 of 2: Two times x.",
        "No more hints; a worked answer stands in notebooks/solutions/.",
        "No more hints; a worked answer stands in notebooks/solutions/.",
    ]
    hint("99.2")
    assert capsys.readouterr().out == "Hint 1 of 1: Look at the signs.\n"


@pytest.mark.parametrize("ask", [hint, lambda number: check(number, 1)])
def test_an_unknown_number_lists_the_known_ones(ask):
    with pytest.raises(KeyError, match=r"no exercise '99.7'; this lesson has 99.1, 99.2"):
        ask("99.7")
    for number in ("98.1", "", "nonsense", "a/b.1"):
        with pytest.raises(KeyError, match="expected a number such as"):
            ask(number)


def test_expect_close_says_what_came_and_what_was_expected():
    expect_close(0.5 + 1e-9, 0.5, "half")
    expect_close(np.array([1, 2]), [1.0, 2.0], "two")
    for value, wanted, says in [
        (0.4, 0.5, "case: 0.4, expected 0.5."),
        ([1.0, 2.0], 1.0, r"case: the shape is \(2,\), not \(\)."),
        (np.nan, 0.5, "case: nan, expected 0.5."),
        (None, 0.5, "is not made of numbers"),
        ("0.5", 0.5, "is not made of numbers"),
    ]:
        with pytest.raises(Wrong, match=says):
            expect_close(value, wanted, "case")
