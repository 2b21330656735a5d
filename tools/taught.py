"""What a lesson teaches and later ones use: cells tagged `taught` → contentgen/taught/lesson_NN.py."""

import ast
import symtable
from pathlib import Path

import contents  # tools/contents.py
import course  # tools/course.py

from contentgen.files import write_whole


def names_used(table) -> set[str]:
    """The names that this scope and those inside take from outside, as imports."""
    own = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global()}
    return own.union(*map(names_used, table.get_children()))


def text(path: Path, notebook) -> str:
    """The functions, classes and CONSTANTS of the tagged cells, with the imports that they need; or ""."""
    code = contents.code_cells(notebook)
    tagged = [cell for cell in code if "taught" in contents.tags(cell)]
    pieces = [source for cell in tagged for *_, source in contents.definitions(cell)]
    used, imports = names_used(symtable.symtable("\n".join(pieces), path.name, "exec")), []
    for node in (node for cell in code for node in contents.tree(cell).body):
        if isinstance(node, ast.Import | ast.ImportFrom):
            node.names = [name for name in node.names if (name.asname or name.name) in used]
            imports += [ast.unparse(node)] if node.names else []
    head = f'"""Taught in notebooks/{path.name}. `make save` writes this file; change the lesson."""'
    return "\n\n\n".join(["\n".join([head, "", *imports]), *pieces]) + "\n" if pieces else ""


def write(path: Path, notebook) -> None:
    """Bring a lesson's module in line with its cells."""
    home = path.resolve().parent
    if course.is_course(path) and home.name == "notebooks" and (module := text(path, notebook)):
        write_whole(home.parent / "contentgen" / "taught" / f"lesson_{path.name[:2]}.py", module)
