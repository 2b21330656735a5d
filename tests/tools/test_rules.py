"""Each rule sees what it is there to find, and lets pass what it is not."""

from copy import deepcopy

import contents
import nbformat
import pytest
import rules

SEE = "The points lie on a line."
ALT = {"image": {"alt": SEE}}
PICTURE = {"output_type": "display_data", "data": {"image/png": "aGVs"}}
DESCRIBED = PICTURE | {"metadata": {"image/png": {"alt": SEE}}}
SENTENCE = {"output_type": "display_data", "data": {"text/markdown": f"*{SEE}*"}}
BADGES = (
    "[a](https://colab.research.google.com/github/a/blob/notebooks/06_x.ipynb) "
    "[b](https://mybinder.org/v2/notebooks%2F06_x.ipynb)"
)
KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)"}


def md(text, name="text"):
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": text}


def code(source, *outputs, name="code", tags=(), **metadata):
    printed = {"output_type": "stream", "name": "stdout"}
    outputs = [{"metadata": {}} | (printed | {"text": o} if isinstance(o, str) else o) for o in outputs]
    metadata["tags"] = [*tags]
    return {"cell_type": "code", "id": name, "metadata": metadata, "source": source, "outputs": outputs}


def line(text):
    """An output as `claim` and `measured` make it."""
    return {"output_type": "display_data", "data": {"text/plain": text}, "metadata": {"claims": []}}


def book(*cells, **metadata):
    """A notebook that ran from top to bottom; nothing checks it, so that it may be wrong in any way."""
    metadata = {"kernelspec": KERNEL} | metadata
    made = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    made = nbformat.from_dict(deepcopy(made))
    for count, cell in enumerate(contents.code_cells(made), 1):
        cell.execution_count = count
    return made


def lesson(*cells, setup="try: a\nexcept ImportError:\n    %pip install b\nruntime.setup(0)", minutes=0):
    return book(
        md(f"# X\n{BADGES}\n**Reading time:** {minutes} minutes. **Run time:** 9 s.", "title"),
        md("**Objectives.** **Prerequisites.** **Next lesson.**", "objectives"),
        code(setup, name="setup"),
        *cells,
        md("Further reading: https://x.org", "recap"),
    )


def run_in_order(notebook, *counts):
    for cell, count in zip(contents.code_cells(notebook), counts, strict=True):
        cell.execution_count = count
    return notebook


def exercises(mark, count=3):
    return [
        code(f"check('6.{k}', ...)", f"{mark} 6.{k}", name=f"exercise-6-{k}") for k in range(1, count + 1)
    ]


def parameters(*lines):
    return book(md("$$a \\tag{6.1}$$"), code("\n".join(lines), tags=["parameters"]))


