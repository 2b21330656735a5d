"""Lesson 90, the clinic: every row of the errata is there, shown to fail and shown to be mended."""

import copy
import re

import contents
import numpy as np
import pytest
from lesson_code import NOTEBOOKS, Lesson

ROWS = range(1, 32)
NOTEBOOK = contents.read(NOTEBOOKS / "90_article_errata.ipynb")
PARTS = ("*Claim.*", "*Why it fails.*", "*Mended.*")


def row_faults(notebook, row):
    """What is missing for this row, as sentences; and the headings of the cell that treats it."""
    marker = rf"^\*\*Row {row}\.\*\*$(.*?)(?=^\*\*Row |^#|\Z)"
    for cell, below in zip(notebook.cells, notebook.cells[1:], strict=False):
        if cell.cell_type == "markdown" and (found := re.search(marker, cell.source, re.S | re.M)):
            faults = [f"no {part}" for part in PARTS if part not in found[1]]
            lines = contents.printed(below).splitlines() if below.cell_type == "code" else []
            seen = {line[0] for line in lines if f" row {row}: " in line[:12]}
            visits = re.findall(r"^### Visit (\d+) · (Rows? .*?):", cell.source, re.MULTILINE)
            return faults + [f"no line {mark}" for mark in sorted({"✗", "✓"} - seen)], visits
    return ["no marker"], []


def table(notebook):
    """Row → (visit, how it fails), from the table at the top."""
    text = "\n".join(cell.source for cell in contents.markdown_cells(notebook))
    rows = re.findall(r"^\| (\d+) \|[^|]*\|[^|]*\| (\d+) \| (\w+) \|$", text, re.MULTILINE)
    return {int(row): (visit, how) for row, visit, how in rows}


@pytest.mark.parametrize("row", ROWS)
def test_each_row_is_told_fails_and_is_mended_where_the_table_says(row):
    faults, visits = row_faults(NOTEBOOK, row)
    assert not faults
    assert table(NOTEBOOK)[row][0] in {v for v, names in visits if str(row) in re.findall(r"\d+", names)}


def test_the_table_says_what_the_run_found():
    tally = contents.printed(next(cell for cell in NOTEBOOK.cells if cell.id == "tally"))
    lines = re.findall(r"^(\w+) \(\d+\): (.*)$", tally, re.MULTILINE)
    found = {int(row): how for how, rows in lines for row in rows.split()}
    assert found == {row: how for row, (_, how) in table(NOTEBOOK).items()}
    assert sorted(found) == list(ROWS)


def test_a_row_without_its_line_its_reason_or_its_marker_is_found():
    broken = copy.deepcopy(NOTEBOOK)
    for cell in broken.cells:
        cell.source = cell.source.replace("*Why it fails.*", "").replace("**Row 19.**", "")
        for output in cell.get("outputs", []):
            output.text = str(output.get("text", "")).replace("✗ row 7:", "")
    assert row_faults(broken, 7)[0] == ["no *Why it fails.*", "no line ✗"]
    assert row_faults(broken, 19)[0] == ["no marker"]


def test_the_instruments_say_what_was_not_seen(capsys):
    """A reproduction that does not fail, or a mended form that does not work, counts for nothing."""
    lesson = Lesson("90_article_errata")
    lesson.update(chart={}, mended=set())
    stops, misleads, works = (lesson[name] for name in ("stops", "misleads", "works"))
    stops(3, "nothing is wrong", lambda: None)
    misleads(4, "a loss below 0", False)
    works(5, "a number", False)
    assert (lesson["chart"], lesson["mended"]) == ({}, set())
    assert capsys.readouterr().out == (
        "? not seen, row 3: no error: nothing is wrong\n"
        "? not seen, row 4: a loss below 0\n"
        "? not seen, row 5: a number\n"
    )
    stops(3, "no zero below", lambda: 1 / 0)
    works(3, "a number below", True)
    assert lesson["chart"] == {3: "stops"}
    assert lesson["mended"] == {3}
    out = capsys.readouterr().out
    assert out == "✗ row 3: ZeroDivisionError: no zero below\n✓ row 3: a number below\n"


def article_d_loss(real_logits, fake_logits):  # row 3
    return np.logaddexp(0, -real_logits).mean() + np.logaddexp(0, -fake_logits).mean()


def d_loss_of_probabilities(real_logits, fake_logits):  # the sigmoid is rounded to 0 or 1
    d_real, d_fake = 1 / (1 + np.exp(-real_logits)), 1 / (1 + np.exp(-fake_logits))
    return -np.log(d_real).mean() - np.log(1 - d_fake).mean()


def mean_of_both(real_logits, fake_logits):  # one mean over real and fake halves the loss
    return np.logaddexp(0, np.concatenate([-real_logits, fake_logits])).mean()


def continued(move, result):
    """An answer to 90.3: how the window moves, and what is returned of the prompt and the window."""

    def answer(prompt, predict, steps, size):
        window = prompt[-size:]
        for _ in range(steps):
            window = move(window, predict, size)
        return result(prompt, window)

    return answer


# Answers that a learner might well give; each must be refused.
WRONG = {
    "90.1": [(2, 2, 2, 2), (2, 2, 2), 8, (2, 2, 2, 0.5), (4, 4, 1, 1), "2221"],
    "90.2": [
        article_d_loss,
        mean_of_both,
        d_loss_of_probabilities,
        lambda real, fake: article_d_loss(fake, -real),
    ],
    "90.3": [
        continued(lambda window, predict, size: predict(window) + window[1:], "{0}{1}".format),  # row 14
        continued(lambda window, predict, size: window[1:] + predict(window), "{1}".format),
        continued(lambda window, predict, size: window + predict(window), "{0}{1}".format),
        continued(lambda window, predict, size: window + predict(window[-size:]), "{1}".format),
    ],
}
