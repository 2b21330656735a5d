"""Move every link to the course's own repository to another address.

    python tools/links.py owner/name

The address stands in pyproject.toml. It changes there, and in each link, badge and install line that has it.
"""

import re
import sys
import tomllib
from pathlib import Path

from contentgen.files import write_whole

ROOT = Path(__file__).resolve().parent.parent
FILES = ("*.md", "*.cff", "docs/**/*.md", "notebooks/**/*.ipynb")
REPO = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?/[A-Za-z0-9._-]*[A-Za-z0-9_-]"


def course_files(root: Path) -> list[Path]:
    """The files that may hold links to the course."""
    found = {path for pattern in FILES for path in root.glob(pattern)}
    return sorted(path for path in found if ".ipynb_checkpoints" not in path.parts)


def address(root: Path) -> str:
    """The owner/name that pyproject.toml gives."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["urls"]["Repository"].removeprefix("https://github.com/")


def main(arguments: list[str], root: Path = ROOT) -> int:
    old, new = address(root), " ".join(arguments)
    if not re.fullmatch(REPO, new) or new.endswith(".git"):
        print(f"REPO is {new!r}, expected owner/name as in {old}; nothing was changed.", file=sys.stderr)
        return 2
    texts = {}  # all of them are read before the first is written
    # pyproject.toml comes last: after an interruption the same command goes on from the old address.
    for path in [*course_files(root), root / "pyproject.toml"]:
        try:
            texts[path] = path.read_text(encoding="utf-8")
        except ValueError as problem:  # no UTF-8
            print(f"{path} cannot be read ({problem}); nothing was changed.", file=sys.stderr)
            return 1
    for path, text in texts.items():
        hosts = r"(?:(?<=github\.com/)|(?<=com/github/)|(?<=/v2/gh/))"  # and Colab's, and Binder's
        moved = re.sub(rf"{hosts}{re.escape(old)}(?![\w-]|\.(?!git\b)\w)", new, text)
        if moved != text:
            write_whole(path, moved)
            print(f"{path.relative_to(root)}: links go to {new}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
