"""Every notebook keeps every rule, and every rule can fail.

The first part names notebook, cell and rule where one is broken. The second part breaks one small
good notebook in each way that a rule is there to find.
"""

import re
from pathlib import Path

import nbformat
import pytest
import rules
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

NOTEBOOKS = {path: rules.read(path) for path in rules.all_notebooks()}
MODULES = sorted((rules.ROOT / "contentgen").rglob("*.py"))


def name(thing):
    return thing.__name__ if callable(thing) else str(thing.relative_to(rules.ROOT))


# The course's own notebooks -----------------------------------------------------------------------


def test_the_course_has_its_first_lessons():
    there = {path.name for path in NOTEBOOKS if rules.is_lesson(path)}
    assert {"00", "01", "02", "03", "04", "05", "06", "90"} <= {name[:2] for name in there}


@pytest.mark.parametrize("rule", rules.RULES, ids=name)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_notebook(path, rule):
    broken = [
        f"{name(path)}: {cell}: {rule.__name__}: {text}"
        for cell, text in rule(NOTEBOOKS[path], path)
    ]
    assert not broken, "\n" + "\n".join(broken)


@pytest.mark.parametrize(
    "drawing", sorted((rules.ROOT / "notebooks" / "figures").glob("*.mmd")), ids=lambda p: p.stem
)
def test_a_drawn_diagram_is_the_lessons_own(drawing):
    """The mermaid source beside an SVG stands in its lesson too, and the SVG has all its words."""

    def chart(text):
        lines = (re.sub(r"^%%.*", "", line.strip()).replace('"', "") for line in text.splitlines())
        return [line for line in lines if line]

    (lesson,) = drawing.parent.parent.glob(f"{drawing.name[:2]}_*.ipynb")
    prose = "\n".join(cell.source for cell in rules.markdown_cells(rules.read(lesson)))
    source = drawing.read_text(encoding="utf-8")
    fences = re.findall(r"```mermaid\n(.*?)```", prose, re.DOTALL)
    assert chart(source) in [chart(fence) for fence in fences]
    svg = drawing.with_suffix(".svg")
    assert f"figures/{svg.name}" in prose
    drawn = re.sub(
        r"\W", "", re.sub(r"<style>.*?</style>|<[^>]+>", "", svg.read_text(encoding="utf-8"))
    )
    for label in re.findall(r"[\[{]\"?([^\]}\"]+)", source.partition("flowchart")[2]):
        assert re.sub(r"\W", "", label.replace("<br/>", "")) in drawn, label


def test_repeated_code_is_the_same():
    broken = rules.repeated_code_is_the_same(NOTEBOOKS)
    assert not broken, "\n" + "\n".join(
        f"{name(path)}: {cell}: {text}" for path, cell, text in broken
    )


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_no_networks_in_the_package(module):
    assert rules.networks_in_the_package(module.read_text(encoding="utf-8"), module.name) == []


# A good notebook ----------------------------------------------------------------------------------

SEE = "The points lie on a line."
BADGES = (
    "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
    "(https://colab.research.google.com/github/a/b/blob/main/notebooks/06_good.ipynb) "
    "[![Launch Binder](https://mybinder.org/badge_logo.svg)]"
    "(https://mybinder.org/v2/gh/a/b/HEAD?labpath=notebooks%2F06_good.ipynb)"
)
IDEA = "A picture says more than a number does. " * 60
PROMISE = (
    "In this lesson you train a small model by yourself and see that it draws what you asked for."
)
SETUP = "try:\n    import contentgen\nexcept ImportError:\n    %pip install -q x\nruntime.setup(0)"
PARAMETERS = (
    "seed: int = 0  # start of all chance\nsteps: int = 100  # training steps; full run: 60_000"
)


def text(cell_id, source):
    return new_markdown_cell(source, id=cell_id)


def code(cell_id, source, *outputs, tags=(), **metadata):
    return new_code_cell(
        source, id=cell_id, outputs=list(outputs), metadata={"tags": list(tags), **metadata}
    )


def stdout(text):
    return new_output("stream", name="stdout", text=text)


