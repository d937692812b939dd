"""Files by content: the same bytes are stored once, under their sha256.

`LocalFileStore` keeps them in a folder; another store (S3) only has to keep the promises of `FileStore`.
"""

import errno
import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from io import BufferedReader
from pathlib import Path
from typing import IO, BinaryIO, NamedTuple, Protocol, cast

from tongyan.kernel import settings
from tongyan.kernel.errors import NotFound, StorageFull

CHUNK = 1 << 20


class Blob(NamedTuple):
    """Stored bytes: their sha256 (hex) and size in bytes."""

    sha256: str
    size: int


class FileStore(Protocol):
    """What every store of files promises."""

    def put(self, stream: BinaryIO) -> Blob:
        """Store a stream, whole or not at all; durable on return. Raises StorageFull."""

    def open(self, sha256: str) -> BinaryIO:
        """Open stored bytes; raises NotFound."""

    def path(self, sha256: str) -> Path:
        """Return a local path to read from (tools need one); raises NotFound."""

    def exists(self, sha256: str) -> bool:
        """Say whether the bytes are there."""

    def delete(self, sha256: str, unless_since: datetime | None = None) -> None:
        """Forget the bytes, unless somebody stored them again since then; deleting twice is no error."""

    def verify(self, sha256: str) -> bool:
        """Say whether the stored bytes still have their hash."""

    def older_than(self, moment: datetime) -> Iterator[str]:
        """Give the hashes of bytes that nobody stored since then (for the sweep of what is not referred to)."""


class LocalFileStore:
    """Files in a folder tree `ab/cd/<sha256>`; written in `drafts`, a folder of the same disk, synced, then renamed."""

    def __init__(self, root: Path, drafts: Path) -> None:
        self._root, self._drafts = root, drafts
        root.mkdir(parents=True, exist_ok=True)

    def put(self, stream: BinaryIO) -> Blob:
        """Store a stream, whole or not at all."""
        with full_disk_said(), tempfile.NamedTemporaryFile(dir=self._drafts, prefix="put-", delete=False) as draft:
            try:
                blob = _copy(stream, draft)
                draft.flush()
                os.fsync(draft.fileno())
                self._adopt(Path(draft.name), blob.sha256)
            except BaseException:
                Path(draft.name).unlink(missing_ok=True)
                raise
        return blob

    def _adopt(self, draft: Path, sha256: str) -> None:
        target = self._place(sha256)
        target.parent.mkdir(parents=True, exist_ok=True)
        with self._locked():
            if target.exists():
                os.utime(target)  # wanted again: the sweep of unused bytes must not take it now
                draft.unlink()
                return
            draft.replace(target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # the name must survive a power cut as well as the bytes
        finally:
            os.close(folder)

    def open(self, sha256: str) -> BinaryIO:
        """Open stored bytes."""
        return self.path(sha256).open("rb")

    def path(self, sha256: str) -> Path:
        """Return where the bytes lie."""
        place = self._place(sha256)
        if not place.is_file():
            raise NotFound
        return place

    def exists(self, sha256: str) -> bool:
        """Say whether the bytes are there."""
        return self._place(sha256).is_file()

    def delete(self, sha256: str, unless_since: datetime | None = None) -> None:
        """Forget the bytes; nobody can store them in the same moment and be left without."""
        place = self._place(sha256)
        with self._locked():
            if unless_since is None or _is_older(place, unless_since):
                place.unlink(missing_ok=True)

    def verify(self, sha256: str) -> bool:
        """Read the bytes again and compare."""
        with self.open(sha256) as stream:
            return hashlib.file_digest(cast(BufferedReader, stream), "sha256").hexdigest() == sha256

    def older_than(self, moment: datetime) -> Iterator[str]:
        """Walk the folders."""
        for place in self._root.glob("??/??/*"):
            if _is_older(place, moment):
                yield place.name

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep adopting and deleting apart, for the moment that either takes."""
        with self._root.with_suffix(".lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _place(self, sha256: str) -> Path:
        if len(sha256) != 64 or not sha256.isalnum():
            raise NotFound
        return self._root / sha256[:2] / sha256[2:4] / sha256


def _is_older(place: Path, moment: datetime) -> bool:
    return place.is_file() and place.stat().st_mtime < moment.timestamp()


def _copy(stream: BinaryIO, target: IO[bytes]) -> Blob:
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
        target.write(chunk)
        size += len(chunk)
    return Blob(digest.hexdigest(), size)


@contextmanager
def full_disk_said() -> Iterator[None]:
    """Turn "no space left" into the error that has a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StorageFull from error
        raise


def file_store() -> FileStore:
    """Return the configured store; what a killed process left of a draft is swept with the other scratch."""
    return LocalFileStore(Path(settings.get("DATA_DIR")) / "files", scratch_dir())


def scratch_dir() -> Path:
    """Return the folder for temporary files, on the same disk as the store."""
    folder = Path(settings.get("DATA_DIR")) / "scratch"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
