"""Every notebook keeps every rule of tools/rules.py, which is also the check before a commit."""

import re
from math import ceil

import pytest
import rules
from PIL import Image

NOTEBOOKS = rules.all_notebooks()
MODULES = sorted((rules.ROOT / "contentgen").rglob("*.py"))
DRAWINGS = sorted((rules.ROOT / "notebooks" / "figures").glob("*.mmd"))


def test_the_course_has_its_first_lessons():
    lessons = {path.name[:2] for path in NOTEBOOKS if rules.is_lesson(path)}
    assert {"00", "01", "02", "03", "04", "05", "06", "90"} <= lessons


@pytest.fixture(scope="module")
def broken():
    return rules.broken(NOTEBOOKS)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_notebook_keeps_the_rules(path, broken):
    found = [line for line in broken if line.startswith(f"{path}: ")]
    assert not found, "\n" + "\n".join(found)


def test_the_list_of_lessons_in_the_old_form_only_gets_shorter(monkeypatch):
    stated = rules.OLD_FORM
    monkeypatch.setattr(rules, "OLD_FORM", set())
    over = {path.name[:2] for path, *_ in rules.lessons_keep_their_budgets(NOTEBOOKS)}
    assert over == stated, "a lesson that keeps the budgets leaves OLD_FORM"
    assert {"01", "02", "03", "04", "05", "90"} >= stated


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_no_networks_in_the_package(module):
    file = module.relative_to(rules.ROOT / "contentgen").as_posix()
    assert not [*rules.networks_in_the_package(module.read_text(encoding="utf-8"), file)]


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda path: path.stem)
def test_a_drawn_diagram_is_the_lessons_own(drawing):
    """The mermaid source beside an SVG stands in its lesson too, the SVG has all its words, and the PNG
    that the lesson shows has its size."""

    def chart(text):
        lines = (re.sub(r"^%%.*", "", line.strip()).replace('"', "") for line in text.splitlines())
        return [line for line in lines if line]

    (lesson,) = (path for path in NOTEBOOKS if rules.is_lesson(path) and path.name[:2] == drawing.name[:2])
    prose = "\n".join(cell.source for cell in rules.markdown_cells(NOTEBOOKS[lesson]))
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
