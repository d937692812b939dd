"""Writing segments in Whoosh's format: from documents, and from older segments that are merged."""

import heapq
import shutil
from array import array
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

import numpy as np
from whoosh.codec.whoosh3 import W3Codec, W3Segment

from search_index.documents import Document
from search_index.whoosh_engine import sums
from search_index.whoosh_engine.postings import encode
from search_index.whoosh_engine.schema import ID, NUMBER, NUMBERS, PACKED, SCHEMA, TERM_FIELDS, TEXT, Record, take
from search_index.whoosh_engine.segment import CODEC, Mask, Segment, Storage
from search_index.whoosh_engine.terms import FLUSH, TermsWriter, key_of

INDEX_NAME = "MAIN"


Entry = tuple[bytes, int, list[int], list[float]]  # the key of a term, its source, who has it and how much
CHUNK = 50_000  # terms that become lists of Python together


class _Numbering(dict[str, int]):
    """Terms in the order in which they were met first."""

    def __missing__(self, term: str) -> int:
        number = self[term] = len(self)
        return number


class _Column:
    """The postings of one field as they come in: flat arrays, sorted only when they are written."""

    def __init__(self) -> None:
        self.numbers = _Numbering()
        self._terms: array[int] = array("i")
        self._weights: array[float] = array("f")
        self._sizes: array[int] = array("i")  # terms of each document

    def add(self, weighted: Mapping[str, float]) -> None:
        """Take in the terms of the next document."""
        self._terms.extend(map(self.numbers.__getitem__, weighted))
        self._weights.extend(weighted.values())
        self._sizes.append(len(weighted))

    def lists(self, base: int) -> Iterator[tuple[bytes, list[int], list[float]]]:
        """Give the terms in order, with who has them, numbered from `base`, and how much; once, and nothing is left."""
        encoded = [term.encode("utf-8", "replace") for term in self.numbers]
        self.numbers.clear()  # most of the memory
        ordered = sorted(range(len(encoded)), key=encoded.__getitem__)
        ranks = np.empty(len(ordered), np.int32)
        ranks[ordered] = np.arange(len(ordered), dtype=np.int32)
        terms = ranks[np.frombuffer(self._terms, np.int32)]
        sizes = np.frombuffer(self._sizes, np.int32)
        order = np.argsort(terms, kind="stable")
        docs = np.repeat(np.arange(base, base + len(sizes), dtype=np.int32), sizes)[order]
        weights = np.frombuffer(self._weights, np.float32)[order]
        ends = np.cumsum(np.bincount(terms, minlength=len(ordered)))
        for chunk in range(0, len(ordered), CHUNK):
            stops = ends[chunk : chunk + CHUNK]
            begin = int(ends[chunk - 1]) if chunk else 0
            some, heavy = docs[begin : stops[-1]].tolist(), weights[begin : stops[-1]].tolist()
            start = 0
            for number, stop in zip(ordered[chunk : chunk + CHUNK], (stops - begin).tolist(), strict=True):
                yield encoded[number], some[start:stop], heavy[start:stop]
                start = stop


class Batch:
    """Documents on their way into one new segment."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.size = 0  # postings
        self._columns = [_Column() for _ in TERM_FIELDS]

    def add(self, document: Document) -> None:
        """Take a document in; everything that can fail comes first, so that none is taken in half."""
        terms, record = take(document)
        for field, column in zip(TERM_FIELDS, self._columns, strict=True):
            column.add(terms[field])
            self.size += len(terms[field])
        self.records.append(record)

    def entries(self, source: int, base: int) -> Iterator[Entry]:
        """Give all terms in order, the documents numbered from `base`."""
        for number, column in enumerate(self._columns):
            prefix = key_of(number, b"")
            for term, docs, weights in column.lists(base):
                yield prefix + term, source, docs, weights


class Old(NamedTuple):
    """An older segment, and which of its documents are still alive."""

    segment: Segment
    live: Mask

    def records(self) -> Iterator[Record]:
        """Give what is kept of the living."""
        numbers = self.segment.numbers
        for doc in np.flatnonzero(self.live).tolist():
            kept = {name: int(numbers[name][doc]) for name in NUMBERS}
            yield Record(self.segment.id_of(doc), self.segment.packed_text(doc), kept)

    def entries(self, source: int, base: int) -> Iterator[Entry]:
        """Give all terms that a living document has."""
        renumbered = (np.cumsum(self.live) - 1 + base).tolist()
        alive = self.live.tolist()
        unchanged = bool(self.live.all())
        for key, docs, weights in self.segment.all_terms():
            if unchanged:
                yield key, source, [doc + base for doc in docs], weights
                continue
            kept = [place for place, doc in enumerate(docs) if alive[doc]]
            if kept:
                yield key, source, [renumbered[docs[place]] for place in kept], [weights[place] for place in kept]


def write_segment(storage: Storage, olds: Iterable[Old], batch: Batch) -> W3Segment | None:
    """Write living documents of older segments and those of the batch as one segment; None when there are none."""
    records: list[Record] = []
    streams: list[Iterator[Entry]] = []
    parts: list[Old | Batch] = [*olds, batch]
    for source, part in enumerate(parts):
        streams.append(part.entries(source, len(records)))
        records += part.records() if isinstance(part, Old) else part.records
    if not records:
        return None
    segment = CODEC.new_segment(storage, INDEX_NAME)
    segment.set_doc_count(len(records))
    _write_records(storage, segment, records)
    _write_terms(storage, segment, _merged(streams))
    sums.write(storage, segment)
    return segment


def _write_records(storage: Storage, segment: W3Segment, records: list[Record]) -> None:
    writer = CODEC.per_document_writer(storage, segment)
    for number, record in enumerate(records):
        writer.start_doc(number)
        writer.add_field(ID, SCHEMA[ID], record.id, 0)
        writer.add_column_value(TEXT, PACKED, record.text)
        for name in NUMBERS:
            writer.add_column_value(name, NUMBER, record.numbers[name])
        writer.finish_doc()
    writer.close()
    shutil.rmtree(Path(storage.folder, f"{INDEX_NAME}.tmp"))  # Whoosh makes it for columns, and leaves it


def _write_terms(storage: Storage, segment: W3Segment, entries: Iterable[Entry]) -> None:
    terms = TermsWriter(segment.create_file(storage, W3Codec.TERMS_EXT), TERM_FIELDS)
    file = segment.create_file(storage, W3Codec.POSTS_EXT)
    place, parts = 0, []
    alone: dict[tuple[int, float], bytes] = {}  # most terms are in one document, with one of few weights
    for key, _, docs, weights in entries:
        if len(docs) > 1:
            data = encode(docs, weights)
        else:
            single = docs[0], weights[0]
            data = alone.get(single) or alone.setdefault(single, encode(docs, weights))
        terms.add(key, docs, weights, (place, len(data)))
        place += len(data)
        parts.append(data)
        if len(parts) == FLUSH:
            file.write(b"".join(parts))
            parts.clear()
    file.write(b"".join(parts))
    terms.close()
    file.close()


def _merged(streams: list[Iterator[Entry]]) -> Iterable[Entry]:
    """Bring together what several sources have of a term; the documents of later ones have higher numbers."""
    if len(streams) == 1:
        return streams[0]
    return map(_joined, groupby(heapq.merge(*streams), key=itemgetter(0)))


def _joined(group: tuple[bytes, Iterator[Entry]]) -> Entry:
    key, entries = group
    docs: list[int] = []
    weights: list[float] = []
    for _, _, more, heavy in entries:
        docs += more
        weights += heavy
    return key, 0, docs, weights
