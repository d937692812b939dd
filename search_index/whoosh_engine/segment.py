"""One segment, read fast: posting lists as arrays.

A segment never changes (deletions live beside it, in the table of contents), so what is read may be remembered.
"""

import os
import weakref
from collections import OrderedDict
from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.whoosh3 import W3Codec, W3Segment
from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import StructFile

from search_index.whoosh_engine.postings import BLOCK, EMPTY, Docs, Postings, decode
from search_index.whoosh_engine.schema import BAG, FACET, ID, LENGTH, NUMBERS, PACKED, TEXT, unpack
from search_index.whoosh_engine.terms import Info, TermsReader, Window

CODEC = W3Codec(blocklimit=BLOCK)
LARGE = 512  # documents from which on a segment lives long
SATURATION, LENGTH_SHARE, USUAL_LENGTH = 1.2, 0.35, 1500.0

Mask = NDArray[np.bool_]
Numbers = NDArray[np.int64]


class Cache:
    """Least recently used things, up to a number of bytes for all segments together."""

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._size = 0
        self._kept: OrderedDict[Hashable, Postings] = OrderedDict()

    def get(self, key: Hashable) -> Postings | None:
        """Return what is kept, and keep it longer."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def put(self, key: Hashable, postings: Postings) -> None:
        """Keep something, and let go of what was not used for longest."""
        self._kept[key] = postings
        self._size += _bytes(postings)
        while self._size > self._budget:
            _, oldest = self._kept.popitem(last=False)
            self._size -= _bytes(oldest)


def _bytes(postings: Postings) -> int:
    return int(postings.docs.nbytes + postings.weights.nbytes) + 200


class _File(StructFile):  # type: ignore[misc] # Whoosh ships no types
    """A file read by position: Whoosh's own mapping copies the whole segment, and a shrunken file would kill us."""

    def __init__(self, path: Path) -> None:
        handle = path.open("rb", buffering=8192)
        super().__init__(handle, name=path.name)
        self._handle = handle
        weakref.finalize(self, handle.close)

    def get(self, position: int, length: int) -> bytes:
        """Read bytes, without moving the shared position."""
        return os.pread(self._handle.fileno(), length, position)


class Storage(FileStorage):  # type: ignore[misc] # Whoosh ships no types
    """The folder of an index, its files read by position."""

    def open_file(self, name: str, **_: Any) -> StructFile:
        """Open a file for reading."""
        return _File(Path(self.folder) / name)


class Segment:
    """One segment, opened; its files stay readable after a later commit removed them."""

    def __init__(self, storage: Storage, segment: W3Segment, cache: Cache) -> None:
        self.name: str = segment.segment_id()
        self.size: int = segment.doc_count_all()
        self._cache = cache if self.size < LARGE else None  # what is large, its whole remembers
        name = segment.make_filename(W3Codec.TERMS_EXT)
        self._terms = TermsReader(storage.open_file(name), storage.file_length(name))
        self._lists = segment.open_file(storage, W3Codec.POSTS_EXT)
        self._stored = CODEC.per_document_reader(storage, segment)
        self._stored.stored_fields(0)  # opens the file while it is there
        self._texts = self._stored.column_reader(TEXT, PACKED)
        self.numbers = {name: self._read_numbers(storage, segment, name) for name in NUMBERS}
        self._length_norm = (1 - LENGTH_SHARE + LENGTH_SHARE * self.numbers[LENGTH] / USUAL_LENGTH).astype(np.float32)
        self._facets: Facets | None = None

    def _read_numbers(self, storage: Storage, segment: W3Segment, name: str) -> Numbers:
        file = storage.open_file(W3Codec.column_filename(segment, name))
        stored = np.frombuffer(file.read(), ">i8").astype(np.int64)
        return np.concatenate([stored, np.zeros(self.size - len(stored), np.int64)])

    def postings(self, field: str, term: str) -> Postings:
        """Return who has a term; in the bag the weights are saturated and set against the document's length."""
        if self._cache is None:
            return self._scored(field, self._read(field, term))
        key = (self.name, field, term)
        found = self._cache.get(key)
        if found is None:
            found = self._scored(field, self._read(field, term))
            self._cache.put(key, found)
        return found

    def _read(self, field: str, term: str) -> Postings:
        info = self._terms.find(field, term.encode("utf-8", "replace"))
        return self._decode(info, self._lists) if info else EMPTY

    def _decode(self, info: Info, source: StructFile | Window) -> Postings:
        if info.df == 1:  # the entry says it all
            return Postings(np.array((info.first,), np.int32), np.array((info.heaviest,), np.float32))
        postings = decode(source.get(info.place, info.size))
        if postings.docs[-1] >= self.size:
            raise ValueError("posting beyond the segment")
        return postings

    def _scored(self, field: str, postings: Postings) -> Postings:
        if field != BAG:
            return postings
        docs, weights = postings
        damped = weights * (SATURATION + 1) / (weights + SATURATION * self._length_norm[docs])
        return Postings(docs, damped.astype(np.float32))

    def terms(self, field: str) -> Iterator[tuple[bytes, Postings]]:
        """Walk through all terms of a field in order, with unchanged weights."""
        lists = Window(self._lists)
        for term, info in self._terms.walk(field):
            yield term, self._decode(info, lists)

    def all_terms(self) -> Iterator[tuple[bytes, list[int], list[float]]]:
        """Walk through all terms by their keys, in order, with their documents and unchanged weights."""
        lists = Window(self._lists)
        for key, info in self._terms.items():
            if info.df == 1:
                yield key, [info.first], [info.heaviest]
            else:
                docs, weights = self._decode(info, lists)
                yield key, docs.tolist(), weights.tolist()

    def id_of(self, doc: int) -> str:
        """Return the id of a document."""
        return str(self._stored.stored_fields(doc)[ID])

    def packed_text(self, doc: int) -> bytes:
        """Return the plain text of a document as it is kept."""
        return bytes(self._texts[doc])

    def text_of(self, doc: int) -> str:
        """Return the plain text of a document."""
        return unpack(self.packed_text(doc))

    def docs_of(self, document_id: str) -> list[int]:
        """Return where a document is: one number, or none."""
        numbers: list[int] = self._read(ID, document_id).docs.tolist()  # past the cache: asked once per change
        return numbers

    def facets(self) -> "Facets":
        """Return by facet its values, with who has them."""
        if self._facets is None:
            self._facets = {}
            for term, postings in self.terms(FACET):
                name, _, value = term.decode().partition("=")
                self._facets.setdefault(name, []).append((value, postings.docs))
        return self._facets


Facets = dict[str, list[tuple[str, Docs]]]
