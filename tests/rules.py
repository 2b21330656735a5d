"""The rules that every notebook keeps (DESIGN: "Rules a test keeps", "Anatomy of a lesson").

    python tests/rules.py                              # all notebooks of the course
    python tests/rules.py notebooks/06_vae_images.ipynb

Each rule takes a notebook and its path and returns what breaks it: (cell id, sentence) pairs. A
rule of the whole course takes all notebooks at once. Lessons are notebooks/NN_name.ipynb, worked
answers notebooks/solutions/NN_name.ipynb. Rules that speak of a lesson pass on solutions, and the
other way.
"""

import ast
import io
import re
import sys
import tokenize
from math import ceil
from pathlib import Path

import nbformat
import yaml

ROOT = Path(__file__).resolve().parent.parent
WHOLE = "(whole notebook)"  # stands for the cell's id where no single cell breaks the rule
EXERCISE = re.compile(r"exercise-(\d+)-(\d+)")
IGNORE = "nbval-ignore-output"


def all_notebooks() -> list[Path]:
    """The course's notebooks: lessons first, then solutions."""
    folder = ROOT / "notebooks"
    return sorted(folder.glob("*.ipynb")) + sorted(folder.glob("solutions/*.ipynb"))


def read(path: Path):
    """The notebook as it stands in the file: nothing is repaired, so that the rules see it."""
    return nbformat.v4.reads(path.read_text(encoding="utf-8"))


# What the rules look at ---------------------------------------------------------------------------


def is_lesson(path):
    return path.parent.name != "solutions"


def lesson_number(path):
    return int(re.match(r"\d*", path.name).group() or -1)


def name_of(cell):
    return cell.get("id") or f"(no id: {cell.source[:30]!r})"


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def markdown_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def tags(cell):
    return cell.metadata.get("tags", [])


def lines(cell):
    """The cell's lines that are not blank."""
    return [line for line in cell.source.splitlines() if line.strip()]


def markdown(cell):
    """A Markdown cell's text without code: fenced blocks (diagrams too) and `code` are cut out."""
    text = re.sub(r"^(```|~~~).*?^\1", "", cell.source, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"`[^`\n]*`", "", text)


def words(cell):
    """How many words of prose: without code, formulas, comments, tags and link addresses."""
    text = re.sub(
        r"\$\$.*?\$\$|\$[^$\n]+\$|<[^>]*>|\]\([^)]*\)", " ", markdown(cell), flags=re.DOTALL
    )
    return len(re.findall(r"[^\W\d_][\w'’-]*", text))


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


def data_of(output):
    return output.get("data", {})


def pictures(output):
    return [kind for kind in data_of(output) if kind.startswith("image/")]


def printed(cell):
    """All text that the cell printed or displayed."""
    return "".join(
        out.get("text", "") or str(data_of(out).get("text/plain", "")) for out in cell.outputs
    )


# The code -----------------------------------------------------------------------------------------


def code_cells_are_short(notebook, path):
    """None over 40 lines, a train step at most 25; in lessons the 90th percentile ≤ 25.

    Blank lines do not count. The 90th percentile is the nearest rank: with ten cells, the ninth.
    """
    found = []
    for cell in code_cells(notebook):
        if len(lines(cell)) > 40:
            found.append((name_of(cell), f"{len(lines(cell))} lines, more than 40."))
        for node in ast.walk(tree(cell)):
            if isinstance(node, ast.FunctionDef) and node.name.endswith("_step"):
                body = cell.source.splitlines()[node.lineno - 1 : node.end_lineno]
                count = sum(bool(line.strip()) for line in body)
                if count > 25:
                    found.append((name_of(cell), f"{node.name} has {count} lines, more than 25."))
    sizes = sorted(len(lines(cell)) for cell in code_cells(notebook))
    if sizes and is_lesson(path) and (high := sizes[ceil(0.9 * len(sizes)) - 1]) > 25:
        found.append((WHOLE, f"the 90th percentile of code cells is {high} lines, more than 25."))
    return found


