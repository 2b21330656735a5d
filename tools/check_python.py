"""Say in one sentence why this Python cannot run the course, before set-up begins.

It must itself run on old Pythons, so it uses nothing newer than Python 3.6.
"""

import importlib.util
import platform
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def supported():
    """The first minor version of Python 3 that will do and the first that will not."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return tuple(map(int, re.search(r'\nrequires-python = ">=3\.(\d+),<3\.(\d+)"', text).groups()))


def venv_version():
    """The version that made .venv, such as "3.12", or "" if there is none."""
    config = ROOT / ".venv" / "pyvenv.cfg"
    text = config.read_text(encoding="utf-8") if config.is_file() else ""
    found = re.search(r"(?m)^version\s*=\s*(3\.\d+)", text)
    return found.group(1) if found else ""


def problem(version, system, machine, has_ensurepip, venv, supported):
    """One sentence that says what is wrong and what to do, or "" if nothing is."""
    first, after = supported
    name = f"{version[0]}.{version[1]}"
    if version[0] != 3 or not first <= version[1] < after:
        return (
            f"This is Python {name}, and the course needs Python 3.{first} to 3.{after - 1}: "
            f"name another one, as in: make lab PYTHON3=python3.{after - 2}"
        )
    if (system, machine) == ("Darwin", "x86_64"):
        return (
            "TensorFlow no longer comes for this Mac's Intel processor (or this Python is an "
            "Intel one): use the Colab links in README.md."
        )
    if not has_ensurepip:
        return (
            "This Python cannot make virtual environments; on Debian and Ubuntu add them with: "
            f"apt install python{name}-venv"
        )
    if venv and venv != name:
        return (
            f"The folder .venv was made by Python {venv}, and this is Python {name}: "
            "remove it with `make clean`, then start again."
        )
    return ""


if __name__ == "__main__":
    has_ensurepip = importlib.util.find_spec("ensurepip") is not None
    machine = platform.system(), platform.machine()
    sys.exit(problem(sys.version_info, *machine, has_ensurepip, venv_version(), supported()) or 0)