IGNORE = [rules.IGNORE]
# The rule, notebooks that keep it, notebooks that break it.
EXAMPLES = [
    ("notebook_is_valid",
        [book()],
        [book(kernelspec={"name": "x"})]),
    ("lesson_has_its_parts",
        [lesson()],
        [book(), lesson(setup="runtime.setup(0)"), book(*lesson().cells, *[md("x")] * 3)]),
    ("lessons_say_how_long_they_take",
        [lesson(), lesson(md("word " * 1950), minutes=30), lesson(code("x\n" * 560), minutes=40)]
        + [lesson(md("word " * 1300), code("x\n" * 280), minutes=40), lesson(md("## Deeper\n" + "w " * 999))],
        [lesson(minutes=5), lesson(md("word " * 1950), minutes=25), lesson(code("x\n" * 600), minutes=45)]
        + [lesson(md("word " * 2790), minutes=45), lesson(md("## Deeper\n" + "word " * 3110))]
        + [lesson(md("## Deeper"), code("x\n" * 670))]),
    ("headings_are_in_order",
        [book(md("# A\n## B\n### C\n## D\n```\n# no\n```"))],
        [book(md("# A\n### B")), book(md("# A"), md("# B")), book(md("## A")), book()]),
    ("code_cells_are_short",
        [book(code("x\n" * 40 + "\n\n"))],
        [book(code("x\n" * 41))]),
    ("ids_say_what_the_cell_is",
        [book(md("x", "kl-closed-form"))],
        [book(md("x", name)) for name in ("3fa9c01b", "cell-12", "The_idea", "", "a" * 65)]
        + [book(md("x"), md("y")), book(md(" "))]),
    ("links_exist",
        [book(md("[a](data.csv#x) [b](https://x.org) [c](#d) ![e](data.csv)"))],
        [book(md(text)) for text in ("[a](none.csv)", "[a](/)", "![](data.csv)", '<img src="data.csv">')]),
    ("pictures_show_on_colab",
        [book(md("`![x](y)` ![x][figures/x.png]\n\n[figures/x.png]: data:image/png;base64,UE5H"))],
        [book(md(f"![x]({file})")) for file in ("figures/x.png", "figures/x.svg", "attachment:x.png")]
        + [book(md("![x][figures/x.png]\n\n[figures/x.png]: data:image/png;base64,b2xk"))]
        + [book(md('<img alt="x" src="figures/x.png">'))]),
    ("every_cell_was_run",
        [book(code("1"), code("2"))],
        [run_in_order(book(code("1"), code("2")), 1, 3), book(code("1", {"output_type": "error"}))]
        + [book(code("1", {"output_type": "stream", "name": "stderr"}))]),
    ("file_is_small", [book(code("1", "x" * 590_000))], [book(code("1", "x" * 600_000))]),
    ("no_absolute_path",
        [book(md("https://x.org/home/me/x ![x](data:image/png;base64,+/tmp/x/y)"))],
        [book(code("open('/tmp/x/y')")), book(code("1", "saved to\n/home/me/x"))]
        + [book(widgets={"a": "C:\\Users\\me"})]),
    ("figures_are_described",
        [book(code("1", DESCRIBED, SENTENCE, mystnb=ALT))],
        [book(code("1", DESCRIBED, mystnb=ALT)), book(code("1", DESCRIBED, SENTENCE))]
        + [book(code("1", PICTURE, SENTENCE, mystnb=ALT))]),
    ("varying_outputs_are_not_compared",
        [book(code("1", PICTURE, "5/5 4ms/step", tags=IGNORE)), book(code("1", "5 ms"))],
        [book(code("1", PICTURE)), book(code("1", "5/5 4ms/step")), book(code("1", "2/2 8.31it/s]"))]
        + [book(code("1", {"output_type": "display_data", "data": {rules.WIDGET: {}}}))]),
    ("results_are_compared",
        [book(code("print(1)\nclaim('a', 1)"))],
        [book(code("check('6.1', 1)", tags=IGNORE)), book(code("1", tags=["nbval-skip"]))]
        + [book(code("1  # NBVAL_IGNORE_OUTPUT")), book(code("measured('a', 1)\nprint(1)"))]),
    ("claims_hold",
        [book(code("1", line("✓ a ≥ 1")), code("1", "✗ 6.1 no"))],
        [book(code("1", line("✓ a ≥ 1"), line("✗ b ≥ 1")))]),
    ("parameters_are_stated",
        [parameters("steps: int = 1  # training steps; full run: 9", "seed: int = 0  # chance")],
        [
            book(md("$$a \\tag{6.1}$$")),
            parameters("steps: int = 1  # training steps"),
            parameters("steps: int = 1  # full run: 9"),
            parameters("steps: int = 1  # training steps; full run: 9", "seed: int  # chance"),
            parameters("steps = 1  # training steps; full run: 9"),
            book(*parameters("steps: int = 1  # a; full run: 9").cells * 2),
        ]),
    ("equations_are_numbered",
        [book(md("$$\\begin{aligned}a\\end{aligned} \\tag{6.1}$$\n$$b \\tag{6.3}$$ Equation (6.3)."))],
        [book(md(text)) for text in ("$$a$$", "$$a \\tag{5.1}$$", "Equation (6.9).")]
        + [book(md("$$a \\tag{6.1}$$\n$$b \\tag{6.1}$$"))]),
    ("exercises_are_checked",
        [book(*exercises("○"))],
        [book(*exercises("○", 2)), book(*exercises("✓")), book(*exercises("○", 6))]
        + [book(*exercises("○")[::-1])]
        + [book(code("check('6.2', ...)", "○", name="exercise-6-1"), *exercises("○")[1:])]),
    ("definitions_stand_alone",
        [book(md("**This.** It is a list. A **code** is short.")), book(md("- **Codes** are short."))],
        [book(md(f"A code.\n\n{start} a **code**.")) for start in ("This is", "Such a list is", "with w:")]),
]  # fmt: skip
CASES = [
    pytest.param(name, notebook, breaks, id=f"{name}-{'breaks' if breaks else 'keeps'}-{k}")
    for name, *both in EXAMPLES
    for breaks, notebooks in enumerate(both)
    for k, notebook in enumerate(notebooks)
]


