"""No layers, models, gradient tapes or training losses in the package: a learner must see them in a lesson.

Free are the judge's network in metrics/pictures.py, the names of functions in exercises/, and taught/, which
is the lessons' own code.
"""

import ast
import re

import course
import pytest
from contents import dotted

PACKAGE = course.ROOT / "contentgen"
MODULES = {file.relative_to(PACKAGE).as_posix(): file for file in sorted(PACKAGE.rglob("*.py"))}
JUDGE = ("metrics/pictures.py", "_make_judge_network")
TEACHING = re.compile(r"(.*\.)?(keras\.(layers|losses)\b.*|(layers|losses)\..+|GradientTape|tf\.nn\..*)")
BUILT = re.compile(r"(.*\.)?(Model|Sequential|Functional|Layer)")


def networks(source: str, file: str):
    """What belongs in a lesson's cell, in a module's source, by its path in the package."""
    nodes = set(ast.walk(ast.parse(source)))
    judges = [n for n in nodes if isinstance(n, ast.FunctionDef) and (file, n.name) == JUDGE]
    nodes = nodes.difference(*map(ast.walk, judges))
    functions = [node.name for node in nodes if isinstance(node, ast.FunctionDef)]
    found = [name for name in functions if name.endswith("_loss") and not file.startswith("exercises/")]
    for node in nodes:
        names = [dotted(node)] if isinstance(node, ast.Name | ast.Attribute) else []
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [f"{getattr(node, 'module', '')}.{alias.name}".lstrip(".") for alias in node.names]
        makes = [node.func] if isinstance(node, ast.Call) else getattr(node, "bases", [])
        found += [name for name in names if TEACHING.fullmatch(name)]
        found += [dotted(made) for made in makes if BUILT.fullmatch(dotted(made))]
    return found


@pytest.mark.parametrize("file", [file for file in MODULES if not file.startswith("taught/")])
def test_no_networks_in_the_package(file):
    assert not networks(MODULES[file].read_text(encoding="utf-8"), file)


@pytest.mark.parametrize(
    "source",
    [
        "keras.layers.Dense(3)",
        "from keras.layers import Dense",
        "import keras.layers as kl",
        "tf.keras.layers.Dense",
        "keras.Sequential([])",
        "class Vae(keras.Model): pass",
        "with tf.GradientTape() as tape: pass",
        "keras.losses.mse",
        "tf.nn.softmax(x)",
        "def kl_loss(mu): pass",
    ],
)
def test_a_network_in_the_package_is_found(source):
    inside = f"def _make_judge_network():\n    {source}"
    assert networks(source, "metrics/pictures.py")
    assert networks(inside, "plots.py")
    assert not networks(inside, "metrics/pictures.py")


@pytest.mark.parametrize(
    ("source", "file"),
    [
        ("keras.models.load_model(path)", "plots.py"),
        ("def save(model: keras.Model) -> None: pass", "plots.py"),
        ("class Pictures(keras.callbacks.Callback): pass", "plots.py"),
        ("model.layers[-2].output", "plots.py"),
        ("def vae_loss(answer): pass", "exercises/lesson_06.py"),
    ],
)
def test_what_the_package_may_do(source, file):
    assert not networks(source, file)
