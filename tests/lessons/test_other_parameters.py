"""A reader may change any parameter to another allowed value: the lesson reaches its last cell.

With trainings made short: all parameters changed together here, each alone in the nightly run.
"""

from pathlib import Path

import nbformat
import papermill
import pytest
import rules
import yaml
from lesson_code import parameters_of
from PIL import Image

from contentgen import data

LESSONS = {path.stem: path for path in rules.all_notebooks() if rules.is_lesson(path)}
OTHERS = yaml.safe_load(Path(__file__).with_name("other_parameters.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", LESSONS)
def test_each_parameter_is_tried(name):
    own = parameters_of(name)
    assert OTHERS[name]["other"].keys() == own.keys()
    for parameter, values in OTHERS[name]["other"].items():
        assert own[parameter] not in values


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A folder with 660 pictures in three classes, and a text of 12,000 characters."""
    folder = tmp_path_factory.mktemp("own")
    strokes = data.load("strokes", 3000)
    for digit in range(3):
        (folder / "pictures" / str(digit)).mkdir(parents=True)
        for number, x in enumerate(strokes.x_train[strokes.y_train == digit][:220]):
            image = Image.fromarray((255 * x[..., 0]).astype("uint8"))
            image.save(folder / "pictures" / str(digit) / f"{number}.png")
    text = data.load_text("news", 100).train[:12_000]
    (folder / "text.txt").write_text(text, encoding="utf-8")
    return {
        "OWN": str(folder / "saved"),
        "folder:OWN": f"folder:{folder}/pictures",
        "file:OWN": f"file:{folder}/text.txt",
    }


def run(name, changed, own, folder):
    """Run the lesson to its last cell."""
    values = OTHERS[name]["short"] | {key: own.get(value, value) for key, value in changed.items()}
    papermill.execute_notebook(
        str(LESSONS[name]),
        str(folder / "run.ipynb"),
        values,
        cwd=str(LESSONS[name].parent),
        progress_bar=False,
    )
    code = rules.code_cells(nbformat.read(folder / "run.ipynb", as_version=4))
    assert code[-1].execution_count == len(code)


@pytest.mark.parametrize("name", LESSONS)
def test_all_parameters_changed_the_lesson_reaches_its_last_cell(name, own, tmp_path):
    changed = {key: values[0] for key, values in OTHERS[name]["other"].items()}
    run(name, changed, own, tmp_path)


ONE_BY_ONE = [
    pytest.param(name, {key: value}, id=f"{name[:2]}-{key}-{value}")
    for name, tried in OTHERS.items()
    for key, values in tried["other"].items()
    for value in values
]


@pytest.mark.nightly
@pytest.mark.parametrize(("name", "changed"), ONE_BY_ONE)
def test_one_parameter_changed_the_lesson_reaches_its_last_cell(name, changed, own, tmp_path):
    run(name, changed, own, tmp_path)
