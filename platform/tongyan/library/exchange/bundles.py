"""Archives that come in: looked through before anything is read from them, and refused as a whole when hostile.

What is read from one goes through bounded reads only; nothing is ever unpacked to a path that the archive names.
"""

import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO

from tongyan.kernel.errors import Invalid
from tongyan.library.ingest.archives import LOCKED_FLAG, entry_name

MAX_ENTRIES = 2_000
MAX_UNPACKED = 4 << 30
MAX_RATIO = 100
MAX_DIRECTORY = 4 << 20  # bytes: of the list of entries, which is read as a whole
MAX_SMALL = 8 << 20  # bytes: of a manifest or a sheet
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
DIRECTORY_SIZE = 5  # the place of it in what is said at the end of an archive
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


class Bundle:
    """An archive that was looked through; its entries by their path."""

    def __init__(self, container: zipfile.ZipFile) -> None:
        self._zip = container
        self.entries = {entry_name(entry): entry for entry in container.infolist() if not entry.is_dir()}

    def size(self, name: str) -> int:
        """Return how many bytes an entry says it has; more are never read."""
        return self.entries[name].file_size

    @contextmanager
    def open(self, name: str) -> Iterator["Reader"]:
        """Open an entry; raises Invalid when it turns out to be damaged, at once or while it is read."""
        try:
            stream = self._zip.open(self.entries[name])
        except DAMAGE as error:
            raise Invalid("file.damaged") from error
        with stream:
            yield Reader(stream)

    def read(self, name: str) -> bytes:
        """Return the content of a small entry. Raises Invalid."""
        if self.size(name) > MAX_SMALL:
            raise Invalid("transfer.manifest_too_large")
        with self.open(name) as stream:
            return stream.read(MAX_SMALL)


class Reader:
    """Reads an entry; never more than it says to have, which its checksum proves at the end."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, none at the end. Raises Invalid."""
        try:
            return self._stream.read(size)
        except DAMAGE as error:
            raise Invalid("file.damaged") from error


@contextmanager
def open_bundle(path: Path) -> Iterator[Bundle]:
    """Open an archive after looking through its list; raises Invalid with the reason why it is refused as a whole."""
    with path.open("rb") as stream:
        _check_directory(stream)
        try:
            container = zipfile.ZipFile(stream)
        except (*DAMAGE, OSError) as error:
            raise Invalid("file.damaged") from error
        with container:
            _check(container.infolist(), path.stat().st_size)
            yield Bundle(container)


def _check_directory(stream: BinaryIO) -> None:
    """Refuse a list of entries that would fill the memory, before it is read."""
    try:
        end = zipfile._EndRecData(stream)  # type: ignore[attr-defined] # what ZipFile itself will go by
    except (*DAMAGE, OSError, struct.error) as error:
        raise Invalid("file.damaged") from error
    if end is None:
        raise Invalid("file.damaged")
    if end[DIRECTORY_SIZE] > MAX_DIRECTORY:
        raise Invalid("transfer.too_many_entries", limit=MAX_ENTRIES)
    stream.seek(0)


def _check(entries: list[zipfile.ZipInfo], size: int) -> None:
    if len(entries) > MAX_ENTRIES:
        raise Invalid("transfer.too_many_entries", limit=MAX_ENTRIES)
    unpacked, packed = sum(entry.file_size for entry in entries), sum(entry.compress_size for entry in entries)
    if unpacked > MAX_UNPACKED:
        raise Invalid("transfer.too_much", limit=MAX_UNPACKED >> 30)
    if unpacked > MAX_RATIO * size or packed > size:  # a bomb, or entries that lie over one another
        raise Invalid("file.bomb")
    names = [entry_name(entry) for entry in entries]
    if len(set(names)) != len(names):
        raise Invalid("file.archive_unsafe")  # two programs would unpack two different things
    for entry, name in zip(entries, names, strict=True):
        _check_entry(entry, name)


def _check_entry(entry: zipfile.ZipInfo, name: str) -> None:
    if entry.flag_bits & LOCKED_FLAG:
        raise Invalid("file.encrypted")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if _unsafe(name) or kind not in {0, stat.S_IFREG, stat.S_IFDIR}:  # links and devices are no files of a teacher
        raise Invalid("file.archive_unsafe")
    if entry.compress_type not in METHODS:
        raise Invalid("file.damaged")


def _unsafe(name: str) -> bool:
    steps = re.split(r"[/\\]", name)
    return name.startswith(("/", "\\")) or bool(re.match(r"[A-Za-z]:", name)) or ".." in steps or "\0" in name
