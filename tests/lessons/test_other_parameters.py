"""A reader may change any parameter to another allowed value: the lesson reaches its last cell.

With trainings made short: all parameters changed together here, each alone in the nightly run. And the
smallest data of one's own reach it, too.
"""

from pathlib import Path

import contents
import nbformat
import numpy as np
import papermill
import pytest
import rules
import yaml
from lesson_code import parameters_of
from PIL import Image

from contentgen import data

LESSONS = {path.stem: path for path in rules.all_notebooks() if contents.is_lesson(path)}
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
    """Run the lesson to its last cell; its code cells."""
    values = OTHERS[name]["short"] | {key: own.get(value, value) for key, value in changed.items()}
    papermill.execute_notebook(
        str(LESSONS[name]),
        str(folder / "run.ipynb"),
        values,
        cwd=str(LESSONS[name].parent),
        progress_bar=False,
    )
    code = contents.code_cells(nbformat.read(folder / "run.ipynb", as_version=4))
    assert code[-1].execution_count == len(code)
    return code


@pytest.mark.parametrize("name", LESSONS)
def test_all_parameters_changed_the_lesson_reaches_its_last_cell(name, own, tmp_path):
    changed = {key: values[0] for key, values in OTHERS[name]["other"].items()}
    run(name, changed, own, tmp_path)


@pytest.fixture(scope="module")
def smallest(tmp_path_factory):
    """The smallest folders, of three classes and of one, and the shortest text, in Chinese on one line."""
    folder, strokes = tmp_path_factory.mktemp("smallest"), data.load("strokes", 300)
    for digit, count in enumerate((3, 4, 5)):
        for place in (folder / "classes" / "三个猫"[digit], folder / "alone"):
            place.mkdir(parents=True, exist_ok=True)
            for number, x in enumerate(strokes.x_train[strokes.y_train == digit][:count]):
                Image.fromarray((255 * x[..., 0]).astype("uint8")).save(place / f"{digit} {number}.png")
    rng = np.random.default_rng(0)
    signs = [chr(0x4E00 + number) for number in rng.permutation(2000)[:400]]
    words = ["".join(rng.choice(signs, rng.integers(1, 4))) for _ in range(300)]
    text = "".join(rng.choice([*words, "，", "。"], 8000))[:10_000]
    (folder / "text.txt").write_text(text, encoding="utf-8")
    return {
        "classes": f"folder:{folder}/classes",
        "alone": f"folder:{folder}/alone",
        "text": f"file:{folder}/text.txt",
    }


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("06_vae_images", "classes"),
        ("07_gan_images", "classes"),
        ("07_gan_images", "alone"),
        ("09_conditional_images", "classes"),
        ("10_text_lstm", "text"),
        ("11_text_transformer", "text"),
    ],
)
def test_the_smallest_data_of_ones_own_reach_the_last_cell_without_a_warning(name, kind, smallest, tmp_path):
    saved = tmp_path / "saved"
    whole = {key: 0 for key in ("n_train", "n_test") if key in OTHERS[name]["short"] and kind != "text"}
    changed = {"dataset": kind, "save_to": str(saved)} | whole
    code = run(name, changed, smallest, tmp_path)
    outputs = [output for cell in code for output in cell.outputs]
    assert [output.text for output in outputs if output.get("name") == "stderr"] == []
    judged = [output for output in outputs if "judge sure" in str(output.get("data", {}).get("text/plain"))]
    assert bool(judged) == (kind == "classes" and name[:2] in ("06", "07"))
    printed = "".join(output.text for output in outputs if output.output_type == "stream")
    assert ("One class only: no judge" in printed) == (kind == "alone")
    kept = [path.name for path in saved.glob("*.keras")]
    assert kept and all(data.file_name(smallest[kind]) in file for file in kept)


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
