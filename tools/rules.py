"""The rules that every notebook keeps; `tests/tools/test_rules.py` shows each of them one that does not.

    python tools/rules.py                              # all notebooks of the course
    python tools/rules.py notebooks/06_vae_images.ipynb

A rule takes a notebook and its path and yields what breaks it: the cell (None for the whole notebook) and
a sentence. A rule of the course takes all notebooks, path → notebook, and yields the path too. Lessons are
notebooks/NN_name.ipynb, worked answers notebooks/solutions/NN_name.ipynb.
"""

import ast
import json
import re
import sys
from pathlib import Path

import course  # tools/course.py
import embed  # tools/embed.py
import nbformat
import yaml

from contentgen.claims import BROKEN

ROOT = Path(__file__).resolve().parent.parent
RULES, COURSE_RULES = [], []
BUDGETS = {"core": (2200, 240), "Deeper": (1800, 200)}  # words of prose, lines of code
# A core that says 10 words less may show a line more: a line is read in the time of 5 words, and run besides.
WORDS_A_LINE, MORE_LINES = 10, 60
OLD_FORM = {"01", "02", "90"}  # written before the budgets; it only gets shorter
EXERCISE = re.compile(r"exercise-(\d+)-(\d+)")
IGNORE = "nbval-ignore-output"
WIDGET = "application/vnd.jupyter.widget-view+json"


def rule(function):
    RULES.append(function)
    return function


def course_rule(function):
    COURSE_RULES.append(function)
    return function


def all_notebooks() -> dict:
    """Path → notebook: the lessons first, then the solutions; not a reader's own copies beside them."""
    return {path: read(path) for path in [*course.lessons(ROOT), *course.solutions(ROOT)]}


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


@rule
def notebook_is_valid(notebook, path):
    """Named NN_name.ipynb, format 4.5, kernel python3; no Python version, no notes of one run."""
    meta, kernel = notebook.metadata, notebook.metadata.get("kernelspec", {})
    if not re.fullmatch(r"\d\d_[a-z0-9_]+\.ipynb", path.name):
        yield None, f"the file is named {path.name}, expected NN_name.ipynb."
    if (notebook.nbformat, notebook.nbformat_minor) < (4, 5):
        yield None, f"format {notebook.nbformat}.{notebook.nbformat_minor}, expected 4.5."
    if (kernel.get("name"), kernel.get("display_name")) != ("python3", "Python 3 (ipykernel)"):
        yield None, f"the kernel is {dict(kernel)}, expected python3, Python 3 (ipykernel)."
    if "version" in meta.get("language_info", {}) or any(
        {"execution", "papermill"} & set(part.metadata) for part in [notebook, *notebook.cells]
    ):
        yield None, "its metadata differ in each run; `make run` stores it without them."


PARTS = {
    "title": {
        r"colab\.research\.google\.com/github/\S*notebooks/{name}": "the Colab link of this lesson",
        r"mybinder\.org/v2/\S*notebooks(/|%2F){name}": "the Binder link of this lesson",
        r"reading time\W+\d+ min": "the reading time",
        r"run time\W+(about )?\d+ s": "the run time",
    },
    "objectives": {
        r"\bobjectives?\b": "what the reader can do afterwards",
        r"\bprerequisites?\b": "what the reader needs",
        r"\b(previous|next) lesson\b": "the previous or the next lesson",
    },
    "setup": {
        r"except\W+(ImportError|ModuleNotFoundError)\b.*%pip install": "the guarded install",
        r"\bruntime\.setup\(": "runtime.setup(…)",
    },
    "recap": {r"further reading.*https?://": "further reading with a link to a source"},
}


@rule
def lesson_has_its_parts(notebook, path):
    """`title`, `objectives`, then the code cell `setup`; `recap` at the core's end; claims about training."""
    if not is_lesson(path):
        return
    order, code = ([cell.get("id") for cell in cells] for cells in (notebook.cells, code_cells(notebook)))
    ending = [cell.get("id") for cell in parts(notebook)["core"][-3:]]
    if order[:2] != ["title", "objectives"] or code[:1] != ["setup"] or "recap" not in ending:
        yield None, "expected title and objectives, setup as first code cell, recap at the end of the core."
        return
    if words(notebook.cells[0]) < 15:
        yield "title", "the promise is missing (fewer than 15 words in the cell)."
    for name, patterns in PARTS.items():
        start = order.index(name)
        end = len(order) if name == "recap" else start + 1
        text = "\n".join(cell.source for cell in notebook.cells[start:end])
        for pattern, what in patterns.items():
            pattern = pattern.replace("{name}", re.escape(path.name))
            if not re.search(pattern, text, re.IGNORECASE | re.DOTALL):
                yield name, f"{what} is missing."
    if trains(notebook) and not any(calls(cell, "claim") for cell in code_cells(notebook)):
        yield None, "trains a model and makes no claim(…) about it."


