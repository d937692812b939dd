"""The file of a segment's terms, in Whoosh's format: an ordered hash from keys (field, term) to where the postings are.

Whoosh's own classes write and read a few bytes at a time, and make an object of every entry: that would be most of the
time that a segment takes. What they read and write is the same.
"""

import struct
import zlib
from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh.filedb.filetables import OrderedHashReader
from whoosh.filedb.structfile import StructFile

MAGIC, BY_CRC, BUCKETS = b"HSH3", 1, 256
FEW, PARTS = 100_000, 32  # entries whose tables are made at once; parts into which more are cut, to need less memory
FLUSH, WINDOW = 20_000, 1 << 20  # pieces written together, bytes read together

_FIELD = struct.Struct("!H")
_LENGTHS = struct.Struct("!ii")  # of key and value, before both
_ENTRY = struct.Struct(
    "!BfIBBfIIqi"
)  # inlined?, weight, df, lengths, heaviest, first, last, place and size of postings
_SLOT = np.dtype([("hash", ">u4"), ("place", ">i8")])
_BUCKET = np.dtype([("place", ">i8"), ("slots", ">i4")])
_UNMIXED = 1 << 40  # keeps buckets apart


class Info(NamedTuple):
    """What is known of a term: in how many documents it is, the first of them, the highest weight, where all are."""

    df: int
    first: int
    heaviest: float
    place: int
    size: int


def key_of(field: int, term: bytes) -> bytes:
    """Return the key of a term."""
    return _FIELD.pack(field) + term


