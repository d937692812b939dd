"""Several segments read as if they were one, their documents numbered on.

To ask a question costs a little for every segment, however small; so all large ones are asked at once, and so are all
small ones. The large ones stay the same for hundreds of changes, and with them what is remembered here.
"""

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from itertools import accumulate, count

import numpy as np
from numpy.typing import NDArray

from search_index.whoosh_engine.postings import EMPTY, Docs, Postings
from search_index.whoosh_engine.schema import AUDIENCE, NUMBERS
from search_index.whoosh_engine.segment import LARGE, Cache, Mask, Numbers, Segment

MASKS = 128  # sets of keys remembered
NO_VALUE = -1

_serials = count()


class Facet:
    """The values of one facet and, for each document that has one, its ordinal in them."""

    def __init__(self, values: list[str], docs: Docs, ordinals: NDArray[np.int32], size: int) -> None:
        self.values = values
        self._docs, self._ordinals = docs, ordinals
        self._single: NDArray[np.int32] | None = None  # by document, as long as none has several values
        if np.bincount(docs).max() == 1:
            self._single = np.full(size, NO_VALUE, np.int32)
            self._single[docs] = ordinals

    def counts(self, mask: Mask) -> list[int]:
        """Return how many of the documents have each value."""
        if self._single is None:
            having = self._ordinals[mask[self._docs]]
        else:
            having = self._single[np.flatnonzero(mask)]
            having = having[having != NO_VALUE]
        numbers: list[int] = np.bincount(having, minlength=len(self.values)).tolist()
        return numbers


class Whole:
    """Some segments, as one."""

    def __init__(self, segments: Sequence[Segment], cache: Cache) -> None:
        self.segments = segments
        self._serial = next(_serials)
        self._cache = cache
        self._bases = [0, *accumulate(each.size for each in segments)]
        self.size = self._bases[-1]
        self.numbers: dict[str, Numbers] = {
            name: np.concatenate([each.numbers[name] for each in segments]) for name in NUMBERS
        }
        self._masks: OrderedDict[frozenset[str], Mask] = OrderedDict()
        self._facets: dict[str, Facet | None] = {}

    def postings(self, field: str, term: str) -> Postings:
        """Return who has a term; in the bag the weights are saturated and set against the document's length."""
        key = (self._serial, field, term)
        found = self._cache.get(key)
        if found is None:
            lists = [each.postings(field, term) for each in self.segments]
            found = self._joined([(number, each) for number, each in enumerate(lists) if len(each.docs)])
            self._cache.put(key, found)
        return found

    def _joined(self, lists: list[tuple[int, Postings]]) -> Postings:
        if not lists:
            return EMPTY
        docs = np.concatenate([docs + np.int32(self._bases[number]) for number, (docs, _) in lists])
        return Postings(docs, np.concatenate([weights for _, (_, weights) in lists]))

    def terms(self, field: str) -> Iterator[tuple[bytes, Postings]]:
        """Walk through all terms of a field, segment by segment."""
        for base, segment in zip(self._bases, self.segments, strict=False):
            for term, (docs, weights) in segment.terms(field):
                yield term, Postings(docs + np.int32(base), weights)

    def id_of(self, doc: int) -> str:
        """Return the id of a document."""
        segment, inside = self._place(doc)
        return segment.id_of(inside)

    def text_of(self, doc: int) -> str:
        """Return the plain text of a document."""
        segment, inside = self._place(doc)
        return segment.text_of(inside)

    def _place(self, doc: int) -> tuple[Segment, int]:
        number = bisect_right(self._bases, doc) - 1
        return self.segments[number], doc - self._bases[number]

    def docs_of(self, document_id: str) -> list[int]:
        """Return where a document is: at most one of these is alive."""
        places = zip(self._bases, self.segments, strict=False)
        return [base + doc for base, segment in places for doc in segment.docs_of(document_id)]

    def opened_by(self, keys: frozenset[str]) -> Mask:
        """Return which documents any of the keys opens."""
        mask = self._masks.get(keys)
        if mask is None:
            mask = np.zeros(self.size, np.bool_)
            for key in keys:
                mask[self.postings(AUDIENCE, key).docs] = True
            self._masks[keys] = mask
            if len(self._masks) > MASKS:
                self._masks.popitem(last=False)
        self._masks.move_to_end(keys)
        return mask

    def facet(self, name: str) -> Facet | None:
        """Return a facet; None when no document here has it."""
        if name not in self._facets:
            self._facets[name] = self._read_facet(name)
        return self._facets[name]

    def _read_facet(self, name: str) -> Facet | None:
        ordinals: dict[str, int] = {}
        docs: list[Docs] = []
        whose: list[int] = []
        for base, segment in zip(self._bases, self.segments, strict=False):
            for value, having in segment.facets().get(name, ()):
                docs.append(having + np.int32(base))
                whose.append(ordinals.setdefault(value, len(ordinals)))
        if not docs:
            return None
        repeated = np.repeat(np.array(whose, np.int32), [len(each) for each in docs])
        return Facet(list(ordinals), np.concatenate(docs), repeated, self.size)


def wholes(segments: Sequence[Segment], known: Sequence[Whole], cache: Cache) -> list[Whole]:
    """Return all segments as at most two wholes; one that is known stays as it is."""
    sorts = [[each for each in segments if (each.size >= LARGE) is large] for large in (True, False)]
    by_names = {_names(each.segments): each for each in known}
    return [by_names.get(_names(sort)) or Whole(sort, cache) for sort in sorts if sort]


def _names(segments: Sequence[Segment]) -> tuple[str, ...]:
    return tuple(each.name for each in segments)
