"""Finding and scoring: a plan against open segments.

Everything that is counted (how rare a term is, how many were found, facets) is counted over the documents the
searcher may see, so that hidden ones change neither the answer nor its order.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import reduce
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from search_index.engine import Query
from search_index.query import BAG, RESCUE_COVER, Group, Need, Plan, Slot
from search_index.whoosh_engine.postings import EMPTY, Postings
from search_index.whoosh_engine.schema import DATE, microseconds
from search_index.whoosh_engine.segment import Mask
from search_index.whoosh_engine.whole import Whole

NAMES_SHARE = 0.35
FEW = 3
PRIOR = 1000  # as if so many other documents were there: without it rarity means nothing in a small library
OTHER_WORDS = 0.8  # what the same in other words counts
SUMMANDS = {"bag": "words", "sound": "sound"}

Scores = NDArray[np.float64]


class View(NamedTuple):
    """Segments as a whole, and those of their documents that were not deleted."""

    segment: Whole
    live: Mask


class Points(NamedTuple):
    """What one slot gives to whom: per segment the documents, and the weight of the slot in each."""

    part: str  # of an explanation
    slot: Slot
    rarity: float
    lists: list[Postings]


class Sums(NamedTuple):
    """Per document of one segment: the score, and the weight of the slots it holds."""

    score: Scores
    held: Scores

    def holds(self, weight: float) -> Mask:
        """Return which documents hold at least so much."""
        return (self.held >= weight - 1e-9) & (self.held > 0)


Note = Callable[[float, list[Mask], list[Points]], None]  # factor, whom it fits, what it was made of


class Found(NamedTuple):
    """Per segment which documents were found, and their scores."""

    masks: list[Mask]
    scores: list[Scores]

    def total(self) -> int:
        """Return how many were found."""
        return sum(int(mask.sum()) for mask in self.masks)

    def keep(self, masks: Iterable[Mask]) -> None:
        """Drop what the masks do not have."""
        self.masks[:] = [mine & mask for mine, mask in zip(self.masks, masks, strict=True)]


class Finder:
    """One question to the open segments; `note` hears of everything that adds to a score (for explanations)."""

    def __init__(self, views: Sequence[View], query: Query, note: Note | None = None) -> None:
        self.views = views
        self.query = query
        self._note = note
        self._allowed = [allowed(view, query) for view in views]
        self._population = sum(int(mask.sum()) for mask in self._allowed)

    def find(self, plan: Plan) -> Found:
        """Find what the searcher may see and the plan fits, before any filter."""
        found = Found(
            [np.zeros(len(mask), np.bool_) for mask in self._allowed], [np.zeros(len(m)) for m in self._allowed]
        )
        for group in plan.groups:
            self._add(found, group)
        self._raise(found, plan.names, rescue=plan.may_rescue_by_name and found.total() < FEW)
        self._raise(found, plan.alone, rescue=False)
        if not plan.groups and (self.query.filters or self.query.within is not None):
            found.masks[:] = [mask.copy() for mask in self._allowed]  # whoever only filters, looks around
        elif found.total() < FEW:
            self._rescue(found, plan)
        self._restrict(found, plan)
        return found

    def _rescue(self, found: Found, plan: Plan) -> None:
        for group in plan.rescue:
            self._add(found, group)
        for group in plan.last if not found.total() else ():
            self._add(found, group)

    def _add(self, found: Found, group: Group) -> None:
        sums, total, points = self._sum(group)
        fits = [each.holds(group.cover * total) for each in sums]
        self._score(found, fits, [each.score for each in sums], group.factor, points)

    def _raise(self, found: Found, slots: tuple[Slot, ...], *, rescue: bool) -> None:
        """Add a little for what title, tags and author have of the slots; perhaps find by them."""
        if not slots:
            return
        sums, total, points = self._sum(Group(BAG, slots, RESCUE_COVER), part="names")
        fits = list(found.masks)
        if rescue:
            fits = [mask | each.holds(RESCUE_COVER * total) for mask, each in zip(fits, sums, strict=True)]
        self._score(found, fits, [each.score for each in sums], NAMES_SHARE, points)

    def _score(self, found: Found, fits: list[Mask], scores: list[Scores], factor: float, points: list[Points]) -> None:
        for number, (fit, score) in enumerate(zip(fits, scores, strict=True)):
            found.masks[number] = found.masks[number] | fit
            found.scores[number] += np.where(fit, factor * score, 0.0)
        if self._note:
            self._note(factor, fits, points)

    def _sum(self, group: Group, part: str = "") -> tuple[list[Sums], float, list[Points]]:
        """Add up what each document has of a group's slots; also return the weight of all slots together."""
        sums = [Sums(np.zeros(len(mask)), np.zeros(len(mask))) for mask in self._allowed]
        points = []
        for slot in group.slots:
            lists = [self._seen(number, group.field, slot) for number in range(len(self.views))]
            rarity = self._rarity(sum(len(each.docs) for each in lists))
            for each, (docs, weights) in zip(sums, lists, strict=True):
                each.score[docs] += rarity * weights
                each.held[docs] += rarity
            points.append(Points(part or SUMMANDS[group.field], slot, rarity, lists))
        return sums, sum(each.rarity for each in points), points

    def _rarity(self, having: int) -> float:
        return float(np.log1p((self._population + PRIOR - having) / (having + 1)))

    def _seen(self, number: int, field: str, slot: Slot) -> Postings:
        """Return who of the visible has a slot."""
        postings = said(self.views[number].segment, field, slot)
        seen = self._allowed[number][postings.docs]
        return Postings(postings.docs[seen], postings.weights[seen])

    def _restrict(self, found: Found, plan: Plan) -> None:
        """Drop what lacks a need, has what is banned, is too old or not among those asked for."""
        if self.query.since is not None:
            least = microseconds(self.query.since)
            found.keep(view.segment.numbers[DATE] > least for view in self.views)
        if self.query.within is not None:
            found.keep([_among(view.segment, self.query.within) for view in self.views])
        for need in plan.needs:
            found.keep([having(view.segment, need, mask) for view, mask in zip(self.views, found.masks, strict=True)])
        for ban in plan.bans:
            found.keep([~having(view.segment, ban, mask) for view, mask in zip(self.views, found.masks, strict=True)])