def no_cell_is_empty(notebook, path):
    """A cell holds something."""
    return [(name_of(c), "the cell is empty.") for c in notebook.cells if not c.source.strip()]


def training_ignores_the_clock(notebook, path):
    """Training ends after a fixed number of steps: no `if` or `while` asks what time it is.

    A name that was computed from the clock counts as the clock: `elapsed > 40` is found too.
    """
    clocks = {"time", "time_ns", "perf_counter", "monotonic", "process_time", "now"}
    found = []
    for cell in code_cells(notebook):
        timed = set()

        def asks(node, timed=timed):
            return any(
                (isinstance(part, ast.Call) and dotted(part.func).split(".")[-1] in clocks)
                or (isinstance(part, ast.Name) and part.id in timed)
                for part in ast.walk(node)
            )

        nodes = [node for node in ast.walk(tree(cell)) if hasattr(node, "lineno")]
        for node in sorted(nodes, key=lambda node: node.lineno):
            if isinstance(node, ast.Assign) and asks(node.value):
                timed.update(dotted(target) for target in node.targets)
            if isinstance(node, ast.If | ast.While | ast.IfExp) and asks(node.test):
                found.append((name_of(cell), f"line {node.lineno} decides by the clock."))
    return found


# The prose ----------------------------------------------------------------------------------------


def enough_prose(notebook, path):
    """A lesson has as many words as a reader needs to follow without running anything.

    Measured as at least 400 words (promise, objectives, idea and recap in full sentences) and at least 4
    words for each line of code.
    """
    count = sum(words(cell) for cell in markdown_cells(notebook))
    needed = max(400, 4 * sum(len(lines(cell)) for cell in code_cells(notebook)))
    if is_lesson(path) and count < needed:
        return [(WHOLE, f"{count} words of prose; with this much code it needs {needed}.")]
    return []


def code_is_explained_before_it_runs(notebook, path):
    """No cell is run that was not explained: the cell before a code cell is Markdown.

    Two pairs may stand together: `setup` and the parameters cell, `exercise-6-1` and
    `exercise-6-1-check`.
    """
    found = []
    for before, cell in zip([None, *notebook.cells], notebook.cells, strict=False):
        if cell.cell_type != "code" or (before is not None and before.cell_type == "markdown"):
            continue
        left = before.get("id", "") if before is not None else ""
        pair = (left == "setup" and "parameters" in tags(cell)) or (
            EXERCISE.fullmatch(left) and cell.get("id") == f"{left}-check"
        )
        if not pair:
            found.append((name_of(cell), "no Markdown cell stands directly before this code cell."))
    return found


def headings_are_in_order(notebook, path):
    """One first-level heading, in the first cell; below it no level is skipped."""
    found, last = [], 0
    for position, cell in enumerate(notebook.cells):
        if cell.cell_type != "markdown":
            continue
        for marks, text in re.findall(r"^(#{1,6}) +(.+)$", markdown(cell), flags=re.MULTILINE):
            level = len(marks)
            if level == 1 and (position > 0 or last):
                found.append((name_of(cell), f"a second first-level heading: {text!r}."))
            elif level > last + 1:
                found.append((name_of(cell), f"{text!r} is level {level} after level {last}."))
            last = level
    return found or ([] if last else [(WHOLE, "there is no heading.")])


def prose_does_not_belittle(notebook, path):
    """No "simply", "obviously", "of course", "as we all know"; quoted lines (`> …`) may say it."""
    belittling = re.compile(
        r"\b(simply|obviously|of\s+course|as\s+we\s+all\s+know)\b", re.IGNORECASE
    )
    found = []
    for cell in markdown_cells(notebook):
        text = re.sub(r"^\s*>.*$", "", markdown(cell), flags=re.MULTILINE)
        found += [(name_of(cell), f"says {word!r}.") for word in belittling.findall(text)]
    return found