def figure(see=SEE):
    return [
        new_output("display_data", {"image/png": "aGVs"}, metadata={"image/png": {"alt": see}}),
        new_output("display_data", {"text/markdown": f"*{see}*"}),
    ]


def number_cells(notebook):
    """Give the code cells the counts that a run from top to bottom gives."""
    for count, cell in enumerate(rules.code_cells(notebook), 1):
        cell.execution_count = count


def notebook_of(*cells):
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    made = nbformat.v4.new_notebook(cells=list(cells), metadata={"kernelspec": kernel})
    made.nbformat_minor = 5
    number_cells(made)
    return made


def exercise_cells(mark):
    for k in (1, 2):
        yield text(f"exercise-6-{k}-task", f"## Exercise 6.{k}\n\nFill in the blank.")
        yield code(
            f"exercise-6-{k}", f'answer = ...\ncheck("6.{k}", answer)', stdout(f"{mark} 6.{k}\n")
        )
    yield text(
        "exercise-6-3-task", "## Exercise 6.3\n\nFill in the blank; the check is a cell below."
    )
    yield code("exercise-6-3", "answer = ...")
    yield code("exercise-6-3-check", "check('6.3', answer)", stdout(f"{mark} 6.3\n"))


def good_lesson():
    return notebook_of(
        text(
            "title",
            f"# A good lesson\n\n{BADGES}\n\n{PROMISE}\n\nReading time: 15 min. Run time: 40 s.",
        ),
        text(
            "objectives",
            "## Objectives\n\nPrerequisites: none. Article: 1. Next: [data](data.csv).",
        ),
        text("setup-why", "The setup cell installs what is missing."),
        code("setup", SETUP),
        code("parameters", PARAMETERS, tags=["parameters"]),
        text("idea", f"## The idea\n\n{IDEA}"),
        text("elbo", "$$a = b \\tag{6.1}$$ and $$b = c \\tag{6.2}$$\n\nEquation (6.1) says why."),
        code(
            "line-figure",
            "show()",
            *figure(),
            tags=["nbval-ignore-output"],
            mystnb={"image": {"alt": SEE}},
        ),
        text("training-why", "We train, and then\n\n$$c = d \\tag{6.3}$$"),
        code(
            "training", "def train():\n    model.fit(x, steps=steps)\n\ntrain()", stdout("done\n")
        ),
        text("claim-why", "It reached what we wanted."),
        code("claim-elbo", 'claim("ELBO", 1, at_least=0)', stdout("✓ ELBO ≥ 0\n")),
        text(
            "equation-code", "## Equation ↔ code\n\n| equation | code |\n|---|---|\n| 6.1 | `a` |"
        ),
        *exercise_cells("○"),
        text("recap", "## Recap\n\nFurther reading: [the paper](https://arxiv.org/abs/1312.6114)."),
    )


def good_solutions():
    return notebook_of(text("title", "# Solutions of lesson 6"), *exercise_cells("✓"))


@pytest.fixture
def course(tmp_path):
    """A folder with the good lesson and its solutions; returns name → path."""
    (tmp_path / "solutions").mkdir()
    (tmp_path / "data.csv").touch()
    (tmp_path / "full.yaml").write_text("06_good:\n  steps: 60000\n")
    paths = {
        "lesson": tmp_path / "06_good.ipynb",
        "solutions": tmp_path / "solutions/06_good.ipynb",
    }
    nbformat.write(good_lesson(), paths["lesson"])
    nbformat.write(good_solutions(), paths["solutions"])
    return paths


# Ways to break it ---------------------------------------------------------------------------------
# Each takes the good notebook, its cells by id, and its path, and breaks one rule.


def replace(cell_id, old, new):
    """A break: replace text in one cell's source."""

    def breaks(notebook, cells, path):
        assert old in cells[cell_id].source
        cells[cell_id].source = cells[cell_id].source.replace(old, new)

    return breaks


def append(cell_id, addition):
    """A break: add text to one cell's source."""

    def breaks(notebook, cells, path):
        cells[cell_id].source += addition

    return breaks


def output(cell_id, *outputs):
    """A break: store other outputs in one cell."""

    def breaks(notebook, cells, path):
        cells[cell_id].outputs = list(outputs)

    return breaks


