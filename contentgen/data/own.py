"""Where the reader's own pictures and texts lie, and what is saved under their name."""

import hashlib
import os
import re
from pathlib import Path


def own_path(name: object, kind: str) -> Path | None:
    """The absolute path in a data set's name, such as `"folder:~/leaves"`; None if it is of another kind.

    Args:
        name: what the reader gave.
        kind: `"folder"` or `"file"`.
    """
    path = name.removeprefix(f"{kind}:") if isinstance(name, str) else ""
    if path in ("", name):
        return None
    # Whatever somebody typed has a path: pathlib would raise for some, as for ~leaves.
    return Path(os.path.abspath(os.path.expanduser(path)))  # noqa: PTH100, PTH111


def is_there(path: Path, kind: str) -> bool:
    """Whether there is such a folder or file; also False of a path that the system refuses."""
    try:
        return path.is_dir() if kind == "folder" else path.is_file()
    except (OSError, ValueError):
        return False


def file_name(dataset: str) -> str:
    """The name of a data set as part of a file's name: `"strokes"`; for one's own, no two have the same.

    Args:
        dataset: such as `"strokes"`; from `"folder:~/leaves"` comes `"leaves-5f0c1a2b"`, the end made from
            the whole path.
    """
    path = own_path(dataset, "folder") or own_path(dataset, "file")
    if path is None:
        return dataset
    stem = re.sub(r"\W+", "-", path.stem)[:40]
    return f"{stem}-{hashlib.sha256(os.fsencode(path)).hexdigest()[:8]}"
