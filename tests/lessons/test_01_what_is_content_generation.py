"""Lesson 01, what_is_content_generation: wrong answers to its exercises."""

from itertools import pairwise

# Answers that a learner might well give; each must be refused.
WRONG = {
    "1.1": [2, 12, 0.5, -0.25, "0.25"],
    "1.2": [
        lambda facts, old: (
            "fog" if facts["pressure"] == "steady" and int(facts["degrees"]) < 5 else old(facts)
        ),
        lambda facts, old: "fog" if facts["wind"] == "light" and int(facts["degrees"]) < 5 else old(facts),
        lambda facts, old: (
            "fog"
            if facts["pressure"] == "steady" and facts["wind"] == "light" and int(facts["degrees"]) <= 5
            else old(facts)
        ),
        lambda facts, old: "fog" if facts["degrees"] < 5 else old(facts),  # compares text
    ],
    "1.3": [
        lambda words, before, after: words.count(after) / len(words),
        lambda words, before, after: [*pairwise(words)].count((before, after)) / max(1, words.count(before)),
        lambda words, before, after: (
            [b for a, b in pairwise(words) if a == before].count(after)
            / len([b for a, b in pairwise(words) if a == before])
        ),
        lambda words, before, after: [*pairwise(words)].count((before, after)),
    ],
    "1.4": [
        lambda p, temperature: p ** (1 / temperature),
        lambda p, temperature: p**temperature / (p**temperature).sum(1, keepdims=True),
        lambda p, temperature: p ** (1 / temperature) / (p ** (1 / temperature)).sum(),
        lambda p, temperature: p,
    ],
}
