"""The names in an archive, read while its owner waits: only its table of contents, and only a small one.

Nothing is unpacked and no size is believed; what is inside is examined later, by the ingest in its sandbox.
"""

import os
import struct
from collections.abc import Iterator
from pathlib import Path

END, END_SIZE, MAX_COMMENT = b"PK\x05\x06", 22, 65535
ENTRY, ENTRY_SIZE = b"PK\x01\x02", 46
MAX_TABLE = 1 << 20
UTF8_FLAG = 0x800


def entry_names(path: Path) -> list[str] | None:
    """Return the names of the files in a zip archive: none when it is not one, None when there are too many to look."""
    with path.open("rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - END_SIZE - MAX_COMMENT))
        tail = stream.read()
        at = tail.rfind(END)
        if at < 0 or len(tail) - at < END_SIZE:
            return []
        (length,) = struct.unpack_from("<I", tail, at + 12)
        if length > MAX_TABLE:
            return None
        stream.seek(max(0, size - len(tail) + at - length))
        return [name for name in _names(stream.read(length)) if not name.endswith("/")]


def _names(table: bytes) -> Iterator[str]:
    at = 0
    while table[at : at + 4] == ENTRY and len(table) >= at + ENTRY_SIZE:
        (flags,) = struct.unpack_from("<H", table, at + 8)
        name, extra, comment = struct.unpack_from("<HHH", table, at + 28)
        raw = table[at + ENTRY_SIZE : at + ENTRY_SIZE + name]
        yield raw.decode("utf-8" if flags & UTF8_FLAG else "gb18030", "replace")
        at += ENTRY_SIZE + name + extra + comment
