"""A lesson's tagged cells become a module, with what they define and import and nothing else."""

import nbformat
import pytest
import taught

SETUP = """try:
    import contentgen
except ImportError:
    %pip install x
import json
import os.path

import numpy as np
from contentgen import plots, training
from keras import layers, ops

plots.show(1)"""
TAUGHT = '''MOST = 3
made = np.zeros(3)


@training.traced
def shown(x, plots):
    """Two lines."""
    return layers.Dense(min(x, MOST))(np.exp(plots))


class Net(layers.Layer):
    def call(self, ops):
        # A comment.
        return shown(ops, ops)


print(shown(1, 2), json)'''
MODULE = '''"""Taught in notebooks/06_x.ipynb. `make save` writes this file; change the lesson."""

import numpy as np
from contentgen import training
from keras import layers


MOST = 3


@training.traced
def shown(x, plots):
    """Two lines."""
    return layers.Dense(min(x, MOST))(np.exp(plots))


class Net(layers.Layer):
    def call(self, ops):
        # A comment.
        return shown(ops, ops)
'''


def notebook(tags):
    cells = [nbformat.v4.new_code_cell(SETUP), nbformat.v4.new_code_cell(TAUGHT)]
    cells[1].metadata["tags"] = tags
    return nbformat.v4.new_notebook(cells=cells)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "notebooks" / "06_x.ipynb"


def module(path):
    file = path.parents[1] / "contentgen" / "taught" / "lesson_06.py"
    return file.read_text("utf-8") if file.exists() else None


def test_the_module_has_definitions_and_their_imports_and_nothing_else(path):
    taught.write(path, notebook(["taught"]))
    assert module(path) == MODULE


def test_without_a_tag_there_is_no_module(path):
    taught.write(path, notebook([]))
    assert module(path) is None


@pytest.mark.parametrize(
    "other", ["solutions/06_x.ipynb", "mine_06_x.ipynb", "06_x-Copy1.ipynb", "../06_x.ipynb"]
)
def test_only_the_courses_lessons_teach(path, other):
    taught.write(path.parent / other, notebook(["taught"]))
    assert not [*path.parents[1].rglob("*.py")]
