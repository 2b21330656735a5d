"""Set up the course in .venv: what learners need, or with --tests what tests and authors need, too.

    python3 tools/set_up.py             # on Windows: py -3.12 tools\\set_up.py
    python3 tools/set_up.py --tests     # adds to what is there

It must itself start on old Pythons, to say why they will not do, so it uses nothing newer than Python 3.6.
"""

import importlib.util
import platform
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if platform.system() == "Windows" else "bin/python")
# Where TensorFlow has no wheels.
WITHOUT = {
    ("Darwin", "x86_64"): "this Mac's Intel processor (or this Python is an Intel one)",
    ("Windows", "ARM64"): "Windows on an ARM processor",
}


def supported():
    """The first minor version of Python 3 that will do and the first that will not."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return tuple(map(int, re.search(r'\nrequires-python = ">=3\.(\d+),<3\.(\d+)"', text).groups()))


def problem(version, bits, system, machine, has_ensurepip, prefix, supported):
    """One sentence that says why this Python cannot set up the course and what to do, or "" if it can."""
    first, after = supported
    name = f"{version[0]}.{version[1]}"
    if version[0] != 3 or not first <= version[1] < after:
        another = "py -3.{}" if system == "Windows" else "make lab PYTHON3=python3.{}"
        return (
            f"This is Python {name}, and the course needs Python 3.{first} to 3.{after - 1}: "
            f"name another one, as in: {another.format(after - 2)}"
        )
    if (system, machine) in WITHOUT:
        return f"TensorFlow does not come for {WITHOUT[system, machine]}: use the Colab links in README.md."
    if bits != 64:
        return f"This Python has {bits} bits, and TensorFlow needs 64: install a 64-bit Python."
    if not has_ensurepip:
        return (
            "This Python cannot make virtual environments; on Debian and Ubuntu add them with: "
            f"apt install python{name}-venv"
        )
    if Path(prefix) == VENV:
        return "This is the Python of .venv, which is made anew: type `deactivate`, then the same again."
    return ""


def this_problem():
    """What is wrong with the Python that runs this, or ""."""
    bits = 64 if sys.maxsize > 2**32 else 32
    has_ensurepip = importlib.util.find_spec("ensurepip") is not None
    machine = platform.system(), platform.machine()
    return problem(sys.version_info, bits, *machine, has_ensurepip, sys.prefix, supported())


def run(*command):
    if subprocess.run([str(part) for part in command], cwd=str(ROOT)).returncode:
        sys.exit("Set-up did not finish; mend what is said above, and type the same again.")


def install(*arguments):
    run(PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--quiet", *arguments)


def main(arguments):
    if arguments not in ([], ["--tests"]):
        sys.exit(f"{' '.join(arguments)} was typed, expected nothing or --tests.")
    if not arguments or not PYTHON.exists():
        sentence = this_problem()
        if sentence:
            sys.exit(sentence)
        print(
            "Setting up .venv, once: about half a GB to download, 2.1 GB on disk, some minutes.", flush=True
        )
        # Into an empty folder, so that never two TensorFlows lie over each other.
        run(sys.executable, "-m", "venv", "--clear", VENV)
        install("--require-hashes", "--requirement", "requirements.lock")
        install("--no-deps", "--no-build-isolation", "--editable", ".")
    if arguments:
        print("Adding what tests and authors need, once.", flush=True)
        install("--require-hashes", "--requirement", "requirements-test.lock")


if __name__ == "__main__":
    main(sys.argv[1:])
