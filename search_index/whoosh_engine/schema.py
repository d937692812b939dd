"""What Whoosh stores: exact terms (id, audience, facets, parts), a weighted bag of words, sounds of titles, numbers.

The plain text is kept in a column: phrases are looked up in it.
"""

import hashlib
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from whoosh import columns, fields, formats

from search_index import pinyin, ranking
from search_index.analysis import digest
from search_index.documents import Document

VERSION = 4  # of analysis and schema together: an index of another version is rebuilt

ID, AUDIENCE, FACET, PART, BAG, SOUND = "id", "audience", "facet", "part", "bag", "sound"
TERM_FIELDS = tuple(sorted((ID, AUDIENCE, FACET, PART, BAG, SOUND)))
DATE, TIE, LENGTH, WORTH = "date", "tie", "length", "worth"
NUMBERS = (DATE, TIE, LENGTH, WORTH)
NUMBER = columns.NumericColumn("q")
TEXT, PACKED = "text", columns.VarBytesColumn()
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
    **{name: Terms(stored=name == ID) for name in TERM_FIELDS},
    **{name: fields.COLUMN(NUMBER) for name in NUMBERS},
    **{TEXT: fields.COLUMN(PACKED)},
)


class Record(NamedTuple):
    """What is kept of a document beside its terms."""

    id: str
    text: bytes
    numbers: dict[str, int]


class Taken(NamedTuple):
    """A document as it is written: its terms with their weights by field, and what is kept beside them."""

    terms: dict[str, Mapping[str, float]]
    record: Record


def facet_term(name: str, value: str) -> str:
    """Return the exact term of a facet's value."""
    return f"{name}={value}"


def take(document: Document) -> Taken:
    """Take a document apart."""
    facets: dict[str, str | tuple[str, ...]] = {**document.facets, "kind": document.kind}
    values = [
        facet_term(name, value)
        for name, given in facets.items()
        for value in ((given,) if isinstance(given, str) else given)
    ]
    bag, parts, plain = digest(document)
    weighted = _capped(bag)
    terms: dict[str, Mapping[str, float]] = {
        ID: {document.id: 1},
        AUDIENCE: dict.fromkeys(document.audience, 1),
        FACET: dict.fromkeys(values, 1),
        PART: dict.fromkeys(parts, 1),
        BAG: weighted,
        SOUND: dict.fromkeys(pinyin.title_terms(document.title), 1),
    }
    return Taken(terms, Record(document.id, pack(plain), _numbers(document, sum(weighted.values()))))


def pack(text: str) -> bytes:
    """Make a plain text small."""
    return zlib.compress(text.encode("utf-8", "replace"), 1)


def unpack(packed: bytes) -> str:
    """Return the plain text."""
    return zlib.decompress(packed).decode()


def _capped(weighted: Mapping[str, float]) -> Mapping[str, float]:
    if max(weighted.values(), default=0) <= MAX_WEIGHT:
        return weighted
    return {term: min(weight, MAX_WEIGHT) for term, weight in weighted.items()}


def _numbers(document: Document, length: float) -> dict[str, int]:
    """Return what is sorted and scored by; the tie-breaker depends on the id alone, so that order never varies."""
    hashed = hashlib.blake2b(document.id.encode(), digest_size=8).digest()
    return {
        DATE: microseconds(document.date),
        TIE: int.from_bytes(hashed, "big") >> 1,
        LENGTH: int(length),
        WORTH: ranking.worth(document),
    }


def microseconds(moment: datetime | None) -> int:
    """Return an instant as the index keeps it, 0 for none."""
    return int(moment.timestamp() * 1_000_000) if moment else 0
