"""What is done with what was found: filters, facets, what raises a thing, the order of a page."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from search_index import ranking
from search_index.engine import Query, Sort
from search_index.whoosh_engine.schema import DATE, FACET, TIE, WORTH, facet_term, microseconds
from search_index.whoosh_engine.scoring import Found, Scores, View
from search_index.whoosh_engine.segment import Mask
from search_index.whoosh_engine.whole import Whole


class Place(NamedTuple):
    """A document of a page: which segment, which number in it, and its score."""

    segment: int
    doc: int
    score: float


def filtered(views: Sequence[View], found: Found, query: Query, but: str = "") -> list[Mask]:
    """Return what of the found passes all filters, except the one of the facet `but`."""
    masks = list(found.masks)
    for name, values in query.filters.items():
        if name != but:
            masks = [mask & having_any(view.segment, name, values) for view, mask in zip(views, masks, strict=True)]
    for name, values in query.excluded.items():
        masks = [mask & ~having_any(view.segment, name, values) for view, mask in zip(views, masks, strict=True)]
    return masks


def having_any(segment: Whole, name: str, values: frozenset[str]) -> Mask:
    """Return which documents have one of the values of a facet."""
    mask = np.zeros(segment.size, np.bool_)
    for value in values:
        mask[segment.postings(FACET, facet_term(name, value)).docs] = True
    return mask


def count(masks: Sequence[Mask]) -> int:
    """Return how many there are."""
    return sum(int(mask.sum()) for mask in masks)


def count_facet(views: Sequence[View], masks: Sequence[Mask], name: str) -> dict[str, int]:
    """Count the values of a facet over the masks, most frequent first."""
    counts: dict[str, int] = {}
    for view, mask in zip(views, masks, strict=True):
        facet = view.segment.facet(name)
        if facet is None:
            continue
        for value, number in zip(facet.values, facet.counts(mask), strict=True):
            if number:
                counts[value] = counts.get(value, 0) + number
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def rank(views: Sequence[View], masks: Sequence[Mask], scores: Sequence[Scores], query: Query) -> list[Place]:
    """Return one page, best first; equals are ordered by date, then for ever the same."""
    docs = [np.flatnonzero(mask) for mask in masks]
    number = np.repeat(np.arange(len(docs)), [len(each) for each in docs])
    if not len(number):
        return []
    place = np.concatenate(docs)
    date = -_of_all(views, docs, DATE)
    tie = _of_all(views, docs, TIE)
    parts = [
        scores[number][each] * (1 + raised(view.segment, each, query))
        for number, (view, each) in enumerate(zip(views, docs, strict=True))
    ]
    score = np.concatenate(parts)
    first = date if query.sort is Sort.NEWEST else -score
    wanted = query.offset + query.limit
    near = np.arange(len(first))
    if len(first) > wanted:
        near = np.flatnonzero(first <= np.partition(first, wanted - 1)[wanted - 1])
    order = near[np.lexsort((tie[near], date[near], first[near]))][query.offset : wanted]
    return [Place(int(number[each]), int(place[each]), float(score[each])) for each in order]


def _of_all(views: Sequence[View], docs: Sequence[np.ndarray], name: str) -> ranking.Numbers:
    return np.concatenate([view.segment.numbers[name][each] for view, each in zip(views, docs, strict=True)])


def raised(segment: Whole, docs: np.ndarray, query: Query) -> ranking.Factors:
    """Return by what part of their scores documents are raised."""
    return sum((each for _, each in factors(segment, docs, query)), np.zeros(len(docs)))


def factors(segment: Whole, docs: np.ndarray, query: Query) -> list[tuple[str, ranking.Factors]]:
    """Return what raises documents, by its name; what is the searcher's own by its facet."""
    worths = segment.numbers[WORTH][docs]
    parts = [("quality", ranking.qualities(worths)), ("uses", ranking.uses(worths))]
    if query.now is not None:
        parts.append(("freshness", ranking.freshness(segment.numbers[DATE][docs], microseconds(query.now))))
    for name, values in query.preferred.items():
        if values:
            parts.append((name, ranking.OWN.get(name, 0.0) * having_any(segment, name, values)[docs]))
    return parts


def dropping(views: Sequence[View], found: Found, query: Query) -> Mapping[str, int]:
    """Return how many there would be without a filter, for those that keep some away by themselves."""
    counts = {name: count(filtered(views, found, query, but=name)) for name in query.filters}
    return {name: number for name, number in counts.items() if number}