def allowed(view: View, query: Query) -> Mask:
    """Return what exists for the searcher."""
    mask = view.live & view.segment.opened_by(query.keys)
    if query.hidden:
        mask &= ~_among(view.segment, query.hidden)
    return mask


def said(segment: Whole, field: str, slot: Slot) -> Postings:
    """Return who has a slot in any of its ways; other words than those typed count a little less."""
    first, *others = (_together(segment, field, way) for way in slot.ways)
    if not others:
        return first
    return reduce(_either, (Postings(docs, weights * np.float32(OTHER_WORDS)) for docs, weights in others), first)


def _together(segment: Whole, field: str, terms: Sequence[str]) -> Postings:
    """Return who has all terms, each with the least weight of them."""
    lists = sorted((segment.postings(field, term) for term in terms), key=lambda each: len(each.docs))
    docs, weights = lists[0] if lists else EMPTY
    for other in lists[1:]:
        docs, mine, theirs = np.intersect1d(docs, other.docs, assume_unique=True, return_indices=True)
        weights = np.minimum(weights[mine], other.weights[theirs])
    return Postings(docs, weights)


def _either(one: Postings, other: Postings) -> Postings:
    docs = np.union1d(one.docs, other.docs)
    weights = np.zeros(len(docs), np.float32)
    for each in (one, other):
        places = np.searchsorted(docs, each.docs)
        weights[places] = np.maximum(weights[places], each.weights)
    return Postings(docs, weights)


def having(segment: Whole, need: Need, among: Mask) -> Mask:
    """Return which documents have what is needed; a phrase is looked up only in texts of `among`."""
    docs = _together(segment, need.field, need.terms).docs
    if need.phrase:
        docs = docs[among[docs]]
        docs = docs[[need.phrase in segment.text_of(doc) for doc in docs.tolist()]] if len(docs) else docs
    mask = np.zeros(segment.size, np.bool_)
    mask[docs] = True
    return mask


def _among(segment: Whole, ids: Collection[str]) -> Mask:
    mask = np.zeros(segment.size, np.bool_)
    for document_id in ids:
        mask[segment.docs_of(document_id)] = True
    return mask
