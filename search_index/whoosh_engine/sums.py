"""Checksums of a segment's files: Whoosh's format has none, and most flipped bits would only change an answer."""

import zlib
from pathlib import Path

from whoosh.codec.whoosh3 import W3Segment

from search_index.whoosh_engine.segment import Storage

EXTENSION = ".sum"


def write(storage: Storage, segment: W3Segment) -> None:
    """Write down what the files of a new segment hold."""
    _kept(storage, segment).write_text(_sums(storage, segment))


def check(storage: Storage, segment: W3Segment) -> None:
    """Raise ValueError when a file is not what was written."""
    if _kept(storage, segment).read_text() != _sums(storage, segment):
        raise ValueError("checksum")


def _kept(storage: Storage, segment: W3Segment) -> Path:
    return Path(storage.folder) / f"{segment.segment_id()}{EXTENSION}"


def _sums(storage: Storage, segment: W3Segment) -> str:
    paths = sorted(Path(storage.folder).glob(f"{segment.segment_id()}.*"))
    return "".join(f"{path.name} {_sum(path):08x}\n" for path in paths if path.suffix != EXTENSION)


def _sum(path: Path) -> int:
    value = 0
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            value = zlib.crc32(part, value)
    return value
