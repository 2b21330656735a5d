"""The glossary has each term with its whole sentence, its formula too, and a link to the cell."""

import glossary
import nbformat

IDEA = """## The **heading** is none

First. (By **Jensen's inequality** this holds:

$$a \\ge b \\tag{1.1}$$

**Label.** An *odd* one.

**Further reading**

- A **code** is `short`. It ends there."""


def test_a_term_comes_with_its_sentence_and_a_link(tmp_path):
    cells = [
        nbformat.v4.new_markdown_cell(IDEA, id="idea"),
        nbformat.v4.new_markdown_cell("**Code**, again."),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "01_x.ipynb")
    link = "([01](../notebooks/01_x.ipynb#cell-id=idea))"
    assert glossary.text([tmp_path / "01_x.ipynb"]).split("\n\n")[-1] == (
        f"- **Code.** A code is `short`. {link}\n"
        f"- **Jensen's inequality.** (By Jensen's inequality this holds: $a \\ge b$ {link}\n"
    )
