"""Lesson 90, the clinic: every row of the errata is there, shown to fail and shown to be mended."""

import copy
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))

import rules
from lesson_code import NOTEBOOKS, definitions

ROWS = range(1, 32)
NOTEBOOK = rules.read(NOTEBOOKS / "90_article_errata.ipynb")
PARTS = ("*Claim.*", "*Why it fails.*", "*Mended.*")


def row_text(notebook, row):
    """The cell that treats the row, its text from its marker to the next, and the code cell below."""
    for cell, below in zip(notebook.cells, notebook.cells[1:], strict=False):
        found = re.search(
            rf"^\*\*Row {row}\.\*\*$(.*?)(?=^\*\*Row |^#|\Z)", cell.source, re.S | re.M
        )
        if cell.cell_type == "markdown" and found:
            return cell, found[1], below
    return None, "", None


def row_faults(notebook, row):
    """What is missing for this row, as sentences."""
    _, text, below = row_text(notebook, row)
    if not text:
        return [f"no Markdown cell has a line **Row {row}.**"]
    found = [f"row {row}: no {part}" for part in PARTS if part not in text]
    if below.cell_type != "code":
        return [*found, f"row {row}: no code cell below"]
    lines = rules.printed(below).splitlines()
    for mark in "✗✓":
        if not any(line.startswith(f"{mark} row {row}: ") for line in lines):
            found.append(f"row {row}: the cell {below.id} prints no line {mark}")
    return found


def table(notebook):
    """Row → (visit, how it fails), from the table at the top."""
    text = "\n".join(cell.source for cell in rules.markdown_cells(notebook))
    rows = re.findall(r"^\| (\d+) \|[^|]*\|[^|]*\| (\d+) \| (\w+) \|$", text, re.MULTILINE)
    return {int(row): (visit, how) for row, visit, how in rows}


@pytest.mark.parametrize("row", ROWS)
def test_each_row_is_told_fails_and_is_mended(row):
    assert not row_faults(NOTEBOOK, row)


@pytest.mark.parametrize("row", ROWS)
def test_the_table_names_the_visit_where_the_row_is_seen(row):
    cell, *_ = row_text(NOTEBOOK, row)
    heading = re.findall(r"^### Visit (\d+) · (Rows? .*?):", cell.source, re.MULTILINE)
    rows = {int(n) for _, names in heading for n in re.findall(r"\d+", names)}
    assert row in rows
    assert table(NOTEBOOK)[row][0] in {visit for visit, _ in heading}


def test_the_table_says_what_the_run_found():
    tally = rules.printed(next(cell for cell in NOTEBOOK.cells if cell.id == "tally"))
    found = {
        int(row): how
        for how, rows in re.findall(r"^(\w+) \(\d+\): (.*)$", tally, re.MULTILINE)
        for row in rows.split()
    }
    assert found == {row: how for row, (_, how) in table(NOTEBOOK).items()}
    assert sorted(found) == list(ROWS)


@pytest.mark.parametrize("mark", "✗✓")
def test_a_row_without_its_line_is_found(mark):
    broken = copy.deepcopy(NOTEBOOK)
    _, _, below = row_text(broken, 7)
    for output in below.outputs:
        output.text = output.text.replace(f"{mark} row 7:", f"{mark} row 77:")
    assert row_faults(broken, 7) == [f"row 7: the cell vae-loss prints no line {mark}"]


def test_a_row_without_its_marker_or_its_reason_is_found():
    broken = copy.deepcopy(NOTEBOOK)
    cell, *_ = row_text(broken, 19)
    cell.source = cell.source.replace("*Why it fails.*", "")
    assert row_faults(broken, 19) == ["row 19: no *Why it fails.*"]
    cell.source = cell.source.replace("**Row 19.**", "")
    assert row_faults(broken, 19) == ["no Markdown cell has a line **Row 19.**"]


def test_the_instruments_refuse_what_was_not_seen(capsys):
    """A reproduction that does not fail, or a mended form that does not work, stops the lesson."""
    lesson = definitions("90_article_errata")
    lesson.update(
        chart={}, mended=set()
    )  # the cell's two assignments, which `definitions` leaves out
    stops, misleads, works = (lesson[name] for name in ("stops", "misleads", "works"))
    with pytest.raises(AssertionError, match="row 3 was expected to raise"):
        stops(3, "nothing is wrong", lambda: None)
    with pytest.raises(AssertionError, match="row 4, not seen"):
        misleads(4, "a loss below 0", False)
    with pytest.raises(AssertionError, match="row 5, not seen"):
        works(5, "a number", False)
    assert (lesson["chart"], lesson["mended"], capsys.readouterr().out) == ({}, set(), "")
    stops(3, "no zero below", lambda: 1 / 0)
    works(3, "a number below", True)
    assert lesson["chart"] == {3: "stops"}
    assert lesson["mended"] == {3}
    out = capsys.readouterr().out
    assert out == "✗ row 3: ZeroDivisionError: no zero below\n✓ row 3: a number below\n"
