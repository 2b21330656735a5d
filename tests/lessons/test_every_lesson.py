"""What holds for every lesson: its exercises are checked, its equations are tested.

An exercise's blank is not attempted, its wrong answers (WRONG in the lesson's own module) fail with a hint,
and its solution passes.
"""

import importlib
import re
from pathlib import Path
from unittest.mock import Mock

import contents
import numpy as np
import pytest
import rules
from references import WRONG_FORMS, failed_in_a_test

from contentgen import claims
from contentgen.exercises import _find, check

HERE = Path(__file__).parent
MODULES = [importlib.import_module(path.stem) for path in sorted(HERE.glob("test_[0-9]*.py"))]
WRONG = {number: answers for module in MODULES for number, answers in module.WRONG.items()}
CELLS = [
    pytest.param(path, cell.source, f"{lesson}.{number}", id=f"{path.parent.name}-{cell.id}")
    for path, notebook in rules.all_notebooks().items()
    for cell, lesson, number in contents.exercises(notebook)
]


@pytest.mark.parametrize(("path", "source", "number"), CELLS)
def test_the_blank_is_not_attempted_and_the_solution_passes(path, source, number, capsys):
    checked = []

    def check_alone(number, answer, then=None):  # what follows a right answer needs the notebook
        checked.append(number)
        check(number, answer)

    exec(source, {"np": np, "check": check_alone, "drawing": Mock()})
    assert checked == [number]
    mark = "○" if contents.is_lesson(path) else "✓"
    assert capsys.readouterr().out.startswith(f"{mark} {number}")


@pytest.mark.parametrize(
    ("number", "answer"), [(number, answer) for number in WRONG for answer in WRONG[number]]
)
def test_a_wrong_answer_fails_with_its_hint(number, answer, capsys):
    check(number, answer)
    printed = capsys.readouterr().out
    assert printed.startswith(f"✗ {number} ")
    _, hints = _find(number)
    assert hints[0] in printed


def test_every_exercise_has_wrong_answers():
    assert {cell.values[2] for cell in CELLS} == set(WRONG)


def test_every_numbered_equation_has_a_test_that_notices_wrong_forms():
    """wrong_forms.yaml has the forms; each test that it names exists."""
    lessons = [n for path, n in rules.all_notebooks().items() if contents.is_lesson(path)]
    tags = {number.replace(".", "_") for n in lessons for _, number in contents.equations(n)}
    tests = {name for module in MODULES for name in vars(module)}
    assert len(tags) >= 50
    assert sum(map(len, WRONG_FORMS.values())) > 200, "README says so"
    assert {number for name in WRONG_FORMS for number in re.findall(r"\d+_\d+", name)} == tags
    assert WRONG_FORMS.keys() <= tests


def test_only_a_tests_own_assertion_counts():
    def judged(function, file):
        """Whether it counts that a function fails which stands in this file and is called by a test."""
        names = {}
        exec(compile(f"def f(test=lambda: None):\n    test()\n    {function}", file, "exec"), names)
        return names["f"]

    def fail():
        raise AssertionError

    def seen(call):
        with pytest.raises(AssertionError) as raised:
            call()
        return failed_in_a_test(raised.value)

    cell, module = "06_vae_images: claim", str(Path(claims.__file__))
    assert seen(fail)
    assert seen(lambda: np.testing.assert_array_equal(1, 2))
    assert not seen(judged("assert False", cell))
    assert not seen(judged("assert False", module))
    assert seen(lambda: judged("pass", cell)(fail))


def test_no_test_stands_twice_in_the_wrong_forms():
    """YAML would keep the last one and lose the others without a word."""
    text = (HERE / "wrong_forms.yaml").read_text(encoding="utf-8")
    names = re.findall(r"^(\w+):", text, flags=re.MULTILINE)
    assert {name for name in names if names.count(name) > 1} == set()
