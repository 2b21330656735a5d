"""Every text gives one immutable record, and bad input one clear sentence."""

from dataclasses import FrozenInstanceError

import pytest

from contentgen.checks import NotAllowed
from contentgen.data import load_text, news


def test_the_news_come_with_their_facts():
    text = load_text("news", 128, 3)
    assert (len(text.reports_train), len(text.reports_valid), len(text.reports_test)) == (128, 4, 4)
    for part, reports in (
        ("train", text.reports_train),
        ("valid", text.reports_valid),
        ("test", text.reports_test),
    ):
        assert getattr(text, part) == "".join(report.text for report in reports)
    assert text.reports_train == tuple(news.draw(128, 3))
    assert text.vocabulary == tuple(sorted(set(text.train)))
    with pytest.raises(FrozenInstanceError):
        text.train = ""
    with pytest.raises(TypeError):
        text.reports_train[0].facts["town"] = "Rome"


def test_the_news_can_hold_out_combinations():
    text = load_text("news", 128, new_combinations=True)
    train, rest = text.reports_train, text.reports_valid + text.reports_test
    assert [news.is_held_out(r.kind, r.facts) for r in train + rest] == [False] * 128 + [True] * 8


def test_the_reference_is_this_pythons_own():
    from pydoc_data.topics import topics

    text = load_text("pydoc")
    whole = text.train + text.valid + text.test
    assert all(topic in whole for topic in topics.values())
    assert [round(len(part) / len(whole), 3) for part in (text.train, text.valid, text.test)] == [
        0.8,
        0.1,
        0.1,
    ]
    assert not text.reports_train


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_bytes("\ufeff".encode() + ("Zeile eins.\r\nZeile zwei: €\n" * 500 + "ß").encode())
    return path


def test_a_file_is_split_in_order(file):
    text = load_text(f"file:{file}")
    whole = "Zeile eins.\nZeile zwei: €\n" * 500 + "ß"
    assert (text.train + text.test, text.valid) == (whole, "")
    assert len(text.train) == int(len(whole) * 0.9)
    chosen = load_text(f"file:{file}", valid=0.2)
    assert chosen.train + chosen.valid == text.train and len(chosen.train) == int(len(whole) * 0.7)


def test_a_relative_path_is_named_as_the_absolute_one(file, monkeypatch):
    monkeypatch.chdir(file.parent.parent)
    assert load_text(f"file:{file.parent.name}/{file.name}").train
    with pytest.raises(NotAllowed, match="There is no file") as raised:
        load_text("file:texts/mine.txt")
    assert repr(str(file.parent.parent.resolve() / "texts" / "mine.txt")) in str(raised.value)


def test_rare_characters_are_named(file):
    file.write_text("abc\n" * 3000 + "Ω ∂\n" + "abc\n" * 2000, encoding="utf-8")
    text = load_text(f"file:{file}")
    assert text.rare == {" ": 1, "Ω": 1, "∂": 1}
    assert repr(text).endswith("7 different ones, fewer than 10 times: '  Ω ∂'")


def test_of_many_rare_characters_the_record_names_the_first_and_their_number(file):
    signs = "".join(chr(0x4E00 + number) for number in range(1200))
    file.write_text("abc\n" * 3000 + signs + "abc\n" * 2000, encoding="utf-8")
    assert repr(load_text(f"file:{file}")).endswith("… and 1,180 more'")


def test_a_folder_is_no_file_and_an_unreadable_file_is_named(file, monkeypatch):
    with pytest.raises(
        NotAllowed, match=r"There is no file .* \(it is a folder\); give the path of a text file"
    ):
        load_text(f"file:{file.parent}")

    def denied(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(file), "read_text", denied)
    with pytest.raises(
        NotAllowed, match=r"mine\.txt' cannot be opened \(Permission denied\); change its permissions"
    ):
        load_text(f"file:{file}")


def test_the_record_says_what_it_holds():
    text = load_text("news", 1600)
    assert repr(text).startswith(f"news: {len(text.train):,} characters for training, ")
    assert repr(text).endswith(f"held out; {len(text.vocabulary)} different ones")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "There is no file"),
        (b"\xff\xfe\x00a" * 5000, "no text in UTF-8 .see byte 0.; save it"),
        (b"abc\0" * 5000, "no text in UTF-8: it has a zero byte; save it in that encoding"),
        (b"abc" * 1000, "has 3,000 characters, expected at least 10,000"),
    ],
)
def test_a_file_that_is_no_text_is_named(file, content, sentence):
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)
    with pytest.raises(ValueError, match=sentence) as raised:
        load_text(f"file:{file}")
    assert str(file) in str(raised.value)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (dict(name="prose"), "no text 'prose'; the known names are news, pydoc, file:PATH"),
        (dict(name="file:"), "no text 'file:'"),
        (dict(name=None), "no text None"),
        (dict(name="news", n=15), "n is 15, expected a whole number of at least 32"),
        (dict(name="news", n=True), "n is True"),
        (dict(name="news", seed=-1), "seed is -1, expected a whole number of at least 0"),
        (dict(name="pydoc", seed=None), "seed is None, expected a whole number of at least 0"),
        (dict(name="news", valid=0.1), "valid is 0.1, but the news have a split of their own"),
        (dict(name="pydoc", n=100), "for the news, and the text is 'pydoc'"),
        (dict(name="pydoc", new_combinations=True), "for the news"),
        (dict(name="pydoc", valid=0.6), "valid is 0.6, expected a share from 0 to 0.5"),
        (dict(name="pydoc", valid="a"), "valid is 'a'"),
    ],
)
def test_bad_numbers_are_named(asked, sentence):
    with pytest.raises(ValueError, match=sentence):
        load_text(**asked)
