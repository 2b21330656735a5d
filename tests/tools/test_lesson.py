"""tools/lesson.py: paths that were typed on the command line, for a lesson that runs elsewhere."""

import os
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import course
import lesson
import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        (["folder:d/three"], ["folder:{here}/d/three"]),
        (["folder:my pictures/x"], ["folder:{here}/my pictures/x"]),
        (["file:../a.txt"], ["file:{above}/a.txt"]),
        (["folder:{here}/d"], ["folder:{here}/d"]),
        (["folder:~/d"], ["folder:{home}/d"]),
        (["save_to", "out", "seed", "1"], ["save_to", "{here}/out", "seed", "1"]),
        (["save_to", ""], ["save_to", ""]),
        (["save_to", "~/nets"], ["save_to", "{home}/nets"]),
        (["save_to", "~nobody's"], ["save_to", "{here}/~nobody's"]),
        (["-p", "dataset", "digits", "-p", "beta", "2"], ["-p", "dataset", "digits", "-p", "beta", "2"]),
        (["folder:", "notebooks/06.ipynb"], ["folder:", "notebooks/06.ipynb"]),
    ],
)
def test_paths_that_were_typed_are_absolute(typed, wanted, tmp_path, monkeypatch):
    here = tmp_path.resolve() / "course"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "me"))
    places = {"here": here, "above": here.parent, "home": (tmp_path / "me").resolve()}
    typed, wanted = ([part.format(**places) for part in parts] for parts in (typed, wanted))
    kinds = [part.split(":", 1) for part in wanted]
    assert [part.split(":", 1) for part in lesson.absolute(typed)] == kinds


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """What papermill would have been called with, for a course of two lessons."""
    calls = []
    for name, source in {"01_one": "seed = 0\nn_samples = 5  # a comment", "02_two": "seed = 0"}.items():
        cell = nbformat.v4.new_code_cell(source, metadata={"tags": ["parameters"]})
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        path = tmp_path / "notebooks" / f"{name}.ipynb"
        path.parent.mkdir(exist_ok=True)
        nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel}), path)
        (path.parent / f"{name}-Copy1.ipynb").write_text("a copy")
    (tmp_path / "notebooks" / "full.yaml").write_text("02_two: {seed: 7}")
    (tmp_path / "values.yaml").write_text("n_sample: 3")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(course, "ROOT", tmp_path)
    monkeypatch.setattr(lesson, "BUILD", tmp_path / "build")
    monkeypatch.setattr(course.lessons, "__defaults__", (tmp_path,))
    monkeypatch.setattr(course.find, "__defaults__", (tmp_path,))
    monkeypatch.setattr(lesson.command_line, "main", lambda command, **_: calls.append(command))
    monkeypatch.setattr(lesson.portable, "main", list)
    return calls


B64 = b64encode(b"n_sample: 3").decode()


@pytest.mark.parametrize(
    "arguments",
    [
        ["-p", "n_sample", "3"],
        ["--parameters", "seed", "1", "-p", "n_sample", "3"],
        ["-r", "n_sample", "3"],
        ["-y", "{n_sample: 3}"],
        ["-f", "values.yaml"],
        ["-b", B64],
    ],
)
def test_a_parameter_that_the_lesson_does_not_have_stops_before_the_run(runs, arguments):
    for which in (["01"], ["--full", "02"]):
        with pytest.raises(lesson.NoRun, match=r"^0\d_\w+ has no parameter n_sample; nothing was run\. Its"):
            lesson.main([*which, *arguments])
    with pytest.raises(lesson.NoRun, match="No lesson has a parameter n_sample; nothing was run"):
        lesson.main(["--all", *arguments])
    assert runs == []


@pytest.mark.parametrize(
    "arguments", [["-y", "[1"], ["-y", "[1]"], ["-y", "text"], ["-f", "none.yaml"], ["-b", "abc"]]
)
def test_parameters_that_cannot_be_read_are_told_in_one_line(runs, arguments):
    with pytest.raises(lesson.NoRun, match=r"^The parameters cannot be read \([^\n]+\); nothing was run\.$"):
        lesson.main(["01", *arguments])
    assert runs == []


@pytest.mark.parametrize("arguments", [["seed=3"], ["-p", "seed"], ["--sed", "3"]])
def test_what_papermill_does_not_understand_is_told_in_one_line(arguments):
    command = [sys.executable, "tools/lesson.py", "00", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stdout == "" and done.stderr.count("\n") == 1
    assert done.stderr.endswith("Parameters are typed as in: -p seed 3\n")


@pytest.mark.parametrize("asked", ["--help", "--version", "--help-notebook"])
def test_help_is_no_failure(asked):
    command = [sys.executable, "tools/lesson.py", "00", asked]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout and "Traceback" not in done.stderr and "Failed" not in done.stderr


def test_a_parameter_that_there_is_reaches_papermill(runs, tmp_path):
    assert lesson.main(["1", "-p", "n_samples", "3"]) == 0
    assert lesson.main(["--full", "02", "-p", "seed", "8"]) == 0
    one, two = (str(tmp_path / "notebooks" / f"{name}.ipynb") for name in ("01_one", "02_two"))
    assert runs[0][0] == one and runs[0][-3:] == ["-p", "n_samples", "3"]
    assert runs[1][0] == two and runs[1][-5:] == ["--parameters_yaml", '{"seed": 7}', "-p", "seed", "8"]
    assert lesson.main(["--all", "-p", "n_samples", "3"]) == 0  # one of them has it
    assert [command[0] for command in runs[2:]] == [one, two]
    with pytest.raises(lesson.NoRun, match="01_one has no long training"):
        lesson.main(["--full", "01"])


def test_a_lesson_runs_without_a_word_of_warning():
    """And two more words of papermill than usual would be its default value, run in silence."""
    command = [sys.executable, "tools/lesson.py", "00", "-p", "n_samples", "3", "--no-progress-bar"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "WARN" not in done.stderr and "encryption" not in done.stderr, done.stderr


def test_make_runs_lessons_so():
    """What make would do, without doing it."""
    plain = {name: value for name, value in os.environ.items() if name != "MAKEFLAGS"}
    for target, wanted in {"lesson": '"00"', "full": '--full "00"', "course": "--all"}.items():
        command = ["make", "-n", target, "N=00", "ARGS=-p seed 2", f"PYTHON={sys.executable}"]
        made = subprocess.run(command, cwd=ROOT, env=plain, capture_output=True, text=True, check=True)
        (line,) = (line for line in made.stdout.splitlines() if "tools/lesson.py" in line)
        assert line.endswith(f"tools/lesson.py {wanted} -p seed 2")
