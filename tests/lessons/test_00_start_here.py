"""Lesson 00, start_here: its map of the course, and wrong answers to its exercise."""

import re

import contents
import numpy as np
import pytest
import rules
from lesson_code import Lesson

LESSONS = {
    path.name: notebook for path, notebook in rules.all_notebooks().items() if contents.is_lesson(path)
}
MAP = next(cell.source for cell in LESSONS["00_start_here.ipynb"].cells if cell.id == "map")
PATHS = [line for line in MAP.splitlines() if ".ipynb" in line and line.startswith("|")]
NEEDS = contents.needs(LESSONS["00_start_here.ipynb"])


def path_of(row):
    return re.findall(r"\[(\d\d)\]\((\d\d)\w*\.ipynb\)", row)


def test_the_map_and_the_paths_name_the_lessons_that_exist_and_no_others():
    existing = {name[:2] for name in LESSONS}
    assert set(NEEDS) == existing
    assert len(re.findall(r"\w\[\d\d ", MAP)) == len(existing)
    assert {shown for row in PATHS for shown, _ in path_of(row)} == existing
    assert all(shown == linked for row in PATHS for shown, linked in path_of(row))


def test_every_lesson_can_be_reached_from_the_first():
    assert [lesson for lesson, needed in NEEDS.items() if not needed] == ["00"]


@pytest.mark.parametrize("row", PATHS)
def test_a_path_has_each_lesson_after_those_that_it_needs(row):
    order = [shown for shown, _ in path_of(row)]
    assert len(order) >= 3
    for place, lesson in enumerate(order):
        assert NEEDS[lesson] <= set(order[:place]), lesson


@pytest.mark.parametrize("row", PATHS)
def test_a_path_takes_the_time_that_it_states(row):
    """The reading of the cores, and 5 minutes for each of their exercises; a day is six hours of work."""
    cores = {name[:2]: contents.parts(notebook)["core"] for name, notebook in LESSONS.items()}
    path = [cores[shown] for shown, _ in path_of(row)]
    reading = sum(contents.minutes(core) for core in path)
    whole = reading + 5 * sum(bool(contents.EXERCISE.fullmatch(cell.id)) for core in path for cell in core)
    times = [f"{minutes // 60} h {minutes % 60} min" for minutes in (reading, whole)]
    assert row.endswith(" | ".join(["", *times, ""]).strip())
    days = {"a day": 1, "a day and a half": 1.5, "two days": 2}[re.match(r"\| [^|]*, ([^|]*) \|", row)[1]]
    assert whole <= 6 * 60 * days


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
