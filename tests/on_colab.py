"""Every lesson, unmodified, with the versions that Colab ships and without the package.

    make test-colab                    # every lesson
    make test-colab ARGS="-k 06"       # one

The environment of tests/colab.txt is built once, in build/colab. It lies outside the course and does not
hold it: each lesson installs it, by its own first cell, from the public address, where Git is told to take a
copy on this machine. Pip finds no index, only what building the package needs: what is missing, and a version
that would have to move, is an error.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import course
import links
import nbformat
import pytest
from copied import ROOT, copy_course
from nbclient import NotebookClient
from nbval.plugin import get_sanitize_patterns

LESSONS = course.lessons()
PINS = ROOT / "tests" / "colab.txt"
PYTHON = "3.13"  # Colab's
DIFFERS = get_sanitize_patterns((ROOT / "tests" / "measured.cfg").read_text(encoding="utf-8"))  # by machine
RESTART = "Note: you may need to restart the kernel to use updated packages.\n"  # IPython, after each %pip


def environment(folder: Path) -> Path:
    """The Python of an environment with the pins; made anew when they changed, perhaps from the network."""
    python, built = folder / "venv" / "bin" / "python", folder / "built.txt"
    if not built.exists() or built.read_text() != PINS.read_text():
        uv = [sys.executable, "-m", "uv"]
        for command in (
            [*uv, "venv", "--quiet", "--seed", "--clear", "--python", PYTHON, folder / "venv"],
            [*uv, "pip", "install", "--quiet", "--python", python, "--requirement", PINS],
            [python, "-m", "pip", "download", "--quiet", "--dest", folder / "wheels", "hatchling>=1.27"],
        ):
            subprocess.run(command, check=True, env=os.environ | {"PYTHONPATH": ""})  # not tests/blocked
        built.write_text(PINS.read_text())
    return python


def installed(python):
    command = [python, "-m", "pip", "freeze", "--all"]
    return set(subprocess.check_output(command, text=True).split("\n"))


@pytest.fixture(scope="session")
def colab(tmp_path_factory):
    """The Python of Colab's versions, and the folder that a notebook lies in there."""
    built = ROOT / "build" / "colab"
    python, here = environment(built), tmp_path_factory.mktemp("colab")
    course = copy_course(here / "course")
    git = ["git", "-c", "user.name=x", "-c", "user.email=x", "-c", "commit.gpgsign=false"]
    for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "copy"]):
        subprocess.run([*git, *command], cwd=course, check=True)
    settings = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{course.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": f"https://github.com/{links.address(ROOT)}",
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": (built / "wheels").as_uri(),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_ROOT_USER_ACTION": "ignore",
    }
    argv = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernel = {"argv": argv, "env": settings, "display_name": "Colab", "language": "python"}
    (here / "kernels" / "colab").mkdir(parents=True)
    (here / "kernels" / "colab" / "kernel.json").write_text(json.dumps(kernel))
    os.environ["JUPYTER_PATH"] = str(here)
    (here / "content").mkdir()
    return python, here / "content"


def compared(outputs):
    """What cells are compared by: the printed text, then all else that is no picture and no widget."""
    printed = "".join(output.text for output in outputs if output.output_type == "stream")
    shown = [
        f"{kind}: {value}"
        for output in outputs
        for kind, value in sorted(output.get("data", {}).items())
        if not kind.startswith(("image/", "application/vnd.jupyter.widget"))
    ]
    text = "\n".join([printed.replace(RESTART, ""), *shown])  # line by line, as the patterns want it
    for pattern, put_in in DIFFERS:
        text = re.sub(pattern, put_in, text)
    return text


def test_the_environment_holds_the_pins(colab):
    pins = {line for line in PINS.read_text().split("\n") if line and not line.startswith("#")}
    assert pins <= installed(colab[0])


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_runs_as_stored(path, colab):
    python, content = colab
    before = installed(python)
    assert not [line for line in before if line.startswith("contentgen")]
    stored, notebook = (nbformat.read(path, as_version=4) for _ in range(2))
    client = NotebookClient(
        notebook, kernel_name="colab", timeout=600, resources={"metadata": {"path": content}}
    )
    try:
        client.execute()
        after = installed(python)
    finally:
        subprocess.run([python, "-m", "pip", "uninstall", "--quiet", "--yes", "contentgen"], check=True)
    assert ({line.split(" @")[0] for line in after - before}, before - after) == ({"contentgen"}, set())
    for cell, old in zip(notebook.cells, stored.cells, strict=True):
        if cell.cell_type == "code":
            errors = [o.text for o in cell.outputs if o.get("name") == "stderr"]
            assert not errors, f"{cell.id} wrote to standard error"
            if "nbval-ignore-output" not in cell.metadata.get("tags", []):
                assert compared(cell.outputs) == compared(old.outputs), f"{cell.id} says something else"
