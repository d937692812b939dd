"""Why a thing stands where it stands: every summand of its score, and what raised it."""

from collections.abc import Sequence

import numpy as np

from search_index.engine import Explanation, Query, Reason
from search_index.query import Plan
from search_index.whoosh_engine import narrowing
from search_index.whoosh_engine.scoring import Finder, Points, View
from search_index.whoosh_engine.segment import Mask


def explain(views: Sequence[View], query: Query, plan: Plan, document_id: str) -> Explanation | None:
    """Explain the score of a document; None when it is not found."""
    place = _place_of(views, document_id)
    if place is None:
        return None
    number, doc = place
    summands: list[Reason] = []

    def note(factor: float, fits: list[Mask], points: list[Points]) -> None:
        if fits[number][doc]:
            summands.extend(_summands(points, number, doc, factor))

    found = Finder(views, query, note).find(plan)
    if not found.masks[number][doc]:
        return None
    parts = narrowing.factors(views[number].segment, np.array([doc]), query)
    factors = tuple(Reason(name, "", 1.0, float(added[0]), float(added[0])) for name, added in parts if added[0])
    score = float(found.scores[number][doc]) * (1 + sum(each.points for each in factors))
    return Explanation(score, tuple(sorted(summands, key=lambda each: -each.points)), factors)


def _place_of(views: Sequence[View], document_id: str) -> tuple[int, int] | None:
    for number, view in enumerate(views):
        for doc in view.segment.docs_of(document_id):
            if view.live[doc]:
                return number, doc
    return None


def _summands(points: list[Points], number: int, doc: int, factor: float) -> list[Reason]:
    reasons = []
    for each in points:
        docs, weights = each.lists[number]
        place = int(np.searchsorted(docs, doc))
        if place < len(docs) and docs[place] == doc:
            weight = factor * float(weights[place])
            reasons.append(Reason(each.part, each.slot.label, each.rarity, weight, each.rarity * weight))
    return reasons