def metadata(cell_id, **entries):
    """A break: set metadata of one cell, or of the notebook (cell id None)."""

    def breaks(notebook, cells, path):
        (cells[cell_id] if cell_id else notebook).metadata.update(nbformat.from_dict(entries))

    return breaks


def rename(cell_id, new):
    """A break: give a cell another id."""

    def breaks(notebook, cells, path):
        cells[cell_id].id = new

    return breaks


def insert(after, *new):
    """A break: put cells behind a cell; execution counts stay right."""

    def breaks(notebook, cells, path):
        place = notebook.cells.index(cells[after]) + 1
        notebook.cells[place:place] = list(new)
        number_cells(notebook)

    return breaks


def remove(*cell_ids):
    """A break: take cells out; execution counts stay right."""

    def breaks(notebook, cells, path):
        notebook.cells = [cell for cell in notebook.cells if cell.id not in cell_ids]
        number_cells(notebook)

    return breaks


def many_cells(count, size):
    """A break: further code cells of some size, each explained at length."""

    def breaks(notebook, cells, path):
        for k in range(count):
            why, run = text(f"more-why-{k}", "word " * 200), code(f"more-{k}", "x = 1\n" * size)
            insert("claim-elbo", why, run)(notebook, cells, path)

    return breaks


def set_count(cell_id, count):
    def breaks(notebook, cells, path):
        cells[cell_id].execution_count = count

    return breaks


def old_format(notebook, cells, path):
    notebook.nbformat_minor = 4


def full_yaml(content):
    """A break: another full.yaml, or none."""

    def breaks(notebook, cells, path):
        (path.parent / "full.yaml").write_text(content)

    return breaks


def solutions(*cells):
    """A break: other solutions beside the lesson; without cells, none."""

    def breaks(notebook, _, path):
        partner = path.parent / "solutions" / path.name
        partner.unlink()
        if cells:
            nbformat.write(notebook_of(*cells), partner)

    return breaks


def long_step(notebook, cells, path):
    cells["training"].source += "\ndef train_step(self):\n" + "    x = 1\n" * 25
    many_cells(3, 1)(notebook, cells, path)  # else it would be the 90th percentile


def much_code(notebook, cells, path):
    for k in range(10):
        why, run = (
            text(f"more-why-{k}", "Look."),
            code(f"more-{k}", "x = 1\n" * (25 if k < 6 else 1)),
        )
        insert("claim-elbo", why, run)(notebook, cells, path)


def widget_path(notebook, cells, path):
    notebook.metadata["widgets"] = {"state": {"a": {"value": "C:\\Users\\me\\x"}}}


SHORT = [text("title", "# S"), *exercise_cells("✓")][:-3]  # solutions without the last answer
FIGURE, FIGURE_TEXT = figure()
NO_ALT = new_output("display_data", {"image/png": "aGVs"})
SLIDER = new_output("display_data", {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}})
CLOCK = "\nimport time\nstart = time.perf_counter()\n"

