"""tools/lesson.py: paths that were typed on the command line, for a lesson that runs elsewhere."""

import os
import subprocess
import sys
from pathlib import Path

import lesson
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


def test_make_runs_lessons_so():
    """What make would do, without doing it."""
    plain = {name: value for name, value in os.environ.items() if name != "MAKEFLAGS"}
    for target in ("lesson", "full"):
        command = ["make", "-n", target, "N=00", "ARGS=-p seed 2", f"PYTHON={sys.executable}"]
        made = subprocess.run(command, cwd=ROOT, env=plain, capture_output=True, text=True, check=True)
        (line,) = (line for line in made.stdout.splitlines() if "tools/lesson.py" in line)
        assert "-p seed 2 notebooks/00_start_here.ipynb build/00_start_here.ipynb" in line