def links_exist(notebook, path):
    """What a relative link or picture names stands on disk; an attachment is attached."""
    found = []
    for cell in markdown_cells(notebook):
        targets = re.findall(r"\]\(<?([^)\s>]+)[^)]*\)", markdown(cell))
        targets += re.findall(r"""(?:src|href)=["']([^"']+)["']""", markdown(cell))
        for target in targets:
            if target.startswith("attachment:"):
                there = target.removeprefix("attachment:") in cell.get("attachments", {})
            elif re.match(r"[a-z]+:|#", target):
                continue
            else:
                relative = not target.startswith("/")
                there = relative and (path.parent / target.split("#")[0]).exists()
            if not there:
                found.append((name_of(cell), f"links {target}, which does not exist."))
    return found


# The stored outputs -------------------------------------------------------------------------------


def every_cell_was_run(notebook, path):
    """Execution counts are 1..n from top to bottom: each cell was run once, in order."""
    return [
        (name_of(cell), f"the execution count is {cell.get('execution_count')}, expected {number}.")
        for number, cell in enumerate(code_cells(notebook), 1)
        if cell.get("execution_count") != number
    ]


def nothing_went_wrong(notebook, path):
    """No stored output is an error or standard error."""
    return [
        (name_of(cell), f"stores an {out.ename}." if "ename" in out else "stores standard error.")
        for cell in code_cells(notebook)
        for out in cell.outputs
        if out.output_type == "error" or out.get("name") == "stderr"
    ]


def file_is_small(notebook, path):
    """The file has at most 600 kB."""
    size = len(nbformat.v4.writes(notebook).encode())
    return [(WHOLE, f"{size / 1000:.0f} kB, more than 600.")] if size > 600_000 else []


def texts(value):
    """All text inside a notebook's part, without base64: pictures, buffers, data addresses."""
    if isinstance(value, str):
        yield re.sub(r"base64,[A-Za-z0-9+/=\s]+", "", value)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)
    elif isinstance(value, dict):
        for key, part in value.items():
            binary = key.startswith("image/") and key != "image/svg+xml" and isinstance(part, str)
            if not binary and key != "buffers":
                yield from texts(part)


def no_absolute_path(notebook, path):
    """No path of the author's machine in a source, an output, the metadata or a widget's state."""
    machine = re.compile(
        r"(?<![\w.~-])/(?:home|root|Users|tmp|private|var|opt|usr|mnt|workspace)/[^\s'\"]*"
        r"|\b[A-Za-z]:\\+(?:Users|Windows|Program|Temp)[^\s'\"]*"
    )
    parts = [(WHOLE, notebook.metadata)] + [(name_of(cell), cell) for cell in notebook.cells]
    return [
        (name, f"holds the absolute path {place}.")
        for name, part in parts
        for text in texts(part)
        for place in machine.findall(text)
    ]


def figures_are_described(notebook, path):
    """Each figure's sentence stands in the alt text, the output below and the cell's metadata.

    `contentgen.plots` writes the first two; `python tools/notebook.py run` copies the sentence into
    the cell's `mystnb: {image: {alt: …}}`, which a website reads.
    """
    found = []
    for cell in code_cells(notebook):
        for output, after in zip(cell.outputs, [*cell.outputs[1:], {}], strict=False):
            for kind in pictures(output):
                alt = output.metadata.get(kind, {}).get("alt", "")
                site = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
                if len(alt.split()) < 4 or not alt.rstrip().endswith("."):
                    found.append((name_of(cell), f"a figure's alt text is no sentence: {alt!r}."))
                elif alt not in data_of(after).get("text/markdown", ""):
                    found.append(
                        (name_of(cell), f"{alt!r} does not stand directly below its figure.")
                    )
                elif alt not in site:
                    found.append((name_of(cell), f"{alt!r} is not in the cell's mystnb metadata."))
    return found


