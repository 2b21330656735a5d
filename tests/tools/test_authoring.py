"""The authoring tool: edit and save lose nothing; run stores all of a notebook or nothing."""

import json
import os
import sys
from base64 import b64decode, b64encode

import authoring as tool
import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell

INSTALL = "try:\n    import json\nexcept ImportError:\n    %pip install -q json\n    !ls\n\n\nseed = 1"
PIXEL = "iVBORw0KGgo="


@pytest.fixture
def course(tmp_path, monkeypatch):
    """An empty course folder that the tool takes for its own."""
    (tmp_path / "notebooks" / "solutions").mkdir(parents=True)
    monkeypatch.setattr(tool, "ROOT", tmp_path)
    monkeypatch.setattr(tool.results, "main", lambda root: 0)  # this course has no README
    return tmp_path


def store(path, *cells):
    """Write a notebook as the tool writes it."""
    tool.write_notebook(path, new_notebook(cells=list(cells)))
    return path


def later(path, seconds=5):
    """Date a file some seconds after now."""
    os.utime(path, (path.stat().st_atime + seconds, path.stat().st_mtime + seconds))


def change(path, old, new):
    """Replace text in a file, as an author would, some time after it was written."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    later(path)


@pytest.fixture
def notebook(course):
    """A stored notebook with everything that could get lost on the way."""
    (course / "notebooks" / "figures").mkdir()
    (course / "notebooks" / "figures" / "a.png").write_bytes(b64decode(PIXEL))
    title = new_markdown_cell("# Título ↔ ∑\n\n![a](figures/a.png)\n\n$$a \\\\ b$$\n", id="title")
    setup = new_code_cell(INSTALL, id="setup", execution_count=1)
    setup.outputs = [new_output("stream", name="stdout", text="ready\n")]
    figure = new_code_cell("# %pip stays a comment\nshow()", id="figure", execution_count=2)
    figure.metadata = {"tags": ["nbval-ignore-output"], "jupyter": {"source_hidden": True}}
    figure.metadata["mystnb"] = {"image": {"alt": "A figure."}}
    figure.outputs = [new_output("display_data", {"image/png": PIXEL})]
    raw = new_raw_cell("*raw* \\LaTeX", id="raw-cell", metadata={"tags": ["x"]})
    return store(course / "notebooks" / "01_x.ipynb", title, setup, figure, raw)


def test_edit_then_save_changes_no_byte(notebook, course):
    assert tool.build_file(notebook, ".py") != tool.build_file(
        course / "notebooks/solutions/01_x.ipynb", ".py"
    )
    before = notebook.read_bytes()
    tool.edit(notebook)
    text = (course / "build" / "01_x.py").read_text("utf-8")
    assert '# %% [markdown] id="title"\n# # Título' in text
    assert "\n# ![a](figures/a.png)\n" in text and PIXEL not in text
    assert "except ImportError:\n    %pip install -q json\n    !ls\n" in text
    assert 'id="figure" jupyter={"source_hidden": true} tags=["nbval-ignore-output"]\n' in text
    assert "mystnb" not in text
    assert '# %% [raw] id="raw-cell" tags=["x"]' in text
    later(course / "build" / "01_x.py")
    tool.save(notebook)
    assert notebook.read_bytes() == before


ANYTHING = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.just(" "))
AWKWARD = st.sampled_from(["", "#", "# %%", "# +", "%%time", "    %pip x", '"""', "x?", "-->", "# ---"])
LINES = st.lists(ANYTHING | AWKWARD)
CELLS = st.sampled_from([new_code_cell, new_markdown_cell, new_raw_cell])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(CELLS, LINES), max_size=4))
def test_the_round_trip_keeps_any_cell_or_refuses(course, cells):
    made = [make("\n".join(lines), id=f"c{i}") for i, (make, lines) in enumerate(cells)]
    path = store(course / "notebooks" / "02_any.ipynb", *made)
    before = path.read_bytes()
    try:
        tool.edit(path, force=True)
    except tool.NotebookError as problem:
        assert "cannot be written" in str(problem)
    else:
        tool.save(path, force=True)
    assert path.read_bytes() == before


def test_a_line_that_looks_like_a_header_is_refused(course):
    path = store(course / "notebooks" / "02_h.ipynb", new_code_cell("x = 1\n# %% no\ny = 2", id="odd"))
    with pytest.raises(tool.NotebookError, match="'odd' cannot be written as py:percent"):
        tool.edit(path)
    assert not (course / "build" / "02_h.py").exists()


def test_save_keeps_outputs_only_where_the_source_is_the_same(notebook, course):
    tool.edit(notebook)
    change(course / "build" / "01_x.py", "seed = 1", "seed = 2")
    tool.save(notebook)
    _, setup, figure, _ = nbformat.read(notebook, as_version=4).cells
    assert setup.source.endswith("seed = 2") and "%pip" in setup.source
    assert setup.outputs == [] and setup.execution_count is None
    assert figure.outputs and figure.execution_count == 2
    assert figure.metadata.mystnb.image.alt == "A figure."


