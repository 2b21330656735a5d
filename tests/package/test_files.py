"""A file is written whole, or stays as it was."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from contentgen.files import whole_file

ROOT = Path(__file__).resolve().parents[2]


def test_the_file_takes_its_place_at_the_end_of_the_block(tmp_path):
    path = tmp_path / "new folder" / "part.keras"
    with whole_file(path) as fresh:
        fresh.write_text("whole")
        assert not path.exists() and fresh.suffix == ".keras" and fresh.parent == path.parent
    assert path.read_text() == "whole" and list(path.parent.iterdir()) == [path]


def test_an_error_on_the_way_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(OSError, match="disk full"), whole_file(path) as fresh:
        fresh.write_text("torn")
        raise OSError("disk full")
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_a_replacement_that_fails_leaves_no_trace(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError("in use")

    monkeypatch.setattr("contentgen.files.os.replace", fail)
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(OSError, match="in use"), whole_file(path) as fresh:
        fresh.write_text("new")
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_a_kill_on_the_way_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    code = (
        "import os, signal, sys\nfrom contentgen.files import whole_file\n"
        "with whole_file(sys.argv[1]) as fresh:\n"
        "    fresh.write_text('torn')\n    os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code, path], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert path.read_text() == "old"
