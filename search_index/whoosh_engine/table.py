"""The table of contents of a build: Whoosh's own file, with a checksum behind its end, where Whoosh does not look."""

import struct
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from whoosh.codec.whoosh3 import W3Segment
from whoosh.filedb.filestore import RamStorage
from whoosh.index import TOC

from search_index.whoosh_engine.place import State
from search_index.whoosh_engine.schema import SCHEMA
from search_index.whoosh_engine.segment import Storage
from search_index.whoosh_engine.writer import INDEX_NAME

_SUM = struct.Struct("!I")


def name_of(generation: int) -> str:
    """Return the name of the file."""
    return str(TOC._filename(INDEX_NAME, generation))


def latest(build: Path) -> int:
    """Return the newest generation that is there; -1 without any."""
    return int(TOC._latest_generation(Storage(str(build)), INDEX_NAME))


def read(state: State) -> list[W3Segment]:
    """Return the segments, with what is deleted in them; raises when the file is not what was written."""
    return parse((state.build / name_of(state.generation)).read_bytes(), state.generation)


def parse(data: bytes, generation: int) -> list[W3Segment]:
    """Return the segments that a table of contents names; raises when its bytes are not what was written."""
    data, kept = data[: -_SUM.size], data[-_SUM.size :]
    if kept != _SUM.pack(zlib.crc32(data)):
        raise ValueError("checksum")
    ram = RamStorage()
    ram.files[name_of(generation)] = data
    return list(TOC.read(ram, INDEX_NAME, gen=generation, schema=SCHEMA).segments)


def write(build: Path, segments: list[W3Segment], generation: int) -> None:
    """Write the file; it appears whole or not at all."""
    ram = RamStorage()
    TOC(SCHEMA, segments, generation).write(ram, INDEX_NAME)
    name = name_of(generation)
    data = bytes(ram.files[name])
    draft = build / f"{name}.new"
    draft.write_bytes(data + _SUM.pack(zlib.crc32(data)))
    draft.replace(build / name)


def owners(segments: Iterable[Any], generation: int) -> set[str]:
    """Return what the names of a state's files begin with, up to their first dot."""
    return {owner_of(name_of(generation)), *(each.segment_id() for each in segments)}


def owner_of(name: str) -> str:
    """Return to whom a file belongs: to a segment, or to a generation."""
    return name.partition(".")[0]
