"""Write a file whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(path: Path | str) -> Iterator[Path]:
    """Give a path to write to; when the block ends without an error, that file takes the place of `path`.

    Whatever happens on the way (an error, a full disk, a kill), `path` holds what it held before. The
    given path lies in the same folder and has the same ending; a folder that is missing is made.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        yield fresh
        os.replace(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)


def write_whole(path: Path | str, text: str) -> None:
    """Write a text file whole or not at all, in UTF-8 and with the same line ends on every system."""
    with whole_file(path) as fresh:
        fresh.write_text(text, encoding="utf-8", newline="\n")