def markdown_pictures_have_alt_text(notebook, path):
    """A picture in Markdown says what it shows: `![alt](…)`, `<img alt="…">`."""
    bare = re.compile(r"!\[\s*\]\([^)]*\)|<img(?![^>]*\balt=[\"'][^\"']+[\"'])[^>]*>")
    return [
        (name_of(cell), f"no alt text: {picture}.")
        for cell in markdown_cells(notebook)
        for picture in bare.findall(markdown(cell))
    ]


def metadata_is_the_same_everywhere(notebook, path):
    """Kernel python3, "Python 3 (ipykernel)"; no Python version, time stamps or papermill notes."""
    meta, found = notebook.metadata, []
    kernel = meta.get("kernelspec", {})
    if (kernel.get("name"), kernel.get("display_name")) != ("python3", "Python 3 (ipykernel)"):
        found.append(
            (WHOLE, f"the kernel is {dict(kernel)}, expected python3, Python 3 (ipykernel).")
        )
    if "version" in meta.get("language_info", {}):
        found.append((WHOLE, "language_info names a Python version."))
    for name, part in [(WHOLE, meta), *((name_of(c), c.metadata) for c in notebook.cells)]:
        found += [
            (name, f"metadata {k!r} differs in each run.")
            for k in ("execution", "papermill")
            if k in part
        ]
    return found


# Ids and tags -------------------------------------------------------------------------------------


def ids_say_what_the_cell_is(notebook, path):
    """Every cell has its own short kebab-case id that says what it is; none is machine-made."""
    kebab = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
    machine = re.compile(
        r"(?=.*\d)[0-9a-f]{8}|[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-.*"  # Jupyter's random ids
        r"|(cell|code|md|markdown)-?\d*"
    )
    found, seen = [], set()
    for cell in notebook.cells:
        name = cell.get("id", "")
        if not kebab.fullmatch(name) or len(name) > 64:
            found.append((name_of(cell), f"{name!r} is not an id such as kl-closed-form."))
        elif machine.fullmatch(name):
            found.append((name_of(cell), f"{name!r} does not say what the cell is."))
        elif name in seen:
            found.append((name_of(cell), f"{name!r} stands on two cells."))
        seen.add(name)
    return found


def varying_outputs_are_not_compared(notebook, path):
    """A cell that shows a picture, a widget or a progress bar is tagged `nbval-ignore-output`."""
    bar = re.compile(r"\r|━|█|\d(s|ms|us|µs)/(step|epoch|it)\b|\dit/s\b")
    widget = "application/vnd.jupyter.widget-view+json"
    return [
        (name_of(cell), f"shows a picture, a widget or a progress bar without the tag {IGNORE}.")
        for cell in code_cells(notebook)
        if IGNORE not in tags(cell)
        and (
            bar.search(printed(cell))
            or any(pictures(o) or widget in data_of(o) for o in cell.outputs)
        )
    ]


def results_are_compared(notebook, path):
    """A cell that states a result (`claim`, `measured`, `check`) is compared; none is hidden from nbval."""
    known = {IGNORE, "nbval-check-output"}
    hides = {"raises-exception", "skip-execution", "injected-parameters"}
    found = []
    for cell in code_cells(notebook):
        if IGNORE in tags(cell) and calls(cell, "claim", "measured", "check"):
            found.append(
                (name_of(cell), f"states a result and is tagged {IGNORE}; split the cell.")
            )
        odd = [
            tag
            for tag in tags(cell)
            if tag in hides or (tag.startswith("nbval") and tag not in known)
        ]
        odd += re.findall(r"#\s*(NBVAL_\w+)", cell.source)
        found += [(name_of(cell), f"{tag!r} is not used here.") for tag in odd]
    return found


def claims_come_last(notebook, path):
    """Nothing is printed below a `claim` or `measured`: Colab's older kernel would show it above."""
    found = []
    for cell in code_cells(notebook):
        stated = calls(cell, "claim", "measured")
        first = min((call.lineno for call in stated), default=None)
        below = [call for call in calls(cell, "print") if first and call.lineno > first]
        if below:
            found.append((name_of(cell), f"line {below[0].lineno} prints below a result."))
    return found


