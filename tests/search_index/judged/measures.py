"""How good an answer is: where the first thing stands that was meant, how many of them were found, the order of all."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from math import log2
from statistics import fmean
from typing import NamedTuple

TOP = 10


class Score(NamedTuple):
    """The reciprocal rank of the first answer, and the share of the answers, among the first ten."""

    mrr: float
    recall: float


def score(found: Sequence[str], answers: Collection[str]) -> Score:
    """Judge what was found by what is known to be right."""
    ranks = [rank for rank, each in enumerate(found[:TOP], 1) if each in answers]
    return Score(1 / ranks[0] if ranks else 0.0, len(ranks) / min(len(answers), TOP))


def mean(scores: Iterable[Score]) -> Score:
    """Return the mean of some."""
    every = list(scores)
    return Score(fmean(each.mrr for each in every), fmean(each.recall for each in every))


def ndcg(found: Sequence[str], grades: Mapping[str, int]) -> float:
    """Judge an order by grades (2: what was meant, 1: of use), against the best order there is."""
    gained = _gain(grades.get(each, 0) for each in found[:TOP])
    return gained / _gain(sorted(grades.values(), reverse=True)[:TOP])


def _gain(grades: Iterable[int]) -> float:
    return sum((2**grade - 1) / log2(rank + 1) for rank, grade in enumerate(grades, 1))