BREAKS = [
    ("notebook_is_valid", "format 4.4", old_format),
    ("metadata_is_the_same_everywhere", "named kernel", metadata(None, kernelspec={"name": "x"})),
    ("metadata_is_the_same_everywhere", "version", metadata(None, language_info={"version": "3"})),
    ("metadata_is_the_same_everywhere", "time stamps", metadata("training", execution={})),
    ("lesson_has_its_parts", "no title id", rename("title", "front")),
    ("lesson_has_its_parts", "no objectives id", rename("objectives", "aims")),
    ("lesson_has_its_parts", "other badge", replace("title", "main/notebooks/06_good", "x")),
    ("lesson_has_its_parts", "no Binder", replace("title", "mybinder.org/v2", "example.org")),
    ("lesson_has_its_parts", "no reading time", replace("title", "Reading time: 15 min.", "")),
    ("lesson_has_its_parts", "no run time", replace("title", "Run time: 40 s.", "")),
    ("lesson_has_its_parts", "no promise", replace("title", PROMISE, "")),
    ("lesson_has_its_parts", "no prerequisites", replace("objectives", "Prerequisites: none.", "")),
    ("lesson_has_its_parts", "no article", replace("objectives", "Article", "Text")),
    ("lesson_has_its_parts", "no next lesson", replace("objectives", "Next", "Also")),
    ("lesson_has_its_parts", "no guard", replace("setup", "except ImportError", "finally")),
    ("lesson_has_its_parts", "no seed", replace("setup", "runtime.setup(0)", "pass")),
    ("lesson_has_its_parts", "setup comes late", insert("objectives", text("a", "Look."), code("b", "1"))),
    ("lesson_has_its_parts", "no recap", rename("recap", "end")),
    ("lesson_has_its_parts", "no source", replace("recap", "https://arxiv.org/abs/1312.6114", "#")),
    ("lesson_has_its_parts", "trained, no claim", replace("claim-elbo", "claim(", "print(")),
    ("headings_are_in_order", "two titles", append("idea", "\n\n# Another title")),
    ("headings_are_in_order", "level skipped", append("idea", "\n\n#### Deep")),
    ("headings_are_in_order", "no title", replace("title", "# A good lesson", "## A good lesson")),
    ("no_cell_is_empty", "blank cell", replace("claim-why", "It reached what we wanted.", " \n")),
    ("code_cells_are_short", "one of 41 lines", many_cells(1, 41)),
    ("code_cells_are_short", "one in five over 25", many_cells(2, 26)),
    ("code_cells_are_short", "long train step", long_step),
    ("training_ignores_the_clock", "while", append("training", CLOCK + "while time.time(): pass")),
    ("training_ignores_the_clock", "through a name", append(
        "training", CLOCK + "spent = time.perf_counter() - start\nif spent > 40:\n    pass")),
    ("enough_prose", "few words", replace("idea", IDEA, "Look.")),
    ("enough_prose", "few for the code", much_code),
    ("code_is_explained_before_it_runs", "two in a row", insert("training", code("b", "1"))),
    ("code_is_explained_before_it_runs", "after setup", insert("setup", code("x", "x = 1"))),
    ("code_is_explained_before_it_runs", "no exercise", insert("training", code("training-check", "1"))),
    ("code_is_explained_before_it_runs", "other exercise", insert(
        "exercise-6-1", code("exercise-6-2-check", "1"))),
    ("prose_does_not_belittle", "simply", append("idea", "\nYou simply add them.")),
    ("prose_does_not_belittle", "over two lines", append("idea", "\nThat is, of\ncourse, true.")),
    ("links_exist", "relative", replace("objectives", "data.csv", "07_next.ipynb")),
    ("links_exist", "absolute", replace("objectives", "data.csv", "/")),
    ("links_exist", "attachment", append("idea", "\n![a picture](attachment:a.png)")),
    ("links_exist", "HTML", append("idea", '\n<img src="none.png" alt="a picture">')),
    ("every_cell_was_run", "not run", set_count("training", None)),
    ("every_cell_was_run", "run twice", set_count("training", 9)),
    ("nothing_went_wrong", "error", output(
        "training", new_output("error", ename="ValueError", evalue="", traceback=[]))),
    ("nothing_went_wrong", "standard error", output(
        "training", new_output("stream", name="stderr", text="warning"))),
    ("file_is_small", "big output", output("training", stdout("x" * 600_000))),
    ("no_absolute_path", "in a source", append("training", "\nopen('/tmp/x/y')")),
    ("no_absolute_path", "in an output", output("training", stdout("saved to /home/me/x.keras"))),
    ("no_absolute_path", "as an address", append("idea", "\nSee `file:///Users/me/a.png`.")),
    ("no_absolute_path", "in a widget", widget_path),
    ("figures_are_described", "no alt text", output("line-figure", NO_ALT, FIGURE_TEXT)),
    ("figures_are_described", "no sentence below", output("line-figure", FIGURE)),
    ("figures_are_described", "sentence above", output("line-figure", FIGURE_TEXT, FIGURE)),
    ("figures_are_described", "few words", output("line-figure", *figure("a line."))),
    ("figures_are_described", "no full stop", output("line-figure", *figure(SEE[:-1]))),
    ("figures_are_described", "not for the site", metadata("line-figure", mystnb={})),
    ("markdown_pictures_have_alt_text", "Markdown", append("idea", "\n![](data.csv)")),
    ("markdown_pictures_have_alt_text", "HTML", append("idea", '\n<img src="data.csv" width="9">')),
    ("ids_say_what_the_cell_is", "random", rename("idea", "3fa9c01b")),
    ("ids_say_what_the_cell_is", "uuid", rename("idea", "ab12cd34-1234-4abc-8abc-0123456789ab")),
    ("ids_say_what_the_cell_is", "numbered", rename("idea", "cell-12")),
    ("ids_say_what_the_cell_is", "twice", rename("idea", "claim-why")),
    ("ids_say_what_the_cell_is", "no kebab", rename("idea", "The_idea")),
    ("ids_say_what_the_cell_is", "too long", rename("idea", "a" * 65)),
    ("ids_say_what_the_cell_is", "none", lambda notebook, cells, path: cells["idea"].pop("id")),
    ("varying_outputs_are_not_compared", "picture", metadata("line-figure", tags=[])),
    ("varying_outputs_are_not_compared", "widget", output("training", SLIDER)),
    ("varying_outputs_are_not_compared", "Keras' bar", output("training", stdout("5/5 4ms/step"))),
    ("varying_outputs_are_not_compared", "tqdm's bar", output("training", stdout("2/2 8.31it/s]"))),
    ("results_are_compared", "claim", metadata("claim-elbo", tags=["nbval-ignore-output"])),
    ("results_are_compared", "check", metadata("exercise-6-1", tags=["nbval-ignore-output"])),
    ("results_are_compared", "skipped", metadata("training", tags=["nbval-skip"])),
    ("results_are_compared", "misspelt tag", metadata("training", tags=["nbval-ignore-outputs"])),
    ("results_are_compared", "comment", append("training", "\n# NBVAL_IGNORE_OUTPUT")),
    ("claims_come_last", "a print below", append("claim-elbo", "\nprint(1)")),
    (
        "claims_come_last",
        "a print below a measured number",
        replace("claim-elbo", "claim(", "measured('loss', 1)\nprint(1)\nclaim("),
    ),
    ("parameters_are_stated", "two cells", metadata("training", tags=["parameters"])),
    ("parameters_are_stated", "none", remove("parameters")),
    ("parameters_are_stated", "no type", replace("parameters", "seed: int = 0", "seed = 0")),
    ("parameters_are_stated", "full run only", replace("parameters", "training steps; ", "")),
    ("parameters_are_stated", "no meaning", replace("parameters", "# start of all chance", "")),
    ("parameters_are_stated", "another value", replace("parameters", "60_000", "70_000")),
    ("parameters_are_stated", "no full run", replace("parameters", "; full run: 60_000", "")),
    ("parameters_are_stated", "unknown name", full_yaml("06_good: {steps: 60000, step: 1}")),
    ("parameters_are_stated", "not in full.yaml", full_yaml("")),
    ("equations_are_numbered", "no number", append("idea", "\n$$x = y$$")),
    ("equations_are_numbered", "other lesson", replace("training-why", "6.3", "5.3")),
    ("equations_are_numbered", "twice", replace("training-why", "6.3", "6.2")),
    ("equations_are_numbered", "outside", append("idea", "\n\\begin{align}x\\end{align}")),
    ("equations_are_numbered", "names none", append("idea", "\nSee equation (6.9).")),
    ("equations_are_numbered", "a comment names none", append("training", "  # equation 6.9")),
    ("equations_have_a_code_table", "none", replace("equation-code", "Equation ↔ code", "Table")),
    ("equations_have_a_code_table", "no table", replace("equation-code", "|---|---|", "")),
    ("exercises_are_checked", "no check", replace("exercise-6-2", "check(", "print(")),
    ("exercises_are_checked", "other number", replace("exercise-6-2", "6.2", "6.1")),
    ("exercises_are_checked", "answered", output("exercise-6-2", stdout("✓ 6.2"))),
    ("solutions_answer_the_exercises", "no solutions", solutions()),
    ("solutions_answer_the_exercises", "one is missing", solutions(*SHORT)),
]  # fmt: skip

