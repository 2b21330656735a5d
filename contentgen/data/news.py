"""News of small towns that the course writes itself, by a grammar whose entropy is known exactly.

`news.txt` holds the grammar. Each report is a headline, a new line, and a summary of two or three sentences.
Facts are drawn at their first mention and kept, so the summary agrees with the headline.
"""

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import log2, prod
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple
from zlib import crc32

PARTS = ("headline", "first", "second", "third")
# The two facts of each kind whose combinations can be held out: every report of the kind names both.
KEYS = {
    "win": ("home", "away"),
    "forecast": ("town", "sky"),
    "gale": ("storm", "town"),
    "price": ("town", "good"),
    "opening": ("shop", "street"),
    "animal": ("beast", "spot"),
    "council": ("plan", "town"),
}


class Rule(NamedTuple):
    """A part of a sequence, `<name>`: one of the rule's alternatives, drawn anew each time."""

    name: str


class Fact(NamedTuple):
    """A part of a sequence, `{name.rule}`: one of the rule's texts, drawn at the first mention and kept."""

    name: str
    rule: str


@dataclass(frozen=True)
class Report:
    """A report and what it tells: fact's name → its value; `kind` says which rule wrote it."""

    text: str
    kind: str
    facts: Mapping[str, str]

    @property
    def headline(self) -> str:
        return self.text.partition("\n")[0]

    @property
    def summary(self) -> str:
        return self.text.partition("\n")[2].rstrip("\n")


