"""Reading files: the original, its preview, its pages; rights are those of the resource, asked every time."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from tongyan.kernel.audit import deeds_since, record
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, transaction
from tongyan.kernel.errors import NotFound
from tongyan.kernel.files import file_store
from tongyan.kernel.permissions import Actor, require, visible
from tongyan.library.models import FileFamily, FileState, PageImage, Resource, ResourceFile
from tongyan.library.names import stem
from tongyan.library.policy import Action
from tongyan.library.services.visits import note_download

SHOWN = {FileFamily.IMAGE, FileFamily.AUDIO, FileFamily.VIDEO}  # raster images and media: nothing in them runs

ONE_DOWNLOAD = timedelta(days=1)  # parts asked for within it belong together


@dataclass(frozen=True, slots=True)
class Served:
    """Bytes to be sent: where they lie, under which name and type, and whether a browser may show them."""

    path: Path
    sha256: str
    name: str
    media_type: str
    inline: bool


def original(actor: Actor, file_id: UUID) -> Served:
    """Return the file as it was uploaded. Raises NotFound."""
    return serve_original(readable_file(actor, file_id))


def serve_original(file: ResourceFile) -> Served:
    """Return the original of a file that may be read. Raises NotFound."""
    if file.state is FileState.REJECTED or not file.media_type:
        raise NotFound  # not checked yet, or refused
    inline = file.family in SHOWN and file.media_type not in {"image/tiff", "image/bmp"}
    return _served(file.sha256, file.name, file.media_type, inline)


def record_download(actor: Actor, file_id: UUID, *, goes_on: bool = False) -> None:
    """Note that the actor took the original away; a part of a download that was noted is not noted again.

    Raises NotFound.
    """
    with transaction():
        file = readable_file(actor, file_id)
        subject = f"resource:{file.resource_id}"
        if goes_on and file.id in _taken_lately(actor, subject):
            return
        record(actor, Action.RESOURCE_DOWNLOAD, subject, file=str(file_id), name=file.name)
        note_download(actor, file.resource)


def _taken_lately(actor: Actor, subject: str) -> set[UUID]:
    deeds = deeds_since(actor, Action.RESOURCE_DOWNLOAD, subject, now() - ONE_DOWNLOAD)
    return {UUID(deed["file"]) for deed in deeds}


def preview(actor: Actor, file_id: UUID) -> Served:
    """Return the PDF that shows the file. Raises NotFound."""
    return serve_preview(readable_file(actor, file_id))


def serve_preview(file: ResourceFile) -> Served:
    """Return the PDF of a file that may be read. Raises NotFound."""
    return _served(file.preview_sha256, f"{stem(file.name)}.pdf", "application/pdf", inline=True)


def light(actor: Actor, file_id: UUID) -> Served:
    """Return the light copy of a film. Raises NotFound."""
    return serve_light(readable_file(actor, file_id))


def serve_light(file: ResourceFile) -> Served:
    """Return the light copy of a film that may be read. Raises NotFound."""
    return _served(file.light_sha256, f"{stem(file.name)}-480p.mp4", "video/mp4", inline=True)


def page_image(actor: Actor, file_id: UUID, page: int) -> Served:
    """Return the picture of a page (from 1). Raises NotFound."""
    return serve_page(readable_file(actor, file_id), page)


def serve_page(file: ResourceFile, page: int) -> Served:
    """Return the picture of a page of a file that may be read. Raises NotFound."""
    image = db.session.get(PageImage, (file.id, page))
    return _served(image.sha256 if image else None, f"{stem(file.name)}-{page}.webp", "image/webp", inline=True)


def thumbnail(actor: Actor, file_id: UUID) -> Served:
    """Return the small picture for lists. Raises NotFound."""
    return serve_thumbnail(readable_file(actor, file_id))


def serve_thumbnail(file: ResourceFile) -> Served:
    """Return the small picture of a file that may be read. Raises NotFound."""
    return _served(file.thumbnail_sha256, f"{stem(file.name)}.webp", "image/webp", inline=True)


def readable_file(actor: Actor, file_id: UUID) -> ResourceFile:
    """Return a file of a resource that the actor may read. Raises NotFound."""
    statement = select(ResourceFile).join(ResourceFile.resource).options(contains_eager(ResourceFile.resource))
    file = db.session.scalar(statement.where(ResourceFile.id == file_id, visible(actor, Resource)))
    if file is None:
        raise NotFound
    require(actor, Action.RESOURCE_DOWNLOAD, file.resource)
    return file


def _served(sha256: str | None, name: str, media_type: str, inline: bool) -> Served:
    if sha256 is None:
        raise NotFound
    return Served(file_store().path(sha256), sha256, name, media_type, inline)