SOLUTION_BREAKS = [
    ("exercises_are_checked", "wrong answer", output("exercise-6-2", stdout("✗ 6.2"))),
    ("solutions_answer_the_exercises", "no lesson", lambda n, c, path: (
        path.parent.parent / path.name).unlink()),
    ("solutions_answer_the_exercises", "not needed", insert(
        "title", text("why", "Look."), code("encoder", "def make_encoder():\n    pass"))),
    ("solutions_answer_the_exercises", "much else", insert("title", *(
        part for k in range(13) for part in (text(f"t-{k}", "Look."), code(f"c-{k}", "x = 1"))))),
    ("code_cells_are_short", "one of 41 lines", append("exercise-6-2", "\nx = 1" * 41)),
    ("parameters_are_stated", "no type", insert(
        "title", text("why", "Look."), code("parameters", "n = 1", tags=["parameters"]))),
]  # fmt: skip


# What looks like a break and is none.
HARMLESS = [
    ("lesson", "base64 in a picture", append("idea", "\n![x](data:image/png;base64,+/tmp/x/y)")),
    ("lesson", "base64 in a widget", metadata(None, widgets={"buffers": [{"data": "+/tmp/x/y"}]})),
    ("lesson", "code about code", append("idea", "\nWrite `$$x$$`, `![](x)` or `simply`.")),
    ("lesson", "a diagram", append("idea", "\n\n```mermaid\n# x\nsimply --> y\n```")),
    ("lesson", "a quotation", append("idea", "\n\n> This is, of course, wrong.")),
    ("lesson", "a path in an address", append("idea", "\nSee <https://example.org/home/x/y>.")),
    ("lesson", "aligned columns", replace("equation-code", "|---|---|", "| :-- | --: |")),
    ("lesson", "measured time", append("training", CLOCK + "print(time.perf_counter() - start)")),
    ("solutions", "long cells", append("exercise-6-1", "\nx = 1" * 30)),
    ("solutions", "a needed function", insert(
        "title", text("why", "Look."), code("encoder", "def make_it():\n    pass\n\nmake_it()"))),
]  # fmt: skip


