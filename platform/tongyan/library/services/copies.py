"""Reuse: a copy knows what it comes from, hears of new versions there, and takes them or not."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import aliased, contains_eager

from tongyan.kernel.audit import record
from tongyan.kernel.db import db, publish, transaction
from tongyan.kernel.errors import Conflict
from tongyan.kernel.ids import new_id
from tongyan.kernel.permissions import Actor, load, user_key, visible
from tongyan.library.events import ResourceChanged, ResourceCopied
from tongyan.library.limits import check_room
from tongyan.library.models import Resource, ResourceState
from tongyan.library.policy import Action
from tongyan.library.services.contents import copy_contents, set_aside
from tongyan.library.services.versions import draft_from, find_revision
from tongyan.library.services.visits import note_copy

MAX_CHAIN, MAX_COPIES = 10, 50


@dataclass(frozen=True, slots=True)
class Family:
    """Where a resource comes from (nearest first) and what was made of it, as far as the actor may see."""

    origins: Sequence[Resource]
    copies: Sequence[Resource]


def copy_resource(actor: Actor, resource_id: UUID) -> Resource:
    """Make a draft of one's own out of a resource. Raises NotFound, Forbidden by its licence, TooLarge."""
    with transaction():
        source = load(actor, Resource, resource_id, Action.RESOURCE_COPY)
        if source.state is not ResourceState.PUBLISHED:
            raise Conflict("resource.not_published")
        check_room(actor, source.files)
        copy = Resource(
            id=new_id(),
            owner_id=actor.person_id,
            school_id=actor.school_id,
            audience=user_key(actor.person_id),
            origin_id=source.id,
            origin_number=source.number,
        )
        copy_contents(source, copy)
        copy.contributors = _credited(source)
        record(actor, Action.RESOURCE_COPY, f"resource:{source.id}", title=source.title, copy=str(copy.id))
        publish(ResourceChanged(copy.id))
        note_copy(actor, source)
        publish(ResourceCopied(source.id, actor.person_id))
    return copy


def _credited(source: Resource) -> list[dict[str, str]]:
    """Return the contributors of a copy: who made the original stays named."""
    maker = {"name": source.owner.name, "role": "original"}
    return [maker, *(each for each in source.contributors if each != maker)]


def update_for(actor: Actor, copy: Resource) -> Resource | None:
    """Return the origin, when it has a newer version than the copy holds (or its owner declined)."""
    if copy.origin_id is None or copy.origin_number is None:
        return None
    newer = select(Resource).where(
        Resource.id == copy.origin_id,
        Resource.number > copy.origin_number,
        Resource.state == ResourceState.PUBLISHED,
        visible(actor, Resource),
    )
    return db.session.scalar(newer)


def copies_behind(actor: Actor) -> Sequence[Resource]:
    """Return the actor's copies whose origins have newer versions, with these loaded."""
    origin = aliased(Resource)
    newer = and_(origin.id == Resource.origin_id, origin.number > Resource.origin_number)
    statement = select(Resource).join(origin, newer).options(contains_eager(Resource.origin.of_type(origin)))
    mine = statement.where(Resource.owner_id == actor.person_id, Resource.state != ResourceState.TRASHED)
    behind = db.session.scalars(mine.order_by(Resource.id.desc()).limit(MAX_COPIES)).all()
    return [copy for copy in behind if update_for(actor, copy) is not None]


def accept_update(actor: Actor, copy_id: UUID) -> Resource:
    """Take the new version of the origin over; what the copy was stays among its versions.

    A published copy gets a draft of its next version, so that its owner looks before its readers do; returns what
    now holds the new contents. Raises NotFound, Forbidden, Conflict.
    """
    with transaction():
        copy, origin = _behind(actor, copy_id)
        check_room(actor, origin.files)
        if copy.state is ResourceState.PUBLISHED:
            if find_revision(copy) is not None:
                raise Conflict("resource.revision_begun")
            changed = draft_from(actor, copy, origin, note=origin.note)
        else:
            set_aside(actor, copy)
            copy_contents(origin, copy)
            copy.number, copy.note, changed = copy.number + 1, origin.note, copy
            publish(ResourceChanged(copy.id))
        changed.contributors = _credited(origin)
        copy.origin_number = origin.number
        record(actor, "library:resource:accept", f"resource:{copy.id}", title=copy.title, number=origin.number)
    return changed


def decline_update(actor: Actor, copy_id: UUID) -> Resource:
    """Keep the copy as it is until the origin changes again. Raises NotFound, Forbidden, Conflict."""
    with transaction():
        copy, origin = _behind(actor, copy_id)
        copy.origin_number = origin.number
        record(actor, "library:resource:decline", f"resource:{copy.id}", title=copy.title, number=origin.number)
    return copy


def _behind(actor: Actor, copy_id: UUID) -> tuple[Resource, Resource]:
    copy = load(actor, Resource, copy_id, Action.RESOURCE_EDIT)
    origin = update_for(actor, copy)
    if origin is None:
        raise Conflict("resource.no_update")
    return copy, origin


def family(actor: Actor, resource: Resource) -> Family:
    """Return what a resource was derived from and what was derived from it."""
    origins: list[Resource] = []
    at = resource.origin_id
    while at is not None and len(origins) < MAX_CHAIN:
        above = db.session.scalar(select(Resource).where(Resource.id == at, visible(actor, Resource)))
        if above is None:
            break
        origins.append(above)
        at = above.origin_id
    made = select(Resource).where(
        Resource.origin_id == resource.id, Resource.state == ResourceState.PUBLISHED, visible(actor, Resource)
    )
    return Family(origins, db.session.scalars(made.order_by(Resource.published_at.desc()).limit(MAX_COPIES)).all())
