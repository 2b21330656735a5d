"""What a lesson teaches and a later one imports: contentgen/taught/ holds the lessons' own code."""

import ast
import re

import contents
import course
import pytest
import taught

MODULES = course.ROOT / "contentgen" / "taught"
LESSONS = {path.name[:2]: (path, contents.read(path)) for path in course.lessons()}
NEEDS = contents.needs(LESSONS["00"][1])
IMPORT = re.compile(r"contentgen\.taught\.lesson_(\d\d)")


def taught_in(number):
    """Name → the cell of this lesson that teaches it."""
    cells = contents.code_cells(LESSONS[number][1])
    tagged = [cell for cell in cells if "taught" in contents.tags(cell)]
    return {name: cell for cell in tagged for name, *_ in contents.definitions(cell)}


def imports(notebook):
    """(cell, number, names) of each import from contentgen.taught."""
    for cell in contents.code_cells(notebook):
        for node in contents.tree(cell).body:
            if isinstance(node, ast.ImportFrom) and (found := IMPORT.fullmatch(node.module or "")):
                yield cell, found[1], [name.name for name in node.names]


def needed(number):
    """All lessons that must be read before this one, by the map of lesson 00."""
    return NEEDS[number].union(*map(needed, NEEDS[number]))


def test_the_modules_hold_the_lessons_own_code_to_the_letter():
    wanted = {f"lesson_{number}.py": taught.text(*lesson) for number, lesson in LESSONS.items()}
    wanted = {name: text for name, text in wanted.items() if text}
    assert {file.name: file.read_text("utf-8") for file in MODULES.glob("lesson_*.py")} == wanted


@pytest.mark.parametrize("number", LESSONS)
def test_what_a_lesson_imports_was_taught_in_one_that_it_needs_and_is_linked_above(number):
    path, notebook = LESSONS[number]
    for cell, source, names in imports(notebook):
        assert source in needed(number), f"{path.name} imports lesson {source}, which it does not need"
        above = notebook.cells[: notebook.cells.index(cell)]
        heads = [k for k, other in enumerate(above) if re.search("^## ", other.source, re.MULTILINE)]
        prose = "\n".join(c.source for c in above[heads[-1] :] if c.cell_type == "markdown")
        for name in names:
            link = f"({LESSONS[source][0].name}#cell-id={taught_in(source)[name].id})"
            assert link in prose, f"{path.name}, {cell.id}: no link {link} above the import of {name}"


@pytest.mark.parametrize("number", LESSONS)
def test_no_lesson_shows_again_what_one_that_it_needs_has_taught(number):
    known = set().union(*(taught_in(other) for other in needed(number)))
    cells = contents.code_cells(LESSONS[number][1])
    own = {name for cell in cells for name, *_ in contents.definitions(cell)}
    assert not own & known


def test_each_cell_that_is_tagged_is_used_by_a_later_lesson_or_by_another_such_cell():
    used = {name for _, notebook in LESSONS.values() for *_, names in imports(notebook) for name in names}
    for number in LESSONS:
        cells = {cell.id: cell.source for cell in taught_in(number).values()}
        for name, cell in taught_in(number).items():
            own = {other for other, where in taught_in(number).items() if where is cell}
            elsewhere = "\n".join(source for where, source in cells.items() if where != cell.id)
            assert own & used or own & set(re.findall(r"\w+", elsewhere)), f"{number}, {cell.id}: {name}"