# The parameters -----------------------------------------------------------------------------------


def comments(cell):
    """Line number → comment."""
    tokens = tokenize.generate_tokens(io.StringIO(cell.source).readline)
    return {token.start[0]: token.string for token in tokens if token.type == tokenize.COMMENT}


def literal(text):
    try:
        return ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return text  # a bare word, such as mnist


def parameters_are_stated(notebook, path):
    """One cell tagged `parameters`; each line is `name: type = value  # meaning; full run: value`.

    A lesson with equations or training has such a cell, no notebook has two. `full run` may be left
    out where the value is the same; the full-run values are those of notebooks/full.yaml, and the
    other way.
    """
    cells = [cell for cell in code_cells(notebook) if "parameters" in tags(cell)]
    needed = is_lesson(path) and (trains(notebook) or equations(notebook))
    if len(cells) > 1 or (needed and not cells):
        return [(WHOLE, f"{len(cells)} cells are tagged parameters, expected one.")]
    found, full_run = [], {}
    for cell in cells:
        for node in tree(cell).body:
            text = ast.unparse(node)
            if not isinstance(node, ast.AnnAssign) or node.value is None:
                found.append((name_of(cell), f"`{text}` is not `name: type = value  # meaning`."))
                continue
            comment = comments(cell).get(node.end_lineno, "").lstrip("# ")
            if not comment or comment.startswith("full run"):
                found.append(
                    (name_of(cell), f"`{text}` has no comment on its line that says what it means.")
                )
            if match := re.search(r"; full run: (.+)$", comment):
                full_run[dotted(node.target)] = literal(match[1])
    if is_lesson(path):
        file = path.parent / "full.yaml"
        stored = yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else {}
        stored = (stored or {}).get(path.stem) or {}
        name = name_of(cells[0]) if cells else WHOLE
        for key in sorted(full_run.keys() | stored.keys()):
            here, there = full_run.get(key, "nothing"), stored.get(key, "nothing")
            if here != there:
                found.append(
                    (name, f"full run of {key}: the cell says {here!r}, full.yaml says {there!r}.")
                )
    return found


# The equations ------------------------------------------------------------------------------------


def equations_are_numbered(notebook, path):
    r"""In a lesson each `$$…$$` has its `\tag{6.3}`; the numbers begin with the lesson's and rise.

    Text and comments that say "equation (6.3)" mean one that is there.
    """
    if not is_lesson(path):
        return []
    found, last, lesson = [], 0, lesson_number(path)
    for cell in markdown_cells(notebook):
        outside = re.sub(r"\$\$.*?\$\$", "", markdown(cell), flags=re.DOTALL)
        if re.search(r"\\begin\{(equation|align|gather)|\\tag\{", outside):
            found.append((name_of(cell), "an equation stands outside $$…$$."))
        for display in re.findall(r"\$\$(.*?)\$\$", markdown(cell), flags=re.DOTALL):
            if r"\tag{" not in display:
                found.append((name_of(cell), f"no \\tag in $${display.strip()[:40]}…$$."))
    for cell, number in equations(notebook):
        if not re.fullmatch(rf"{lesson}\.\d+", number) or int(number.split(".")[1]) <= last:
            found.append((name_of(cell), f"\\tag{{{number}}} after {lesson}.{last}: not in order."))
        else:
            last = int(number.split(".")[1])
    known = {number for _, number in equations(notebook)}
    for cell in notebook.cells:
        for number in re.findall(rf"\b[Ee](?:quations?|q\.) \(?({lesson}\.\d+)", cell.source):
            if number not in known:
                found.append((name_of(cell), f"names equation {number}, which is not there."))
    return found


