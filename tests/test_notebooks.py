"""Every notebook keeps every rule of tools/rules.py, which is also the check before a commit."""

import re
from math import ceil

import pytest
import rules
from contents import is_lesson, markdown_cells, minutes, parts
from PIL import Image

NOTEBOOKS = rules.all_notebooks()
DRAWINGS = sorted((rules.ROOT / "notebooks" / "figures").glob("*.mmd"))


def test_the_course_has_its_first_lessons():
    lessons = {path.name[:2] for path in NOTEBOOKS if is_lesson(path)}
    assert {"00", "01", "02", "03", "04", "05", "06", "90"} <= lessons


@pytest.fixture(scope="module")
def broken():
    return rules.broken(NOTEBOOKS)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_notebook_keeps_the_rules(path, broken):
    found = [line for line in broken if line.startswith(f"{path}: ")]
    assert not found, "\n" + "\n".join(found)


def test_the_list_of_lessons_that_take_longer_only_shrinks():
    cores = {
        path.name[:2]: parts(notebook)["core"] for path, notebook in NOTEBOOKS.items() if is_lesson(path)
    }
    taken = {number: minutes(core) for number, core in cores.items()}
    over = {number: took for number, took in taken.items() if took > rules.MINUTES["core"]}
    assert over == rules.LONGER, "bring the list in tools/rules.py in line with the lessons"
    first = dict.fromkeys(["03", "04", "05", "06", "07", "08", "09", "10"], 50)
    first |= {"01": 110, "02": 105, "11": 45, "12": 45, "90": 100}
    assert all(took <= first.get(number, 0) for number, took in rules.LONGER.items())


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda path: path.stem)
def test_a_drawn_diagram_is_the_lessons_own(drawing):
    """The mermaid source beside an SVG stands in its lesson too, the SVG has all its words, and the PNG
    that the lesson shows has its size."""

    def chart(text):
        lines = (re.sub(r"^%%.*", "", line.strip()).replace('"', "") for line in text.splitlines())
        return [line for line in lines if line]

    (lesson,) = (path for path in NOTEBOOKS if is_lesson(path) and path.name[:2] == drawing.name[:2])
    prose = "\n".join(cell.source for cell in markdown_cells(NOTEBOOKS[lesson]))
    source = drawing.read_text(encoding="utf-8")
    assert chart(source) in map(chart, re.findall(r"```mermaid\n(.*?)```", prose, re.DOTALL))
    assert f"][figures/{drawing.stem}.png]" in prose
    svg = drawing.with_suffix(".svg").read_text(encoding="utf-8")
    width, height = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg).groups()
    size = Image.open(drawing.with_suffix(".png")).size
    assert size == (ceil(float(width)), ceil(float(height)))
    drawn = re.sub(r"<style>.*?</style>|<[^>]+>", "", svg)
    for label in re.findall(r"[\[{]\"?([^\]}\"]+)", source.partition("flowchart")[2]):
        assert re.sub(r"\W", "", label.replace("<br/>", "")) in re.sub(r"\W", "", drawn), label
