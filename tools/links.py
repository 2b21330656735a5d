"""Make every link to the course's own repository from the address in pyproject.toml.

    python tools/links.py              # bring all links in line with pyproject.toml
    python tools/links.py owner/name   # move to another address: pyproject.toml and all links

Badges are known by their form, so that one from a fork is mended too; all other links to the course
are known by the old address. Links to other people's repositories stay.
"""

import argparse
import re
import sys
import tomllib
from pathlib import Path
from urllib.parse import unquote

from contentgen.files import write_whole

ROOT = Path(__file__).resolve().parent.parent
FILES = ("*.md", "*.cff", "docs/**/*.md", "workshop/**/*.md", "notebooks/**/*.ipynb")
REPO = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?/[A-Za-z0-9._-]*[A-Za-z0-9_-]"
BADGES = (
    rf"(?<=colab\.research\.google\.com/github/){REPO}(?=/blob/main/notebooks/(?P<file>[^\s)\"]+\.ipynb))",
    rf"(?<=mybinder\.org/v2/gh/){REPO}(?=/main\?labpath=notebooks%2F(?P<file>[^\s)\"]+\.ipynb))",
)
OURS = (  # the Colab install line, the command in the README, the citation
    rf"(?<=git\+https://github\.com/){REPO}",
    rf"(?<=git clone https://github\.com/){REPO}",
    rf"(?<=repository-code: https://github\.com/){REPO}",
)
ADDRESS = re.compile(rf'(?m)^Repository = "https://github\.com/({REPO})"$')


def course_files(root: Path) -> list[Path]:
    """The files that may hold links to the course."""
    found = {path for pattern in FILES for path in root.glob(pattern)}
    return sorted(path for path in found if ".ipynb_checkpoints" not in path.parts)


def address(root: Path) -> str:
    """The owner/name that pyproject.toml gives."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["urls"]["Repository"].removeprefix("https://github.com/")


def course_links(text: str, root: Path) -> list[re.Match]:
    """Every place in the text where the course's owner/name must stand."""
    badges = [match for pattern in BADGES for match in re.finditer(pattern, text)]
    ours = [match for pattern in OURS for match in re.finditer(pattern, text)]
    return ours + [m for m in badges if (root / "notebooks" / unquote(m["file"])).is_file()]


def moved(text: str, root: Path, old: str, new: str) -> str:
    """The text with the course's links changed to `new`."""
    for match in sorted(course_links(text, root), key=re.Match.start, reverse=True):
        text = text[: match.start()] + new + text[match.end() :]
    return re.sub(rf"(?<=github\.com/){re.escape(old)}(?![\w-]|\.\w)", new, text)


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("repo", nargs="?", metavar="owner/name", help="the new address on GitHub")
    new = parser.parse_args(arguments).repo
    old = address(root)
    new = old if new is None else new
    if not re.fullmatch(REPO, new) or new.endswith(".git"):
        print(f"REPO is {new!r}, expected owner/name as in {old}; nothing was changed.", file=sys.stderr)
        return 2
    texts = {}  # all of them are made before the first is written
    for path in course_files(root):
        try:
            text = path.read_text(encoding="utf-8")
            texts[path] = text, moved(text, root, old, new)
        except ValueError as problem:  # no UTF-8
            print(f"{path} cannot be read ({problem}); nothing was changed.", file=sys.stderr)
            return 1
    # pyproject.toml comes last: after an interruption the same command goes on from the old address.
    project = root / "pyproject.toml"
    text = project.read_text(encoding="utf-8")
    texts[project] = text, ADDRESS.sub(f'Repository = "https://github.com/{new}"', text)
    for path, (before, after) in texts.items():
        if before != after:
            write_whole(path, after)
            print(f"{path.relative_to(root)}: links go to {new}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