def broken_rules(notebook, path):
    return {rule.__name__ for rule in rules.RULES if rule(notebook, path)}


@pytest.mark.parametrize("kind", ["lesson", "solutions"])
def test_the_good_notebook_keeps_all_rules(course, kind):
    notebook, path = rules.read(course[kind]), course[kind]
    assert [found for rule in rules.RULES for found in rule(notebook, path)] == []


@pytest.mark.parametrize(
    ("kind", "rule", "breaks"),
    [pytest.param("lesson", rule, breaks, id=f"{rule}-{how}") for rule, how, breaks in BREAKS]
    + [
        pytest.param("solutions", rule, b, id=f"{rule}-solutions-{how}")
        for rule, how, b in SOLUTION_BREAKS
    ],
)
def test_a_broken_notebook_breaks_exactly_one_rule(course, kind, rule, breaks):
    path = course[kind]
    notebook = rules.read(path)
    breaks(notebook, {cell.id: cell for cell in notebook.cells}, path)
    assert broken_rules(notebook, path) == {rule}


@pytest.mark.parametrize(
    ("kind", "change"), [pytest.param(kind, change, id=what) for kind, what, change in HARMLESS]
)
def test_a_harmless_change_breaks_no_rule(course, kind, change):
    path = course[kind]
    notebook = rules.read(path)
    change(notebook, {cell.id: cell for cell in notebook.cells}, path)
    assert broken_rules(notebook, path) == set()


def test_two_equations_need_no_code_table(course):
    notebook, path = rules.read(course["lesson"]), course["lesson"]
    remove("training-why", "equation-code")(notebook, None, path)
    assert rules.equations_have_a_code_table(notebook, path) == []