class Grammar:
    """A probabilistic grammar with facts; the head of `news.txt` explains how one is written.

    A rule has alternatives, and an alternative is a sequence of parts: plain texts, `Rule`s and `Fact`s. So
    `{home.town} beat <rival>` is held as (Fact("home", "town"), " beat ", Rule("rival")). Three methods go
    through such a sequence from left to right, open every `Rule` on their way, and remember which facts were
    mentioned: `draw` takes one way at random, `parse` all ways that give a certain text, `expect` all ways
    there are, each with its probability.

    Attributes:
        rules: name → alternatives, each (probability, sequence of parts).
        values: name → the texts that a fact of this rule can have, all equally likely.
    """

    def __init__(self, text: str):
        self.rules: dict[str, list[tuple[float, tuple]]] = {}
        for name, body in re.findall(r"^([^#\s].*)\n((?: .+\n)+)", text, flags=re.MULTILINE):
            if name in self.rules:
                raise ValueError(f"The grammar has the rule {name!r} twice; give one another name.")
            # Alternatives have spaces around their |, unless it stands in the parentheses of a choice.
            lines = [re.split(r" \| (?![^(]*\))", line.strip()) for line in body.splitlines()]
            self._add(name, [alternative for line in lines for alternative in line])
        parts = [part for rule in self.rules.values() for _, sequence in rule for part in sequence]
        self._rule_of = {part.name: part.rule for part in parts if isinstance(part, Fact)}
        self.values = {name: tuple(self._texts(name)) for name in sorted({*self._rule_of.values()})}
        # For the parser, which looks up one piece of the text for each length that values have.
        self._sets = {name: frozenset(texts) for name, texts in self.values.items()}
        self._lengths = {name: {len(text) for text in texts} for name, texts in self.values.items()}

    def _add(self, name, alternatives):
        """Keep a rule; its alternatives come as they are written, such as `2* <quote>` or `112..989`."""
        weighted = []
        for text in alternatives:
            weight, text = re.fullmatch(r"(?:(\d+)\* )?(.*)", text).groups()
            if ends := re.fullmatch(r"(\d+)\.\.(\d+)", text):
                numbers, width = range(int(ends[1]), int(ends[2]) + 1), len(ends[1])
                weighted += [(1, (f"{k:0{width}}",)) for k in numbers]
            else:
                weighted.append((int(weight or 1), self._sequence(text)))
        total = sum(weight for weight, _ in weighted)
        self.rules[name] = [(weight / total, parts) for weight, parts in weighted]

    def _sequence(self, text):
        """An alternative as it is written → its parts."""
        parts = []
        for fact, rule, choice, plain in re.findall(r"{(.+?)}|<(.+?)>|(\(.*?\))|([^{<(]+)", text):
            if choice:  # (a|b) becomes a rule of its own
                self._add(choice, choice[1:-1].split("|"))
            if fact:
                parts.append(Fact(fact.split(".")[0], fact.split(".")[-1]))
            else:
                parts.append(Rule(rule or choice) if rule or choice else plain.replace("¶", "\n"))
        return tuple(parts)

    def _texts(self, rule):
        """All texts that a rule can write; it must have no facts."""
        for _, parts in self.rules[rule]:
            choices = [self._texts(part.name) if isinstance(part, Rule) else [part] for part in parts]
            yield from map("".join, product(*choices))

    def choose(self, rule: str, chance: Callable[[], float]) -> tuple:
        """Draw one of a rule's alternatives, a sequence of parts; `chance()` is random, in [0, 1)."""
        left = chance()
        for probability, parts in self.rules[rule]:
            left -= probability
            if left < 0:
                return parts
        return parts  # where rounding leaves 0

    def likeliest(self, rule: str) -> float:
        """The probability of the likeliest way to write a rule whose facts are all given."""
        return max(
            p * prod(self.likeliest(part.name) for part in parts if isinstance(part, Rule))
            for p, parts in self.rules[rule]
        )

    def draw(self, rule: str, chance: Callable[[], float]) -> tuple[str, dict[str, str]]:
        """Draw a text and its facts, name → value; `chance()` gives random numbers in [0, 1)."""
        facts: dict[str, str] = {}

        def write(parts):
            for part in parts:
                if isinstance(part, str):
                    yield part
                elif isinstance(part, Rule):
                    yield from write(self.choose(part.name, chance))
                else:
                    if part.name not in facts:
                        taken = self._taken(part.rule, facts)
                        free = [value for value in self.values[part.rule] if value not in taken]
                        facts[part.name] = free[int(chance() * len(free))]
                    yield facts[part.name]

        return "".join(write((Rule(rule),))), facts

    def _taken(self, rule, facts):
        """The values of this rule that facts have already: no two facts have the same."""
        return {value for name, value in facts.items() if self._rule_of[name] == rule}

    def parse(self, text: str, rule: str) -> list[tuple[dict[str, str], float]]:
        """All derivations of exactly this text: its facts, and the bits of its choices, −log₂ p."""
        ways = self._match((Rule(rule),), text, 0, {}, 0.0)
        return [(facts, bits) for end, facts, bits in ways if end == len(text)]

    def _match(self, parts, text, start, facts, bits) -> Iterator:
        """All ways in which these parts can write what stands in the text from `start` on.

        `facts` were mentioned before, and `bits` is the cost of the choices made there. Yields, for each way,
        where it ends in the text, and facts and bits up to there.
        """
        if not parts:
            yield start, facts, bits
            return
        part, rest = parts[0], parts[1:]
        if isinstance(part, str):
            if text.startswith(part, start):
                yield from self._match(rest, text, start + len(part), facts, bits)
        elif isinstance(part, Rule):
            for probability, inner in self.rules[part.name]:
                yield from self._match((*inner, *rest), text, start, facts, bits - log2(probability))
        elif part.name in facts:
            yield from self._match((facts[part.name], *rest), text, start, facts, bits)
        else:
            values, taken = self._sets[part.rule], self._taken(part.rule, facts)
            cost = log2(len(values) - len(taken))  # all that are left are equally likely
            beginnings = {text[start : start + length] for length in self._lengths[part.rule]}
            for value in sorted((beginnings & values) - taken):
                more = {**facts, part.name: value}
                yield from self._match(rest, text, start + len(value), more, bits + cost)

    def expect(self, rule: str) -> tuple[float, float]:
        """Exact expectations over all texts: the bits of the choices, and the characters.

        The bits are the entropy of the texts if each has one derivation only. What a mention costs depends on
        which facts were mentioned before it, and not on their values. So the walk below goes through a
        sequence once, and keeps how probable each set of mentioned facts is by then.
        """
        sums = Counter()

        def walk(parts, before, probability):
            """Add up a sequence after these facts; returns set of facts → probability at its end."""
            sets = {before: probability}
            for part in parts:
                after = Counter()
                for mentioned, p in sets.items():
                    if isinstance(part, str):
                        sums["characters"] += p * len(part)
                        after[mentioned] += p
                    elif isinstance(part, Rule):
                        for chance, inner in self.rules[part.name]:
                            sums["bits"] -= p * chance * log2(chance)
                            after.update(walk(inner, mentioned, p * chance))
                    else:
                        values = self.values[part.rule]
                        # Whatever others have taken: by symmetry each of its values is equally likely.
                        sums["characters"] += p * sum(map(len, values)) / len(values)
                        if part not in mentioned:
                            taken = sum(fact.rule == part.rule for fact in mentioned)
                            sums["bits"] += p * log2(len(values) - taken)
                        after[mentioned | {part}] += p
                sets = after
            return sets

        walk((Rule(rule),), frozenset(), 1.0)
        return sums["bits"], sums["characters"]


@cache
def grammar() -> Grammar:
    """The grammar in `news.txt`."""
    return Grammar(Path(__file__).with_name("news.txt").read_text(encoding="utf-8"))


def bits_per_character() -> float:
    """The entropy of the news, exactly: no model can spend fewer bits on a character on average.

    That each report has one derivation is tested on many, not proven.
    """
    bits, characters = grammar().expect("report")
    return bits / characters


def parse(text: str) -> list[tuple[Report, float]]:
    """All derivations of one whole report: what it tells, and the bits of its choices."""
    kinds = [(kind.name, -log2(p)) for p, (kind,) in grammar().rules["report"]]
    return [
        (Report(text, kind, MappingProxyType(facts)), cost + bits)
        for kind, cost in kinds
        for facts, bits in grammar().parse(text, kind)
    ]


