"""tools/restore.py: a fresh copy of a lesson, and nothing of the reader's is lost."""

import subprocess

import pytest
import restore


@pytest.fixture
def course(tmp_path):
    """A checkout with two lessons and the worked answers of one."""
    for name in ("06_vae", "07_gan", "solutions/06_vae"):
        path = tmp_path / "notebooks" / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{name}: café\n", encoding="utf-8", newline="\n")
    author = ["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "core.autocrlf=false"]
    for command in (["init", "-q"], ["add", "."], [*author, "commit", "-qm", "lessons"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    return tmp_path


def git(folder, *arguments):
    me = ["-c", "user.name=me", "-c", "user.email=me@b.c", "-c", "core.autocrlf=false"]
    subprocess.run(["git", *me, *arguments], cwd=folder, check=True, capture_output=True)


def texts(course):
    folder = course / "notebooks"
    found = sorted(folder.rglob("*.ipynb"))
    return {p.relative_to(folder).as_posix(): p.read_text(encoding="utf-8") for p in found}


def test_a_changed_lesson_is_fresh_again_and_each_of_the_readers_copies_is_kept(course, capsys):
    before, lesson = texts(course), course / "notebooks" / "06_vae.ipynb"
    kept = ["mine_06_vae.ipynb", "mine_06_vae_2.ipynb", "mine_06_vae_3.ipynb"]
    for number, name in enumerate(kept):
        lesson.write_text(f"mine, {number}", encoding="utf-8")
        assert restore.main(["06"], course) == 0
        assert f"yours is kept as {name} in the same folder." in capsys.readouterr().out
    assert texts(course) == before | {name: f"mine, {number}" for number, name in enumerate(kept)}


def test_the_worked_answers_have_their_own_number(course):
    before, answers = texts(course), course / "notebooks" / "solutions" / "06_vae.ipynb"
    answers.write_text("mine", encoding="utf-8")
    assert restore.main(["solutions/06"], course) == 0
    assert texts(course) == before | {"solutions/mine_06_vae.ipynb": "mine"}


def test_a_lesson_that_is_missing_comes_back_and_one_as_it_was_is_left_alone(course, capsys):
    before = texts(course)
    (course / "notebooks" / "07_gan.ipynb").unlink()
    assert restore.main(["07"], course) == 0
    assert restore.main(["06"], course) == 0
    assert "is there again" in (printed := capsys.readouterr().out) and "nothing to do" in printed
    assert texts(course) == before


def test_a_file_that_is_no_text_any_more_is_kept_and_restored(course):
    before, lesson = texts(course), course / "notebooks" / "06_vae.ipynb"
    lesson.write_bytes(b"\xff\xfe torn")
    assert restore.main(["06"], course) == 0
    kept = course / "notebooks" / "mine_06_vae.ipynb"
    assert kept.read_bytes() == b"\xff\xfe torn"
    kept.unlink()
    assert texts(course) == before


def test_a_course_in_a_folder_of_a_larger_repository(tmp_path):
    lesson = tmp_path / "course" / "notebooks" / "06_vae.ipynb"
    lesson.parent.mkdir(parents=True)
    lesson.write_text("fresh")
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "all"]):
        git(tmp_path, *command)
    lesson.write_text("mine")
    assert restore.main(["06"], tmp_path / "course") == 0 and lesson.read_text() == "fresh"


@pytest.mark.parametrize("branch", ["main", "of my own", "detached"])
def test_after_commits_of_the_readers_own_fresh_is_what_the_course_has(course, tmp_path, capsys, branch):
    git(tmp_path, "clone", "-q", str(course), "my clone")
    mine, before = tmp_path / "my clone", texts(course)
    lesson = mine / "notebooks" / "06_vae.ipynb"
    if branch == "of my own":
        git(mine, "checkout", "-q", "-b", "mine")
    elif branch == "detached":
        git(mine, "checkout", "-q", "--detach")
    for number in range(2):
        lesson.write_text(f"mine, {number}", encoding="utf-8")
        git(mine, "commit", "-qam", "my own")
    assert restore.main(["06"], mine) == 0
    assert texts(mine) == before | {"mine_06_vae.ipynb": "mine, 1"}
    assert restore.main(["06"], mine) == 0
    assert "is as in commit" in capsys.readouterr().out
    # What the course has changed since comes with it, once the reader has taken it.
    (course / "notebooks" / "06_vae.ipynb").write_text("better", encoding="utf-8")
    git(course, "commit", "-qam", "better")
    git(mine, "checkout", "-q", "--", ".")
    git(mine, "fetch", "-q")
    git(mine, "merge", "-q", "-s", "ours", "-m", "merged, mine kept", "origin/HEAD")
    assert restore.main(["06"], mine) == 0 and lesson.read_text(encoding="utf-8") == "better"


def test_a_commit_can_be_named(course, capsys):
    lesson = course / "notebooks" / "06_vae.ipynb"
    git(course, "tag", "first")
    first = lesson.read_text(encoding="utf-8")
    lesson.write_text("mine", encoding="utf-8")
    git(course, "commit", "-qam", "my own, and no course to compare with")
    assert restore.main(["06"], course) == 0
    out = capsys.readouterr().out
    assert "is as in commit" in out and "An older one: make restore N=06 ARGS=" in out
    assert restore.main(["6", "first"], course) == 0 and lesson.read_text(encoding="utf-8") == first
    assert restore.main(["06", "none"], course) == 1
    assert capsys.readouterr().err == "Git knows no commit, branch or tag 'none' here.\n"


@pytest.mark.parametrize("number", [[], [""], ["08"], ["0"], ["06_vae"], ["solutions"], ["*"], ["../06"]])
def test_a_number_that_no_lesson_has_changes_nothing(course, capsys, number):
    before = texts(course)
    assert restore.main(number, course) == 1
    assert "say it as in: make restore N=06" in capsys.readouterr().err
    assert texts(course) == before


def test_without_git_one_sentence_says_what_to_do(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    (tmp_path / "notebooks").mkdir()
    assert restore.main(["06"], tmp_path) == 1
    assert capsys.readouterr().err.count("git clone") == 1
