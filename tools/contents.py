"""What stands in a notebook: its words, code, equations, exercises, outputs and terms; how long it takes."""

import ast
import re
from pathlib import Path

import embed  # tools/embed.py
import nbformat

EXERCISE = re.compile(r"exercise-(\d+)-(\d+)")
WORDS_A_MINUTE, LINES_A_MINUTE = 65, 14  # fits the walks of newcomers through ten lessons


def read(path: Path):
    """The notebook as it stands in the file: nothing is repaired, so that the rules see it."""
    return nbformat.v4.reads(path.read_text(encoding="utf-8"))


def is_lesson(path):
    return path.parent.name != "solutions"


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def markdown_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def tags(cell):
    return cell.metadata.get("tags", [])


def lines(cell):
    """How many lines are not blank."""
    return sum(bool(line.strip()) for line in cell.source.splitlines())


def without_fences(text):
    """Markdown without fenced blocks, and without the data of pictures."""
    return re.sub(r"^(```|~~~).*?^\1", "", embed.linked(text), flags=re.DOTALL | re.MULTILINE)


def markdown(cell):
    """A Markdown cell's text without code: fenced blocks (diagrams too) and `code` are cut out."""
    return re.sub(r"`[^`\n]*`", "", without_fences(cell.source))


def prose(text):
    """Markdown without code, formulas, comments, tags and link addresses."""
    parts = r"`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]+\$|<[^>]*>|\]\([^)]*\)"
    return re.sub(parts, " ", without_fences(text), flags=re.DOTALL)


def words(cell):
    return len(re.findall(r"[^\W\d_][\w'’-]*", prose(cell.source)))


def tree(cell):
    """The cell's syntax tree; IPython's magics and shell lines count as `pass`."""
    plain = re.sub(r"^(\s*)[%!].*$", r"\1pass", cell.source, flags=re.MULTILINE)
    try:
        return ast.parse(plain)
    except SyntaxError:
        return ast.Module([], [])  # such a cell cannot have run, and other rules say so


def definitions(cell) -> list[tuple]:
    """(name, node, source) of each function and class of the cell, and of each CONSTANT = value."""
    found = []
    for node in tree(cell).body:
        name = dotted(node.targets[0]) if isinstance(node, ast.Assign) else getattr(node, "name", "")
        if name and (name.isupper() or not isinstance(node, ast.Assign)):
            start = min([node.lineno, *(mark.lineno for mark in getattr(node, "decorator_list", []))])
            found.append((name, node, "\n".join(cell.source.splitlines()[start - 1 : node.end_lineno])))
    return found


def dotted(node):
    """`keras.layers.Dense` for such a chain of names, else an empty text."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}".lstrip(".")
    return ""


def calls(cell, *names):
    """The cell's calls of these functions, however they were imported."""
    found = (node for node in ast.walk(tree(cell)) if isinstance(node, ast.Call))
    return [node for node in found if dotted(node.func).split(".")[-1] in names]


def trains(notebook):
    return any(calls(cell, "fit", "train_on_batch") for cell in code_cells(notebook))


def equations(notebook):
    r"""All equation numbers in order: (cell, "6.3") for each \tag{6.3}."""
    return [
        (cell, number)
        for cell in markdown_cells(notebook)
        for number in re.findall(r"\\tag\{([^}]*)\}", markdown(cell))
    ]


def exercises(notebook):
    """The exercises in order: (cell, "6", "1") for the code cell `exercise-6-1`."""
    found = ((cell, EXERCISE.fullmatch(cell.get("id", ""))) for cell in code_cells(notebook))
    return [(cell, *match.groups()) for cell, match in found if match]


def data_of(output):
    return output.get("data", {})


def pictures(output):
    return [kind for kind in data_of(output) if kind.startswith("image/")]


def printed(cell):
    """All text that the cell printed or displayed."""
    shown = (out.get("text", "") or data_of(out).get("text/plain", "") for out in cell.outputs)
    return "".join(map(str, shown))


def stated(cell):
    """What the cell shows of claims and measured numbers, a text for each output."""
    return [data_of(out)["text/plain"] for out in cell.outputs if "claims" in out.get("metadata", {})]


def parts(notebook) -> dict:
    """The cells of the core and those of Deeper, which begins with its heading."""
    starts = [k for k, cell in enumerate(notebook.cells) if re.search(r"^## Deeper\b", cell.source, re.M)]
    start = starts[0] if starts else len(notebook.cells)
    return {"core": notebook.cells[:start], "Deeper": notebook.cells[start:]}


def minutes(cells) -> int:
    """How long these cells take to read, to the nearest 5 minutes: words / 65 + lines of code / 14."""
    read = sum(words(cell) for cell in cells if cell.cell_type == "markdown") / WORDS_A_MINUTE
    code = sum(lines(cell) for cell in cells if cell.cell_type == "code") / LINES_A_MINUTE
    return 5 * round((read + code) / 5)


def lessons_of(notebooks) -> dict:
    return {path.name: notebook for path, notebook in notebooks.items() if is_lesson(path)}


def defined_terms(notebook) -> list[tuple]:
    """(cell, term, its sentence) for each **term** in bold; a label as **Next lesson.** is none."""
    found = []
    for cell in markdown_cells(notebook):
        text = re.sub(r"^#.*$|^\|.*$", "", without_fences(cell.source), flags=re.MULTILINE)
        ends = r"(?<=[.!?])[)*]*\s+(?=[A-Z*`$(])|(?<!:)\n{2,}|\n(?=[-\d])"  # of a sentence
        for sentence in re.split(ends, text):
            for term in re.findall(r"\*\*([^*\n]+)\*\*", sentence):
                if term[-1] not in ".:?!" and sentence.strip() != f"**{term}**":
                    found.append((cell, term, re.sub(r"^[-\d]+\.? ", "", sentence).strip()))
    return found


def previous(notebook):
    """The file name of the lesson before this one on the reader's path, or None."""
    for cell in notebook.cells:
        if found := re.search(r"\*\*Previous lesson[.:]?\*\* \[[^]]*\]\(([^)]+)\)", cell.source):
            return found[1]
    return None


def path_to(notebook, lessons) -> list:
    """The file names of all lessons before this one on the reader's path, the nearest first."""
    before, name = [], previous(notebook)
    while name in lessons and name not in before:  # two lessons may name each other by mistake
        before.append(name)
        name = previous(lessons[name])
    return before


def needs(notebook) -> dict:
    """Lesson → the lessons that must be read before it, both as numbers: the solid arrows of 00's map."""
    chart = next(cell.source for cell in notebook.cells if cell.get("id") == "map")
    chart = re.search(r"```mermaid\n.*?\n(.*?)```", chart, re.DOTALL)[1]
    number = dict(re.findall(r"(\w+)\[(\d\d) ", chart))
    before = {lesson: set() for lesson in number.values()}
    plain = re.sub(r"\[.*?\]|:::\w+", "", chart)
    for start, arrow, end in re.findall(r"(?=\b(\w+) +(-->|-\. why \.->) +(\w+))", plain):
        if arrow == "-->":
            before[number[end]].add(number[start])
    return before
