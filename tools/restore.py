"""Put a fresh copy of a lesson in place; the reader's own is kept beside it, under another name.

    python tools/restore.py 06             # notebooks/06_….ipynb; the old one becomes mine_06_….ipynb
    python tools/restore.py solutions/06   # the same for its worked answers

Fresh means: as Git last stored it in this checkout.
"""

import subprocess
import sys
from pathlib import Path

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


def restore(number: str, root: Path = ROOT) -> str:
    """Restore the notebook of that number; returns what was done, in one sentence."""
    stored = git(root, "ls-tree", "-r", "--name-only", "HEAD", "notebooks").decode().splitlines()
    found = [name for name in stored if name.startswith(f"notebooks/{number}_") and name.endswith(".ipynb")]
    if not found:
        raise RestoreError(f"There is no notebook {number!r}; say it as in: make restore N=06")
    path, fresh = root / found[0], git(root, "show", f"HEAD:{found[0]}").decode("utf-8")
    if not path.exists():
        write_whole(path, fresh)
        return f"{found[0]} was missing and is there again."
    if path.read_text(encoding="utf-8") == fresh:
        return f"{found[0]} is as it was; nothing to do."
    kept = free_name(path)
    path.rename(kept)
    write_whole(path, fresh)
    return f"{found[0]} is fresh; yours is kept as {kept.name} in the same folder."


def main(arguments: list[str], root: Path = ROOT) -> int:
    try:
        print(restore(arguments[0] if arguments else "", root))
    except RestoreError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