class TermsWriter:
    """Writes the file; the keys come in order."""

    def __init__(self, file: StructFile, fields: Sequence[str]) -> None:
        self._file = file
        self._fields = fields
        self._parts = [MAGIC + bytes((BY_CRC,)) + bytes(8)]
        self._place = len(self._parts[0])
        self._places, self._hashes = array("q"), array("I")
        self._last = b""

    def add(self, key: bytes, docs: Sequence[int], weights: Sequence[float], extent: tuple[int, int]) -> None:
        """Say where the postings of a key are."""
        if key <= self._last:
            raise ValueError("keys must increase")
        self._last = key
        if len(docs) == 1:  # most of them
            entry = _ENTRY.pack(0, weights[0], 1, 0, 0, weights[0], docs[0], docs[0], *extent)
        else:
            entry = _ENTRY.pack(0, sum(weights), len(docs), 0, 0, max(weights), docs[0], docs[-1], *extent)
        item = _LENGTHS.pack(len(key), _ENTRY.size) + key + entry
        self._parts.append(item)
        self._places.append(self._place)
        self._hashes.append(zlib.crc32(key))
        self._place += len(item)
        if len(self._parts) >= FLUSH:
            self._flush()

    def close(self) -> None:
        """Write what finds a key, and end."""
        self._flush()
        places = np.frombuffer(self._places, np.int64)
        self._file.write(self._write_tables(np.frombuffer(self._hashes, np.uint32), places))
        begin = self._file.tell()
        self._file.write_pickle(
            {
                "fieldmap": {name: number for number, name in enumerate(self._fields)},
                "indextype": "q",
                "indexlen": len(places),
            }
        )
        self._file.write(places.astype(">i8").tobytes())
        self._file.write_int(self._file.tell() - begin)
        self._file.close()

    def _write_tables(self, hashes: NDArray[np.uint32], places: NDArray[np.int64]) -> bytes:
        """Write 256 hash tables, some at a time; return the directory of them."""
        directory = np.zeros(BUCKETS, _BUCKET)
        share = BUCKETS if len(hashes) < FEW else BUCKETS // PARTS
        for first in range(0, BUCKETS, share):
            some = np.flatnonzero((hashes % BUCKETS) // share == first // share)
            table, sizes = _tables(hashes[some].astype(np.int64), places[some])
            last = first + share
            starts = np.cumsum(sizes) - sizes
            directory["place"][first:last] = self._place + starts[first:last] * _SLOT.itemsize
            directory["slots"][first:last] = sizes[first:last]
            self._file.write(table.tobytes())
            self._place += table.nbytes
        return directory.tobytes()

    def _flush(self) -> None:
        self._file.write(b"".join(self._parts))
        self._parts.clear()


def _tables(hashes: NDArray[np.int64], places: NDArray[np.int64]) -> tuple[NDArray[np.void], NDArray[np.int64]]:
    """Return the hash tables of some buckets, one after the other, and how many slots each has: twice its entries.

    An entry stands in the slot that its hash names or, when that is taken, in the next free one.
    """
    buckets = hashes % BUCKETS
    counts = np.bincount(buckets, minlength=BUCKETS)
    sizes = 2 * counts
    starts = np.cumsum(sizes) - sizes
    homes = (hashes // BUCKETS) % sizes[buckets]
    order = np.lexsort((homes, buckets))
    buckets, homes = buckets[order], homes[order]
    nth = np.arange(len(order)) - (np.cumsum(counts) - counts)[buckets]
    apart = buckets * _UNMIXED
    slots = np.maximum.accumulate(homes - nth + apart) - apart + nth
    table = np.zeros(int(sizes.sum()), _SLOT)
    fits = slots < sizes[buckets]
    at = (starts[buckets] + slots)[fits]
    table["hash"][at], table["place"][at] = hashes[order][fits], places[order][fits]
    for each in np.flatnonzero(~fits).tolist():  # round the end of its table
        slot = int(starts[buckets[each]])
        while table["place"][slot]:
            slot += 1
        table[slot] = hashes[order[each]], places[order[each]]
    return table, sizes


class TermsReader:
    """Reads the file by position; safe for many threads."""

    def __init__(self, file: StructFile, length: int) -> None:
        self._file = file
        self._table = OrderedHashReader(file, length)
        self._hash: Callable[[bytes], int] = zlib.crc32 if self._table.hashtype == BY_CRC else self._table.hashfn
        self._numbers: dict[str, int] = self._table.extras["fieldmap"]

    def find(self, field: str, term: bytes) -> Info | None:
        """Return what is known of a term."""
        key = key_of(self._numbers[field], term)
        hashed = self._hash(key)
        begin, slots = self._table.tables[hashed % BUCKETS]
        head = _LENGTHS.pack(len(key), _ENTRY.size) + key
        for slot in range(slots):
            at = begin + (hashed // BUCKETS + slot) % slots * _SLOT.itemsize
            found, place = struct.unpack("!Iq", self._file.get(at, _SLOT.itemsize))
            if not place:
                return None
            if found == hashed:
                item = self._file.get(place, len(head) + _ENTRY.size)
                if item.startswith(head):
                    return _info(item[len(head) :])
        return None

    def walk(self, field: str) -> Iterator[tuple[bytes, Info]]:
        """Give the terms of a field in order."""
        prefix = _FIELD.pack(self._numbers[field])
        begin = self._table.closest_key_pos(prefix)
        for key, info in self._items(begin) if begin is not None else ():
            if not key.startswith(prefix):
                return
            yield key[_FIELD.size :], info

    def items(self) -> Iterator[tuple[bytes, Info]]:
        """Give all keys in order."""
        return self._items(self._table.startofdata)

    def _items(self, begin: int) -> Iterator[tuple[bytes, Info]]:
        window = Window(self._file)
        while begin < self._table.endofdata:
            length, size = _LENGTHS.unpack(window.get(begin, _LENGTHS.size))
            item = window.get(begin + _LENGTHS.size, length + size)
            yield item[:length], _info(item[length:])
            begin += _LENGTHS.size + length + size


class Window:
    """Reads a file from its beginning to its end in large pieces."""

    def __init__(self, file: StructFile) -> None:
        self._file = file
        self._begin, self._data = 0, b""

    def get(self, place: int, length: int) -> bytes:
        """Return bytes at a place; raises ValueError where there are none."""
        at = place - self._begin
        if at < 0 or at + length > len(self._data):
            self._begin, self._data = place, self._file.get(place, max(length, WINDOW))
            at = 0
        found = self._data[at : at + length]
        if len(found) != length:
            raise ValueError("beyond the end")
        return found


def _info(entry: bytes) -> Info:
    inlined, _, df, _, _, heaviest, first, _, place, size = _ENTRY.unpack(entry)
    if inlined:
        raise ValueError("inlined postings")
    return Info(df, first, heaviest, place, size)
