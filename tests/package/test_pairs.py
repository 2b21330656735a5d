"""Pairs of headlines and summaries: what of a headline's facts its summary keeps, and which are invented."""

import numpy as np
import pytest

from contentgen import metrics
from contentgen.data import news
from contentgen.metrics.text import KINDS

SUMMARY = (
    "Storm Hugo left 1621 homes in Marlpit without power at 06:43 on 16 April and took nine lime trees in "
    "Victory Square. Insurers put the damage at 947246 euros."
)
REPORTS = news.draw(200, seed=12)


def test_true_pairs_keep_all_facts():
    headlines, summaries = news.headlines_and_summaries(REPORTS)
    assert (metrics.pair_scores(headlines, summaries) == 1).all()
    assert set(metrics.invented(headlines, summaries).values()) == {0.0}
    assert [f"{h}\n{s}\n\n" for h, s in zip(headlines, summaries, strict=True)] == [r.text for r in REPORTS]


@pytest.mark.parametrize(
    ("headline", "grammatical", "kept"),
    [
        ("Storm Hugo batters Marlpit", 1, 1),
        ("Storm Boris hits Marlpit", 1, 0.5),
        ("Storm Boris hits Foxton", 1, 0),
        ("1621 homes without power in Marlpit", 1, 1),
        ("1622 homes without power in Foxton", 1, 0),
        ("Storm Hugo hit Marlpit", 0, 0),
        ("", 0, 0),
        ("Marlpit: a goat visits the library", 1, 0),  # of another kind: nothing is stated
    ],
)
def test_false_headlines_are_found(headline, grammatical, kept):
    assert metrics.pair_scores([headline], [SUMMARY]).tolist() == [[grammatical, kept]]


@pytest.mark.parametrize(
    ("old", "new", "grammatical", "kept"),
    [
        ("Hugo", "Elsa", 1, 0.5),
        ("16 April", "9 May", 1, 1),  # the headline does not name it
        ("euros.", "euro.", 0, 1),
        ("homes in", "homes near", 0, 0),
    ],
)
def test_false_summaries_are_found(old, new, grammatical, kept):
    found = metrics.pair_scores(["Storm Hugo hits Marlpit"], [SUMMARY.replace(old, new)])
    assert found.tolist() == [[grammatical, kept]]


def test_an_ungrammatical_headline_keeps_nothing():
    """Three texts, one of them without a fact: the mean is over texts, not over facts."""
    headlines = ["Storm Hugo hits Marlpit", "Storm Elsa hits Marlpit", "no news"]
    scores = metrics.pair_scores(headlines, [SUMMARY] * 3)
    assert scores[:, 1].tolist() == [1, 0.5, 0]


def test_invented_facts_are_counted_by_kind():
    headlines = ["Storm Hugo hits Foxton", "Storm Elsa hits Marlpit", "1234 homes without power in Marlpit"]
    found = metrics.invented([*headlines, "Storm Elsa hit Foxton"], [SUMMARY] * 4)
    wanted = {"numbers": 100, "names": 50, "places": 100 / 3, "other": 0, "ungrammatical pairs": 25}
    assert found == pytest.approx(wanted)


def test_the_kinds_hold_facts_that_headlines_name():
    pairs = zip(*news.headlines_and_summaries(REPORTS), strict=True)
    named = {name for pair in pairs for name in metrics.pair_facts(*pair).named}
    assert set().union(*KINDS.values()) <= named


def test_mentions_are_all_pieces_of_every_mention():
    pieces = ["Up", "per", " Vale", ": a", " goat", " in", " Up", "per", " Vale"]
    assert metrics.mentions(pieces, "Upper Vale").tolist() == [0, 1, 2, 6, 7, 8]
    assert metrics.mentions(pieces, "goat").tolist() == [4]
    assert metrics.mentions(pieces, "Up").tolist() == metrics.mentions(pieces, "(").tolist() == []
    assert metrics.mentions(["at 13:30", " 3.15 ", "3", "-0, ", "3", ":", " 3."], "3").tolist() == [4, 6]
    assert metrics.mentions(["13 ", "4:3", " -3", " 3"], "3").tolist() == [3]


def test_the_likeliest_headline_is_the_one_drawn_most_often():
    """With all facts given: the commonest pattern among many drawn headlines."""
    for kind in ("win", "council", "gale"):
        rng, counts = np.random.default_rng(0), {}
        for _ in range(4000):
            text, facts = news.grammar().draw(f"{kind} headline", rng.random)
            for name, value in facts.items():
                text = text.replace(value, name)
            counts[text] = counts.get(text, 0) + 1
        assert np.isclose(
            max(counts.values()) / 4000, news.grammar().likeliest(f"{kind} headline"), atol=0.03
        )


def test_rare_towns_are_named_so_few_times():
    reports = news.draw(4000, seed=3)
    towns = news.grammar().values["town"][:5]
    kept = news.thinned(reports, towns)
    assert [sum(town in report.facts.values() for report in kept) for town in towns] == [0, 1, 3, 9, 27]
    others = [report for report in reports if not set(towns) & set(report.facts.values())]
    assert [report for report in kept if not set(towns) & set(report.facts.values())] == others
    assert news.thinned(reports, ()) == reports


def test_moved_reports_name_the_other_town_and_no_longer_the_old_one():
    found = news.moved(REPORTS, "Atlantis")
    for report in found:
        headline, summary = report.text.strip().split("\n")
        assert "Atlantis" in headline and "Atlantis" in summary
        assert report.facts.get("away", report.facts.get("town")) not in report.text
    unnamed = [r for r in REPORTS if r.facts.get("away", r.facts.get("town")) not in r.text.split("\n")[0]]
    assert len(found) + len(unnamed) == len(REPORTS) and len(found) > 50


def test_a_false_first_fact_leaves_the_last_as_it_was():
    found = list(news.with_false_fact(REPORTS))
    assert len(found) > 80
    for summary, true, false, last in found:
        head, other = (metrics.pair_facts(text, summary) for text in (true, false))
        (different,) = (name for name in head.named if head.named[name] != other.named.get(name))
        assert head.grammatical and other.grammatical and head.named[different] != last
        assert true.find(head.named[different]) < true.rfind(last) and false.endswith(
            true[true.rfind(last) :]
        )