def parts(notebook) -> dict:
    """The cells of the core and those of Deeper, which begins with its heading."""
    starts = [k for k, cell in enumerate(notebook.cells) if re.search(r"^## Deeper\b", cell.source, re.M)]
    start = starts[0] if starts else len(notebook.cells)
    return {"core": notebook.cells[:start], "Deeper": notebook.cells[start:]}


def over_budget(notebook, before=frozenset()):
    """What is longer than BUDGETS allow, and a reading time that is not the core's words / 60.

    In a cell tagged `repeats`, lines of earlier lessons, `before`, are not counted: they have been read.
    """
    for part, cells in parts(notebook).items():
        read = sum(words(cell) for cell in cells if cell.cell_type == "markdown")
        code = sum(len(new_lines(cell, before)) for cell in cells if cell.cell_type == "code")
        most_words, most_lines = BUDGETS[part]
        if part == "core":
            most_lines += min(max(most_words - read, 0) // WORDS_A_LINE, MORE_LINES)
        for count, limit, what in ((read, most_words, "words"), (code, most_lines, "lines of code")):
            if count > limit:
                yield None, f"{part} has {count} {what}, more than {limit}."
        if part == "core":
            minutes = max(5, 5 * round(read / 300))
            stated = re.search(r"reading time\W+(\d+)", cells[0].source, re.IGNORECASE)
            if stated and int(stated[1]) != minutes:
                yield "title", f"states {stated[1]} minutes to read; {read} words make {minutes}."


def new_lines(cell, before) -> list:
    """The lines that are not blank; where the cell is tagged `repeats`, without those of earlier lessons."""
    stated = [line.strip() for line in cell.source.splitlines() if line.strip()]
    return [line for line in stated if line not in before] if "repeats" in tags(cell) else stated


def lines_before(notebook, lessons) -> set:
    """Every line of code of the lessons before this one on the reader's path."""
    cells = (cell for name in path_to(notebook, lessons) for cell in code_cells(lessons[name]))
    return {line.strip() for cell in cells for line in cell.source.splitlines()}


def lessons_of(notebooks) -> dict:
    return {path.name: notebook for path, notebook in notebooks.items() if is_lesson(path)}


@course_rule
def lessons_keep_their_budgets(notebooks):
    """The core in 2,200 words and 240 lines of code (a line more for 10 words less, up to 300), Deeper in
    1,800 and 200; an honest reading time. What a cell tagged `repeats` repeats is not counted."""
    lessons = lessons_of(notebooks)
    for path, notebook in notebooks.items():
        if is_lesson(path) and path.name[:2] not in OLD_FORM:
            for cell, text in over_budget(notebook, lines_before(notebook, lessons)):
                yield path, cell, text


@course_rule
def new_lines_are_marked(notebooks):
    """In a cell tagged `repeats`, a line that no earlier lesson has ends with `# + what is new`; names and
    docstrings are free."""
    free = re.compile(r'def |class |"""')
    lessons = lessons_of(notebooks)
    for path, notebook in notebooks.items():
        tagged = [cell for cell in code_cells(notebook) if "repeats" in tags(cell)]
        before = lines_before(notebook, lessons) if tagged else set()
        for cell in tagged:
            for line in map(str.strip, cell.source.splitlines()):
                bare = re.sub(r"  # \+ \w.*", "", line)
                if line and not free.match(line) and (bare != line) == (bare in before):
                    yield path, cell, f"{bare!r} is {'old and' if bare != line else 'new and not'} marked."


@rule
def headings_are_in_order(notebook, path):
    """One first-level heading, in the first cell; below it no level is skipped."""
    last = 0
    for cell in markdown_cells(notebook):
        for marks, text in re.findall(r"^(#{1,6}) +(.+)$", markdown(cell), flags=re.MULTILINE):
            if (len(marks) == 1) != (cell is notebook.cells[0] and last == 0) or len(marks) > last + 1:
                yield cell, f"the heading {text!r} is level {len(marks)} after level {last}."
            last = len(marks)
    if not last:
        yield None, "there is no heading."


@rule
def code_cells_are_short(notebook, path):
    """None over 40 lines, a train step at most 25."""
    for cell in code_cells(notebook):
        if lines(cell) > 40:
            yield cell, f"{lines(cell)} lines, more than 40."
        for node in ast.walk(tree(cell)):
            if isinstance(node, ast.FunctionDef) and node.name.endswith("_step"):
                body = cell.source.splitlines()[node.lineno - 1 : node.end_lineno]
                if (count := sum(bool(line.strip()) for line in body)) > 25:
                    yield cell, f"{node.name} has {count} lines, more than 25."


@rule
def ids_say_what_the_cell_is(notebook, path):
    """Every cell holds something and has its own id in kebab case; none is machine-made."""
    kebab = r"(?=.{1,64}$)[a-z][a-z0-9]*(-[a-z0-9]+)*"
    machine = r"(?=.*\d)[0-9a-f]{8}(-[0-9a-f]{4}-.*)?|[0-9a-f]{32}|(cell|code|md|markdown)-?\d*"
    seen = set()
    for cell in notebook.cells:
        name = cell.get("id", "")
        if not re.fullmatch(kebab, name) or re.fullmatch(machine, name):
            yield cell, f"{name!r} does not say what the cell is, as kl-closed-form does."
        if name in seen:
            yield cell, f"{name!r} stands on two cells."
        if not cell.source.strip():
            yield cell, "the cell is empty."
        seen.add(name)


@rule
def prose_does_not_belittle(notebook, path):
    """No "simply", "obviously", "of course", "as we all know"; quoted lines (`> …`) may say it."""
    belittling = re.compile(r"\b(simply|obviously|of\s+course|as\s+we\s+all\s+know)\b", re.IGNORECASE)
    for cell in markdown_cells(notebook):
        text = re.sub(r"^\s*>.*$", "", markdown(cell), flags=re.MULTILINE)
        for word in belittling.findall(text):
            yield cell, f"says {word!r}."


@rule
def links_exist(notebook, path):
    """What a relative link or picture names stands on disk; a picture says what it shows."""
    for cell in markdown_cells(notebook):
        text = markdown(cell)
        targets = re.findall(r"\]\(<?([^)\s>]+)[^)]*\)", text)
        for target in targets + re.findall(r"""(?:src|href)=["']([^"']+)["']""", text):
            exists = re.match(r"[a-z]+:|#", target) or (path.parent / target.split("#")[0]).exists()
            if not exists or target.startswith("/"):
                yield cell, f"links {target}, which does not exist."
        for bare in re.findall(r"!\[\s*\]\([^)]*\)|<img(?![^>]*\balt=[\"'][^\"'])[^>]*>", text):
            yield cell, f"no alt text: {bare}."


@rule
def pictures_show_on_colab(notebook, path):
    """Prose holds its pictures, as PNG in figures/ has them: Colab shows no linked file and no attachment."""
    for cell in markdown_cells(notebook):
        text = markdown(cell)
        for other in re.findall(r"!\[[^\]]*\]\([^)]*\)|<img[^>]*>", embed.LINK.sub("", text)):
            yield cell, f"{other}: expected a picture as ![…](figures/NAME.png)."
        on_disk = all((path.parent / name).exists() for _, name in embed.LINK.findall(text))
        if on_disk and cell.source != embed.embedded(cell.source, path.parent):
            yield cell, "does not hold its pictures as their files are; `make run` stores them."


@rule
def every_cell_was_run(notebook, path):
    """Execution counts are 1..n from top to bottom; no stored output is an error or standard error."""
    for number, cell in enumerate(code_cells(notebook), 1):
        if cell.get("execution_count") != number:
            yield cell, f"the execution count is {cell.get('execution_count')}, expected {number}."
        if any(out.output_type == "error" or out.get("name") == "stderr" for out in cell.outputs):
            yield cell, "stores an error or standard error."


@rule
def file_is_small(notebook, path):
    """The file has at most 600 kB."""
    if (size := len(nbformat.v4.writes(notebook).encode())) > 600_000:
        yield None, f"{size / 1000:.0f} kB, more than 600."


@rule
def no_absolute_path(notebook, path):
    """No path of the author's machine in a source, an output, the metadata or a widget's state."""
    base64 = r"base64,[\w+/=]+|\"(image/\w+|data)\": \"[\w+/=\\]+\""  # pictures, a widget's buffers
    machine = (
        r"(?<![\w.~-])/(?:home|root|Users|tmp|private|var|opt|usr|mnt|workspace)/[^\s'\"]*"
        r"|\b[A-Za-z]:\\+(?:Users|Windows|Program|Temp)[^\s'\"]*"
    )
    for cell in (None, *notebook.cells):
        text = json.dumps(notebook.metadata if cell is None else cell)
        text = re.sub(r"\\[nrt]", " ", re.sub(base64, "", text))  # a path may begin a line
        for place in re.findall(machine, text):
            yield cell, f"holds the absolute path {place}."


@rule
def figures_are_described(notebook, path):
    """Each figure's sentence stands in the alt text, the output below and the cell's metadata.

    `contentgen.plots` writes the first two; `make run` copies the sentence into the cell's
    `mystnb: {image: {alt: …}}`, which a website reads.
    """
    for cell in code_cells(notebook):
        site = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
        for output, after in zip(cell.outputs, [*cell.outputs[1:], {}], strict=False):
            for kind in pictures(output):
                alt = output.metadata.get(kind, {}).get("alt", "")
                if len(alt.split()) < 4 or not alt.endswith("."):
                    yield cell, f"a figure's alt text is no sentence: {alt!r}."
                elif alt not in data_of(after).get("text/markdown", "") or alt not in site:
                    yield cell, f"{alt!r} does not stand directly below its figure and in the metadata."


@rule
def varying_outputs_are_not_compared(notebook, path):
    """A cell that shows a picture, a widget or a progress bar is tagged `nbval-ignore-output`."""
    bar = re.compile(r"\r|━|█|\d(s|ms|us|µs)/(step|epoch|it)\b|\dit/s\b")
    for cell in code_cells(notebook):
        shown = any(pictures(out) or WIDGET in data_of(out) for out in cell.outputs)
        if IGNORE not in tags(cell) and (shown or bar.search(printed(cell))):
            yield cell, f"shows a picture, a widget or a progress bar without the tag {IGNORE}."


@rule
def results_are_compared(notebook, path):
    """A cell that states a result is compared, and prints nothing below it; none is hidden from nbval.

    Below, because Colab's older kernel shows a `claim` above what was printed before it.
    """
    allowed = {IGNORE, "nbval-check-output"}
    hides = {"raises-exception", "skip-execution", "injected-parameters"}
    for cell in code_cells(notebook):
        if IGNORE in tags(cell) and calls(cell, "claim", "measured", "measured_table", "check"):
            yield cell, f"states a result and is tagged {IGNORE}; split the cell."
        odd = [t for t in tags(cell) if t in hides or (t.startswith("nbval") and t not in allowed)]
        for tag in odd + re.findall(r"#\s*(NBVAL_\w+)", cell.source):
            yield cell, f"{tag!r} is not used here."
        stated = [call.lineno for call in calls(cell, "claim", "measured", "measured_table")]
        if stated and any(call.lineno > min(stated) for call in calls(cell, "print")):
            yield cell, "prints below a result."


def stated(cell):
    """What the cell shows of claims and measured numbers, a text for each output."""
    return [data_of(out)["text/plain"] for out in cell.outputs if "claims" in out.get("metadata", {})]


@rule
def claims_hold(notebook, path):
    """No claim is stored with ✗."""
    for cell in code_cells(notebook):
        for line in stated(cell):
            if line.startswith(BROKEN):
                yield cell, f"a claim does not hold: {line}."


@rule
def many_numbers_are_a_table(notebook, path):
    """No more than four measured numbers stand in a row as lines of their own."""
    for cell in code_cells(notebook):
        marks = "".join(line[0] for line in stated(cell))
        if "•••••" in marks:
            yield cell, "shows more than four measured numbers in a row; use measured_table."


@rule
def parameters_are_stated(notebook, path):
    """One cell tagged `parameters`; each line is `name: type = value  # meaning; full run: value`.

    A lesson with equations or training has such a cell, no notebook has two. The full-run values are
    those of notebooks/full.yaml, and the other way.
    """
    cells = [cell for cell in code_cells(notebook) if "parameters" in tags(cell)]
    needed = is_lesson(path) and (trains(notebook) or equations(notebook))
    if len(cells) > 1 or (needed and not cells):
        yield None, f"{len(cells)} cells are tagged parameters, expected one."
        return
    full_run = {}
    for node in tree(cells[0]).body if cells else []:
        comment = cells[0].source.splitlines()[node.end_lineno - 1].partition("  # ")[2]
        stated = isinstance(node, ast.AnnAssign) and node.value is not None
        if not stated or not comment or comment.startswith("full run"):
            yield cells[0], f"`{ast.unparse(node)}` is not `name: type = value  # meaning`."
        elif match := re.search(r"; full run: (.+)$", comment):
            full_run[dotted(node.target)] = yaml.safe_load(match[1])
    if is_lesson(path):
        stored = yaml.safe_load((path.parent / "full.yaml").read_text(encoding="utf-8"))
        if (in_yaml := stored.get(path.stem, {})) != full_run:
            yield None, f"the full run is {full_run} in the cell and {in_yaml} in full.yaml."


@rule
def equations_are_numbered(notebook, path):
    r"""In a lesson each `$$…$$` has its `\tag{6.3}`; the numbers rise, and none is named in vain."""
    if not is_lesson(path):
        return
    lesson, last = int(path.name[:2]), 0
    numbers = [number for _, number in equations(notebook)]
    for cell, number in equations(notebook):
        match = re.fullmatch(rf"{lesson}\.(\d+)", number)
        if not match or int(match[1]) <= last:
            yield cell, f"\\tag{{{number}}} after {lesson}.{last}: not in order."
        last = int(match[1]) if match else last
    for cell in markdown_cells(notebook):
        displays = re.findall(r"\$\$.*?\$\$", markdown(cell), flags=re.DOTALL)
        if any(r"\tag{" not in display for display in displays):
            yield cell, "an equation has no number."
        outside = re.sub(r"\$\$.*?\$\$", "", markdown(cell), flags=re.DOTALL)
        if re.search(r"\\begin\{(equation|align|gather)|\\tag\{", outside):
            yield cell, "an equation stands outside $$…$$."
    for cell in notebook.cells:
        for number in re.findall(rf"\b[Ee](?:quations?|q\.) \(?({lesson}\.\d+)", cell.source):
            if number not in numbers:
                yield cell, f"names equation {number}, which is not there."


@rule
def exercises_are_checked(notebook, path):
    """Three to five code cells `exercise-6-1`, -2, …, each with its check there or in the next code cell.

    One is enough in 00, and lessons from 90 on need none. A lesson stores "○" (not attempted), its
    solutions "✓"; they have the same exercises, and the solutions hold only what these need.
    """
    lesson, found = int(path.name[:2]), exercises(notebook)
    least = 1 if lesson == 0 else 0 if lesson >= 90 else 3
    if not least <= len(found) <= 5:
        yield None, f"{len(found)} code cells exercise-{lesson}-N, expected {least} to 5."
    mark, cells = "○" if is_lesson(path) else "✓", code_cells(notebook)
    for k, (cell, *_) in enumerate(found, 1):
        asked, near = f"check('{lesson}.{k}'", cells[cells.index(cell) :][:2]
        checks = [c for c in near if any(asked in ast.unparse(call) for call in calls(c, "check"))]
        if cell.id != f"exercise-{lesson}-{k}" or not checks or mark not in printed(checks[0]):
            yield cell, f"expected exercise-{lesson}-{k} and its check, which prints {mark}."
    folder = path.parent / "solutions" if is_lesson(path) else path.parent.parent
    partner = folder / path.name
    if (found or not is_lesson(path)) and not partner.exists():
        yield None, f"{folder.name}/{partner.name} does not exist."
    elif found and [c.id for c, *_ in found] != [c.id for c, *_ in exercises(read(partner))]:
        yield None, f"the exercises are not those of {folder.name}/{partner.name}."
    if not is_lesson(path):
        nodes = [node for cell in cells for node in ast.walk(tree(cell))]
        used = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
        for cell in cells:
            for node in tree(cell).body if not EXERCISE.match(cell.get("id", "")) else []:
                if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name not in used:
                    yield cell, f"{node.name} is not needed by any exercise."


@course_rule
def repeated_code_is_the_same(notebooks):
    """A repeated function or class is the same to the letter, or has another name; exercises are free."""
    first = {}
    for path, notebook in notebooks.items():
        for cell in code_cells(notebook):
            for node in [] if EXERCISE.match(cell.get("id", "")) else tree(cell).body:
                if isinstance(node, ast.FunctionDef | ast.ClassDef):
                    start = min([node.lineno, *(mark.lineno for mark in node.decorator_list)])
                    text = cell.source.splitlines()[start - 1 : node.end_lineno]
                    where, text_there = first.setdefault(node.name, (path.name, text))
                    if text != text_there:
                        yield path, cell, f"{node.name} differs from that in {where}."


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


@rule
def definitions_stand_alone(notebook, path):
    """The sentence that defines a term begins with no word that points back: it goes to the glossary."""
    back = re.compile(r"(That|This|These|Those|Such|It|Its|They|Another|So)\b|[a-z]")
    for cell, term, sentence in defined_terms(notebook):
        if match := back.match(sentence):
            yield cell, f"the sentence that defines {term!r} begins with {match[0]!r}."


@course_rule
def terms_are_defined_before_they_are_used(notebooks):
    """A term stands in bold where it is defined: above its first use, or in an earlier lesson on the path.

    What a lesson itself defines may stand in its title and objectives; headings and links are free.
    """
    lessons = lessons_of(notebooks)
    terms = {name: defined_terms(notebook) for name, notebook in lessons.items()}
    every = {term.lower() for found in terms.values() for _, term, _ in found}
    for path, notebook in notebooks.items():
        if not is_lesson(path):
            continue
        defined = {term.lower() for name in path_to(notebook, lessons) for _, term, _ in terms[name]}
        own = {term.lower() for _, term, _ in terms[path.name]}
        for cell in markdown_cells(notebook):
            defined |= {term.lower() for where, term, _ in terms[path.name] if where is cell}
            free = defined | own if cell.get("id") in ("title", "objectives") else defined
            text = prose(re.sub(r"^#.*$|(?<!!)\[[^]]*\]\(.*?\)", "", cell.source, flags=re.MULTILINE))
            for term in sorted(every - free):
                if re.search(rf"\b{re.escape(term)}(e?s)?\b", text, re.IGNORECASE):
                    yield path, cell, f"uses {term!r} before it is defined."


def networks_in_the_package(source: str, file: str):
    """No layers, models, gradient tapes or training losses in the package: a learner must see them.

    Takes a module's source and its path in the package, yields (line, sentence). Free are the judge's
    network in metrics/pictures.py and, in exercises, the names of functions.
    """
    module, free = ast.parse(source), set()
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef) and (file, node.name) == (
            "metrics/pictures.py",
            "_make_judge_network",
        ):
            free |= set(ast.walk(node))
    teaching = re.compile(r"(.*\.)?(keras\.(layers|losses)\b.*|(layers|losses)\..+|GradientTape|tf\.nn\..*)")
    built = re.compile(r"(.*\.)?(Model|Sequential|Functional|Layer)")
    for node in set(ast.walk(module)) - free:
        names = [dotted(node)] if isinstance(node, ast.Name | ast.Attribute) else []
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [f"{getattr(node, 'module', '')}.{alias.name}".lstrip(".") for alias in node.names]
        makes = [node.func] if isinstance(node, ast.Call) else getattr(node, "bases", [])
        names = [name for name in names if teaching.fullmatch(name)]
        names += [dotted(made) for made in makes if built.fullmatch(dotted(made))]
        if (
            isinstance(node, ast.FunctionDef)
            and node.name.endswith("_loss")
            and not file.startswith("exercises/")
        ):
            names.append(node.name)
        for name in names:
            yield node.lineno, f"{name} belongs in a lesson's cell."


def broken(notebooks) -> list[str]:
    """One line for each broken rule: file, cell, rule, sentence. Rules of the course need all notebooks."""
    found = [
        (path, cell, rule, text)
        for path, notebook in notebooks.items()
        for rule in RULES
        for cell, text in rule(notebook, path)
    ]
    whole = all_notebooks() | notebooks
    for rule in COURSE_RULES:
        found += [(path, cell, rule, text) for path, cell, text in rule(whole) if path in notebooks]
    return [f"{path}: {name_of(cell)}: {rule.__name__}: {text}" for path, cell, rule, text in found]


def name_of(cell):
    if cell is None or isinstance(cell, str):
        return cell or "(whole notebook)"
    return cell.get("id") or f"(no id: {cell.source[:30]!r})"


def main(names: list[str]) -> int:
    """Print what breaks a rule in these notebooks, or in all; return 1 if anything does."""
    notebooks = {path.resolve(): read(path) for path in map(Path, names)}
    found = broken(notebooks or all_notebooks())
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
