"""A study runs what is not there yet, survives a kill, and its table is loaded and drawn as it is."""

import csv
import signal
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
import study
import yaml

from contentgen import studies

ROOT = Path(__file__).resolve().parents[2]

LESSON = [
    "width: int = 4  # axes\nname: str = 'a'  # data\nseed: int = 0  # start",
    "from contentgen import studies\ntable = studies.load('01_width')",  # not there yet
    "print(table['width'])",
    "import os, signal\nfrom pathlib import Path\n"
    "with Path('../runs').open('a') as file: print(width, seed, file=file)\n"
    "if Path('../kill').exists() and (width, seed) == (4, 0):\n"
    "    Path('../kill').unlink()\n    os.kill(os.getppid(), signal.SIGKILL)\n    os._exit(1)",
    "from contentgen.claims import claim, measured\n"
    "assert width != 6\n"
    "measured('twice the width', 2 * width + seed / 10)\n"
    "claim('gain', -1.0 if width == 4 else float('nan'), at_least=0)",
]
STUDY = {
    "lesson": "01_lesson",
    "question": "How wide?",
    "fixed": {"name": "b"},
    "vary": {"width": [2, 4]},
    "seeds": [0],
    "keep": ["twice the width", "gain"],
}


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course of one lesson and one study of two runs."""
    cells = [nbformat.v4.new_code_cell(source) for source in LESSON]
    cells[0].metadata.tags = ["parameters"]
    cells[1].metadata.tags = cells[2].metadata.tags = ["study"]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    (tmp_path / "notebooks").mkdir()
    nbformat.write(notebook, tmp_path / "notebooks" / "01_lesson.ipynb")
    monkeypatch.setattr(study, "ROOT", tmp_path)
    describe(tmp_path, STUDY)
    return tmp_path


def describe(course, wanted):
    (course / "notebooks" / "studies.yaml").write_text(yaml.safe_dump({"01_width": wanted}))


def rows(course):
    with (course / "data" / "studies" / "01_width.csv").open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def runs(course):
    return (course / "runs").read_text().split("\n")[:-1]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_a_study_goes_on_after_a_kill_and_skips_what_is_there(course, monkeypatch):
    (course / "kill").touch()
    code = f"import pathlib, study; study.ROOT = pathlib.Path({str(course)!r}); study.main(['01'])"
    command = [sys.executable, "-c", code]  # which looks for modules where it runs
    killed = subprocess.run(command, cwd=ROOT / "tools", capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert [row["width"] for row in rows(course)] == ["2"]
    assert study.main(["01"]) == 0
    assert runs(course) == ["2 0", "4 0", "4 0"]  # the killed one was done again
    table = rows(course)
    assert [row["twice the width"] for row in table] == ["4.0", "8.0"]
    assert [row["gain"] for row in table] == ["", "-1.0"]  # broken claims, NaN
    assert {row["name"] for row in table} == {"b"}
    assert all(row["seconds"] and row["tensorflow"].startswith("2.") for row in table)
    assert study.main(["01"]) == 0 and len(runs(course)) == 3
    card = (course / "data" / "studies" / "01_width.md").read_text(encoding="utf-8")
    assert card == study.card_text("01_width", STUDY, table) and "How wide?" in card
    stated = (course / "data" / "checksums.txt").read_text()
    assert stated.endswith("  studies/01_width.csv\n")
    # And the package loads it.
    monkeypatch.setattr(studies, "shipped", lambda name: course / "data" / name)
    loaded = studies.load("01_width")
    np.testing.assert_array_equal(loaded["width"], [2, 4])
    np.testing.assert_array_equal(loaded["gain"], [np.nan, -1])
    assert loaded["name"].tolist() == ["b"] * 2
    with pytest.raises(ValueError, match="read-only"):
        loaded["width"][0] = 1
    # Or some of its runs.
    some = studies.load("01_width", width=4, name="b")
    assert some["width"].tolist() == [4] and some["gain"].tolist() == [-1] and some["name"].tolist() == ["b"]
    with pytest.raises(TypeError):
        loaded["width"] = 1


def test_the_card_has_the_mean_and_the_range_over_the_seeds():
    about = dict.fromkeys(study.ABOUT, "1")
    seeds = [
        {"name": "b", "width": 4, "seed": seed, "twice the width": 8 + seed, "gain": "", **about}
        for seed in range(2)
    ]
    card = study.card_text("01_width", STUDY, seeds)
    assert "| 4 | 8.5 (8 to 9) | NaN (NaN to NaN) | 1 (1 to 1) | 2 |" in card
    just_run = [{**row, "twice the width": 0.0, "gain": None} for row in seeds]  # numbers, not yet a file
    assert "| 4 | 0 (0 to 0) | NaN (NaN to NaN) |" in study.card_text("01_width", STUDY, just_run)
    assert "run from beginning to end 2 times" in card and "`name` = b" in card


def test_a_list_of_changes_is_run_one_by_one_from_the_fixed_values(course):
    changes = [{}, {"width": 8}, {"name": "c"}, {"width": 8, "name": "c"}]
    describe(course, {**STUDY, "fixed": {"name": "b", "width": 2}, "vary": changes, "seeds": [0, 1]})
    assert study.main(["01"]) == 0
    asked = [("b", "2"), ("b", "8"), ("c", "2"), ("c", "8")]
    done = [(row["name"], row["width"], row["seed"]) for row in rows(course)]
    assert done == [(*setting, seed) for setting in asked for seed in "01"]


def test_a_study_may_end_at_a_cell_and_says_so_in_its_card(course):
    path = course / "notebooks" / "01_lesson.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[-1].id = "measured"
    notebook.cells.append(nbformat.v4.new_code_cell("1 / 0"))
    nbformat.write(notebook, path)
    describe(course, {**STUDY, "until": "measured"})
    assert study.main(["01"]) == 0
    card = (course / "data" / "studies" / "01_width.md").read_text(encoding="utf-8")
    assert "run from beginning to its cell `measured` 2 times" in card


def test_a_study_may_leave_out_cells_and_says_so_in_its_card(course):
    path = course / "notebooks" / "01_lesson.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.insert(1, nbformat.v4.new_code_cell("1 / 0", id="show"))
    nbformat.write(notebook, path)
    describe(course, {**STUDY, "without": ["show"]})
    assert study.main(["01"]) == 0
    card = (course / "data" / "studies" / "01_width.md").read_text(encoding="utf-8")
    assert "run from beginning to end (without what trains for show) 2 times" in card


def test_a_summary_names_each_setting_after_what_differs_from_the_lessons():
    table = {
        "width": np.array([2.0, 2, 8000, 8000]),
        "name": np.array(["b", "b", "b", "c"]),
        "seed": np.array([0.0, 1, 0, 0]),
        "gain": np.array([1.0, 2.0, -0.5, 0.25]),
    }
    shown = studies.summary(table, {"width": 2, "name": "b"}, {"gain": "gain, nats"}).data
    assert shown.splitlines() == [
        "| changed | gain, nats |",
        "|---|---|",
        "| as in this lesson | 1.5 (1 to 2) |",
        "| width 8,000 | −0.5 (−0.5 to −0.5) |",
        "| width 8,000, name c | 0.25 (0.25 to 0.25) |",
    ]
    alone = studies.summary(table, {"name": ""}, {"gain": "gain, nats"}).data.splitlines()
    assert [line.split(" | ")[0] for line in alone] == ["| name", "|---|---|", "| b", "| c"]


def test_a_summary_knows_the_lessons_own_setting_whatever_its_kind():
    table = {
        "flag": np.array(["True", "False"]),
        "limit": np.array([np.nan, 3]),
        "seed": np.array([0.0, 0]),
        "gain": np.array([1.0, 2.0]),
    }
    for base in ({"flag": True}, {"limit": None}):
        shown = studies.summary(table, base, {"gain": "gain"}).data
        assert shown.splitlines()[2].startswith("| as in this lesson | 1 ")
        assert shown.count("as in this lesson") == 1


def test_studies_stand_side_by_side():
    tables = {"one": {"gain": np.array([1.0, 3.0])}, "other": {"gain": np.array([0.5])}}
    assert studies.side_by_side(tables, {"gain": "gain, nats"}).data.splitlines() == [
        "|  | gain, nats |",
        "|---|---|",
        "| one | 2 (1 to 3) |",
        "| other | 0.5 (0.5 to 0.5) |",
    ]


def test_the_spread_leaves_out_what_is_not_finite():
    assert studies.spread([1.0, float("nan"), 3.0, float("inf")]) == "2 (1 to 3)"
    assert studies.spread([]) == "NaN (NaN to NaN)"


def test_a_run_that_fails_does_not_stop_the_others(course, capsys):
    describe(course, {**STUDY, "vary": {"width": [6, 2]}})
    assert study.main(["01"]) == 1
    assert "'width': 6" in capsys.readouterr().err
    assert [row["width"] for row in rows(course)] == ["2"]


def test_a_kernel_that_dies_costs_one_run_and_not_the_study(course, capsys):
    path = course / "notebooks" / "01_lesson.ipynb"
    notebook = nbformat.read(path, as_version=4)
    dies = "import os\nif width == 4:\n    os._exit(1)"
    notebook.cells.insert(1, nbformat.v4.new_code_cell(dies, id="dies"))
    nbformat.write(notebook, path)
    describe(course, {**STUDY, "vary": {"width": [4, 2]}})
    assert study.main(["01"]) == 1
    assert "'width': 4, 'seed': 0} failed: Kernel died" in capsys.readouterr().err
    assert [row["width"] for row in rows(course)] == ["2"]


def test_an_empty_setting_is_run_once_and_found_again(course, monkeypatch):
    describe(course, {**STUDY, "fixed": {"width": 2}, "vary": {"name": [None, "b"]}})
    for _ in range(2):
        assert study.main(["01"]) == 0
    assert [row["name"] for row in rows(course)] == ["", "b"] and len(runs(course)) == 2
    monkeypatch.setattr(studies, "shipped", lambda name: course / "data" / name)
    assert studies.load("01_width", name=None)["width"].tolist() == [2]


def test_the_number_1_is_lesson_01_alone(course, capsys):
    for number, status in (("10", 1), ("0", 1), ("", 1), ("1", 0), ("01", 0)):
        assert study.main([number]) == status
    assert "There is no study of lesson '10'; known are 01_width." in capsys.readouterr().err


@pytest.fixture
def table(monkeypatch, tmp_path):
    """A study of three runs with settings of every kind."""
    path = tmp_path / "studies" / "01_all.csv"
    path.parent.mkdir()
    rows = ["flag,rate,size,word,top,seed", "True,0.001,4,a,,0", "False,0.001,4,8,3,1", "False,1e-05,8,8,3,2"]
    path.write_text("\n".join(rows))
    monkeypatch.setattr(studies, "shipped", lambda name: tmp_path / name)


@pytest.mark.parametrize(
    ("only", "seeds"),
    [
        ({"flag": False}, [1, 2]),
        ({"flag": True}, [0]),
        ({"flag": "True"}, [0]),
        ({"rate": 0.001}, [0, 1]),
        ({"rate": 0.00001}, [2]),
        ({"size": 8}, [2]),
        ({"size": 8.0}, [2]),
        ({"size": np.int64(8)}, [2]),
        ({"word": "8"}, [1, 2]),
        ({"word": 8}, [1, 2]),
        ({"word": "a"}, [0]),
        ({"top": None}, [0]),
        ({"top": 3, "size": 4}, [1]),
        ({}, [0, 1, 2]),
    ],
)
def test_a_setting_is_found_whatever_its_kind(table, only, seeds):
    assert studies.load("01_all", **only)["seed"].tolist() == seeds


@pytest.mark.parametrize(
    ("only", "sentence"),
    [
        ({"size": 5}, "The study 01_all has no size 5; it has 4, 8."),
        ({"seed": True}, "The study 01_all has no seed True; it has 0, 1, 2."),
        ({"sise": 4}, "The study 01_all has no column 'sise'; it has flag, rate, size, word, top, seed."),
    ],
)
def test_a_setting_that_no_run_has_is_told_with_those_that_there_are(table, only, sentence):
    with pytest.raises(ValueError) as raised:
        studies.load("01_all", **only)
    assert str(raised.value) == sentence


@pytest.mark.parametrize(
    ("change", "arguments", "sentence"),
    [
        ({"vary": {"widht": [2]}}, ["01"], r"sets ['widht'], which 01_lesson does not have"),
        ({"until": "far"}, ["01"], "01_width runs until the cell 'far', which 01_lesson does not have."),
        ({"without": ["far"]}, ["01"], "01_width leaves out ['far'], which 01_lesson does not have."),
        ({"vary": [{"width": 2}]}, ["01"], "01_width changes ['width'] one by one; give them a value in"),
        ({"keep": ["speed"]}, ["01"], "01_lesson states no ['speed']; it states"),
        ({}, ["07"], "There is no study of lesson '07'; known are 01_width."),
        ({}, ["01", "--only", "x"], "There is no study 'x'; known are 01_width."),
    ],
)
def test_a_study_that_cannot_be_says_why(course, capsys, change, arguments, sentence):
    describe(course, {**STUDY, **change})
    assert study.main(arguments) == 1
    err = capsys.readouterr().err
    assert sentence in err and "Traceback" not in err
    assert not (course / "data").exists()


def test_a_table_of_other_columns_is_not_mixed_with_the_new(course, capsys):
    path = course / "data" / "studies" / "01_width.csv"
    path.parent.mkdir(parents=True)
    path.write_text("width,seed\n2,0\n")
    assert study.main(["01"]) == 1
    assert "has the columns width, seed, and the study now has" in capsys.readouterr().err
    assert path.read_text() == "width,seed\n2,0\n"


@pytest.mark.parametrize("path", sorted((ROOT / "data" / "studies").glob("*.csv")), ids=lambda p: p.stem)
def test_a_shipped_study_is_whole_and_its_card_is_current(path):
    described = yaml.safe_load((ROOT / "notebooks" / "studies.yaml").read_text(encoding="utf-8"))
    wanted, table = described[path.stem], study.read_rows(path)
    asked = [tuple(map(studies.as_text, setting.values())) for setting in study.settings(wanted)]
    keys = list(study.settings(wanted)[0])
    assert sorted(tuple(row[key] for key in keys) for row in table) == sorted(asked)
    card = path.with_suffix(".md").read_text(encoding="utf-8")
    assert card == study.card_text(path.stem, wanted, table)
