"""Interactive lessons (SCORM packages), read straight out of the stored zip: nothing is ever unpacked to the disk.

What such a package holds is code of strangers. The browser runs it in a frame without origin, cookies or storage, so
each of its requests brings a signed token instead, good for one person and one file for four hours; whether that person
may still see the file is asked every time.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from posixpath import normpath
from typing import NamedTuple
from urllib.parse import unquote, urlsplit
from uuid import UUID
from xml.etree.ElementTree import Element

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from itsdangerous import BadData, URLSafeTimedSerializer

from tongyan.accounts.models import Person
from tongyan.kernel import settings
from tongyan.kernel.db import db
from tongyan.kernel.errors import NotFound
from tongyan.kernel.files import file_store
from tongyan.kernel.permissions import Actor
from tongyan.library.ingest.archives import entry_name
from tongyan.library.models import FileState, ResourceFile
from tongyan.library.names import extension
from tongyan.library.services.files import readable_file
from tongyan.org.actors import actor_for

MANIFEST, MAX_MANIFEST = "imsmanifest.xml", 5 << 20
MAX_PART, MAX_PAGE = 200 << 20, 8 << 20  # bytes of one part; of a page, which is read whole
LASTS = 4 * 3600  # seconds: a morning of lessons
CHUNK = 1 << 16
XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
PAGE = "text/html"
TYPES = {
    "css": "text/css",
    "gif": "image/gif",
    "htm": PAGE,
    "html": PAGE,
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "js": "text/javascript",
    "json": "application/json",
    "m4a": "audio/mp4",
    "mjs": "text/javascript",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "ogg": "audio/ogg",
    "otf": "font/otf",
    "pdf": "application/pdf",
    "png": "image/png",
    "svg": "image/svg+xml",
    "ttf": "font/ttf",
    "txt": "text/plain",
    "vtt": "text/vtt",
    "wasm": "application/wasm",
    "wav": "audio/wav",
    "webm": "video/webm",
    "webp": "image/webp",
    "woff": "font/woff",
    "woff2": "font/woff2",
    "xml": "application/xml",
}
OTHER = "application/octet-stream"
STUB = (Path(__file__).parents[1] / "data" / "scorm.js").read_text(encoding="utf-8")
BEGINNINGS = [re.compile(tag, re.IGNORECASE) for tag in (rb"<head\b[^>]*>", rb"<html\b[^>]*>", rb"<!doctype[^>]*>")]


class Lesson(NamedTuple):
    """A lesson that can be launched: where it begins, and the token with which its parts are read."""

    file: ResourceFile
    entry: str
    token: str


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a lesson, on its way to the browser."""

    media_type: str
    size: int
    content: Iterator[bytes]


def is_lesson(file: ResourceFile) -> bool:
    """Say whether a file is an interactive lesson."""
    usable = file.state in {FileState.READY, FileState.DOWNLOAD_ONLY} and file.media_type == "application/zip"
    return usable and file.sha256 is not None and _entry(file.sha256) is not None


def open_lesson(actor: Actor, file_id: UUID) -> Lesson:
    """Return the lesson in a file with a token for this actor. Raises NotFound."""
    file = readable_file(actor, file_id)
    entry = _entry(file.sha256) if is_lesson(file) and file.sha256 else None
    if entry is None:
        raise NotFound
    return Lesson(file, entry, _signer().dumps([actor.person_id.hex, file.id.hex]))


def lesson_part(token: str, path: str) -> Part:
    """Return a part of the lesson that a token opens, if its person may still see it. Raises NotFound."""
    try:
        person_id, file_id = map(UUID, _signer().loads(token, max_age=LASTS))
    except (BadData, ValueError) as error:
        raise NotFound from error
    person = db.session.get(Person, person_id)
    if person is None or not person.active:
        raise NotFound
    file = readable_file(actor_for(person), file_id)
    if file.sha256 is None or not is_lesson(file):
        raise NotFound
    return _part(file.sha256, path)


def _signer() -> URLSafeTimedSerializer:
    keys = [*settings.get("SECRET_KEY_FALLBACKS"), settings.get("SECRET_KEY")]  # the newest signs
    return URLSafeTimedSerializer(keys, salt="library.lesson")


@lru_cache(maxsize=1024)
def _entry(sha256: str) -> str | None:
    """Return where a lesson begins, None for what is none; equal bytes have an equal answer for ever."""
    try:
        with zipfile.ZipFile(file_store().path(sha256)) as container:
            if MANIFEST not in container.namelist():
                return None
            with container.open(MANIFEST) as stream:
                manifest = fromstring(stream.read(MAX_MANIFEST))
            href = _first_page(manifest)
            return href if href and _find(container, urlsplit(href).path) else None
    except (zipfile.BadZipFile, ParseError, DefusedXmlException, NotImplementedError, RuntimeError, ValueError):
        return None


def _first_page(manifest: Element) -> str | None:
    """Return the address of the resource that the first item names, else of the first one that has an address."""
    wanted = next((each.get("identifierref") for each in _all(manifest, "item") if each.get("identifierref")), None)
    pages = {each.get("identifier"): each for each in _all(manifest, "resource") if each.get("href")}
    page = pages.get(wanted) if wanted in pages else next(iter(pages.values()), None)
    if page is None:
        return None
    holder = next(iter(_all(manifest, "resources")), page)
    bases = (each.get(XML_BASE, "") for each in (manifest, holder, page))
    return "".join(bases) + page.get("href", "")


def _all(root: Element, name: str) -> list[Element]:
    return [each for each in root.iter() if isinstance(each.tag, str) and each.tag.rpartition("}")[2] == name]


def _part(sha256: str, path: str) -> Part:
    container = zipfile.ZipFile(file_store().path(sha256))
    entry = _find(container, path)
    media_type = TYPES.get(extension(path), OTHER)
    limit = MAX_PAGE if media_type == PAGE else MAX_PART
    if entry is None or entry.file_size > limit:
        container.close()
        raise NotFound
    if media_type != PAGE:
        return Part(media_type, entry.file_size, _chunks(container, entry))
    page = with_stub(b"".join(_chunks(container, entry)))
    return Part(media_type, len(page), iter([page]))


def _find(container: zipfile.ZipFile, path: str) -> zipfile.ZipInfo | None:
    """Return the entry of a path, whatever program wrote its name; nothing outside of the zip can be meant."""
    wanted = _normal(unquote(path))
    return next(
        (each for each in container.infolist() if not each.is_dir() and _normal(entry_name(each)) == wanted), None
    )


def _normal(path: str) -> str:
    return normpath(path.replace("\\", "/").lstrip("/"))


def _chunks(container: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Give an entry's bytes, never more than it declared (a longer one ends in an error of zipfile's)."""
    with container, container.open(entry) as stream:
        left = entry.file_size
        while left > 0 and (block := stream.read(min(CHUNK, left))):
            left -= len(block)
            yield block


def with_stub(page: bytes) -> bytes:
    """Put what stands for a learning platform first into a page, so that the lesson starts."""
    script = b"<script>" + STUB.encode("ascii") + b"</script>"
    at = next((found.end() for tag in BEGINNINGS if (found := tag.search(page[:CHUNK]))), 0)
    return page[:at] + script + page[at:]
