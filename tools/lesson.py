"""Run a lesson by papermill, where a relative path means what it means to the one who typed it.

A lesson runs in notebooks/, and `make lesson N=06 ARGS="-p dataset folder:leaves"` is typed elsewhere.

    python tools/lesson.py ARGUMENTS OF PAPERMILL
"""

import sys
from collections.abc import Iterable, Iterator

from papermill.cli import papermill

from contentgen.data.own import own_path


def absolute(arguments: Iterable[str]) -> Iterator[str]:
    """Papermill's arguments, with the paths of one's own data, and of `save_to`, made absolute."""
    before = ""
    for argument in arguments:
        path = own_path(argument, "folder") or own_path(argument, "file")
        if path is not None:
            yield f"{argument.partition(':')[0]}:{path}"
        elif before == "save_to" and argument:
            yield str(own_path(f"folder:{argument}", "folder"))
        else:
            yield argument
        before = argument


if __name__ == "__main__":
    papermill(["--cwd", "notebooks", *absolute(sys.argv[1:])], prog_name="papermill")
