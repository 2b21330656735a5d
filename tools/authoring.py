"""Write a notebook as a plain Python file, save it back, and run it in place.

    python tools/authoring.py edit notebooks/06_vae_images.ipynb   # -> build/06_vae_images.py
    python tools/authoring.py save notebooks/06_vae_images.ipynb   # -> the notebook
    python tools/authoring.py run  notebooks/06_vae_images.ipynb   # fresh kernel, outputs stored
    python tools/authoring.py run  solutions/06                    # by its number

The Python file is in jupytext's py:percent form; each cell's header shows its id and its tags:
`# %% [markdown] id="title"`, `# %% id="setup" tags=["parameters"]`. Magics stay as they are typed. Pictures
in prose are links to their files there; the notebook holds the pictures themselves (tools/embed.py).
"""

import argparse
import re
import sys
from collections import Counter
from itertools import zip_longest
from pathlib import Path

import course  # tools/course.py
import embed  # tools/embed.py
import jupytext
import nbformat
import results  # tools/results.py
import rules  # tools/rules.py
import taught  # tools/taught.py
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, DeadKernelError

from contentgen.files import write_whole

ROOT = Path(__file__).resolve().parent.parent
PERCENT = {"extension": ".py", "format_name": "percent", "comment_magics": False}
CELL_ID = re.compile(r"[a-z0-9-]{1,64}")
VOLATILE = {"ExecuteTime", "collapsed", "execution", "papermill", "scrolled"}  # changes in each run
HIDDEN = VOLATILE | {"mystnb"}  # not shown in the Python file; `run` writes mystnb
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}


class NotebookError(Exception):
    """What went wrong, as one sentence for the author."""


class ThisPython(AsyncKernelManager):
    """Starts the running interpreter, whatever kernel the user has registered as python3."""

    def _kernel_spec_manager_default(self):
        return KernelSpecManager(kernel_dirs=[])  # without folders to look in, ipykernel's own spec


def build_file(path: Path, suffix: str) -> Path:
    """A notebook's file in build/: notebooks/solutions/06_x.ipynb -> build/solutions/06_x.py."""
    notebooks = ROOT / "notebooks"
    inside = path.resolve().is_relative_to(notebooks)
    name = path.resolve().relative_to(notebooks) if inside else Path(path.name)
    return (ROOT / "build" / name).with_suffix(suffix)


def write_notebook(path: Path, notebook, home: Path | None = None) -> None:
    """Normalise what differs between machines and runs, put in the pictures, write the notebook whole.

    Pictures are looked up from `home`, or from where the notebook goes.
    """
    widgets = {key: value for key, value in notebook.metadata.items() if key == "widgets"}
    notebook.metadata = nbformat.from_dict(METADATA | widgets)
    for cell in notebook.cells:
        for key in VOLATILE & set(cell.metadata):
            del cell.metadata[key]
        if cell.cell_type == "markdown":
            try:
                cell.source = embed.embedded(cell.source, home or path.parent)
            except FileNotFoundError as missing:
                sentence = f"cell {cell.id!r} shows {missing.filename}, which does not exist."
                raise NotebookError(sentence) from None
    nbformat.validate(notebook)
    write_whole(path, nbformat.writes(notebook) + "\n")
    taught.write(path, notebook)


def as_python(notebook) -> str:
    """The notebook as py:percent text, with ids and tags in the headers."""
    plain = nbformat.from_dict({**notebook, "cells": []})
    plain.metadata = {"jupytext": {"cell_metadata_filter": "all", "comment_magics": False,
                                   "notebook_metadata_filter": "-all"}}  # fmt: skip
    for cell in notebook.cells:
        shown = {key: value for key, value in cell.metadata.items() if key not in HIDDEN}
        source = embed.linked(cell.source) if cell.cell_type == "markdown" else cell.source
        changed = {"source": source, "metadata": {"id": cell.id, **shown}}
        plain.cells.append(nbformat.from_dict({**cell, **changed}))
    return jupytext.writes(plain, fmt=PERCENT)


def from_python(text: str) -> list:
    """The cells of a py:percent text; their ids come from the headers."""
    cells = jupytext.reads(text, fmt=PERCENT).cells
    for number, cell in enumerate(cells, 1):
        name = cell.metadata.pop("id", None)
        where = f'cell {number} ("{cell.source.strip().split(chr(10))[0][:60]}")'
        cell.metadata.pop("lines_to_next_cell", None)  # jupytext's note about blank lines
        if name is None:
            raise NotebookError(f'{where} has no id="..." in its header.')
        if not isinstance(name, str) or not CELL_ID.fullmatch(name):
            raise NotebookError(f"{where}: its id {name!r} is not 1 to 64 of a-z 0-9 -.")
        cell.id = name
    for name, count in Counter(cell.id for cell in cells).items():
        if count > 1:
            raise NotebookError(f"the id {name!r} stands on {count} cells; each needs its own.")
    return cells


