"""Giving what resources say to the catalogues of others: in the order in which they last changed, a batch at a time.

A catalogue sees what its person may see, no more. What is closed is simply not there any more: we keep no list of it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from tongyan.kernel.db import db
from tongyan.kernel.errors import NotFound
from tongyan.kernel.paging import count
from tongyan.kernel.permissions import Actor
from tongyan.library.models import PackageItem, Resource, ResourceKind
from tongyan.library.policy import published_to

BATCH = 100
DESCRIBED = (  # what the metadata of a resource speak of
    joinedload(Resource.owner),
    joinedload(Resource.school),
    joinedload(Resource.node),
    joinedload(Resource.prep_group),
    joinedload(Resource.tally),
    selectinload(Resource.files),
    selectinload(Resource.alignments),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a catalogue asks for: what changed from `since` on and before `until`, of one kind or subject."""

    since: datetime | None = None
    until: datetime | None = None
    kind: ResourceKind | None = None
    subject: str | None = None


class Place(NamedTuple):
    """How far a catalogue has come."""

    at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class Record:
    """A resource with as much of its neighbourhood as the reader may know of."""

    resource: Resource
    based_on: UUID | None = None
    replaces: UUID | None = None
    parts: Sequence[UUID] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """Some of what was asked for; `rest` says where the next batch begins, None after the last."""

    records: Sequence[Record]
    total: int
    rest: Place | None


def harvest(actor: Actor, wanted: Wanted, after: Place | None = None, size: int = BATCH) -> Batch:
    """Return the next batch of what is published to the actor, the first to change first."""
    asked = _asked(actor, wanted)
    ahead = asked if after is None else asked.where(_behind(after))
    ordered = ahead.order_by(Resource.updated_at, Resource.id).limit(size + 1).options(*DESCRIBED)
    found = db.session.scalars(ordered).unique().all()
    given = found[:size]
    rest = Place(given[-1].updated_at, given[-1].id) if len(found) > size else None
    return Batch(_records(actor, given), count(asked), rest)


def harvested(actor: Actor, resource_id: UUID) -> Record:
    """Return one of the records. Raises NotFound."""
    found = db.session.scalar(_asked(actor, Wanted()).where(Resource.id == resource_id).options(*DESCRIBED))
    if found is None:
        raise NotFound
    return _records(actor, [found])[0]


def earliest_change(actor: Actor) -> datetime | None:
    """Return when the record changed that has not changed for the longest time, None when there are no records."""
    return db.session.scalar(select(func.min(Resource.updated_at)).where(published_to(actor)))


def _asked(actor: Actor, wanted: Wanted) -> Select[Resource]:
    asked = select(Resource).where(published_to(actor))
    if wanted.since is not None:
        asked = asked.where(Resource.updated_at >= wanted.since)
    if wanted.until is not None:
        asked = asked.where(Resource.updated_at < wanted.until)
    if wanted.kind is not None:
        asked = asked.where(Resource.kind == wanted.kind)
    return asked if wanted.subject is None else asked.where(Resource.subject == wanted.subject)


def _behind(place: Place) -> ColumnElement[bool]:
    return or_(Resource.updated_at > place.at, and_(Resource.updated_at == place.at, Resource.id > place.id))


def _records(actor: Actor, resources: Sequence[Resource]) -> list[Record]:
    parts = _parts([resource.id for resource in resources if resource.kind is ResourceKind.PACKAGE])
    near = [each for resource in resources for each in (resource.origin_id, resource.replaces_id)]
    seen = _seen(actor, {each for each in chain(near, *parts.values()) if each is not None})
    return [
        Record(
            resource,
            resource.origin_id if resource.origin_id in seen else None,
            resource.replaces_id if resource.replaces_id in seen else None,
            [part for part in parts.get(resource.id, ()) if part in seen],
        )
        for resource in resources
    ]


def _parts(package_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """Return what stands in the trees of packages."""
    items = select(PackageItem.package_id, PackageItem.target_id).where(PackageItem.package_id.in_(package_ids))
    parts: dict[UUID, list[UUID]] = {}
    for package_id, target_id in db.session.execute(items.order_by(PackageItem.position)) if package_ids else ():
        if target_id is not None:
            parts.setdefault(package_id, []).append(target_id)
    return parts


def _seen(actor: Actor, ids: Collection[UUID]) -> set[UUID]:
    """Return those of the ids that are published to the actor."""
    if not ids:
        return set()
    return set(db.session.scalars(select(Resource.id).where(Resource.id.in_(ids), published_to(actor))))