def test_the_notebook_holds_the_picture_and_takes_a_new_one(notebook, course):
    def title():
        return nbformat.read(notebook, as_version=4).cells[0].source

    end = "\n\n[figures/a.png]: data:image/png;base64,"
    assert "\n![a][figures/a.png]\n" in title() and title().endswith(end + PIXEL)
    (course / "notebooks" / "figures" / "a.png").write_bytes(b"new")
    tool.write_notebook(notebook, nbformat.read(notebook, as_version=4))
    assert title().endswith(f"{end}{b64encode(b'new').decode()}") and title().count(end) == 1


def test_save_names_a_picture_that_is_not_there(notebook, course):
    tool.edit(notebook)
    change(course / "build" / "01_x.py", "figures/a.png", "figures/b.png")
    before = notebook.read_bytes()
    with pytest.raises(tool.NotebookError, match=r"cell 'title' shows .*b\.png, which does not exist"):
        tool.save(notebook)
    assert notebook.read_bytes() == before


def test_save_makes_a_new_notebook(course):
    (course / "build").mkdir()
    (course / "build" / "05_new.py").write_text('# %% [markdown] id="title"\n# # New\n')
    path = course / "notebooks" / "05_new.ipynb"
    assert tool.main(["save", str(path)]) == 0
    made = nbformat.read(path, as_version=4)
    assert [(cell.id, cell.source) for cell in made.cells] == [("title", "# New")]
    assert made.metadata.kernelspec.name == "python3"
    assert made.metadata.kernelspec.display_name == "Python 3 (ipykernel)"
    assert "version" not in made.metadata.language_info


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        ("# %%", r'cell 2 \("x = 1"\) has no id'),
        ("# %% id=two", r'cell 2 \("x = 1"\) has no id'),
        ('# %% id="one"', "'one' stands on 2 cells"),
        ('# %% id="Two_Cells"', r"cell 2 .*'Two_Cells' is not 1 to 64"),
        ('# %% id=""', "is not 1 to 64"),
        (f'# %% id="{"a" * 65}"', "is not 1 to 64"),
        ("# %% id=7", "id 7 is not 1 to 64"),
    ],
)
def test_save_names_the_cell_with_a_bad_id(course, header, sentence):
    (course / "build").mkdir()
    (course / "build" / "05_new.py").write_text(f'# %% id="one"\nx = 0\n\n{header}\nx = 1\n')
    with pytest.raises(tool.NotebookError, match=sentence):
        tool.save(course / "notebooks" / "05_new.ipynb")
    assert not (course / "notebooks" / "05_new.ipynb").exists()


def test_save_without_a_build_file_says_what_to_do(course, capsys):
    assert tool.main(["save", str(course / "notebooks" / "07_none.ipynb")]) == 1
    assert "07_none.py does not exist; `edit`" in capsys.readouterr().err


def test_edit_keeps_changes_that_were_not_saved(notebook, course, capsys):
    tool.edit(notebook)
    build = course / "build" / "01_x.py"
    change(build, "seed = 1", "seed = 3")
    assert tool.main(["edit", str(notebook)]) == 1
    assert "not saved" in capsys.readouterr().err
    assert "seed = 3" in build.read_text("utf-8")
    assert tool.main(["edit", str(notebook), "--force"]) == 0
    assert "seed = 1" in build.read_text("utf-8")


def test_save_keeps_a_notebook_that_was_changed_later(notebook, course, capsys):
    tool.edit(notebook)
    change(notebook, "seed = 1", "seed = 4")
    later(notebook)
    assert tool.main(["save", str(notebook)]) == 1
    assert "was changed after" in capsys.readouterr().err
    assert "seed = 4" in notebook.read_text("utf-8")
    assert tool.main(["save", str(notebook), "--force"]) == 0
    assert "seed = 1" in notebook.read_text("utf-8")


FIGURE = """
from IPython.display import display
display({"image/png": "iVBORw0KGgo="}, raw=True, metadata={"image/png": {"alt": "A point."}})
"""
BAR = "import os, sys\nfor i in range(3):\n    print(f'\\rstep {i}', end='', flush=True)\nprint()"


