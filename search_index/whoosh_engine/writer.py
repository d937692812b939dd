"""Writing segments in Whoosh's format: from documents, and from older segments that are merged."""

import heapq
from array import array
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

import numpy as np
from whoosh.codec.whoosh3 import W3Codec, W3Segment
from whoosh.filedb.filetables import OrderedHashWriter
from whoosh.system import pack_ushort

from search_index.documents import Document
from search_index.whoosh_engine import sums
from search_index.whoosh_engine.postings import Postings, encode
from search_index.whoosh_engine.schema import ID, NUMBER, NUMBERS, PACKED, SCHEMA, TERM_FIELDS, TEXT, Record, take
from search_index.whoosh_engine.segment import CODEC, Mask, Segment, Storage

INDEX_NAME = "MAIN"


Entry = tuple[int, bytes, int, Postings]  # field, term, source, who has it


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

    def lists(self, base: int) -> Iterator[tuple[bytes, Postings]]:
        """Give the posting lists in the order of their terms, the documents numbered from `base`."""
        terms, weights = np.frombuffer(self._terms, np.int32), np.frombuffer(self._weights, np.float32)
        sizes = np.frombuffer(self._sizes, np.int32)
        order = np.argsort(terms, kind="stable")
        docs = np.repeat(np.arange(base, base + len(sizes), dtype=np.int32), sizes)[order]
        weights = weights[order]
        ends = np.cumsum(np.bincount(terms, minlength=len(self.numbers))).tolist()
        for term, number in sorted((term.encode("utf-8", "replace"), number) for term, number in self.numbers.items()):
            start = ends[number - 1] if number else 0
            yield term, Postings(docs[start : ends[number]], weights[start : ends[number]])


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
            for term, postings in column.lists(base):
                yield number, term, source, postings


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
        renumbered = (np.cumsum(self.live) - 1 + base).astype(np.int32)
        for number, field in enumerate(TERM_FIELDS):
            for term, (docs, weights) in self.segment.terms(field):
                alive = self.live[docs]
                if alive.any():
                    yield number, term, source, Postings(renumbered[docs[alive]], weights[alive])


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
    _write_terms(storage, segment, heapq.merge(*streams, key=itemgetter(0, 1, 2)))
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
    Path(storage.folder, f"{INDEX_NAME}.tmp").rmdir()  # Whoosh makes it for columns, and leaves it empty


def _write_terms(storage: Storage, segment: W3Segment, entries: Iterable[Entry]) -> None:
    table = OrderedHashWriter(segment.create_file(storage, W3Codec.TERMS_EXT))
    table.extras["fieldmap"] = {name: number for number, name in enumerate(TERM_FIELDS)}
    file = segment.create_file(storage, W3Codec.POSTS_EXT)
    place = 0
    for (field, term), group in groupby(entries, key=itemgetter(0, 1)):
        data, info = encode(_joined([entry[3] for entry in group]), place)
        file.write(data)
        table.add(pack_ushort(field) + term, info)
        place += len(data)
    table.close()
    file.close()


def _joined(lists: list[Postings]) -> Postings:
    if len(lists) == 1:
        return lists[0]
    return Postings(np.concatenate([each.docs for each in lists]), np.concatenate([each.weights for each in lists]))
