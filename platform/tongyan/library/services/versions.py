"""Versions: a new one is prepared as a draft while the old one stays; every old one can come back and be compared."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from tongyan.kernel.audit import record
from tongyan.kernel.db import db, publish, transaction
from tongyan.kernel.errors import Conflict, NotFound
from tongyan.kernel.ids import new_id
from tongyan.kernel.permissions import Actor, load, user_key
from tongyan.library.events import ResourceChanged, ResourceRemoved
from tongyan.library.models import Resource, ResourceFile, ResourceState, ResourceVersion
from tongyan.library.policy import Action
from tongyan.library.services.contents import Source, copy_contents, set_aside, take_over


def start_revision(actor: Actor, resource_id: UUID) -> Resource:
    """Return the draft of the next version, a new copy of the present one if there is none yet.

    Raises NotFound, Forbidden, Conflict for what is not published (it can be changed itself) or under review.
    """
    with transaction():
        resource = load(actor, Resource, resource_id, Action.RESOURCE_EDIT)
        draft = find_revision(resource)
        if draft is not None:
            return draft
        return draft_from(actor, resource, resource)


def find_revision(resource: Resource) -> Resource | None:
    """Return the draft of the resource's next version, if somebody prepares one."""
    begun = select(Resource).where(Resource.revises_id == resource.id, Resource.state == ResourceState.DRAFT)
    return db.session.scalar(begun.limit(1))


def revision_of(actor: Actor, resource: Resource) -> Resource | None:
    """Return the draft of the next version for those who may edit the resource."""
    draft = find_revision(resource)
    return draft if draft is not None and draft.owner_id == actor.person_id else None


def draft_from(actor: Actor, resource: Resource, source: Source, note: str = "") -> Resource:
    """Make a draft of the resource's next version out of a source (inside a transaction)."""
    if resource.state is not ResourceState.PUBLISHED:
        raise Conflict("resource.not_published")
    if resource.review_scope is not None:
        raise Conflict("resource.in_review")
    draft = Resource(
        id=new_id(),
        owner_id=actor.person_id,
        school_id=resource.school_id,
        prep_group_id=resource.prep_group_id,
        audience=user_key(actor.person_id),
        revises_id=resource.id,
        note=note,
    )
    copy_contents(source, draft)
    record(actor, "library:resource:revise", f"resource:{resource.id}", title=resource.title)
    return draft


def restore_version(actor: Actor, resource_id: UUID, number: int) -> Resource:
    """Return a draft of the next version that says and holds what an old one did; sharing it brings that back.

    Raises NotFound, Forbidden, Conflict when the next version is being prepared already.
    """
    with transaction():
        resource = load(actor, Resource, resource_id, Action.RESOURCE_EDIT)
        source = version(actor, resource_id, number)
        if source is resource or find_revision(resource) is not None:
            raise Conflict("resource.revision_begun")
        return draft_from(actor, resource, source)


def replace(actor: Actor, draft: Resource) -> Resource:
    """Let a draft become the present version of what it revises (inside a transaction); return that."""
    resource = db.session.get_one(Resource, draft.revises_id, with_for_update=True)
    if resource.state is not ResourceState.PUBLISHED:
        raise Conflict("resource.not_published")
    set_aside(actor, resource)
    publish(ResourceRemoved(draft.id))
    take_over(resource, draft)
    record(actor, "library:resource:version", f"resource:{resource.id}", title=resource.title, number=resource.number)
    publish(ResourceChanged(resource.id))
    return resource


def versions(actor: Actor, resource: Resource) -> Sequence[ResourceVersion]:
    """Return the versions before the present one, newest first; whoever sees the resource sees its history."""
    load(actor, Resource, resource.id)
    statement = select(ResourceVersion).where(ResourceVersion.resource_id == resource.id)
    files = selectinload(ResourceVersion.files)
    return db.session.scalars(
        statement.order_by(ResourceVersion.number.desc()).options(
            selectinload(ResourceVersion.person), files.selectinload(ResourceFile.pages)
        )
    ).all()


def version(actor: Actor, resource_id: UUID, number: int) -> Source:
    """Return what a resource was in a version, the resource itself for the present one. Raises NotFound."""
    resource = load(actor, Resource, resource_id)
    if number == resource.number:
        return resource
    found = next((each for each in versions(actor, resource) if each.number == number), None)
    if found is None:
        raise NotFound
    return found