def test_run_stores_outputs_of_this_interpreter(course, monkeypatch):
    bogus = course / "kernels" / "kernels" / "python3"  # a kernel that a user registered long ago
    bogus.mkdir(parents=True)
    (bogus / "kernel.json").write_text(
        json.dumps({"argv": ["/bin/false", "{connection_file}"], "display_name": "x"})
    )
    monkeypatch.setenv("JUPYTER_PATH", str(course / "kernels"))
    (course / "notebooks" / "beside.txt").write_text("here")
    where = "import sys, pathlib\nprint(sys.executable)\nprint(pathlib.Path('beside.txt').read_text())"
    slider = "import ipywidgets\nipywidgets.IntSlider(3)"
    path = store(
        course / "notebooks" / "01_x.ipynb",
        new_markdown_cell("# X", id="title"),
        new_code_cell(where, id="where", metadata={"execution": {"iopub.execute_input": "2026"}}),
        new_code_cell(FIGURE, id="figure"),
        new_code_cell(BAR, id="bar", metadata={"mystnb": {"image": {"alt": "stale"}}}),
        new_code_cell(slider, id="slider"),
    )
    assert tool.main(["run", str(path)]) == 0
    stored = nbformat.read(path, as_version=4)
    _, where, figure, bar, slider = stored.cells
    assert where.outputs[0].text == f"{sys.executable}\nhere\n"
    assert "execution" not in where.metadata
    assert figure.metadata.mystnb.image.alt == "A point."
    assert bar.outputs[0].text == "step 2\n" and "mystnb" not in bar.metadata
    assert [cell.execution_count for cell in stored.cells[1:]] == [1, 2, 3, 4]
    state = stored.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    assert "IntSliderModel" in {model["model_name"] for model in state.values()}
    assert "version" not in stored.metadata.language_info


@pytest.mark.parametrize("tags", [[], ["raises-exception"]])
def test_run_leaves_the_notebook_alone_after_an_error(course, capsys, tags):
    (course / "notebooks" / "figures").mkdir()
    (course / "notebooks" / "figures" / "a.png").write_bytes(b64decode(PIXEL))
    path = store(
        course / "notebooks" / "01_x.ipynb",
        new_code_cell("print('one')", id="good"),
        new_code_cell("1 / 0", id="bad", metadata={"tags": tags}),
        new_code_cell(
            "print('never')", id="after", outputs=[new_output("stream", text="old")], execution_count=3
        ),
        new_markdown_cell("![a](figures/a.png)", id="picture"),
    )
    old = nbformat.read(path, as_version=4)
    old.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {}}}
    tool.write_notebook(path, old)
    before = path.read_bytes()
    assert tool.main(["run", str(path)]) == 1
    assert "cell 'bad' failed with ZeroDivisionError: division by zero" in capsys.readouterr().err
    assert path.read_bytes() == before
    part = nbformat.read(course / "build" / "01_x.failed.ipynb", as_version=4)
    assert part.cells[0].outputs[0].text == "one\n"
    assert part.cells[1].outputs[0].ename == "ZeroDivisionError"
    assert "widgets" not in part.metadata
    assert part.cells[2].outputs == [] and part.cells[2].execution_count is None


def test_run_stores_no_claim_that_does_not_hold(course, capsys):
    source = "from contentgen.claims import claim\nclaim('gain', {}, at_least=1)"
    path = store(
        course / "notebooks" / "01_x.ipynb",
        new_code_cell(source.format(2), id="kept"),
        new_code_cell(source.format(0), id="broken"),
        new_code_cell("print('later')", id="later"),
    )
    before = path.read_bytes()
    assert tool.main(["run", str(path)]) == 1
    printed = capsys.readouterr().err
    assert "not stored: 'broken': a claim does not hold: ✗ gain ≥ 1 · measured 0" in printed
    assert "'kept'" not in printed and path.read_bytes() == before
    run = nbformat.read(course / "build" / "01_x.failed.ipynb", as_version=4)
    assert run.cells[-1].outputs[0].text == "later\n"


def test_run_names_the_cell_that_killed_the_kernel(course, capsys):
    path = store(course / "notebooks" / "01_x.ipynb", new_code_cell("import os\nos._exit(1)", id="dies"))
    assert tool.main(["run", str(path)]) == 1
    assert "cell 'dies' failed with DeadKernelError" in capsys.readouterr().err


def test_results_are_brought_up_to_date_after_a_run(course, notebook, monkeypatch):
    called = []
    monkeypatch.setattr(tool, "run", lambda path: None)
    monkeypatch.setattr(tool.results, "main", lambda root: called.append(root) or 0)
    assert tool.main(["run", str(notebook)]) == 0
    assert called == [course]


@pytest.mark.parametrize("verb", ["save", "run"])
def test_what_a_lesson_teaches_is_written_by_save_and_by_run(course, verb):
    cell = new_code_cell(
        "def one():\n    return 1\n\n\nprint(one())", id="one", metadata={"tags": ["taught"]}
    )
    path = store(course / "notebooks" / "01_x.ipynb", cell)
    module = course / "contentgen" / "taught" / "lesson_01.py"
    tool.edit(path)
    change(course / "build" / "01_x.py", "return 1", "return 2")
    module.unlink()
    assert tool.main([verb, str(path)]) == 0
    assert module.read_text("utf-8").endswith(f"def one():\n    return {2 if verb == 'save' else 1}\n")
