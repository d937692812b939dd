"""Finding resources by place, kind and owner, and the state of one's own desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import aliased, contains_eager, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from tongyan.curriculum.models import Node, StandardKind
from tongyan.curriculum.services import EditionFit
from tongyan.kernel import settings
from tongyan.kernel.clock import today
from tongyan.kernel.db import db
from tongyan.kernel.paging import MAX_PAGE, PAGE_SIZE, Page, count
from tongyan.kernel.permissions import VIEW, Actor, load, visible
from tongyan.library import limits
from tongyan.library.models import (
    Alignment,
    Correction,
    Favourite,
    FileState,
    Licence,
    Resource,
    ResourceFile,
    ResourceKind,
    ResourceState,
    TakeDown,
    Upload,
)
from tongyan.library.policy import Action, left_to, published_to
from tongyan.library.services.corrections import corrections_to_do
from tongyan.library.services.takedowns import take_downs_to_do
from tongyan.library.services.uploads import open_uploads
from tongyan.org.actors import live
from tongyan.org.models import Membership, School

DRAFT_ROWS, DESK_ROWS = 50, 12
SORTS = {
    "newest": (Resource.published_at.desc(), Resource.id.desc()),
    "oldest": (Resource.published_at, Resource.id),
    "title": (Resource.title, Resource.id),
}
OWN_SORTS = SORTS | {
    "newest": (Resource.created_at.desc(), Resource.id.desc()),
    "oldest": (Resource.created_at, Resource.id),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; `mine` are one's own in any state, `trashed` one's own in the trash.

    `kept` is what the schools one heads keep of those who left; `favourites` are what one keeps among them, as far as
    one still sees it.

    A node stands for all below it. `fit` leaves out what the school cannot use; one's own, and what hangs at a node
    that was asked for, is never left out.
    """

    subject: str | None = None
    grade: int | None = None
    stage: str | None = None
    kind: ResourceKind | None = None
    school_id: UUID | None = None
    node_id: UUID | None = None
    domain: str | None = None
    competency: str | None = None
    licence: Licence | None = None
    audience: str | None = None
    mine: bool = False
    kept: bool = False
    favourites: bool = False
    trashed: bool = False
    state: ResourceState | None = None
    text: str | None = None
    fit: EditionFit | None = None
    sort: str = "newest"


def list_resources(
    actor: Actor, filters: Filters | None = None, page: int = 1, size: int = PAGE_SIZE
) -> Page[Resource]:
    """Return a page of what is published to the actor, or of the actor's own (one statement)."""
    filters = filters or Filters()
    own = filters.mine or filters.trashed or filters.kept or filters.favourites
    sorts = OWN_SORTS if own else SORTS
    order = sorts.get(filters.sort, sorts["newest"])
    found = _narrowed(select(Resource.id).where(_scope(actor, filters)), filters)
    if filters.fit and filters.node_id is None and not own:
        found = found.where(filters.fit.fits(Resource.edition_id, Resource.grade))
    number = min(max(1, page), MAX_PAGE)
    # the ids come from an index alone, however far one pages
    ids = found.order_by(*order).limit(size).offset((number - 1) * size).correlate(None)
    total = select(func.count()).select_from(found.subquery()).scalar_subquery()
    page_of = select(Resource, total).where(Resource.id.in_(ids)).order_by(*order).options(*card())
    rows = db.session.execute(page_of).unique().all()
    beyond = not rows and number > 1  # no row carries the total then
    return Page([row for row, _ in rows], count(found) if beyond else rows[0][1] if rows else 0, number, size)


def _scope(actor: Actor, filters: Filters) -> ColumnElement[bool]:
    mine = Resource.owner_id == actor.person_id
    if filters.trashed:
        return mine & (Resource.state == ResourceState.TRASHED)
    if filters.favourites:
        kept = select(Favourite.resource_id).where(Favourite.person_id == actor.person_id)
        return Resource.id.in_(kept) & visible(actor, Resource) & (Resource.state != ResourceState.TRASHED)
    if filters.kept:
        return left_to(actor)
    if filters.mine:
        return mine & (Resource.state != ResourceState.TRASHED) & Resource.revises_id.is_(None)
    return published_to(actor)


