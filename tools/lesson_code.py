"""Read what a lesson defines, so that tests and benchmarks use the lesson's own code."""

import ast
import linecache
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import nbformat
import papermill

from contentgen import claims

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"


class Lesson(dict):
    """Name → object for a lesson's imports, parameters, CONSTANTS, functions and classes.

    Args:
        name: the notebook's stem, such as `"06_vae_images"`.
        old, new: read the lesson with this text, which must stand in its code once, changed into that.

    Raises:
        ValueError: if the old text does not stand there once.
    """

    def __init__(self, name: str, old: str = "", new: str = ""):
        super().__init__(__name__=name)
        cells = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4).cells
        self.code = {cell.id: cell.source for cell in cells if cell.cell_type == "code"}
        if old and sum(source.count(old) for source in self.code.values()) != 1:
            raise ValueError(f"{old!r} does not stand once in the code of {name}.")
        for cell, source in self.code.items():
            self.code[cell] = source.replace(old, new) if old else source
            if not cell.startswith("exercise-"):
                self._execute(cell, defines)

    def _execute(self, cell, wanted=lambda node: True):
        source = self.code[cell].replace("    %pip", "    pass  # %pip")
        file = f"{self['__name__']}: {cell}"
        # TensorFlow reads the source of what it traces, and warns where there is none.
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
        module = ast.parse(source)
        module.body = [node for node in module.body if wanted(node)]
        exec(compile(module, file, "exec"), self)

    def run(self, *cells: str) -> str:
        """Run whole cells, by their ids; returns what they print, without their claims."""
        with redirect_stdout(StringIO()) as printed, patch.object(claims, "display"):
            for cell in cells:
                self._execute(cell)
        return printed.getvalue()


def parameters_of(name: str) -> dict:
    """Parameter → the lesson's own value, as its `parameters` cell has it."""
    stated = papermill.inspect_notebook(str(NOTEBOOKS / f"{name}.ipynb"))
    return {parameter: ast.literal_eval(found["default"]) for parameter, found in stated.items()}


def defines(node) -> bool:
    """Imports, functions, classes, `parameter: type = value` and `CONSTANT = value`; nothing else is run."""
    if isinstance(node, ast.Assign):
        return all(isinstance(target, ast.Name) and target.id.isupper() for target in node.targets)
    kept = ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.AnnAssign
    return isinstance(node, kept)