def equations_have_a_code_table(notebook, path):
    """A lesson with three or more equations has an "Equation ↔ code" heading with a table below."""
    if not is_lesson(path) or len(equations(notebook)) < 3:
        return []
    for cell in markdown_cells(notebook):
        _, heading, below = (
            *re.split(r"(?im)^(#+ .*equation.*code.*)$", cell.source, maxsplit=1),
            "",
            "",
        )[:3]
        if heading and re.search(r"^\|[ :|-]+\|\s*$", below, flags=re.MULTILINE):
            return []
    return [(WHOLE, 'no cell with a heading "Equation ↔ code" and a table below it.')]


# The exercises ------------------------------------------------------------------------------------


def exercises(notebook):
    """The exercises in order: (cell, "6", "1") for the code cell `exercise-6-1`."""
    found = ((cell, EXERCISE.fullmatch(cell.get("id", ""))) for cell in code_cells(notebook))
    return [(cell, *match.groups()) for cell, match in found if match]


def exercises_are_checked(notebook, path):
    """Code cells `exercise-6-1`, -2, … each followed by its check.

    Three to five in a lesson; one is enough in 00, and lessons from 90 on need none. The check
    `check("6.1", …)` stands in the cell or in the next code cell. The lesson stores "○" (not
    attempted), the solutions store "✓".
    """
    lesson, there, found = lesson_number(path), exercises(notebook), []
    least = 1 if lesson == 0 else 0 if lesson >= 90 else 3
    if is_lesson(path) and not least <= len(there) <= 5:
        found.append(
            (WHOLE, f"{len(there)} code cells exercise-{lesson}-N, expected {least} to 5.")
        )
    mark = "○" if is_lesson(path) else "✓"
    cells = code_cells(notebook)
    for position, (cell, first, second) in enumerate(there, 1):
        if (int(first), int(second)) != (lesson, position):
            found.append((name_of(cell), f"expected exercise-{lesson}-{position} here."))
        start = cells.index(cell)
        checks = [
            near
            for near in cells[start : start + 2]
            for call in calls(near, "check")
            if call.args and ast.unparse(call.args[0]) == f"'{first}.{second}'"
        ]
        if not checks:
            found.append(
                (name_of(cell), f'no check("{first}.{second}", …) here or in the next code cell.')
            )
        elif mark not in printed(checks[0]):
            found.append((name_of(checks[0]), f"its check did not print {mark}."))
    return found


def solutions_answer_the_exercises(notebook, path):
    """A lesson with exercises has a solutions notebook with the same ids, and only what they need.

    What they need: at most 12 further code cells, and each function or class in them is used.
    """
    found, here = [], [name_of(cell) for cell, *_ in exercises(notebook)]
    partner = (
        path.parent / "solutions" / path.name if is_lesson(path) else path.parent.parent / path.name
    )
    if not partner.exists():
        wanted = here or not is_lesson(path)
        return [(WHOLE, f"{partner.parent.name}/{partner.name} does not exist.")] if wanted else []
    there = [name_of(cell) for cell, *_ in exercises(read(partner))]
    if here != there:
        found.append(
            (WHOLE, f"exercises {here}, but {partner.parent.name}/{partner.name} has {there}.")
        )
    if is_lesson(path):
        return found
    others = [
        cell for cell in code_cells(notebook) if not cell.get("id", "").startswith("exercise-")
    ]
    if len(others) > 12:
        found.append((WHOLE, f"{len(others)} code cells beside the exercises, more than 12."))
    nodes = [node for cell in code_cells(notebook) for node in ast.walk(tree(cell))]
    used = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    for cell in others:
        for node in tree(cell).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name not in used:
                found.append((name_of(cell), f"{node.name} is not needed by any exercise."))
    return found


# The anatomy --------------------------------------------------------------------------------------


