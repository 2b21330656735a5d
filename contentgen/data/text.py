"""Load the course's texts: one call, one immutable record, whatever the source."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from contentgen.checks import NotAllowed, check_whole
from contentgen.data import news
from contentgen.data.own import is_there, own_path

TEXT_NAMES = ("news", "pydoc", "file:PATH")
SHORTEST = 10_000  # characters
RARE = 10  # a character that training sees fewer times is hardly learnt


@dataclass(frozen=True, eq=False)
class Text:
    """A text with its split.

    Attributes:
        name: what was loaded, such as `"news"`.
        train, valid, test: the parts, each a string; `valid` may be empty.
        vocabulary: the characters of `train`, sorted.
        rare: character → how often `train` has it, for those that it has fewer than ten times.
        reports_train, reports_valid, reports_test: for the news, each report with its facts
            (`news.Report`), in the order of the text; else empty.
    """

    name: str
    train: str
    valid: str
    test: str
    reports_train: tuple[news.Report, ...] = ()
    reports_valid: tuple[news.Report, ...] = ()
    reports_test: tuple[news.Report, ...] = ()

    @property
    def vocabulary(self) -> tuple[str, ...]:
        return tuple(sorted(set(self.train)))

    @property
    def rare(self) -> Mapping[str, int]:
        counts = Counter(self.train)
        return MappingProxyType({c: counts[c] for c in self.vocabulary if counts[c] < RARE})

    def __repr__(self) -> str:
        rare = list(self.rare)
        named = " ".join(rare if len(rare) <= 20 else [*rare[:20], f"… and {len(rare) - 20:,} more"])
        return (
            f"{self.name}: {len(self.train):,} characters for training, {len(self.valid):,} to choose by, "
            f"{len(self.test):,} held out; {len(self.vocabulary)} different ones"
            + (f", fewer than {RARE} times: {named!r}" if rare else "")
        )


def load_text(
    name: str,
    n: int | None = None,
    seed: int = 0,
    *,
    valid: float | None = None,
    new_combinations: bool = False,
) -> Text:
    """Load a text by name.

    Args:
        name: one of
            `"news"`: reports of small towns that the course writes itself by a grammar, so that their
            entropy is known (`news.bits_per_character`);
            `"pydoc"`: the reference of the Python language, as this Python carries it in
            `pydoc_data.topics`; other versions have other texts;
            `"file:PATH"`: a text file of your own, in UTF-8, of at least 10,000 characters.
        n: for the news, how many reports for training; 8,000 if None. For each 32 of them, one report
            is held out to choose by and one to test.
        seed: for the news, which reports.
        valid: for the others, which share of the text to choose by, 0 to 0.5: it lies before the last
            tenth, which is held out. If None, a tenth of `pydoc`, and nothing of a file.
        new_combinations: for the news, hold out combinations of facts (`news.KEYS`): two facts that meet
            in a held-out report meet in no training report.

    Raises:
        NotAllowed: (a ValueError) if a file is missing, no text, or too short.
        ValueError: if the name is unknown, or a number is out of range or does not apply.
    """
    path = own_path(name, "file")
    if path is None and name not in TEXT_NAMES[:-1]:
        raise ValueError(f"There is no text {name!r}; the known names are {', '.join(TEXT_NAMES)}.")
    if n is not None:
        check_whole("n", n, 32)
    check_whole("seed", seed, 0)
    if name == "news":
        if valid is not None:
            raise ValueError(f"valid is {valid!r}, but the news have a split of their own; leave it out.")
        return _news(8000 if n is None else n, seed, new_combinations)
    if n is not None or new_combinations:
        raise ValueError(
            f"n and new_combinations are for the news, and the text is {name!r}; leave them out."
        )
    if valid is None:
        valid = 0.1 if name == "pydoc" else 0.0
    if not isinstance(valid, (int, float)) or not 0 <= valid <= 0.5:
        raise ValueError(f"valid is {valid!r}, expected a share from 0 to 0.5.")
    text = _pydoc() if name == "pydoc" else _file(path)
    chosen, held_out = (int(len(text) * (0.9 - share)) for share in (valid, 0))
    return Text(name, text[:chosen], text[chosen:held_out], text[held_out:])


def _news(n, seed, new_combinations):
    # Far seeds: what is held out is none of the training reports of a nearby seed.
    held_out = (False, True, True) if new_combinations else (None, None, None)
    counts, seeds = (n, n // 32, n // 32), (seed, seed + 1_000_003, seed + 2_000_003)
    parts = [tuple(news.draw(*asked)) for asked in zip(counts, seeds, held_out, strict=True)]
    return Text("news", *("".join(report.text for report in part) for part in parts), *parts)


def _pydoc():
    from pydoc_data.topics import topics

    return "\n\n".join(topics[name] for name in sorted(topics))


def _file(path):
    if not is_there(path, "file"):
        folder = " (it is a folder)" if is_there(path, "folder") else ""
        raise NotAllowed(f"There is no file {str(path)!r}{folder}; give the path of a text file.")
    try:
        text = path.read_text(encoding="utf-8-sig")  # some editors write a mark at the beginning
    except UnicodeDecodeError as error:
        raise NotAllowed(
            f"The file {str(path)!r} is no text in UTF-8 (see byte {error.start}); save it in that encoding."
        ) from None
    except OSError as error:
        raise NotAllowed(
            f"The file {str(path)!r} cannot be opened ({error.strerror}); change its permissions."
        ) from None
    if "\0" in text:
        raise NotAllowed(
            f"The file {str(path)!r} is no text in UTF-8: it has a zero byte; save it in that encoding."
        )
    if len(text) < SHORTEST:
        raise NotAllowed(
            f"The file {str(path)!r} has {len(text):,} characters, expected at least {SHORTEST:,}; "
            "give a longer text."
        )
    return text
