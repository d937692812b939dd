"""Part files: the bytes of uploads under way, in `DATA_DIR/uploads/<upload id>`.

A part file may hold more than the database vouches for (the process died between the two); what the database
recorded is always there, since it was synced first. So the smaller of the two is the truth.
"""

import fcntl
import hashlib
import os
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol
from uuid import UUID

from tongyan.kernel import settings
from tongyan.kernel.errors import NotFound, TooLarge
from tongyan.kernel.files import full_disk_said
from tongyan.library.errors import ChecksumMismatch, Locked

# for larger ones the system takes larger pieces of memory, which a virtual machine may not have at hand
BLOCK = 1 << 17


class Readable(Protocol):
    """What bytes come from."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, none at the end."""


class Checksum(NamedTuple):
    """What a chunk must hash to: "sha1" or "sha256", and the digest in base64."""

    algorithm: str
    digest: str


def part_path(upload_id: UUID) -> Path:
    """Return where an upload's bytes lie."""
    return parts_dir() / str(upload_id)


def parts_dir() -> Path:
    """Return the folder of part files."""
    folder = Path(settings.get("DATA_DIR")) / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def create_part(upload_id: UUID) -> None:
    """Create an empty part file whose name survives a power cut."""
    with full_disk_said():
        part_path(upload_id).touch()
        folder = os.open(parts_dir(), os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextmanager
def locked_part(upload_id: UUID) -> Iterator[BinaryIO]:
    """Open a part file for the only writer; raises Locked, NotFound."""
    try:
        part = part_path(upload_id).open("r+b", buffering=0)
    except FileNotFoundError as error:
        raise NotFound from error
    with part:
        try:
            fcntl.flock(part, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Locked from error
        yield part


def part_size(upload_id: UUID) -> int:
    """Return how many bytes lie there, none when the file is gone."""
    try:
        return part_path(upload_id).stat().st_size
    except FileNotFoundError:
        return 0


class Appender:
    """Appends a chunk to a part file; `end` is the offset up to which everything is on the disk."""

    def __init__(self, part: BinaryIO, begin: int) -> None:
        self._part = part
        self._begin = self._at = begin
        self.end = begin
        part.truncate(begin)  # what lies beyond was never vouched for
        part.seek(begin)

    def append(self, stream: Readable, room: int, checksum: Checksum | None = None) -> None:
        """Write the chunk and sync it, also what came before the stream broke off.

        Raises TooLarge when it is longer than `room`, ChecksumMismatch; both leave the part as it was.
        """
        digest = hashlib.new(checksum.algorithm, usedforsecurity=False) if checksum else None
        try:
            with full_disk_said():
                while block := stream.read(BLOCK):
                    self._write(block, room)
                    if digest:
                        digest.update(block)
        except TooLarge:
            self._undo()
            raise
        except Exception:
            self._undo() if checksum else self._sync()
            raise
        if checksum and digest and b64encode(digest.digest()).decode() != checksum.digest:
            self._undo()
            raise ChecksumMismatch
        self._sync()

    def _write(self, block: bytes, room: int) -> None:
        if self._at + len(block) > self._begin + room:
            raise TooLarge("upload.longer_than_said")
        rest = memoryview(block)
        while rest:
            written = self._part.write(rest)
            self._at += written
            rest = rest[written:]

    def _sync(self) -> None:
        with full_disk_said():
            os.fsync(self._part.fileno())
        self.end = self._at

    def _undo(self) -> None:
        self._part.truncate(self._begin)
        self._at = self._begin
