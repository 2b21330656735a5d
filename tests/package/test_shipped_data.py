"""What `data/` ships: every file has its card and its checksum, and every card says the same things."""

import hashlib
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest

from contentgen import data
from contentgen.data import folder, news, text

FOLDER = Path(__file__).resolve().parents[2] / "data"
CARDS = [*FOLDER.glob("[a-z]*.md"), *FOLDER.glob("*/*.md")]
NETWORKS = sorted(FOLDER.glob("pretrained/*.keras"))


def test_the_checksums_are_those_of_the_files():
    lines = (FOLDER / "checksums.txt").read_text(encoding="utf-8").splitlines()
    stated = dict(reversed(line.split("  ")) for line in lines)
    shipped = [p for p in FOLDER.rglob("*") if p.is_file() and p.suffix not in (".md", ".txt")]
    found = {
        path.relative_to(FOLDER).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in shipped
    }
    assert stated == found


def test_every_data_set_has_its_card():
    names = {name.split(":")[0] for name in data.NAMES + data.TEXT_NAMES}
    assert names == {path.stem for path in FOLDER.glob("[a-z]*.md")}
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert all(f"]({name}.md)" in index for name in names)


@pytest.mark.parametrize("card", CARDS, ids=lambda path: path.stem)
def test_a_card_says_what_it_must(card):
    text = card.read_text(encoding="utf-8")
    wanted = ["**What.**", "cannot"]
    if card.parent.name == "pretrained":
        wanted += ["**Made by.**", "**Claims.**", "**Licence.**", "checksums.txt"]
    elif card.parent.name == "studies":
        wanted += ["**Made by.**", "**Columns.**", "**Results.**", "**Licence.**"]
    elif card.stem not in ("folder", "file"):
        wanted += ["**Source.**", "**Licence.**", "**Split.**"]
    assert [part for part in wanted if part not in text] == []


def test_the_cards_of_ones_own_data_say_what_the_loaders_ask_for():
    own, file = ((FOLDER / f"{name}.md").read_text(encoding="utf-8") for name in ("folder", "file"))
    least = f"At least {folder.FEWEST} pictures, and at least {folder.FEWEST_OF_A_CLASS} in each class"
    assert least in own and f"of at least {text.SHORTEST:,} characters" in file
    assert all(kind in own.split("\n\n")[1].upper() for kind in folder.KINDS)
    assert ", ".join(map(str, folder.DEPTHS[:-1])) + f" or {folder.DEPTHS[-1]} bits" in own


def test_the_card_of_the_news_shows_the_news():
    """Its ten reports are the first ten of seed 2026, as they come; its numbers are the grammar's."""
    card = (FOLDER / "news.md").read_text(encoding="utf-8")
    reports = [report.text.strip("\n").split("\n") for report in news.draw(10, 2026)]
    assert all(f"> **{headline}**\n> {summary}\n" in card for headline, summary in reports)
    bits, characters = news.grammar().expect("report")
    assert f"{bits:.2f} bits and {characters:.2f} characters, so {bits / characters:.4f} bits" in card


@pytest.mark.parametrize("path", NETWORKS, ids=lambda path: path.stem)
def test_a_network_loads_in_safe_mode_and_its_card_names_it(path):
    cards = "".join(p.read_text(encoding="utf-8") for p in path.parent.glob("*.md"))
    assert f"`{path.name}`" in cards
    network = keras.models.load_model(path, safe_mode=True)
    inputs = [np.zeros([2, *(n or 3 for n in i.shape[1:])], i.dtype) for i in network.inputs]  # any length: 3
    outputs = network(inputs if len(inputs) > 1 else inputs[0])
    assert all(np.isfinite(out).all() for out in (outputs if isinstance(outputs, list) else [outputs]))


@pytest.mark.parametrize("path", NETWORKS, ids=lambda path: path.stem)
def test_a_network_is_readable_for_the_oldest_keras(path):
    """Colab's Keras 3.13 refuses what Keras 3.15 writes by itself; tools/portable.py leaves it out."""
    with zipfile.ZipFile(path) as file:
        config = file.read("config.json").decode()
    assert [key for key in ("input_axes", "output_axes", "quantization_config") if key in config] == []