def draw(n: int, seed: int = 0, held_out: bool | None = None) -> list[Report]:
    """Draw reports, the same for the same numbers everywhere.

    Args:
        n: how many.
        seed: which.
        held_out: draw only reports whose combination of key facts (`KEYS`) is held out (True) or is not
            (False); a tenth of all combinations is held out. None draws from the grammar as it is.
    """
    chance, reports = random.Random(seed).random, []
    while len(reports) < n:
        (kind,) = grammar().choose("report", chance)
        text, facts = grammar().draw(kind.name, chance)
        if held_out is None or is_held_out(kind.name, facts) == held_out:
            reports.append(Report(text, kind.name, MappingProxyType(facts)))
    return reports


def is_held_out(kind: str, facts: Mapping[str, str]) -> bool:
    """Whether this combination of key facts is among the tenth that can be held out."""
    return crc32("|".join([kind, *(facts[name] for name in KEYS[kind])]).encode()) % 10 == 0


def headlines_and_summaries(reports: Iterable[Report]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The two parts of each report."""
    headlines, summaries = zip(*((report.headline, report.summary) for report in reports), strict=True)
    return headlines, summaries


def thinned(reports: Iterable[Report], towns: Iterable[str]) -> list[Report]:
    """The reports without so many that 0, 1, 3, 9, … of them name each of these towns."""
    left = {town: 3 ** (k - 1) if k else 0 for k, town in enumerate(towns)}
    kept = []
    for report in reports:
        named = [value for value in report.facts.values() if value in left]
        if all(left[town] > 0 for town in named):
            kept.append(report)
            for town in named:
                left[town] -= 1
    return kept


def moved(reports: Iterable[Report], town: str) -> list[Report]:
    """The reports whose headline names a town, with another town in its place; facts stay as they were."""
    found = []
    for report in reports:
        old = report.facts.get("away", report.facts.get("town"))
        if old in report.headline:
            found.append(Report(report.text.replace(old, town), report.kind, report.facts))
    return found


def with_false_fact(reports: Iterable[Report]) -> Iterator[tuple[str, str, str, str]]:
    """For reports whose headline names two facts or more: what an error in the first would look like.

    Yields:
        The summary, the headline, the headline with another report's value for its first fact, and the value
        of its last fact.
    """
    seen: dict[str, list[str]] = {}
    for report in reports:
        headline = report.headline
        facts = _sentence(headline, PARTS[:1], [report.kind]).facts
        first, *_, last = sorted(facts, key=lambda name: headline.find(facts[name]))
        others = seen.setdefault(first, [])
        false = next((value for value in others if value not in facts.values()), None)
        others.append(facts[first])
        if false and first != last:
            yield report.summary, headline, headline.replace(facts[first], false, 1), facts[last]


class Sentence(NamedTuple):
    """A sentence of a sample: the kind of report whose rules write it (None: no rule does), its facts."""

    text: str
    kind: str | None
    facts: Mapping[str, str]


def until_second_mention(report: Report, fact: str) -> tuple[str, str, str]:
    """A report's text up to a fact's first mention, through it, and up to the second; none ends in a space.

    Raises:
        ValueError: if the report mentions the fact less than twice.
    """
    value = report.facts[fact]
    first, *middle = report.text.split(value)
    if len(middle) < 2:
        raise ValueError(f"The report has {value!r} {len(middle)} times, expected twice: {report.text!r}")
    return first.rstrip(" "), first + value, (first + value + middle[0]).rstrip(" ")


def finished(texts: Iterable[str]) -> str:
    """The reports that texts have finished, one after the other; what follows on a text's last is cut off."""
    return "".join(text[: text.rfind("\n\n") + 2] for text in texts if "\n\n" in text)


def sentences(text: str) -> list[list[Sentence]]:
    """Split a text into its reports and these into sentences, and parse each sentence by itself.

    Reports are separated by an empty line; the first line of each is its headline. A sentence that could
    stand in reports of several kinds is taken to be of its headline's kind, where that is possible.
    """
    reports = []
    for report in filter(None, text.strip("\n").split("\n\n")):
        headline, _, summary = report.partition("\n")
        found = [_sentence(headline, PARTS[:1], list(KEYS))]
        kinds = sorted(KEYS, key=lambda kind: kind != found[0].kind)
        found += [_sentence(part, PARTS[1:], kinds) for part in re.split(r"(?<=\.) ", summary) if part]
        reports.append(found)
    return reports


def _sentence(text, parts, kinds):
    for kind in kinds:
        for part in parts:
            rule = f"{kind} {part}"
            if rule in grammar().rules and (derivations := grammar().parse(text, rule)):
                return Sentence(text, kind, derivations[0][0])
    return Sentence(text, None, {})
