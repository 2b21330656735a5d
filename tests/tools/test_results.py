"""docs/results.md and the README say what the stored notebooks measured."""

from pathlib import Path

import nbformat
import pytest
import results
import yaml

ROOT = Path(__file__).resolve().parents[2]

FACTS = [
    {"name": "log p(x|z)", "value": -104.5, "at_least": -120, "unit": "nats"},
    {"name": "blur", "value": 0.25, "at_most": 1, "unit": ""},
    {"name": "loss", "value": None, "unit": "nats"},
]
README = """# Course

| lesson | what you do | minutes to read | seconds to run | open |
|---|---|---|---|---|
| [06 The VAE](notebooks/06_vae.ipynb) | make one | 1 | 2 | badges |

<!-- headlines -->
old
<!-- /headlines -->

The end.
"""


@pytest.fixture
def course(tmp_path):
    """A course of one lesson that states three numbers."""
    new = nbformat.v4
    title = new.new_markdown_cell(
        "# 06 · A VAE\n\n**Reading time:** 45 minutes. **Run time:** about 75 s on two cores."
    )
    outputs = [
        new.new_output("display_data", {"text/plain": "✓"}, metadata={"claims": facts})
        for facts in (FACTS[:1], FACTS[1:])
    ]
    code = new.new_code_cell("claim()", outputs=[new.new_output("stream", text="before"), *outputs])
    (tmp_path / "notebooks").mkdir()
    nbformat.write(new.new_notebook(cells=[title, code]), tmp_path / "notebooks" / "06_vae.ipynb")
    (tmp_path / "README.md").write_text(README, encoding="utf-8")
    chosen = {"lesson": "06", "numbers": ["log p(x|z)", "blur"], "say": "It has {} nats and a blur of {}."}
    (tmp_path / "notebooks" / "headlines.yaml").write_text(yaml.safe_dump([chosen]))
    return tmp_path


def test_every_number_comes_into_the_table_with_its_bound(course):
    assert results.main(course) == 0
    text = (course / "docs" / "results.md").read_text(encoding="utf-8")
    assert text.endswith(
        "## [06 · A VAE](../notebooks/06_vae.ipynb)\n\n"
        "| what | bound | measured |\n|---|---|---|\n"
        "| log p(x\\|z) | ≥ −120 nats | −104.5 nats |\n"
        "| blur | ≤ 1 | 0.25 |\n"
        "| loss |  | NaN nats |\n"
    )


def test_the_readme_gets_headlines_and_times_and_keeps_the_rest(course):
    assert results.main(course) == 0
    text = (course / "README.md").read_text(encoding="utf-8")
    line = "- It has −104 nats and a blur of 0.25. ([06](notebooks/06_vae.ipynb))"
    assert text == README.replace("old", line).replace("| 1 | 2 |", "| 45 | 75 |")


@pytest.mark.parametrize("marks", ["", "<!-- headlines -->", "<!-- /headlines --> <!-- headlines -->"])
def test_a_readme_without_marks_is_left_alone(course, capsys, marks):
    (course / "README.md").write_text(f"# Course\n{marks}\n")
    assert results.main(course) == 1
    assert "README.md needs one line <!-- headlines -->" in capsys.readouterr().err
    assert (course / "README.md").read_text() == f"# Course\n{marks}\n"
    assert not (course / "docs").exists()


def test_a_lesson_without_its_times_is_named(course, capsys):
    path = course / "notebooks" / "06_vae.ipynb"
    path.write_text(path.read_text().replace("Run time", "Time"))
    assert results.main(course) == 1
    assert "06_vae.ipynb needs its reading time and run time" in capsys.readouterr().err


def test_a_headline_that_no_lesson_states_is_named(course, capsys):
    chosen = {"lesson": "06", "numbers": ["speed"], "say": "{}"}
    (course / "notebooks" / "headlines.yaml").write_text(yaml.safe_dump([chosen]))
    assert results.main(course) == 1
    assert "06_vae.ipynb states no ['speed']" in capsys.readouterr().err


def test_a_file_that_is_no_notebook_is_named(tmp_path):
    for text in ("{", "[]", "{}"):
        (tmp_path / "03_torn.ipynb").write_text(text)
        with pytest.raises(ValueError, match=r"03_torn.ipynb is not a notebook"):
            results.facts(tmp_path / "03_torn.ipynb")


@pytest.mark.parametrize("name", ["README.md", "docs/results.md", "docs/glossary.md"])
def test_the_files_say_what_the_stored_notebooks_measured(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert text == results.texts(ROOT)[ROOT / name], "run `make results`"
