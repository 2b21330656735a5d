"""A parameter's value that is not allowed gets one sentence, and what the course itself uses is allowed."""

from pathlib import Path

import contents
import pytest
import rules
import study
import yaml
from lesson_code import parameters_of

from contentgen import data, parameters

ROOT = Path(__file__).resolve().parents[2]
LESSONS = {path.stem: path for path in rules.all_notebooks() if contents.is_lesson(path)}


def in_use(name):
    """The lesson's own values, those of its full run, and those of its studies."""
    own = parameters_of(name)
    yield own
    full = yaml.safe_load((ROOT / "notebooks" / "full.yaml").read_text(encoding="utf-8"))
    yield own | full.get(name, {})
    described = yaml.safe_load((ROOT / "notebooks" / "studies.yaml").read_text(encoding="utf-8"))
    for described_study in described.values():
        if described_study["lesson"] == name:
            for setting in study.settings(described_study):
                yield own | setting


@pytest.mark.parametrize("name", LESSONS)
def test_the_cell_below_the_parameters_checks_them(name):
    code = contents.code_cells(contents.read(LESSONS[name]))
    (at,) = (k for k, cell in enumerate(code) if "parameters" in contents.tags(cell))
    assert code[at + 1].source.startswith(f'parameters.check("{name[:2]}", globals())')


@pytest.mark.parametrize("name", LESSONS)
def test_what_the_course_itself_uses_is_allowed(name):
    for values in in_use(name):
        parameters.check(name[:2], values)


# Lesson, what is changed, and what the sentence says.
NOT_ALLOWED = [
    ("06", {"steps": 250}, "steps is 250; allowed is a multiple of 100 from 100 on."),
    ("06", {"steps": 100.0}, "steps is 100.0; allowed is a multiple of 100 from 100 on."),
    ("06", {"steps": True}, "steps is True; "),
    ("06", {"batch_size": 0}, "batch_size is 0; allowed is a whole number from 1 on."),
    ("06", {"n_train": 7}, "n_train is 7; allowed is 0 or a whole number from 8 on."),
    ("10", {"dataset": "file:" + 900 * "long"}, "(there is none at "),
    ("06", {"threshold": 1}, "threshold is 1; allowed is a number above 0 and below 1."),
    ("06", {"rate": 0}, "rate is 0; allowed is a number above 0 and below 0.01."),
    ("06", {"rate": 0.02}, "rate is 0.02; allowed is a number above 0 and below 0.01."),
    ("06", {"rate": float("nan")}, "rate is nan; "),
    ("06", {"rate": "fast"}, "rate is 'fast'; "),
    ("06", {"beta": -1}, "beta is -1; allowed is a number from 0 on."),
    ("06", {"seed": -1}, "seed is -1; allowed is a whole number from 0 to 1,000,000."),
    (
        "06",
        {"dataset": "minst"},
        "allowed is digits, strokes, mnist, fashion_mnist or folder:PATH with the path",
    ),
    ("06", {"dataset": "folder:"}, "dataset is 'folder:'; "),
    (
        "06",
        {"dataset": "folder:no/such"},
        f"with the path of a folder (there is none at {str(Path('no', 'such').resolve())!r}).",
    ),
    ("06", {"dataset": 7}, "dataset is 7; "),
    (
        "06",
        {"dataset": "digits", "n_train": 1499},
        "dataset is 'digits' and n_train is 1499; allowed is n_train up",
    ),
    (
        "06",
        {"save_to": str(ROOT / "README.md")},
        'allowed is the path of a folder, or "" for the cache folder.',
    ),
    ("08", {"batch_size": 3}, "batch_size is 3; allowed is a multiple of 2 from 2 on."),
    ("08", {"method": "R2"}, "method is 'R2'; allowed is "),
    ("08", {"test_bed": "strokes"}, "allowed is with strokes ['lesson 07', "),
    ("09", {"conditions": "digit colour"}, "allowed is one or more of the words digit, slant, width."),
    ("09", {"conditions": ""}, "conditions is ''; "),
    ("09", {"conditions": "digit digit"}, "conditions is 'digit digit'; "),
    ("09", {"dataset": "digits", "conditions": "slant"}, "allowed is digit among the conditions"),
    ("09", {"n_train": 99}, "allowed is n_train 0, or from 100 on; with folder:PATH from 8 on."),
    ("09", {"embedded": "yes"}, "embedded is 'yes'; allowed is True or False."),
    ("09", {"memory": 1.5}, "memory is 1.5; allowed is a number from 0 to 1."),
    ("10", {"cell": "rnn"}, "cell is 'rnn'; allowed is gru or lstm."),
    (
        "10",
        {"dataset": "file:README"},
        "allowed is news, pydoc or file:PATH with the path of a text file (there is none at ",
    ),
    (
        "11",
        {"heads": 5},
        "width is 96 and heads is 5; allowed is a width that is a multiple of twice the heads.",
    ),
]


@pytest.mark.parametrize(("number", "change", "says"), NOT_ALLOWED)
def test_another_value_gets_one_sentence_that_names_what_is_allowed(number, change, says):
    (name,) = (name for name in LESSONS if name.startswith(number))
    with pytest.raises(parameters.NotAllowed) as raised:
        parameters.check(number, parameters_of(name) | change)
    sentence = str(raised.value)
    assert says in sentence and sentence.endswith(".") and "\n" not in sentence
    assert raised.value._render_traceback_() == [f"NotAllowed: {sentence}"]


def test_all_training_pictures_of_digits_are_allowed():
    n_train = len(data.load("digits").x_train)
    values = parameters_of("06_vae_images") | {"dataset": "digits"}
    parameters.check("06", values | {"n_train": n_train})
    with pytest.raises(parameters.NotAllowed):
        parameters.check("06", values | {"n_train": n_train + 1})


@pytest.mark.parametrize("number", ["06", "07", "09"])
def test_of_ones_own_pictures_as_few_as_the_smallest_folder_gives_are_allowed(number, tmp_path):
    (name,) = (name for name in LESSONS if name.startswith(number))
    parameters.check(number, parameters_of(name) | {"dataset": f"folder:{tmp_path}", "conditions": "digit"})
    few = {"dataset": f"folder:{tmp_path}", "conditions": "digit", "n_train": 8}
    parameters.check(number, parameters_of(name) | few)


@pytest.mark.parametrize("number", parameters.ALLOWED)
def test_each_parameter_refuses_nothing_at_all(number):
    (name,) = (name for name in LESSONS if name.startswith(number))
    for parameter, value in parameters_of(name).items():
        with pytest.raises(parameters.NotAllowed, match=f"{parameter} is None; allowed is "):
            parameters.check(number, parameters_of(name) | {parameter: None})
        assert value is not None
