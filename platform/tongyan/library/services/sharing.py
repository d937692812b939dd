"""Opening a resource to colleagues, and closing it again."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from tongyan.kernel.audit import record
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, publish, transaction
from tongyan.kernel.errors import Conflict, Invalid
from tongyan.kernel.paging import exists
from tongyan.kernel.permissions import Actor, group_key, load, school_key, user_key
from tongyan.library.events import ResourceChanged, ResourceShared
from tongyan.library.models import FileState, Licence, Resource, ResourceState, Upload, UploadState
from tongyan.library.policy import Action
from tongyan.library.services.editing import licence_suits
from tongyan.org.models import Group, School


class ShareTarget(NamedTuple):
    """An audience the actor may share with; `kind` is "school" or "group"."""

    audience: str
    kind: str
    name: str


def share_targets(actor: Actor) -> Sequence[ShareTarget]:
    """Return the actor's schools and groups."""
    schools = db.session.execute(select(School.id, School.name).where(School.id.in_(actor.school_ids)))
    groups = db.session.execute(select(Group.id, Group.name).where(Group.id.in_(actor.group_ids)))
    return [
        *(ShareTarget(school_key(school_id), "school", name) for school_id, name in schools),
        *(ShareTarget(group_key(group_id), "group", name) for group_id, name in groups),
    ]


def share_resource(actor: Actor, resource_id: UUID, audience: str, licence: Licence | None = None) -> Resource:
    """Publish a resource to one of the actor's schools or groups.

    Raises NotFound, Forbidden, Conflict while files are not finished, Invalid when something needed is missing.
    """
    with transaction():
        resource = load(actor, Resource, resource_id, Action.RESOURCE_SHARE)
        _check_state(resource)
        _check_complete(actor, resource, audience, licence or resource.licence)
        resource.licence = licence or resource.licence
        resource.audience, resource.state = audience, ResourceState.PUBLISHED
        resource.published_at = resource.published_at or now()
        record(
            actor, Action.RESOURCE_SHARE, f"resource:{resource.id}", title=resource.title, audience=audience,
            licence=resource.licence,
        )  # fmt: skip
        publish(ResourceShared(resource.id))
    return resource


def _check_state(resource: Resource) -> None:
    if resource.state is ResourceState.TRASHED:
        raise Conflict("resource.trashed")
    # before the files are read: an upload that ends in between is a file then, and not overlooked
    if exists(select(Upload).where(Upload.resource_id == resource.id, Upload.state == UploadState.RECEIVING)):
        raise Conflict("resource.uploading")
    if not resource.files:
        raise Conflict("resource.no_file")
    states = {file.state for file in resource.files}
    if FileState.PROCESSING in states:
        raise Conflict("resource.processing")
    if FileState.REJECTED in states:
        raise Conflict("resource.file_rejected")


def _check_complete(actor: Actor, resource: Resource, audience: str, licence: Licence | None) -> None:
    errors: dict[str, list[str]] = {}
    if audience not in {*map(school_key, actor.school_ids), *map(group_key, actor.group_ids)}:
        errors["audience"] = ["resource.audience_foreign"]
    if not resource.title.strip():
        errors["title"] = ["resource.title_missing"]
    if not licence_suits(audience, licence):
        errors["licence"] = ["resource.licence_needed"]
    if resource.subject is None:
        errors["subject"] = ["resource.subject_missing"]
    if errors:
        raise Invalid(errors=errors)


def unshare_resource(actor: Actor, resource_id: UUID) -> Resource:
    """Close a resource to all but its owner (the owner, or the head of the audience). Raises NotFound, Forbidden."""
    with transaction():
        resource = load(actor, Resource, resource_id, Action.RESOURCE_UNSHARE)
        if resource.state is ResourceState.PUBLISHED:
            record(
                actor, Action.RESOURCE_UNSHARE, f"resource:{resource.id}", title=resource.title,
                audience=resource.audience,
            )  # fmt: skip
            close(resource, ResourceState.DRAFT)
    return resource


def close(resource: Resource, state: ResourceState) -> None:
    """Take a resource back from its audience (inside a transaction)."""
    resource.state, resource.audience, resource.published_at = state, user_key(resource.owner_id), None
    publish(ResourceChanged(resource.id))
