"""What is done to a file, step by step. A step reads a snapshot and returns what it found; it writes no rows."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from tongyan.kernel.files import file_store
from tongyan.library import limits, parts
from tongyan.library.ingest import formats, media, office, sandbox, scans, viruses
from tongyan.library.ingest.refusal import Refused
from tongyan.library.models import FileFamily, FileState, ResourceFile, Step

RENDERED_PAGES = 200
BATCH = 20
READ_PAGES = 60
READ_SECONDS = 180  # the job has fifteen minutes for everything


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the steps know about the file; read afresh before every step."""

    file_id: UUID
    upload_id: UUID | None
    expected_sha256: str | None
    name: str
    size: int
    sha256: str
    media_type: str
    family: FileFamily
    preview_sha256: str | None
    page_count: int | None
    unread: Sequence[int]  # pages that show something of which no words are known
    renew: Callable[[], None]  # call it between parts of long work: the job is alive
    show: Callable[[], None]  # call it before work that only adds something: people need not wait for it

    @property
    def kind(self) -> str:
        """Return the key of the content in FORMATS."""
        return next((key for key, found in formats.FORMATS.items() if found.media_type == self.media_type), "other")

    def path(self) -> Path:
        """Return where the bytes lie."""
        return file_store().path(self.sha256)


@dataclass(frozen=True, slots=True)
class Found:
    """What a step found: columns of the file, pictures of pages, texts by page.

    `texts` take the place of all earlier ones; `read` is only for pages that have none.
    """

    columns: dict[str, Any] = field(default_factory=dict)
    pages: list[dict[str, Any]] | None = None
    texts: list[str] | None = None
    read: dict[int, str] = field(default_factory=dict)


class Skipped(Exception):
    """There is nothing to do for this file; `code` says why when that is worth telling."""

    def __init__(self, code: str | None = None) -> None:
        self.code = code
        super().__init__(code)


def store(file: Snapshot) -> Found:
    """Move the bytes from the part file into the store, and make sure they are those that were announced."""
    if file.upload_id is None:
        raise Refused("file.lost")
    part = parts.part_path(file.upload_id)
    if not part.is_file():
        raise Refused("file.lost")
    with part.open("rb") as stream:
        blob = file_store().put(stream)
    if blob.size != file.size or (file.expected_sha256 or blob.sha256) != blob.sha256:
        raise Refused("file.corrupted")
    return Found({"sha256": blob.sha256})


def check(file: Snapshot) -> Found:
    """Tell the type by the content, and refuse what must not be here."""
    answer = sandbox.run_child("check", file.path(), name=file.name)
    viruses.scan(file.path())
    found = formats.FORMATS[answer["kind"]]
    family = FileFamily(found.family)
    if file.size > limits.FAMILY_LIMITS[family]:
        raise Refused("file.too_large")
    columns = {"media_type": found.media_type, "family": family, "page_count": answer["page_count"]}
    if answer["kind"] == "pdf":
        columns["preview_sha256"] = file.sha256
    return Found(columns)


def preview(file: Snapshot) -> Found:
    """Make a PDF of an Office file; length of audio and video."""
    if file.family in {FileFamily.AUDIO, FileFamily.VIDEO}:
        if not media.available():
            raise Skipped("preview.no_ffmpeg")
        return Found({"duration": media.duration(file.path())})
    if file.family is not FileFamily.DOCUMENT or file.kind == "pdf":
        raise Skipped
    if missing := office.available():
        raise Skipped(missing)
    with sandbox.workspace() as folder:
        made = office.to_pdf(file.path(), file.kind, folder)
        with made.open("rb") as stream:
            return Found({"preview_sha256": file_store().put(stream).sha256})


def pages(file: Snapshot) -> Found:
    """Make pictures of the pages (or of the image, or of the film) and the small one for lists."""
    count = file.page_count
    with sandbox.workspace() as folder:
        if file.preview_sha256:
            count, rows = _render(file, file_store().path(file.preview_sha256), folder)
        elif file.family is FileFamily.IMAGE:
            rows = sandbox.run_child("picture", file.path(), folder=folder)["pages"]
        elif file.family is FileFamily.VIDEO and media.available():
            rows = sandbox.run_child("picture", media.poster(file.path(), folder), folder=folder)["pages"]
            rows = [row | {"mute": False} for row in rows]  # what is written in a film is no page to read
        else:
            raise Skipped
        columns = {"thumbnail_sha256": _put(folder / "thumbnail.webp"), "page_count": count}
        return Found(columns, pages=[_page(row, folder) for row in rows])