def lesson_has_its_parts(notebook, path):
    """A lesson begins with `title`, `objectives` and the code cell `setup`, and ends with `recap`.

    `title`: heading, a promise, Colab and Binder badges of this lesson, reading time, run time.
    `objectives`: objectives, prerequisites, the article's part, previous or next lesson.
    `setup`: installs the package only where it is missing, `runtime.setup(…)`.
    `recap`: among the last three cells; from it on, "Further reading" with a link to a source.
    A lesson that trains proves what it reached with `claim(…)`.
    """
    if not is_lesson(path):
        return []
    found = []
    cells = {cell.get("id"): cell for cell in notebook.cells}
    order = [cell.get("id") for cell in notebook.cells]
    code = [cell.get("id") for cell in code_cells(notebook)]
    if order[:2] != ["title", "objectives"]:
        found.append((WHOLE, f"begins with {order[:2]}, expected title and objectives."))
    if code[:1] != ["setup"]:
        found.append((WHOLE, f"the first code cell is {code[:1]}, expected setup."))
    if "recap" not in order[-3:]:
        found.append((WHOLE, "no cell `recap` among the last three."))

    def want(name, *patterns):
        text = cells[name].source if name in cells else ""
        for pattern, what in patterns:
            if name in cells and not re.search(pattern, text, re.IGNORECASE | re.DOTALL):
                found.append((name, f"{what} is missing."))

    file = re.escape(f"notebooks/{path.name}")
    want(
        "title",
        (rf"colab\.research\.google\.com/github/[^)\s]*{file}", "the Colab badge of this lesson"),
        (
            r"mybinder\.org/v2/[^)\s]*" + file.replace("/", "(?:/|%2F)"),
            "the Binder badge of this lesson",
        ),
        (r"reading\W+time\b.{0,40}min", "the reading time"),
        (r"run(ning)?\W+time\b.{0,40}(\bs\b|sec|min)", "the run time"),
    )
    if "title" in cells and words(cells["title"]) < 15:
        found.append(("title", "the promise is missing (fewer than 15 words in the cell)."))
    want(
        "objectives",
        (r"\bobjectives?\b", 'the word "Objectives"'),
        (r"\bprerequisites?\b", 'the word "Prerequisites"'),
        (r"\barticle\b", "what of the article the lesson covers"),
        (r"\b(previous|next)\b", "the previous or the next lesson"),
    )
    want(
        "setup",
        (
            r"except\W+\(?[\w, ]*(ImportError|ModuleNotFoundError)\b.*%pip install",
            "the guarded install",
        ),
        (r"\bruntime\.setup\(", "runtime.setup(…)"),
    )
    ending = (
        "\n".join(c.source for c in notebook.cells[order.index("recap") :])
        if "recap" in order
        else ""
    )
    if ending and not re.search(r"further reading.*https?://", ending, re.IGNORECASE | re.DOTALL):
        found.append(("recap", '"Further reading" with a link to a primary source is missing.'))
    if trains(notebook) and not any(calls(cell, "claim") for cell in code_cells(notebook)):
        found.append((WHOLE, "trains a model and makes no claim(…) about it."))
    return found


def notebook_is_valid(notebook, path):
    """nbformat 4.5 or later, named NN_name.ipynb."""
    found = []
    if not re.fullmatch(r"\d\d_[a-z0-9_]+\.ipynb", path.name):
        found.append((WHOLE, f"the file is named {path.name}, expected NN_name.ipynb."))
    if (notebook.nbformat, notebook.nbformat_minor) < (4, 5):
        found.append(
            (WHOLE, f"format {notebook.nbformat}.{notebook.nbformat_minor}, expected 4.5.")
        )
    return found


RULES = (
    notebook_is_valid,
    metadata_is_the_same_everywhere,
    lesson_has_its_parts,
    headings_are_in_order,
    no_cell_is_empty,
    code_cells_are_short,
    training_ignores_the_clock,
    enough_prose,
    code_is_explained_before_it_runs,
    prose_does_not_belittle,
    links_exist,
    every_cell_was_run,
    nothing_went_wrong,
    file_is_small,
    no_absolute_path,
    figures_are_described,
    markdown_pictures_have_alt_text,
    ids_say_what_the_cell_is,
    varying_outputs_are_not_compared,
    results_are_compared,
    claims_come_last,
    parameters_are_stated,
    equations_are_numbered,
    equations_have_a_code_table,
    exercises_are_checked,
    solutions_answer_the_exercises,
)


