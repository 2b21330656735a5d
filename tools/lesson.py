"""Run a lesson into build/, by papermill.

    python tools/lesson.py 06                       # lesson 06 as it is stored
    python tools/lesson.py 06 -p dataset folder:my  # with another parameter, as papermill takes it
    python tools/lesson.py --full 06                # with the long training of notebooks/full.yaml
    python tools/lesson.py --all                    # every lesson; one that fails does not stop the others

A relative path of one's own data counts from where it is typed. A parameter that no lesson has is refused.
"""

import json
import sys
from base64 import b64decode
from collections.abc import Iterable, Iterator
from pathlib import Path

import course  # tools/course.py
import papermill
import portable  # tools/portable.py
import yaml
from click import ClickException
from click.exceptions import Exit
from nbclient.exceptions import CellControlSignal
from papermill.cli import papermill as command_line

from contentgen.data.own import own_path

BUILD = course.ROOT / "build"


class NoRun(Exception):
    """Why nothing was run, as one sentence for the reader."""


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


def parameters(arguments: list[str]) -> set[str]:
    """The names that papermill's arguments set, in whichever of its forms."""
    options = command_line.make_context("papermill", ["in.ipynb", "out.ipynb", *arguments]).params
    names = {name for form in ("parameters", "parameters_raw") for name, _ in options[form]}
    try:
        texts = [*options["parameters_yaml"], *map(b64decode, options["parameters_base64"])]
        texts += [Path(file).read_bytes() for file in options["parameters_file"]]
        return names.union(*(dict(yaml.safe_load(text) or {}) for text in texts))
    except (OSError, ValueError, TypeError, yaml.YAMLError) as problem:
        reason = " ".join(str(problem).split())
        raise NoRun(f"The parameters cannot be read ({reason}); nothing was run.") from problem


def check(names: set[str], notebooks: list[Path]) -> None:
    """Raise NoRun if a name is a parameter of none of these notebooks."""
    have = [list(papermill.inspect_notebook(str(notebook))) for notebook in notebooks]
    if unknown := sorted(names.difference(*have)):
        if len(notebooks) > 1:
            raise NoRun(f"No lesson has a parameter {', '.join(unknown)}; nothing was run.")
        raise NoRun(
            f"{notebooks[0].stem} has no parameter {', '.join(unknown)}; nothing was run. "
            f"Its parameters are {', '.join(have[0]) or 'none'}."
        )


def run(notebook: Path, arguments: list[str]) -> bool:
    """Whether it ran to its end; build/ shows how far it came."""
    BUILD.mkdir(exist_ok=True)
    target = BUILD / notebook.name
    command = [str(notebook), str(target), "--cwd", str(notebook.parent), *arguments]
    try:
        command_line.main(command, prog_name="papermill", standalone_mode=False)
    except (papermill.PapermillExecutionError, CellControlSignal) as problem:
        print(problem, file=sys.stderr)
        return False
    except SystemExit as end:  # papermill's answer to a dead kernel, which it has told, or to a wish for help
        return not end.code
    return True


def main(typed: list[str]) -> int:
    which, *rest = typed or [""]
    full, number = which == "--full", which
    if full:
        number, *rest = rest or [""]
    arguments = list(absolute(rest))
    notebooks = course.lessons() if which == "--all" else [course.find(number)]
    check(parameters(arguments), notebooks)
    if full:
        values = yaml.safe_load((course.ROOT / "notebooks" / "full.yaml").read_text(encoding="utf-8"))
        if notebooks[0].stem not in values:
            raise NoRun(f"{notebooks[0].stem} has no long training; run it as: make lesson N={number}.")
        arguments = ["--parameters_yaml", json.dumps(values[notebooks[0].stem]), *arguments]
    failed = [notebook.stem for notebook in notebooks if not run(notebook, arguments)]
    if full:
        portable.main(sorted(portable.DATA.glob("pretrained/*.keras")))
    if failed:
        print(f"Failed, see build/ for how far they came: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (NoRun, course.NotFound) as problem:
        print(problem, file=sys.stderr)
        sys.exit(2)
    except Exit as end:  # after --help
        sys.exit(end.exit_code)
    except ClickException as problem:  # how papermill takes its arguments
        print(f"{problem.format_message()} Parameters are typed as in: -p seed 3", file=sys.stderr)
        sys.exit(2)