def _render(file: Snapshot, source: Path, folder: Path) -> tuple[int, list[dict[str, Any]]]:
    """Render batch after batch; the first one counts the pages, which saves the start of a process."""
    rows: list[dict[str, Any]] = []
    count = last = RENDERED_PAGES
    while len(rows) < last:
        batch = {"first": len(rows) + 1, "last": min(len(rows) + BATCH, last)}
        answer = sandbox.run_child("pages", source, folder=folder, **batch)
        count, rows = answer["page_count"], rows + answer["pages"]
        last = min(count, RENDERED_PAGES)
        file.renew()
    return count, rows


def _page(row: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return the columns of a picture; what the child says is not believed further than its type."""
    page, width, height = (int(row[name]) for name in ("page", "width", "height"))
    sha256 = _put(folder / f"{page}.webp")
    return {"page": page, "sha256": sha256, "width": width, "height": height, "mute": bool(row["mute"])}


def _put(path: Path) -> str:
    with path.open("rb") as stream:
        return file_store().put(stream).sha256


def text(file: Snapshot) -> Found:
    """Take the words out: from the file itself where we can read it, else from its preview."""
    if file.kind in {"ppt", "doc", "xls"}:
        if not file.preview_sha256:
            raise Skipped("text.no_preview")
        path, kind = file_store().path(file.preview_sha256), "pdf"
    elif file.family in {FileFamily.DOCUMENT, FileFamily.TEXT} or file.kind == "zip":
        path, kind = file.path(), file.kind
    else:
        raise Skipped
    return Found(texts=sandbox.run_child("text", path, kind=kind)["texts"])


def light(file: Snapshot) -> Found:
    """Make a lighter copy of a film that is too much for a thin line."""
    if file.family is not FileFamily.VIDEO:
        raise Skipped
    if not media.available():
        raise Skipped("preview.no_ffmpeg")
    film = media.film(file.path())
    if film is None or not film.heavy:
        raise Skipped
    file.show()
    with sandbox.workspace() as folder:
        made = media.light(file.path(), folder, file.renew)
        if made is None:
            raise Skipped
        return Found({"light_sha256": _put(made)})


def ocr(file: Snapshot) -> Found:
    """Read the pages that hold no text."""
    if not file.unread:
        raise Skipped
    if missing := scans.available():
        # a photo mostly has no words: its owner need not hear of it
        raise Skipped(None if file.family is FileFamily.IMAGE else missing)
    file.show()
    return Found(read=_read(file, file.unread[:READ_PAGES]))


def _read(file: Snapshot, pages: Sequence[int]) -> dict[int, str]:
    """Return the words of those pages; one that cannot be read costs no other, and time ends it."""
    end = time.monotonic() + READ_SECONDS
    source = file.path() if file.family is FileFamily.IMAGE else file_store().path(file.preview_sha256 or "")
    found = {}
    for page in pages:
        if time.monotonic() > end:
            break
        with suppress(Refused):
            found[page] = _read_page(source, page, asked=[] if file.family is FileFamily.IMAGE else [page])
        file.renew()
    return found


def _read_page(source: Path, page: int, asked: list[int]) -> str:
    with sandbox.workspace() as folder:
        sandbox.run_child("scan", source, folder=folder, pages=asked)
        return scans.read(folder / f"scan-{page}.png")


def index(file: Snapshot) -> Found:
    """Nothing to find: the pipeline tells the search that the resource changed."""
    return Found()


STEPS: dict[Step, Callable[[Snapshot], Found]] = {
    Step.STORE: store,
    Step.CHECK: check,
    Step.PREVIEW: preview,
    Step.PAGES: pages,
    Step.LIGHT: light,
    Step.TEXT: text,
    Step.OCR: ocr,
    Step.INDEX: index,
}
VITAL = {Step.STORE, Step.CHECK}  # a file that fails here is refused; after them it can at least be downloaded


def final_state(file: ResourceFile) -> FileState:
    """Return what can be done with a file whose steps have all ended."""
    if file.family in {FileFamily.IMAGE, FileFamily.AUDIO, FileFamily.VIDEO, FileFamily.TEXT}:
        return FileState.READY
    return FileState.READY if file.preview_sha256 and file.pages else FileState.DOWNLOAD_ONLY
