"""Uploads that may break off and go on: an upload is whole, or there is no file."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from tongyan.curriculum.services import find_node
from tongyan.kernel import settings
from tongyan.kernel.audit import record
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, publish, release, transaction
from tongyan.kernel.errors import Conflict, Invalid, NotFound
from tongyan.kernel.ids import new_id
from tongyan.kernel.permissions import Actor, load, user_key
from tongyan.library import limits, parts
from tongyan.library.events import FileReceived
from tongyan.library.models import Resource, ResourceFile, ResourceKind, ResourceState, Upload, UploadState
from tongyan.library.names import clean_name, clean_path
from tongyan.library.parts import BLOCK, Appender, Checksum, Readable
from tongyan.library.policy import Action
from tongyan.library.services.proposals import propose
from tongyan.library.services.reviewing import check_free


def start_upload(
    actor: Actor,
    name: str,
    size: int,
    *,
    path: str = "",
    sha256: str | None = None,
    resource_id: UUID | None = None,
    node_id: UUID | None = None,
    kind: ResourceKind | None = None,
    upload_id: UUID | None = None,
) -> Upload:
    """Reserve room for a file of `size` bytes and return the upload that will carry it.

    `path` is its folder path when a folder was dropped, `sha256` what the client computed, `resource_id` an own draft
    the file belongs to; else `node_id` and `kind` are what the new draft is for, if that was chosen before. Raises
    Invalid, TooLarge, TooMany, NotFound, Conflict.
    """
    name = clean_name(name)
    _check_start(name, size, sha256)
    with transaction() as session:
        if resource_id is not None:
            _check_open(load(actor, Resource, resource_id, Action.RESOURCE_EDIT))
        if node_id is not None and find_node(node_id) is None:
            raise NotFound
        limits.check_quota(actor, size)
        limits.check_open_uploads(actor)
        upload = Upload(
            id=upload_id or new_id(),
            person_id=actor.person_id,
            school_id=actor.school_id,
            name=name,
            path=clean_path(path),
            size=size,
            sha256=sha256,
            resource_id=resource_id,
            node_id=node_id,
            kind=kind,
            expires_at=_expiry(),
        )
        session.add(upload)
        parts.create_part(upload.id)
    return upload


def bring_file(
    actor: Actor,
    path: str,
    size: int,
    stream: Readable,
    *,
    resource_id: UUID | None = None,
    upload_id: UUID | None = None,
) -> Upload:
    """Take a whole file at once, as an upload that never breaks off; `path` are its folders and name.

    With an `upload_id` it is brought once: asked for again it goes on where a killed process left it. Raises what
    `start_upload` and `receive` raise.
    """
    upload = db.session.get(Upload, upload_id, populate_existing=True) if upload_id else None
    if upload is None:
        name = path.rpartition("/")[2]
        upload = start_upload(actor, name, size, path=path, resource_id=resource_id, upload_id=upload_id)
    elif upload.state is UploadState.RECEIVED:
        return upload
    offset = get_upload(actor, upload.id).received
    _skip(stream, offset)
    return receive(actor, upload.id, offset, stream)


def _skip(stream: Readable, size: int) -> None:
    while size > 0 and (block := stream.read(min(size, BLOCK))):
        size -= len(block)


def _check_start(name: str, size: int, sha256: str | None) -> None:
    if not name:
        raise Invalid("upload.name_missing")
    if size <= 0:
        raise Invalid("upload.empty")
    if sha256 is not None and not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise Invalid("upload.sha256")
    limits.check_size(limits.family_by_name(name), size)


def _check_open(resource: Resource) -> None:
    if resource.state is not ResourceState.DRAFT:
        raise Conflict("resource.not_open")
    check_free(resource)


def get_upload(actor: Actor, upload_id: UUID) -> Upload:
    """Return an own upload; `received` is the offset at which to go on. Raises NotFound."""
    upload = load(actor, Upload, upload_id)
    if upload.state is UploadState.RECEIVING:
        upload = _settle(actor, upload_id)
    return upload


def _settle(actor: Actor, upload_id: UUID) -> Upload:
    """Believe the smaller of the recorded offset and the part file."""
    with transaction():
        upload = load(actor, Upload, upload_id)
        if upload.state is UploadState.RECEIVING:
            upload.received = min(upload.received, parts.part_size(upload_id))
    return upload


def receive(actor: Actor, upload_id: UUID, offset: int, stream: Readable, checksum: Checksum | None = None) -> Upload:
    """Append a chunk that begins at `offset`; the last one turns the upload into a file of a draft.

    Raises NotFound, Locked (another writer), Conflict (wrong offset), ChecksumMismatch, TooLarge, StorageFull.
    """
    load(actor, Upload, upload_id)
    with parts.locked_part(upload_id) as part:
        upload = get_upload(actor, upload_id)
        if upload.received != offset:
            raise Conflict("upload.offset", expected=upload.received)
        if upload.state is UploadState.RECEIVED:
            return upload
        appender, room = Appender(part, offset), upload.size - offset
        release()  # a slow line takes minutes for a chunk: hold no connection meanwhile
        try:
            appender.append(stream, room, checksum)
        finally:
            upload = _record(actor, upload_id, appender.end)
    return upload


def _record(actor: Actor, upload_id: UUID, received: int) -> Upload:
    """Vouch for the bytes; when they are all there, the file comes into being in the same transaction."""
    with transaction() as session:
        upload = session.get(Upload, upload_id, with_for_update=True)
        if upload is None:
            raise NotFound
        upload.received = received
        upload.expires_at = _expiry()
        if received == upload.size:
            _finish(actor, upload)
    return upload


def _finish(actor: Actor, upload: Upload) -> None:
    limits.check_quota(actor, 0)
    resource = _resource_for(actor, upload)
    file = ResourceFile(
        id=new_id(),
        resource_id=resource.id,
        position=len(resource.files),
        name=upload.name,
        path=upload.path,
        size=upload.size,
    )
    db.session.add(file)
    db.session.flush()  # the upload refers to both rows
    upload.state, upload.resource_id, upload.file_id = UploadState.RECEIVED, resource.id, file.id
    record(actor, "library:file:upload", f"resource:{resource.id}", name=file.name, size=file.size)
    publish(FileReceived(file.id))


def _takes_files(actor: Actor, draft: Resource) -> bool:
    free = draft.state is ResourceState.DRAFT and draft.review_scope is None
    return free and draft.owner_id == actor.person_id


def _resource_for(actor: Actor, upload: Upload) -> Resource:
    """Return the draft the file was meant for, else a new one with everything proposed from the name."""
    meant = db.session.get(Resource, upload.resource_id) if upload.resource_id else None
    if meant is not None and _takes_files(actor, meant):
        return meant
    proposal = propose(actor, upload.path or upload.name, parts.part_path(upload.id))
    resource = Resource(
        id=new_id(),
        title=proposal.title,
        kind=ResourceKind(upload.kind) if upload.kind else proposal.kind,
        licence=proposal.licence,
        owner_id=actor.person_id,
        school_id=upload.school_id,
        audience=user_key(actor.person_id),
    )
    place = upload.node_id or proposal.node_id
    node = find_node(place) if place else None
    resource.put(node, proposal.stage, proposal.subject, proposal.grade)
    db.session.add(resource)
    return resource


def cancel_upload(actor: Actor, upload_id: UUID) -> None:
    """Give up an upload; what has become a file stays. Raises NotFound, Locked."""
    load(actor, Upload, upload_id)
    with parts.locked_part(upload_id), transaction() as session:
        upload = load(actor, Upload, upload_id)
        if upload.state is UploadState.RECEIVING:
            session.delete(upload)
            parts.part_path(upload_id).unlink(missing_ok=True)


def open_uploads(actor: Actor) -> Sequence[Upload]:
    """Return the actor's uploads that broke off and can go on."""
    mine = select(Upload).where(Upload.person_id == actor.person_id, Upload.state == UploadState.RECEIVING)
    return db.session.scalars(mine.order_by(Upload.id)).all()


def _expiry() -> datetime:
    return now() + timedelta(hours=settings.get("UPLOAD_HOURS"))
