"""Put a fresh copy of a lesson in place; the reader's own is kept beside it, under another name.

    python tools/restore.py 06             # notebooks/06_….ipynb; the old one becomes mine_06_….ipynb
    python tools/restore.py solutions/06   # the same for its worked answers
    python tools/restore.py 06 v1.2        # as a commit, a branch or a tag has it

Fresh means: as the course has it that this checkout was last brought up to date with, whatever the reader has
committed since. Without a branch that it follows, it means: as the checkout's last commit has it.
"""

import subprocess
import sys
from pathlib import Path

from course import numbered

from contentgen.files import write_whole

ROOT = Path(__file__).resolve().parent.parent


class RestoreError(Exception):
    """What went wrong, as one sentence for the reader."""


def git(root: Path, *arguments: str) -> bytes:
    try:
        return subprocess.run(["git", "-C", root, *arguments], capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as problem:
        raise RestoreError(
            "Git cannot read this folder, so there is nothing to restore from; get the course with "
            "`git clone`, or download the lesson again."
        ) from problem


def free_name(path: Path) -> Path:
    """mine_06_x.ipynb beside the notebook, or mine_06_x_2.ipynb where that is taken, and so on."""
    kept, number = path.with_name(f"mine_{path.name}"), 1
    while kept.exists():
        number += 1
        kept = path.with_name(f"mine_{path.stem}_{number}.ipynb")
    return kept


def fresh_commit(root: Path) -> str:
    """Where the reader's own commits begin: the last one that the course's branch has, too."""
    for course in ("upstream/HEAD", "upstream/main", "@{upstream}", "origin/HEAD", "origin/main"):
        try:
            return git(root, "merge-base", "HEAD", course).decode().strip()
        except RestoreError:
            continue
    return git(root, "rev-parse", "HEAD").decode().strip()


def restore(number: str, commit: str = "", root: Path = ROOT) -> str:
    """Restore the notebook of that number; returns what was done, in one sentence."""
    git(root, "rev-parse", "--git-dir")
    try:
        commit = git(root, "rev-parse", "--verify", f"{commit}^{{commit}}").decode().strip() if commit else ""
    except RestoreError:
        raise RestoreError(f"Git knows no commit, branch or tag {commit!r} here.") from None
    commit = commit or fresh_commit(root)
    stored = git(root, "ls-tree", "-r", "--name-only", commit, "notebooks").decode().splitlines()
    found = [path.as_posix() for path in numbered(number, map(Path, stored))]
    if not found:
        raise RestoreError(f"There is no notebook {number!r}; say it as in: make restore N=06")
    path, fresh = root / found[0], git(root, "show", f"{commit}:./{found[0]}").decode("utf-8")
    version = git(root, "show", "--no-patch", "--format=%h of %cs", commit).decode().strip()
    if not path.exists():
        write_whole(path, fresh)
        return f"{found[0]} was missing and is there again, as of commit {version}."
    if path.read_bytes().splitlines() == fresh.encode().splitlines():
        older = f"An older one: make restore N={number} ARGS=, with the commit's name."
        return f"{found[0]} is as in commit {version}; nothing to do. {older}"
    kept = free_name(path)
    path.rename(kept)
    write_whole(path, fresh)
    return f"{found[0]} is fresh, as of commit {version}; yours is kept as {kept.name} in the same folder."


def main(arguments: list[str], root: Path = ROOT) -> int:
    try:
        number, commit = [*arguments, "", ""][:2]
        print(restore(number, commit, root))
    except RestoreError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