def edit(path: Path, force: bool = False) -> None:
    """Write the notebook as a Python file into build/."""
    notebook, target = nbformat.read(path, as_version=4), build_file(path, ".py")
    text = as_python(notebook)
    for cell, back in zip_longest(notebook.cells, jupytext.reads(text, fmt=PERCENT).cells):
        if back is None or embed.linked(cell.source) != back.source:  # for example, a line "# %%" in a cell
            raise NotebookError(f"cell {cell.id!r} cannot be written as py:percent; edit it in JupyterLab.")
    newer = target.exists() and target.stat().st_mtime > path.stat().st_mtime
    if newer and not force and target.read_text(encoding="utf-8") != text:
        raise NotebookError(f"{target} has changes that are not saved; `save` them or use --force.")
    write_whole(target, text)


def save(path: Path, force: bool = False) -> None:
    """Write build/NAME.py into the notebook; cells that did not change keep their outputs."""
    source = build_file(path, ".py")
    if not source.exists():
        raise NotebookError(f"{source} does not exist; `edit` the notebook or write that file.")
    notebook = nbformat.v4.new_notebook()
    old = nbformat.read(path, as_version=4) if path.exists() else notebook
    notebook.metadata, stored = old.metadata, {cell.id: cell for cell in old.cells}
    notebook.cells = from_python(source.read_text(encoding="utf-8"))
    newer = path.exists() and path.stat().st_mtime > source.stat().st_mtime
    if newer and not force and as_python(old) != as_python(notebook):
        raise NotebookError(f"{path} was changed after {source}; `edit` it again or use --force.")
    for cell in notebook.cells:
        before = stored.get(cell.id)
        if before is None or before.cell_type != cell.cell_type:
            continue
        if cell.cell_type == "code" and cell.source == before.source:
            cell.outputs, cell.execution_count = before.outputs, before.execution_count
            cell.metadata.update({k: v for k, v in before.metadata.items() if k in HIDDEN})
    write_notebook(path, notebook)


def copy_alt_text(cell) -> None:
    """A site built with myst-nb reads a figure's alt text from the metadata of its cell."""
    alts = [output.get("metadata", {}).get("image/png", {}).get("alt") for output in cell.outputs]
    cell.metadata.pop("mystnb", None)
    if any(alts):
        cell.metadata["mystnb"] = {"image": {"alt": " ".join(filter(None, alts))}}


def run(path: Path) -> None:
    """Execute top to bottom in a fresh kernel; after an error or a ✗ the stored notebook is as it was."""
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.pop("widgets", None)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in code:
        cell.outputs, cell.execution_count = [], None
    started, kept = [], build_file(path, ".failed.ipynb")
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        kernel_manager_class=ThisPython,
        resources={"metadata": {"path": str(path.resolve().parent)}},
        coalesce_streams=True,  # a progress bar is stored as its last line
        store_widget_state=True,
        force_raise_errors=True,
        record_timing=False,
        on_cell_start=lambda cell, cell_index: started.append(cell.id),
    )
    try:
        client.execute()
    except (CellControlSignal, DeadKernelError) as error:
        write_notebook(kept, notebook, path.parent)
        name, value = getattr(error, "ename", type(error).__name__), getattr(error, "evalue", error)
        sentence = f"cell {started[-1]!r} failed with {name}: {value} (partly run: {kept})."
        raise NotebookError(sentence) from error
    for cell in code:
        copy_alt_text(cell)
    if broken := [f"{cell.id!r}: {text}" for cell, text in rules.claims_hold(notebook, path)]:
        write_notebook(kept, notebook, path.parent)
        raise NotebookError(f"not stored: {' '.join(broken)} (the run: {kept})")
    write_notebook(path, notebook)


def main(arguments: list[str] | None = None) -> int:
    """Do one verb on each notebook; the exit status is 1 if one of them failed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("verb", choices=["edit", "save", "run"])
    parser.add_argument("notebooks", nargs="+", metavar="NOTEBOOK")
    parser.add_argument("--force", action="store_true", help="edit, save: overwrite newer work")
    options = parser.parse_args(arguments)
    failed = 0
    try:
        paths = [Path(n) if n.endswith(".ipynb") else course.find(n, ROOT) for n in options.notebooks]
    except course.NotFound as problem:
        print(problem, file=sys.stderr)
        return 2
    for path in paths:
        try:
            if options.verb != "save" and not path.exists():
                raise NotebookError("there is no such notebook.")
            run(path) if options.verb == "run" else globals()[options.verb](path, options.force)
            print(f"{options.verb}: {path}")
        except NotebookError as problem:
            print(f"{path}: {problem}", file=sys.stderr)
            failed = 1
    if options.verb == "run":
        failed |= results.main(ROOT)
    return failed


if __name__ == "__main__":
    sys.exit(main())
