"""A claim prints the same line on every machine, fails when false, and is collected with its value."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import nbclient
import nbformat
import pytest

from contentgen import claims
from contentgen.claims import END, START, claim

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def shown(monkeypatch):
    """What `claim` displays, as (line, metadata)."""
    outputs = []
    monkeypatch.setattr(
        claims,
        "display",
        lambda data, raw, metadata: outputs.append((data["text/plain"], metadata["claim"])),
    )
    return outputs


@pytest.mark.parametrize(
    ("value", "bound", "line"),
    [
        (-100.25, dict(at_least=-120, unit="nats"), "✓ test ≥ −120 nats"),
        (0.5, dict(at_most=0.75), "✓ test ≤ 0.75"),
        (97, dict(at_least=95.0, unit="%"), "✓ test ≥ 95 %"),
        (3, dict(at_least=3), "✓ test ≥ 3"),
        (3, dict(at_most=3), "✓ test ≤ 3"),
        (1e-9, dict(at_most=1e-6), "✓ test ≤ 1e−06"),
        (0.0, dict(at_least=-0.001), "✓ test ≥ −0.001"),
    ],
)
def test_the_line_states_the_bound(shown, value, bound, line):
    claim("test", value, **bound)
    assert shown[0][0] == line


def test_the_line_is_the_same_for_two_values_and_the_metadata_is_not(shown):
    claim("ELBO", -100.0, at_least=-120, unit="nats")
    claim("ELBO", -90.0, at_least=-120, unit="nats")
    (line_1, facts_1), (line_2, facts_2) = shown
    assert line_1 == line_2 and facts_1 != facts_2


def test_the_metadata_keeps_small_values(shown):
    claim("error", 1.23456789e-9, at_most=1e-6)
    assert shown[0][1]["value"] == pytest.approx(1.23456789e-9, rel=1e-5)


@pytest.mark.parametrize(
    ("value", "bound"),
    [
        (-130.5, dict(at_least=-120)),
        (130.5, dict(at_most=120)),
        (math.nan, dict(at_least=0)),
        (math.nan, dict(at_most=0)),
        (math.inf, dict(at_least=0)),
        (-math.inf, dict(at_most=0)),
    ],
)
def test_a_false_claim_raises_with_what_was_measured(shown, value, bound):
    with pytest.raises(AssertionError, match=r"does not hold: measured") as raised:
        claim("test", value, **bound, unit="nats")
    assert f"{value:.6g} nats" in str(raised.value)
    assert shown == []


@pytest.mark.parametrize("bound", [{}, dict(at_least=0, at_most=1)])
def test_a_claim_has_exactly_one_bound(bound):
    with pytest.raises(ValueError, match="'test' needs exactly one of at_least and at_most"):
        claim("test", 0.5, **bound)


@pytest.mark.parametrize("bound", [dict(at_most=math.inf), dict(at_least=math.nan)])
def test_a_claim_that_cannot_fail_is_refused(bound):
    with pytest.raises(ValueError, match="expected a finite number"):
        claim("test", 0.5, **bound)


@pytest.fixture(scope="module")
def lessons(tmp_path_factory):
    """A folder with a notebook that really ran, one without claims, and its worked answers."""
    folder = tmp_path_factory.mktemp("notebooks")
    code = [
        "import numpy as np\nfrom contentgen.claims import claim",
        "print('before')\n"
        "claim('ELBO, log p(x|z)', np.float32(-104.5), at_least=np.float32(-120), unit='nats')",
        "claim('blur', 0.25, at_most=1)",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in code])
    notebook.cells.append(nbformat.v4.new_markdown_cell("No outputs here."))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT), prepend=os.pathsep)
        nbclient.NotebookClient(notebook, kernel_name="python3", timeout=60).execute()
    nbformat.write(notebook, folder / "06_vae.ipynb")
    empty = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")])
    nbformat.write(empty, folder / "01_empty.ipynb")
    (folder / "solutions").mkdir()
    nbformat.write(notebook, folder / "solutions" / "06_vae.ipynb")
    return folder


FACTS = [
    {"name": "ELBO, log p(x|z)", "value": -104.5, "at_least": -120, "unit": "nats"},
    {"name": "blur", "value": 0.25, "at_most": 1, "unit": ""},
]
TABLE = r"""| lesson | claim | bound | measured |
|---|---|---|---|
| 06_vae | ELBO, log p(x\|z) | ≥ −120 nats | −104.5 nats |
| 06_vae | blur | ≤ 1 | 0.25 |"""


def test_a_notebook_that_ran_stores_the_claim_in_the_outputs_metadata(lessons):
    cells = json.loads((lessons / "06_vae.ipynb").read_text(encoding="utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    stored = [output for output in outputs if output["output_type"] == "display_data"]
    assert [output["metadata"] for output in stored] == [{"claim": facts} for facts in FACTS]
    assert stored[0]["data"] == {"text/plain": ["✓ ELBO, log p(x|z) ≥ −120 nats"]}


def test_claims_are_collected_into_one_table(lessons):
    found = claims.collect(lessons)
    assert found == [{"lesson": "06_vae", **facts} for facts in FACTS]
    assert claims.table(found) == TABLE


def test_a_file_that_is_no_notebook_is_named(tmp_path):
    for text in ("{", "[]", "{}"):
        (tmp_path / "03_torn.ipynb").write_text(text)
        with pytest.raises(ValueError, match=r"03_torn.ipynb is not a notebook"):
            claims.collect(tmp_path)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_writing_keeps_the_rest_of_the_file_byte_for_byte(tmp_path, end):
    before, after = f"# Ünïcode{end}{end}", f"{end}last line, no end"
    file = tmp_path / "README.md"
    file.write_bytes(f"{before}{START}{end}old table{end}{END}{after}".encode())
    for text in ("| one |", "| two |"):
        claims.write_table(text, file)
        assert file.read_bytes() == f"{before}{START}\n{text}\n{END}{after}".encode()
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    "text", ["no marks", START, END, f"{START}{START}{END}", f"{END} the wrong way {START}"]
)
def test_a_file_without_marks_is_refused_and_left_whole(tmp_path, text):
    file = tmp_path / "README.md"
    file.write_text(text)
    with pytest.raises(ValueError, match=r"README.md needs one line"):
        claims.write_table("table", file)
    assert file.read_text() == text and list(tmp_path.iterdir()) == [file]


def test_a_write_that_fails_leaves_the_file_whole(tmp_path, monkeypatch):
    file = tmp_path / "README.md"
    file.write_text(f"{START}\n{END}")

    def torn(path, data):
        with path.open("wb") as stream:
            stream.write(data[:5])
        raise OSError("no space left")

    monkeypatch.setattr(Path, "write_bytes", torn)
    with pytest.raises(OSError, match="no space"):
        claims.write_table("table", file)
    assert file.read_text() == f"{START}\n{END}"


def test_the_command_prints_the_table_or_writes_it(lessons, tmp_path, capsys):
    assert claims.main([str(lessons)]) == 0
    assert capsys.readouterr().out == TABLE + "\n"
    file = tmp_path / "README.md"
    file.write_text(f"{START}\n{END}\n")
    assert claims.main([str(lessons), "--write", str(file)]) == 0
    assert file.read_text(encoding="utf-8") == f"{START}\n{TABLE}\n{END}\n"
    assert capsys.readouterr() == ("", "")


def test_the_command_says_in_one_line_what_is_wrong(lessons, tmp_path, capsys):
    file = tmp_path / "README.md"
    file.write_text("no marks")
    wrong = {
        "There is no folder": [str(tmp_path / "nowhere")],
        "needs one line": [str(lessons), "--write", str(file)],
        "No such file": [str(lessons), "--write", str(tmp_path / "nothing.md")],
    }
    for sentence, arguments in wrong.items():
        assert claims.main(arguments) == 2
        out, err = capsys.readouterr()
        assert out == "" and sentence in err and err.count("\n") == 1


def test_the_module_is_a_command(tmp_path):
    command = [sys.executable, "-m", "contentgen.claims", tmp_path / "nowhere"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2 and done.stderr.startswith("There is no folder")


def test_the_readme_shows_what_the_stored_notebooks_claim():
    root = Path(__file__).resolve().parent.parent
    readme = (root / "README.md").read_text(encoding="utf-8")
    shown = readme.split(START)[1].split(END)[0].strip()
    assert shown == claims.table(claims.collect(root / "notebooks")), "`make run` renews the table"
    assert "held-out ELBO" in shown
