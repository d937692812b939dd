"""What Whoosh stores: exact terms (id, audience, facets), a weighted bag of words, sounds of titles, numbers."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from whoosh import columns, fields, formats

from search_index import pinyin
from search_index.analysis import bag
from search_index.documents import Document

VERSION = 2  # of analysis and schema together: an index of another version is rebuilt

ID, AUDIENCE, FACET, BAG, SOUND = "id", "audience", "facet", "bag", "sound"
TERM_FIELDS = tuple(sorted((ID, AUDIENCE, FACET, BAG, SOUND)))
DATE, TIE, LENGTH = "date", "tie", "length"
NUMBERS = (DATE, TIE, LENGTH)
NUMBER = columns.NumericColumn("q")
MAX_WEIGHT = 255


class Terms(fields.FieldType):  # type: ignore[misc] # Whoosh ships no types
    """A field whose terms are made by our analysis; no positions, nothing stored."""

    def __init__(self, stored: bool = False) -> None:
        self.format = formats.Existence()
        self.analyzer = self.vector = self.column_type = None
        self.scorable = False
        self.stored = stored
        self.unique = stored


SCHEMA = fields.Schema(
    **{name: Terms(stored=name == ID) for name in TERM_FIELDS}, **{name: fields.COLUMN(NUMBER) for name in NUMBERS}
)


def facet_term(name: str, value: str) -> str:
    """Return the exact term of a facet's value."""
    return f"{name}={value}"


def terms_of(document: Document) -> dict[str, Mapping[str, float]]:
    """Return a document's terms with their weights, by field."""
    facets: dict[str, str | tuple[str, ...]] = {**document.facets, "kind": document.kind}
    values = [
        facet_term(name, value)
        for name, given in facets.items()
        for value in ((given,) if isinstance(given, str) else given)
    ]
    return {
        ID: {document.id: 1},
        AUDIENCE: dict.fromkeys(document.audience, 1),
        FACET: dict.fromkeys(values, 1),
        BAG: _capped(bag(document)),
        SOUND: dict.fromkeys(pinyin.title_terms(document.title), 1),
    }


def _capped(weighted: Mapping[str, float]) -> Mapping[str, float]:
    if max(weighted.values(), default=0) <= MAX_WEIGHT:
        return weighted
    return {term: min(weight, MAX_WEIGHT) for term, weight in weighted.items()}


def numbers_of(document: Document, length: float) -> dict[str, int]:
    """Return what is sorted and scored by; the tie-breaker depends on the id alone, so that order never varies."""
    digest = hashlib.blake2b(document.id.encode(), digest_size=8).digest()
    return {
        DATE: microseconds(document.date),
        TIE: int.from_bytes(digest, "big") >> 1,
        LENGTH: int(length),
    }


def microseconds(moment: datetime | None) -> int:
    """Return an instant as the index keeps it, 0 for none."""
    return int(moment.timestamp() * 1_000_000) if moment else 0
