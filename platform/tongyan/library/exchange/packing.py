"""Writing archives: entry by entry, however large, and telling how far it is."""

import json
import zipfile
from collections.abc import Callable
from typing import Any, BinaryIO

from tongyan.kernel.clock import local, now
from tongyan.kernel.files import CHUNK, file_store
from tongyan.library.exchange.parcels import Content, Parcel, Twig

MANIFEST = "manifest.json"
FORMAT, VERSION = "tongyan-resources", 1
REGULAR = 0o100644 << 16
UNIX = 3

Tell = Callable[[int], None]


class Packer:
    """One zip under way; `tell` hears how many bytes are in it."""

    def __init__(self, target: BinaryIO, tell: Tell) -> None:
        self._zip = zipfile.ZipFile(target, "w")
        self._tell, self._done = tell, 0

    def __enter__(self) -> "Packer":
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def add(self, path: str, content: bytes) -> None:
        """Pack bytes that were made here."""
        self._zip.writestr(_entry(path, zipfile.ZIP_DEFLATED), content)

    def copy(self, path: str, content: Content) -> None:
        """Pack a file from the store, as it is: pictures, films and Office files would not become smaller."""
        entry = _entry(path, zipfile.ZIP_STORED)
        entry.file_size = content.size  # so that a very large one gets the room its size needs
        with file_store().open(content.sha256) as source, self._zip.open(entry, "w") as target:
            while block := source.read(CHUNK):
                target.write(block)
                self._done += len(block)
                self._tell(self._done)


def _entry(path: str, method: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path, local(now()).timetuple()[:6])
    entry.compress_type, entry.create_system, entry.external_attr = method, UNIX, REGULAR
    return entry


def manifest(parcel: Parcel, paths: dict[Any, list[str]]) -> bytes:
    """Return what we say about an archive of ours, so that nothing is lost when it comes back."""
    resources = [
        {
            "id": str(piece.id),
            "place_line": list(piece.line),
            "said": piece.said,
            "files": [
                {"entry": entry, "name": content.name, "path": content.path}
                for entry, content in zip(paths[piece.id], piece.files, strict=True)
            ],
        }
        for piece in parcel.pieces
    ]
    courses = [{"id": str(course.piece_id), "items": _tree(course.tree)} for course in parcel.courses]
    whole = {"format": FORMAT, "version": VERSION, "title": parcel.title, "resources": resources, "courses": courses}
    return json.dumps(whole, ensure_ascii=False, indent=1).encode()


def _tree(twigs: list[Twig]) -> list[dict[str, Any]]:
    return [
        {
            "title": twig.title,
            "note": twig.note,
            "resource": str(twig.piece_id) if twig.piece_id else None,
            "items": _tree(twig.below),
        }
        for twig in twigs
    ]
