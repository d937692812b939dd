"""Finding and ranking: a plan against open segments.

Everything that is counted (how rare a term is, how many were found, facets) is counted over the documents the
searcher may see, so that hidden ones change neither the answer nor its order.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from search_index.engine import Query, Sort
from search_index.query import BAG, RESCUE_COVER, Group, Plan
from search_index.whoosh_engine.postings import Postings
from search_index.whoosh_engine.schema import FACET, facet_term, microseconds
from search_index.whoosh_engine.segment import Mask, Segment

NAMES_SHARE = 0.35
FEW = 3
PRIOR = 1000  # as if so many other documents were there: without it rarity means nothing in a small library

Scores = NDArray[np.float64]


class View(NamedTuple):
    """A segment and those of its documents that were not deleted."""

    segment: Segment
    live: Mask


class Sums(NamedTuple):
    """Per document of one segment: the score, and the weight of the terms it holds."""

    score: Scores
    held: Scores

    def holds(self, weight: float) -> Mask:
        """Return which documents hold at least so much."""
        return (self.held >= weight - 1e-9) & (self.held > 0)


class Found(NamedTuple):
    """Per segment which documents were found, and their scores."""

    masks: list[Mask]
    scores: list[Scores]

    def total(self) -> int:
        """Return how many were found."""
        return sum(int(mask.sum()) for mask in self.masks)

    def add(self, number: int, fits: Mask, scores: Scores) -> None:
        """Add what fits to a segment's findings."""
        self.masks[number] |= fits
        self.scores[number] += np.where(fits, scores, 0.0)

    def keep_later(self, views: Sequence[View], since: datetime) -> None:
        """Drop what is not dated later than an instant."""
        least = microseconds(since)
        self.masks[:] = [mask & (view.segment.dates > least) for mask, view in zip(self.masks, views, strict=True)]


def find(views: Sequence[View], query: Query, plan: Plan) -> Found:
    """Find what the searcher may see and the plan fits, before any filter."""
    allowed = [_allowed(view, query) for view in views]
    found = Found([np.zeros(len(mask), np.bool_) for mask in allowed], [np.zeros(len(mask)) for mask in allowed])
    for group in plan.groups:
        sums, total = _sum(views, allowed, group)
        for number, each in enumerate(sums):
            found.add(number, each.holds(group.cover * total), group.factor * each.score)
    if plan.names:
        _add_names(views, allowed, plan, found)
    if query.since is not None:
        found.keep_later(views, query.since)
    return found


def _add_names(views: Sequence[View], allowed: list[Mask], plan: Plan, found: Found) -> None:
    sums, total = _sum(views, allowed, Group(BAG, plan.names, RESCUE_COVER))
    rescue = plan.may_rescue and found.total() < FEW
    for number, each in enumerate(sums):
        fits = found.masks[number] | each.holds(RESCUE_COVER * total) if rescue else found.masks[number]
        found.add(number, fits, NAMES_SHARE * each.score)


def _allowed(view: View, query: Query) -> Mask:
    mask = view.live & view.segment.opened_by(query.keys)
    for document_id in query.hidden:
        mask[view.segment.docs_of(document_id)] = False
    return mask


def _sum(views: Sequence[View], allowed: list[Mask], group: Group) -> tuple[list[Sums], float]:
    """Add up what each document has of a group's terms; also return the weight of all terms together."""
    population = sum(int(mask.sum()) for mask in allowed)
    sums = [Sums(np.zeros(len(mask)), np.zeros(len(mask))) for mask in allowed]
    total = 0.0
    for term in group.terms:
        lists = [
            _seen(view.segment.postings(group.field, term), mask) for view, mask in zip(views, allowed, strict=True)
        ]
        having = sum(len(each.docs) for each in lists)
        rarity = float(np.log1p((population + PRIOR - having) / (having + 1)))
        total += rarity
        for each, (docs, weights) in zip(sums, lists, strict=True):
            each.score[docs] += rarity * weights
            each.held[docs] += rarity
    return sums, total


def _seen(postings: Postings, mask: Mask) -> Postings:
    seen = mask[postings.docs]
    return Postings(postings.docs[seen], postings.weights[seen])


def filtered(views: Sequence[View], found: Found, filters: Mapping[str, frozenset[str]]) -> list[Mask]:
    """Return what of the found passes all filters."""
    masks = list(found.masks)
    for name, values in filters.items():
        for number, view in enumerate(views):
            passes = np.zeros(view.segment.size, np.bool_)
            for value in values:
                passes[view.segment.postings(FACET, facet_term(name, value)).docs] = True
            masks[number] = masks[number] & passes
    return masks


def count_facet(views: Sequence[View], masks: Sequence[Mask], name: str) -> dict[str, int]:
    """Count the values of a facet over the masks, most frequent first."""
    counts: dict[str, int] = {}
    for view, mask in zip(views, masks, strict=True):
        facet = view.segment.facet(name)
        if facet is None:
            continue
        numbers = np.bincount(facet.ordinals[mask[facet.docs]], minlength=len(facet.values)).tolist()
        for value, number in zip(facet.values, numbers, strict=True):
            if number:
                counts[value] = counts.get(value, 0) + number
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def rank(views: Sequence[View], masks: Sequence[Mask], scores: Sequence[Scores], query: Query) -> list[tuple[int, int]]:
    """Return (segment, document) of one page, best first; equals are ordered by date, then for ever the same."""
    docs = [np.flatnonzero(mask) for mask in masks]
    number = np.repeat(np.arange(len(docs)), [len(each) for each in docs])
    if not len(number):
        return []
    place = np.concatenate(docs)
    date = -np.concatenate([view.segment.dates[each] for view, each in zip(views, docs, strict=True)])
    tie = np.concatenate([view.segment.ties[each] for view, each in zip(views, docs, strict=True)])
    score = -np.concatenate([all_[each] for all_, each in zip(scores, docs, strict=True)])
    first = date if query.sort is Sort.NEWEST else score
    wanted = query.offset + query.limit
    near = np.arange(len(first))
    if len(first) > wanted:
        near = np.flatnonzero(first <= np.partition(first, wanted - 1)[wanted - 1])
    order = near[np.lexsort((tie[near], date[near], first[near]))][query.offset : wanted]
    return [(int(number[each]), int(place[each])) for each in order]
