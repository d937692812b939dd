"""Review: 草稿 → 校审 → 校本 → 集团审 → 集团共享, where a school or a group wants to look first.

What is approved at one level goes on to the next by itself; nobody decides about their own work.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select, update
from sqlalchemy.orm import contains_eager, joinedload

from tongyan.accounts.models import Person
from tongyan.kernel.audit import record
from tongyan.kernel.clock import now, today
from tongyan.kernel.db import db, publish, transaction
from tongyan.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tongyan.kernel.ids import new_id
from tongyan.kernel.paging import Page, exists, select_page
from tongyan.kernel.permissions import Actor, group_key, load, parse_audience, require, school_key
from tongyan.library.events import ResourceChanged, ReviewAsked, ReviewDecided
from tongyan.library.models import Resource, ResourceState, Review, ReviewState, Standing
from tongyan.library.policy import REVIEWERS, Action, waiting_for
from tongyan.library.services.opening import open_to
from tongyan.library.services.versions import replace
from tongyan.org.actors import live
from tongyan.org.models import Group, Membership, Office, School

MAX_COMMENT = 2000
ORDER = list(Standing)


class Level(NamedTuple):
    """A look that is due: as what it would be accepted, and whose reviewers look."""

    standing: Standing
    scope: str


def due_levels(resource: Resource, audience: str) -> list[Level]:
    """Return who must look before a resource is open to an audience, in their order."""
    kind, place_id = parse_audience(audience)
    if kind in {"user", "prepgroup"}:
        return []
    school_id = place_id if kind == "school" else resource.school_id
    levels = [Level(Standing.SCHOOL, school_key(each)) for each in _reviewing(School, School.id == school_id)]
    if kind == "school":
        return levels
    groups = Group.id == place_id if kind in {"group", "partners"} else Group.id.in_(_groups_of(school_id))
    return levels + [Level(Standing.GROUP, group_key(each)) for each in _reviewing(Group, groups)[:1]]


def _reviewing(model: type[School] | type[Group], which: ColumnElement[bool]) -> Sequence[UUID]:
    return db.session.scalars(select(model.id).where(which, model.reviews_resources).order_by(model.id)).all()


def _groups_of(school_id: UUID | None) -> Select[UUID]:
    return select(Membership.group_id).where(Membership.school_id == school_id, live(Membership, today()))


def next_level(resource: Resource, audience: str, after: Standing | None = None) -> Level | None:
    """Return the first look that is still due. A new version is looked at again by everybody."""
    had = after or (None if resource.revises_id else resource.standing)
    passed = ORDER.index(had) if had else -1
    return next((level for level in due_levels(resource, audience) if ORDER.index(level.standing) > passed), None)


def needs_revision(resource: Resource) -> bool:
    """Say whether the published resource may only be changed by a new version, since changes are looked at."""
    return resource.state is ResourceState.PUBLISHED and bool(due_levels(resource, resource.audience))


def check_free(resource: Resource) -> None:
    """Raise Conflict when the contents are being looked at, or may only change by a new version."""
    if resource.review_scope is not None:
        raise Conflict("resource.in_review")
    if needs_revision(resource):
        raise Conflict("resource.revise")


def ask(actor: Actor, resource: Resource, level: Level, audience: str, note: str = "") -> Review:
    """Ask for a review (inside a transaction). Raises Invalid when nobody but the owner could decide."""
    if not exists(_reviewers(level.scope, resource.subject, resource.owner_id, actor.person_id)):
        raise Invalid(errors={"audience": ["resource.no_reviewer"]})
    review = Review(
        id=new_id(),
        resource_id=resource.id,
        level=level.standing,
        scope=level.scope,
        audience=audience,
        subject=resource.subject,
        note=note.strip(),
        submitted_by=actor.person_id,
    )
    db.session.add(review)
    resource.review_scope = level.scope
    record(actor, "library:review:ask", f"resource:{resource.id}", title=resource.title, scope=level.scope)
    publish(ReviewAsked(review.id))
    publish(ResourceChanged(resource.id))
    return review


def reviewers(review: Review) -> Sequence[UUID]:
    """Return who may decide a review."""
    return db.session.scalars(
        _reviewers(review.scope, review.subject, review.resource.owner_id, review.submitted_by)
    ).all()


def _reviewers(scope: str, subject: str | None, *but: UUID) -> Select[UUID]:
    statement = select(Office.person_id).join(Person, Person.id == Office.person_id)
    return statement.where(
        Office.scope == scope,
        Office.kind.in_(REVIEWERS),
        live(Office, today()),
        or_(Office.subject.is_(None), Office.subject == subject),
        Office.person_id.not_in(but),
        Person.active,
    ).distinct()


def nominate(actor: Actor, resource_id: UUID, note: str = "") -> Review:
    """Ask that a shared resource be accepted as 校本, or as 集团共享. Raises NotFound, Forbidden, Conflict, Invalid."""
    with transaction():
        resource = load(actor, Resource, resource_id, Action.RESOURCE_SHARE)
        level = nomination(resource)
        if level is None:
            raise Conflict("resource.not_nominable")
        return ask(actor, resource, level, resource.audience, note)


def nomination(resource: Resource) -> Level | None:
    """Return as what a shared resource may be nominated, None when there is nothing to gain."""
    if resource.state is not ResourceState.PUBLISHED or resource.review_scope is not None:
        return None
    kind = resource.audience.partition(":")[0]
    wanted = {"school": Standing.SCHOOL, "group": Standing.GROUP}.get(kind)
    if wanted is None or (resource.standing and ORDER.index(resource.standing) >= ORDER.index(wanted)):
        return None
    return Level(wanted, resource.audience)


def withdraw(actor: Actor, resource_id: UUID) -> Resource:
    """Take a resource back from its review (撤回). Raises NotFound, Forbidden, Conflict."""
    with transaction():
        resource = load(actor, Resource, resource_id, Action.RESOURCE_EDIT)
        if resource.review_scope is None:
            raise Conflict("review.over")
        record(actor, "library:review:withdraw", f"resource:{resource.id}", title=resource.title)
        end_reviews(resource)
    return resource


def end_reviews(resource: Resource) -> None:
    """Withdraw whatever review is under way (inside a transaction)."""
    if resource.review_scope is None:
        return
    resource.review_scope = None
    pending = (Review.resource_id == resource.id) & (Review.state == ReviewState.PENDING)
    db.session.execute(update(Review).where(pending).values(state=ReviewState.WITHDRAWN, decided_at=now()))
    publish(ResourceChanged(resource.id))


def decide(actor: Actor, review_id: UUID, approve: bool, comment: str = "") -> Resource:
    """Approve a review or return it with a comment; return the resource that holds the contents now.

    Raises NotFound, Forbidden, Conflict when it is over, Invalid when a return says no reason.
    """
    comment = comment.strip()
    if len(comment) > MAX_COMMENT:
        raise Invalid(errors={"comment": ["resource.too_long"]})
    if not approve and not comment:
        raise Invalid(errors={"comment": ["review.comment_missing"]})
    with transaction():
        review = _pending(actor, review_id)
        review.state = ReviewState.APPROVED if approve else ReviewState.RETURNED
        review.reviewer_id, review.comment, review.decided_at = actor.person_id, comment, now()
        resource = review.resource
        resource.review_scope = None
        verb = "approve" if approve else "return"
        record(actor, f"library:review:{verb}", f"resource:{resource.id}", title=resource.title, comment=comment)
        publish(ReviewDecided(review.id))
        publish(ResourceChanged(resource.id))
        return _accept(actor, review, resource) if approve else resource


def _pending(actor: Actor, review_id: UUID) -> Review:
    review = db.session.get(Review, review_id, with_for_update=True)
    if review is None:
        raise NotFound
    resource = load(actor, Resource, review.resource_id)
    if review.state is not ReviewState.PENDING:
        raise Conflict("review.over")
    require(actor, Action.RESOURCE_REVIEW, resource)
    if review.submitted_by == actor.person_id:
        raise Forbidden("review.own")
    return review


def _accept(actor: Actor, review: Review, resource: Resource) -> Resource:
    """Do what the approval allows: open the resource, or pass it on to the next level."""
    resource.reviewed_at = now()
    following = next_level(resource, review.audience, after=review.level)
    submitter = Actor(review.submitted_by, "")
    if resource.revises_id is not None:
        if following is not None:
            ask(submitter, resource, following, review.audience, review.note)
            return resource
        resource = replace(submitter, resource)
        resource.reviewed_at = now()
    resource.standing = max(resource.standing or review.level, review.level, key=ORDER.index)
    open_to(resource, review.audience if following is None else review.scope)
    if following is not None:
        ask(submitter, resource, following, review.audience, review.note)
    return resource


@dataclass(frozen=True, slots=True)
class Queue:
    """One page of what waits for the actor, and how much waits in each subject."""

    page: Page[Review]
    subjects: Counter[str]


def queue(actor: Actor, subject: str | None = None, page: int = 1) -> Queue:
    """Return what waits for the actor, the oldest first."""
    subjects: Counter[str] = Counter()
    counted = _waiting(actor).with_only_columns(Review.subject, func.count(), maintain_column_froms=True)
    for name, number in db.session.execute(counted.group_by(Review.subject)):
        subjects[name or ""] += number
    rows = _waiting(actor).order_by(Review.submitted_at, Review.id)
    resource = contains_eager(Review.resource)
    rows = rows.options(
        resource.joinedload(Resource.owner),
        resource.joinedload(Resource.school),
        resource.joinedload(Resource.node),
        resource.selectinload(Resource.files),
        joinedload(Review.submitter),
    )
    if subject is not None:
        rows = rows.where(Review.subject == subject if subject else Review.subject.is_(None))
    return Queue(select_page(rows, page), subjects)


def waiting_count(actor: Actor) -> int:
    """Return how much waits for the actor."""
    statement = _waiting(actor).with_only_columns(func.count(), maintain_column_froms=True)
    return (db.session.scalar(statement) or 0) if actor.offices else 0


def _waiting(actor: Actor) -> Select[Review]:
    return (
        select(Review)
        .join(Review.resource)
        .where(Review.state == ReviewState.PENDING, Review.submitted_by != actor.person_id, waiting_for(actor))
    )


def get_review(actor: Actor, review_id: UUID) -> Review:
    """Return a review that waits for the actor. Raises NotFound."""
    review = db.session.scalar(_waiting(actor).where(Review.id == review_id).options(contains_eager(Review.resource)))
    if review is None:
        raise NotFound
    return review


def history(actor: Actor, resource: Resource) -> Sequence[Review]:
    """Return the reviews of a resource for those who edit or review it, the newest first."""
    load(actor, Resource, resource.id)
    statement = select(Review).where(Review.resource_id == resource.id).order_by(Review.submitted_at.desc())
    return db.session.scalars(statement.options(joinedload(Review.reviewer), joinedload(Review.submitter))).all()


def pending_ids(actor: Actor, ids: Iterable[UUID]) -> list[UUID]:
    """Return those of the reviews that wait for the actor, in the given order."""
    wanted = list(ids)
    found = set(db.session.scalars(_waiting(actor).where(Review.id.in_(wanted)).with_only_columns(Review.id)))
    return [each for each in wanted if each in found]
