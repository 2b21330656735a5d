"""Measure what is generated: pictures by a judge and a meter, text by what counting and its grammar say."""

from contentgen.metrics.handwriting import Meter, skew
from contentgen.metrics.pictures import (
    Judge,
    class_coverage,
    frechet_distance,
    judge,
    nearest_neighbour,
    share,
    sharpness,
    split_distances,
)
from contentgen.metrics.text import (
    agreement,
    grammatical,
    invented,
    mentions,
    ngram_probabilities,
    overlapping_windows,
    pair_facts,
    pair_scores,
)
