"""Read what a lesson defines, so that tests and benchmarks use the lesson's own code."""

import ast
import linecache
from pathlib import Path

import nbformat

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
KEPT = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.AnnAssign)


def definitions(lesson: str) -> dict:
    """Name → object for a lesson's imports, parameters, functions and classes; nothing else is run.

    Args:
        lesson: the notebook's stem, such as `"06_vae_images"`.
    """
    names: dict = {"__name__": lesson}
    for cell in nbformat.read(NOTEBOOKS / f"{lesson}.ipynb", as_version=4).cells:
        if cell.cell_type == "code" and not cell.id.startswith("exercise-"):
            source = cell.source.replace("    %pip", "    pass  # %pip")
            file = f"{lesson}: {cell.id}"
            # TensorFlow reads the source of what it traces, and warns where there is none.
            linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
            module = ast.parse(source)
            module.body = [node for node in module.body if isinstance(node, KEPT)]
            exec(compile(module, file, "exec"), names)
    return names