# Of the whole course, and of the package ----------------------------------------------------------


def repeated_code_is_the_same(notebooks):
    """A repeated function or class is the same to the letter, or has another name.

    Takes path → notebook, returns (path, cell id, sentence). Exercises are free: blanks differ.
    """
    first, found = {}, []
    for path, notebook in notebooks.items():
        for cell in code_cells(notebook):
            if cell.get("id", "").startswith("exercise-"):
                continue
            for node in tree(cell).body:
                if not isinstance(node, ast.FunctionDef | ast.ClassDef):
                    continue
                start = min([node.lineno, *(mark.lineno for mark in node.decorator_list)])
                text = [
                    line.rstrip() for line in cell.source.splitlines()[start - 1 : node.end_lineno]
                ]
                where, known = first.setdefault(node.name, (f"{path.name}, {name_of(cell)}", text))
                if text != known:
                    found.append(
                        (path, name_of(cell), f"{node.name} differs from that in {where}.")
                    )
    return found


def networks_in_the_package(source: str, file: str) -> list[tuple[int, str]]:
    """No layers, models, gradient tapes or training losses in the package: a learner must see them.

    Takes a module's source and its file name, returns (line, sentence). `_make_judge_network` in
    metrics.py is free; loading a model and naming `keras.Model` in an annotation are, everywhere.
    """
    module, free = ast.parse(source), set()
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef) and node.name == "_make_judge_network":
            free |= set(ast.walk(node)) if file == "metrics.py" else set()
    teaching = re.compile(r"(.*\.)?(keras\.(layers|losses)\b.*|(layers|losses)\..+|GradientTape)")
    built = {"Model", "Sequential", "Functional", "Layer"}
    found = set()
    for node in set(ast.walk(module)) - free:
        if isinstance(node, ast.Name | ast.Attribute) and teaching.fullmatch(dotted(node)):
            found.add((node.lineno, dotted(node)))
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                if teaching.fullmatch(name):
                    found.add((node.lineno, name))
        elif isinstance(node, ast.Import):
            found |= {(node.lineno, a.name) for a in node.names if teaching.fullmatch(a.name)}
        elif isinstance(node, ast.Call) and dotted(node.func).split(".")[-1] in built:
            found.add((node.lineno, f"{dotted(node.func)}(…)"))
        elif isinstance(node, ast.Call) and dotted(node.func).startswith("tf.nn."):
            found.add((node.lineno, dotted(node.func)))
        elif isinstance(node, ast.ClassDef):
            bases = {dotted(base) for base in node.bases}
            found |= {
                (node.lineno, f"class {node.name}({b})") for b in bases if b.split(".")[-1] in built
            }
        elif isinstance(node, ast.FunctionDef) and node.name.endswith("_loss"):
            found.add((node.lineno, f"{node.name}()"))
    return [(line, f"{what} belongs in a lesson's cell.") for line, what in sorted(found)]


def main(names: list[str]) -> int:
    """Print what breaks a rule in these notebooks, or in all; return 1 if anything does."""
    notebooks = {path: read(path) for path in map(Path, names or all_notebooks())}
    broken = [
        (path, cell, rule.__name__, sentence)
        for path, notebook in notebooks.items()
        for rule in RULES
        for cell, sentence in rule(notebook, path)
    ]
    name = repeated_code_is_the_same.__name__
    broken += [
        (path, cell, name, text) for path, cell, text in repeated_code_is_the_same(notebooks)
    ]
    for path, cell, rule, sentence in broken:
        print(f"{path}: {cell}: {rule}: {sentence}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