def _narrowed(statement: Select[Any], filters: Filters) -> Select[Any]:
    for column in ("subject", "grade", "stage", "kind", "school_id", "licence", "audience", "state"):
        value = getattr(filters, column)
        if value is not None:
            statement = statement.where(getattr(Resource, column) == value)
    if filters.node_id is not None:
        statement = statement.where(Resource.node_id.in_(_below(filters.node_id)))
    for kind in StandardKind:
        if title := getattr(filters, kind.value):
            aligned = select(Alignment.resource_id).where(Alignment.kind == kind, Alignment.title == title)
            statement = statement.where(Resource.id.in_(aligned))
    if filters.text:
        statement = statement.where(Resource.title.icontains(filters.text, autoescape=True))
    return statement


def _below(node_id: UUID) -> Select[UUID]:
    """Return the ids of a node and of all below it."""
    top = aliased(Node)
    return select(Node.id).join(top, Node.path.startswith(top.path)).where(top.id == node_id)


def card() -> Sequence[ORMOption]:
    """Return the loader options for showing resources in a list."""
    return (
        joinedload(Resource.owner),
        joinedload(Resource.school),
        joinedload(Resource.node),
        joinedload(Resource.tally),
        joinedload(Resource.files),  # most have one: a statement of their own would cost more
    )


def get_resource(actor: Actor, resource_id: UUID) -> Resource:
    """Return a resource with its files, their steps and pages. Raises NotFound."""
    files = selectinload(Resource.files)
    return load(
        actor,
        Resource,
        resource_id,
        VIEW,
        joinedload(Resource.owner),
        joinedload(Resource.school),
        joinedload(Resource.node),
        joinedload(Resource.tally),
        files.selectinload(ResourceFile.steps),
        files.selectinload(ResourceFile.pages),
    )


def get_editable(actor: Actor, resource_id: UUID) -> Resource:
    """Return a resource that the actor may change. Raises NotFound, Forbidden."""
    return load(actor, Resource, resource_id, Action.RESOURCE_EDIT)


def filter_schools(actor: Actor) -> Sequence[School]:
    """Return the schools whose resources may be open to the actor: the own ones and those of the own groups."""
    members = select(Membership.school_id).where(Membership.group_id.in_(actor.group_ids), live(Membership, today()))
    near = School.id.in_(members) | School.id.in_(actor.school_ids)
    return db.session.scalars(select(School).where(near).order_by(School.name)).all()


@dataclass(frozen=True, slots=True)
class Desk:
    """What waits for the actor in the library."""

    drafts: Sequence[Resource]
    processing: Sequence[ResourceFile]
    uploads: Sequence[Upload]
    recent: Sequence[Resource]
    corrections: Sequence[Correction]
    take_downs: Sequence[TakeDown]
    used_bytes: int
    quota_bytes: int


def desk(actor: Actor) -> Desk:
    """Return one's drafts, files being worked on, uploads that broke off, and what colleagues shared last."""
    mine = select(Resource).where(Resource.owner_id == actor.person_id, Resource.state == ResourceState.DRAFT)
    running = (
        select(ResourceFile)
        .join(ResourceFile.resource)
        .where(ResourceFile.state == FileState.PROCESSING, Resource.owner_id == actor.person_id)
        .options(contains_eager(ResourceFile.resource), selectinload(ResourceFile.steps))
    )
    recent = select(Resource).where(published_to(actor), Resource.owner_id != actor.person_id)
    return Desk(
        drafts=_first(mine.order_by(*OWN_SORTS["newest"]), DRAFT_ROWS),
        processing=db.session.scalars(running.order_by(ResourceFile.id).limit(DESK_ROWS)).all(),
        uploads=open_uploads(actor),
        corrections=corrections_to_do(actor, DESK_ROWS),
        take_downs=take_downs_to_do(actor, DESK_ROWS),
        recent=_first(recent.order_by(*SORTS["newest"]), DESK_ROWS),
        used_bytes=limits.used_by_person(actor.person_id),
        quota_bytes=settings.get("PERSON_QUOTA"),
    )


def _first(statement: Select[Resource], number: int) -> Sequence[Resource]:
    return db.session.scalars(statement.options(*card()).limit(number)).unique().all()