def test_exercises_are_numbered_in_order(course):
    notebook = rules.read(course["lesson"])
    for cell in notebook.cells:
        cell.id = cell.id.replace("6-3", "6-4")
    found = dict(rules.exercises_are_checked(notebook, course["lesson"]))
    assert found["exercise-6-4"] == 'no check("6.4", …) here or in the next code cell.'
    assert "exercise-6-3" in str(rules.exercises_are_checked(notebook, course["lesson"]))


def test_a_lesson_needs_three_to_five_exercises(course):
    notebook, path = rules.read(course["lesson"]), course["lesson"]
    remove("exercise-6-3")(notebook, None, path)
    few = [(rules.WHOLE, "2 code cells exercise-6-N, expected 3 to 5.")]
    assert rules.exercises_are_checked(notebook, path) == few
    for k in (3, 4, 5, 6):
        notebook.cells.append(code(f"exercise-6-{k}", f"check('6.{k}', 1)", stdout("○")))
    many = [(rules.WHOLE, "6 code cells exercise-6-N, expected 3 to 5.")]
    assert rules.exercises_are_checked(notebook, path) == many


def test_a_badly_named_file_is_found():
    path = Path("notebooks/vae.ipynb")
    assert "expected NN_name.ipynb" in rules.notebook_is_valid(good_lesson(), path)[0][1]


def test_every_rule_is_seen_failing():
    assert {rule for rule, *_ in BREAKS} == {rule.__name__ for rule in rules.RULES}


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("def train():\n    model.fit(x, steps=steps)\n\ntrain()", 0),
        ("def train():\n    model.fit(x, steps=1)", 1),
        ("@tf.function\ndef train():\n    model.fit(x, steps=steps)", 1),
        ("class train:\n    pass", 1),
        ("def train_slowly():\n    pass", 0),
    ],
)
def test_repeated_code(course, source, count):
    notebooks = {
        course["lesson"]: rules.read(course["lesson"]),
        course["solutions"]: notebook_of(
            code("training", source), code("exercise-6-1", "def train(): ...")
        ),
    }
    found = rules.repeated_code_is_the_same(notebooks)
    assert [(path, cell) for path, cell, _ in found] == [(course["solutions"], "training")] * count


@pytest.mark.parametrize(
    "source",
    [
        "import keras\nkeras.layers.Dense(3)",
        "from keras import layers",
        "from keras.layers import Dense",
        "import keras.layers as kl",
        "import tensorflow as tf\ntf.keras.layers.Dense",
        "keras.Sequential([])",
        "keras.Model(x, y)",
        "class Vae(keras.Model): pass",
        "class Scale(Layer): pass",
        "with tf.GradientTape() as tape: pass",
        "keras.losses.mse",
        "tf.nn.softmax_cross_entropy_with_logits(y, x)",
        "def kl_loss(mu): pass",
    ],
)
def test_a_network_in_the_package_is_found(source):
    inside = "def _make_judge_network():\n" + "".join(
        f"    {line}\n" for line in source.split("\n")
    )
    assert rules.networks_in_the_package(source, "metrics.py")
    assert rules.networks_in_the_package(inside, "plots.py")
    assert rules.networks_in_the_package(inside, "metrics.py") == []


@pytest.mark.parametrize(
    "source",
    [
        "keras.models.load_model(path)",
        "def save(model: keras.Model) -> None: pass",
        "class Pictures(keras.callbacks.Callback): pass",
        "model.layers[-2].output",
        "def loss_curves(): pass",
    ],
)
def test_what_the_package_may_do(source):
    assert rules.networks_in_the_package(source, "plots.py") == []


def test_the_script_names_notebook_cell_and_rule(course, capsys):
    lesson = str(course["lesson"])
    assert rules.main([lesson]) == 0
    assert capsys.readouterr().out == ""
    notebook = rules.read(course["lesson"])
    replace("idea", "A picture", "Obviously, a picture")(
        notebook, {c.id: c for c in notebook.cells}, None
    )
    nbformat.write(notebook, course["lesson"])
    assert rules.main([lesson]) == 1
    line = capsys.readouterr().out.splitlines()[0]
    assert re.fullmatch(
        rf"{re.escape(lesson)}: idea: prose_does_not_belittle: says 'Obviously'\.", line
    )
