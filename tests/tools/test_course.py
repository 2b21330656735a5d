"""tools/course.py: which notebooks are the course's, whatever a reader has put beside them."""

import course
import pytest
import rules

COPIES = [
    "06_vae_images-Copy1.ipynb",
    "06_vae_images copy.ipynb",
    "06_vae_images (1).ipynb",
    "mine_06_vae_images.ipynb",
    "Untitled.ipynb",
    "Untitled1.ipynb",
    "my own.ipynb",
]


@pytest.fixture
def root(tmp_path):
    for name in ("06_vae_images", "10_text", "solutions/06_vae_images"):
        path = tmp_path / "notebooks" / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    for name in COPIES:
        (tmp_path / "notebooks" / name).touch()
        (tmp_path / "notebooks" / "solutions" / name).write_text("no notebook")
    return tmp_path


def test_a_readers_copies_are_no_lessons(root, monkeypatch):
    assert [path.name for path in course.lessons(root)] == ["06_vae_images.ipynb", "10_text.ipynb"]
    assert [path.name for path in course.solutions(root)] == ["06_vae_images.ipynb"]
    monkeypatch.setattr(rules, "ROOT", root)
    monkeypatch.setattr(rules, "read", lambda path: path.name)
    assert len(rules.all_notebooks()) == 3


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("06", "06_vae_images"),
        ("6", "06_vae_images"),
        ("10", "10_text"),
        ("solutions/06", "solutions/06_vae_images"),
        ("solutions/6", "solutions/06_vae_images"),
    ],
)
def test_a_number_names_one_notebook(root, number, name):
    assert course.find(number, root) == root / "notebooks" / f"{name}.ipynb"


NONE = ["", "1", "07", "06_vae", "*", "../06", "solutions/10", "solutions/", "x/06"]


@pytest.mark.parametrize("number", NONE)
def test_a_number_that_none_has_is_told_with_those_that_there_are(root, number):
    with pytest.raises(course.NotFound) as raised:
        course.find(number, root)
    wanted = f"There is no notebook {number!r}; say it as in 06 or solutions/06. Lessons: 06, 10."
    assert str(raised.value) == wanted


def test_two_of_one_number_are_both_named(root):
    (root / "notebooks" / "06_zzz.ipynb").touch()
    with pytest.raises(course.NotFound, match=r"06 is the number of 06_vae_images\.ipynb and 06_zzz\.ipy"):
        course.find("06", root)