def store(path, *cells):
    path.write_text(nbformat.v4.writes(book(*cells)), encoding="utf-8")


@pytest.fixture
def path(tmp_path):
    """A lesson's path, with a file that it can link, its full run, and its solutions."""
    (tmp_path / "data.csv").touch()
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "x.png").write_bytes(b"PNG")
    (tmp_path / "full.yaml").write_text("06_x: {steps: 9}")
    (tmp_path / "solutions").mkdir()
    store(tmp_path / "solutions" / "06_x.ipynb", *exercises("✓"))
    return tmp_path / "06_x.ipynb"


@pytest.mark.parametrize(("name", "notebook", "breaks"), CASES)
def test_a_rule_finds_what_breaks_it_and_nothing_else(path, monkeypatch, name, notebook, breaks):
    monkeypatch.setattr(rules, "LONGER", {})
    assert bool([*getattr(rules, name)(notebook, path)]) == breaks


def test_every_rule_has_its_examples():
    assert [name for name, *_ in EXAMPLES] == [rule.__name__ for rule in rules.RULES]


def test_a_lesson_that_takes_longer_may_not_grow(path, monkeypatch):
    monkeypatch.setattr(rules, "LONGER", {path.name[:2]: 50})
    for words, minutes, found in [(3200, 50, False), (3800, 60, True)]:
        stated = rules.lessons_say_how_long_they_take(lesson(md("word " * words), minutes=minutes), path)
        assert bool([*stated]) == found


def test_solutions_have_the_exercises_of_their_lesson(path):
    store(path, *exercises("○"))
    solutions = path.parent / "solutions" / path.name
    assert not [*rules.exercises_are_checked(book(*exercises("✓")), solutions)]
    for cells in (exercises("✓", 4), exercises("○")):
        assert [*rules.exercises_are_checked(book(*cells), solutions)]


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("def train():\n    fit(1)", 0),
        ("def train():\n    fit(2)", 1),
        ("@tf.function\ndef train():\n    fit(1)", 1),
        ("def train_slowly():\n    fit(2)", 0),
    ],
)
def test_repeated_code(path, source, count):
    first = book(code("def train():\n    fit(1)"), code("def train(): ...", name="exercise-6-1"))
    found = [
        *rules.repeated_code_is_the_same({path: first, path.with_name("07_y.ipynb"): book(code(source))})
    ]
    assert len(found) == count


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (["You learn about logits.", "A **logit** is a number. Logits are good."], []),
        (["You learn much.", "Logits are good.", "A **logit** is a number."], ["text-1"]),
        (["You know a matrix.", "Codes, `logit`, $logit$.", "# Logits"], []),
        (["You learn about vectors.", "See vectors."], ["objectives", "text-1"]),
    ],
)
def test_a_term_is_defined_before_it_is_used(path, texts, found):
    """Matrix and code stand in the lesson before; vector and logit in one that is not on the path."""
    back = " **Previous lesson.** [A logit](05_w.ipynb)"
    cells = [md(text, f"text-{k}") for k, text in enumerate(texts)]
    cells[0] |= {"id": "objectives", "source": texts[0] + back}
    course = {
        path.with_name("05_w.ipynb"): book(md("A **matrix** is a table. The **code** is short." + back)),
        path: book(*cells),
        path.with_name("07_y.ipynb"): book(md("A **vector** has many.\n\nA **logit** too.")),
    }
    stated = [*rules.terms_are_defined_before_they_are_used(course)]
    assert [cell.id for where, cell, _ in stated if where == path] == found


def test_the_script_names_notebook_cell_and_rule(path, capsys):
    full = code("steps: int = 1  # steps; full run: 9", tags=["parameters"], name="parameters")
    cells = lesson(full, md("$$a$$", "idea"), *exercises("○")).cells
    store(path, *cells)
    assert rules.main([str(path)]) == 1
    assert capsys.readouterr().out == f"{path}: idea: equations_are_numbered: an equation has no number.\n"
