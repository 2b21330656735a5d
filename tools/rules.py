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
from contents import (  # tools/contents.py
    EXERCISE,
    calls,
    code_cells,
    data_of,
    defined_terms,
    definitions,
    dotted,
    equations,
    exercises,
    is_lesson,
    lessons_of,
    lines,
    markdown,
    markdown_cells,
    minutes,
    parts,
    path_to,
    pictures,
    printed,
    prose,
    read,
    stated,
    tags,
    trains,
    tree,
)  # fmt: skip

from contentgen.claims import BROKEN

ROOT = Path(__file__).resolve().parent.parent
RULES, COURSE_RULES = [], []
MINUTES = {"core": 40, "Deeper": 45}
# Cores that take longer, with their minutes: both only get shorter.
LONGER = {
    "01": 110, "02": 105, "03": 50, "04": 50, "05": 50, "07": 50, "08": 50, "09": 50, "10": 50,
    "11": 45, "12": 45, "90": 100,
}  # fmt: skip
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


@rule
def notebook_is_valid(notebook, path):
    """Format 4.5, kernel python3."""
    if (notebook.nbformat, notebook.nbformat_minor) < (4, 5):
        yield None, f"format {notebook.nbformat}.{notebook.nbformat_minor}, expected 4.5."
    if (kernel := notebook.metadata.get("kernelspec", {}).get("name")) != "python3":
        yield None, f"the kernel is {kernel}, expected python3."


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
    """`title`, `objectives`, then the code cell `setup`; `recap` at the core's end."""
    if not is_lesson(path):
        return
    order, code = ([cell.get("id") for cell in cells] for cells in (notebook.cells, code_cells(notebook)))
    ending = [cell.get("id") for cell in parts(notebook)["core"][-3:]]
    if order[:2] != ["title", "objectives"] or code[:1] != ["setup"] or "recap" not in ending:
        yield None, "expected title and objectives, setup as first code cell, recap at the end of the core."
        return
    for name, patterns in PARTS.items():
        start = order.index(name)
        end = len(order) if name == "recap" else start + 1
        text = "\n".join(cell.source for cell in notebook.cells[start:end])
        for pattern, what in patterns.items():
            pattern = pattern.replace("{name}", re.escape(path.name))
            if not re.search(pattern, text, re.IGNORECASE | re.DOTALL):
                yield name, f"{what} is missing."


@rule
def lessons_say_how_long_they_take(notebook, path):
    """The core states its minutes, at most 40; Deeper takes at most 45."""
    if not is_lesson(path):
        return
    taken = {part: minutes(cells) for part, cells in parts(notebook).items()}
    limits = MINUTES | {"core": LONGER.get(path.name[:2], MINUTES["core"])}
    for part, limit in limits.items():
        if taken[part] > limit:
            yield None, f"{part} takes {taken[part]} minutes to read, more than {limit}."
    title = re.search(r"reading time\W+(\d+)", notebook.cells[0].source, re.IGNORECASE)
    if title and int(title[1]) != taken["core"]:
        yield "title", f"states {title[1]} minutes to read; it takes {taken['core']}."


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
    """None has over 40 lines."""
    for cell in code_cells(notebook):
        if lines(cell) > 40:
            yield cell, f"{lines(cell)} lines, more than 40."


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


@rule
def claims_hold(notebook, path):
    """No claim is stored with ✗."""
    for cell in code_cells(notebook):
        for line in stated(cell):
            if line.startswith(BROKEN):
                yield cell, f"a claim does not hold: {line}."


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
    for cell in notebook.cells:
        for number in re.findall(rf"\b[Ee](?:quations?|q\.) \(?({lesson}\.\d+)", cell.source):
            if number not in numbers:
                yield cell, f"names equation {number}, which is not there."


@rule
def exercises_are_checked(notebook, path):
    """Three to five code cells `exercise-6-1`, -2, …, each with its check there or in the next code cell.

    One is enough in 00, and lessons from 90 on need none. A lesson stores "○" (not attempted), its
    solutions "✓"; both have the same exercises.
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


@course_rule
def repeated_code_is_the_same(notebooks):
    """A repeated function or class is the same to the letter, or has another name; exercises are free."""
    first = {}
    for path, notebook in notebooks.items():
        for cell in code_cells(notebook):
            for name, node, text in [] if EXERCISE.match(cell.get("id", "")) else definitions(cell):
                where, text_there = first.setdefault(name, (path.name, text))
                if text != text_there and not isinstance(node, ast.Assign):
                    yield path, cell, f"{name} differs from that in {where}."


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
