"""Every exercise: the blank is not attempted, wrong answers fail with a hint, the solution passes."""

import ast
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))

import rules
from lesson_code import NOTEBOOKS


def kl_of_halves(mu, log_var, mu_p, log_var_p):  # averages over the axes
    squares = np.exp(log_var) + (mu - mu_p) ** 2
    return 0.5 * np.mean(log_var_p - log_var + squares / np.exp(log_var_p) - 1, axis=1)


def underflows(log_w):
    return np.log(np.exp(log_w).mean(axis=1))


# Answers that a learner might well give; each must be refused.
WRONG = {
    "0.1": [25, 16, 41, "400"],
    "6.1": [4.0, 1.5, -2.0, None, "2"],
    "6.2": [
        lambda mu, log_var, eps, temperature: temperature * (mu + np.exp(0.5 * log_var) * eps),
        lambda mu, log_var, eps, temperature: mu + temperature * np.exp(log_var) * eps,
        lambda mu, log_var, eps, temperature: None,
    ],
    "6.3": [
        kl_of_halves,
        lambda mu, log_var, mu_p, log_var_p: 0.5 * (mu**2 + np.exp(log_var) - 1 - log_var).sum(1),
        lambda mu, log_var: 0,
    ],
    "6.4": [
        lambda x, x_hat, sigma: -(((x - x_hat) / sigma) ** 2).sum(axis=(1, 2, 3)) / 2,
        lambda x, x_hat, sigma: -((x - x_hat) ** 2).mean(),
    ],
    "6.5": [underflows, lambda log_w: log_w.max(axis=1), lambda log_w: log_w.mean(axis=1)],
}


def exercise_cells():
    for path in rules.all_notebooks():
        for cell, lesson, number in rules.exercises(rules.read(path)):
            yield pytest.param(
                path, cell.source, f"{lesson}.{number}", id=f"{path.parent.name}-{cell.id}"
            )


def run(source, path, capsys):
    """What an exercise cell prints, with the names at hand that its notebook's set-up imports."""
    names = {"np": np}
    exec("from contentgen.exercises import check", names)
    exec(source, names)
    return capsys.readouterr().out


@pytest.mark.parametrize(("path", "source", "number"), [*exercise_cells()])
def test_the_blank_is_not_attempted_and_the_solution_passes(path, source, number, capsys):
    mark = "○" if rules.is_lesson(path) else "✓"
    assert run(source, path, capsys).startswith(f"{mark} {number}")


@pytest.mark.parametrize(
    ("number", "answer"),
    [(number, answer) for number, answers in WRONG.items() for answer in answers],
)
def test_a_wrong_answer_fails_with_its_hint(number, answer, capsys):
    from contentgen.exercises import _find, check

    check(number, answer)
    printed = capsys.readouterr().out
    assert printed.startswith(f"✗ {number} ")
    assert _find(number).hints[0] in printed


def test_every_exercise_has_wrong_answers_here():
    known = {number for case in exercise_cells() for number in [case.values[2]]}
    assert known == set(WRONG)


def test_the_checks_do_not_hold_the_answers_of_other_lessons():
    """A lesson's table holds exactly the exercises of its notebook."""
    for path in NOTEBOOKS.glob("[0-9]*.ipynb"):
        numbers = [f"{a}.{b}" for _, a, b in rules.exercises(rules.read(path))]
        module = NOTEBOOKS.parent / "contentgen" / "exercises" / f"lesson_{path.name[:2]}.py"
        if numbers:
            table = ast.parse(module.read_text(encoding="utf-8")).body[-1].value
            assert [key.value for key in table.keys] == numbers
