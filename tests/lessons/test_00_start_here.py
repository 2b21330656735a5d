"""Lesson 00, start_here: its map of the course, and wrong answers to its exercise."""

import re

import numpy as np
import pytest
import rules
from lesson_code import Lesson

LESSONS = {path.name: notebook for path, notebook in rules.all_notebooks().items() if rules.is_lesson(path)}
MAP = next(cell.source for cell in LESSONS["00_start_here.ipynb"].cells if cell.id == "map")
CHART, AFTER = re.search(r"```mermaid\n(.*?)```(.*)", MAP, re.DOTALL).groups()
PATHS = [line for line in AFTER.splitlines() if ".ipynb" in line and line.startswith("|")]


def needs():
    """Lesson → the lessons that must be read before it, both as numbers: the solid arrows of the map."""
    number = dict(re.findall(r"(\w+)\[(\d\d) ", CHART))
    before = {lesson: set() for lesson in number.values()}
    for line in CHART.splitlines()[1:]:
        plain = re.sub(r"\[.*?\]|:::\w+", "", line)
        arrows = re.findall(r"(?=\b(\w+) +(-->|-\. why \.->) +(\w+))", plain)
        for start, arrow, end in arrows:
            first, then = number[start], number[end]
            if arrow == "-->":
                before[then].add(first)
    return before


def path_of(row):
    return re.findall(r"\[(\d\d)\]\((\d\d)\w*\.ipynb\)", row)


def test_the_map_and_the_paths_name_the_lessons_that_exist_and_no_others():
    existing = {name[:2] for name in LESSONS}
    assert set(needs()) == existing
    assert len(re.findall(r"\[\d\d ", CHART)) == len(existing)
    assert {shown for row in PATHS for shown, _ in path_of(row)} == existing
    assert all(shown == linked for row in PATHS for shown, linked in path_of(row))


def test_every_lesson_can_be_reached_from_the_first():
    before = needs()
    assert [lesson for lesson, needed in before.items() if not needed] == ["00"]


@pytest.mark.parametrize("row", PATHS)
def test_a_path_has_each_lesson_after_those_that_it_needs(row):
    order = [shown for shown, _ in path_of(row)]
    before = needs()
    assert len(order) >= 3
    for place, lesson in enumerate(order):
        assert before[lesson] <= set(order[:place]), lesson


@pytest.mark.parametrize("row", PATHS)
def test_a_path_takes_the_minutes_that_its_lessons_state(row):
    titles = {name[:2]: notebook.cells[0].source for name, notebook in LESSONS.items()}
    minutes = [int(re.search(r"Reading time:\*\* (\d+)", titles[shown])[1]) for shown, _ in path_of(row)]
    assert f"| {sum(minutes)} minutes |" in row


def test_the_box_writes_what_lesson_09_writes_and_says_what_is_no_number(lesson, monkeypatch):
    """The same conditions as there: the digit by one-hot coding, then slant and width, scaled."""
    monkeypatch.setattr(lesson["plots"], "explore", lambda *args, **kwargs: None)
    monkeypatch.setitem(lesson, "rng", np.random.default_rng(0))
    lesson.run("ask")
    found = lesson["write_number"]("2026", 18)
    nine = Lesson("09_conditional_images")
    c = nine["encode"](["digit", "slant", "width"], [2, 0, 2, 6], {"slant": [18] * 4, "width": [3] * 4})
    wanted = nine["ask"](lesson["writer"], np.repeat(lesson["hand"], 4, axis=0), c)
    assert found.shape == (4, 28, 28, 1) and np.allclose(found, wanted, atol=1e-5)
    with pytest.raises(ValueError, match="'two' is no number of 1 to 10 digits; try 2026"):
        lesson["write_number"]("two", 0)


# Answers that a learner might well give; each must be refused.
WRONG = {"0.1": [25, 16, 41, "400"]}
