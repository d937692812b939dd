"""Requests to close a resource: asked by whoever sees it, decided by the heads, lifted by them; the log stays."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlalchemy.orm import contains_eager, joinedload

from tongyan.accounts.models import Person
from tongyan.kernel.audit import record
from tongyan.kernel.clock import now, today
from tongyan.kernel.db import db, publish, transaction
from tongyan.kernel.errors import Conflict, Invalid, NotFound
from tongyan.kernel.ids import new_id
from tongyan.kernel.paging import Page, exists, select_page
from tongyan.kernel.permissions import ANONYMOUS, VIEW, Actor, can, load, require, school_key, visible
from tongyan.library.events import ResourceChanged, TakeDownAsked, TakeDownDecided, TakeDownLifted, TakeDownUpheld
from tongyan.library.models import PublicLink, Resource, ResourceState, TakeDown, TakeDownState
from tongyan.library.names import clean_lines, clean_text
from tongyan.library.policy import HEADS, Action, answered_for
from tongyan.library.services.opening import open_to
from tongyan.library.services.reviewing import end_reviews
from tongyan.library.services.versions import find_revision
from tongyan.org.actors import actor_for, live
from tongyan.org.models import Office, OfficeKind

MAX_NAME, MAX_CONTACT, MAX_REASON = 64, 254, 2000


def ask_take_down(actor: Actor | None, resource: Resource, name: str, contact: str, reason: str) -> TakeDown:
    """Ask that a resource be closed; without an actor it is somebody with a public link.

    Raises NotFound, Conflict when it is not open or the actor's request waits already, Invalid.
    """
    name, contact, reason = clean_text(name).strip(), clean_text(contact).strip(), clean_lines(reason)
    _check_words(name, contact, reason)
    person_id = actor.person_id if actor else None
    with transaction() as session:
        resource = session.get_one(Resource, resource.id, with_for_update=True)
        if actor is not None:
            require(actor, VIEW, resource)
        if resource.state is not ResourceState.PUBLISHED:
            raise Conflict("take_down.not_open")
        if person_id and exists(_waiting(resource.id).where(TakeDown.person_id == person_id)):
            raise Conflict("take_down.asked")
        asked = TakeDown(
            id=new_id(), resource_id=resource.id, person_id=person_id, name=name, contact=contact, reason=reason
        )
        session.add(asked)
        record(actor or ANONYMOUS, "library:take_down:ask", f"resource:{resource.id}", title=resource.title, name=name)
        publish(TakeDownAsked(asked.id))
    return asked


def _check_words(name: str, contact: str, reason: str) -> None:
    errors: dict[str, list[str]] = {}
    if not 0 < len(name) <= MAX_NAME:
        errors["name"] = ["take_down.name"]
    if len(contact) > MAX_CONTACT:
        errors["contact"] = ["resource.too_long"]
    if not 0 < len(reason) <= MAX_REASON:
        errors["reason"] = ["take_down.reason"]
    if errors:
        raise Invalid(errors=errors)


def _waiting(resource_id: UUID) -> Select[TakeDown]:
    return select(TakeDown).where(TakeDown.resource_id == resource_id, TakeDown.state == TakeDownState.OPEN)


def uphold_take_down(actor: Actor, take_down_id: UUID, answer: str) -> TakeDown:
    """Close a resource to everybody but its owner and the heads; all that waits is decided with it.

    Raises NotFound, Conflict when it is decided already, Invalid when no reason is given.
    """
    with transaction() as session:
        asked, resource, answer = _undecided(actor, take_down_id, answer)
        for each in session.scalars(_waiting(resource.id)).all():
            _decide(actor, each, TakeDownState.UPHELD, answer)
        for draft in filter(None, (resource, find_revision(resource))):
            end_reviews(draft)
        resource.state, resource.retired_at = ResourceState.TAKEN_DOWN, now()
        links = update(PublicLink).where(PublicLink.resource_id == resource.id, PublicLink.revoked_at.is_(None))
        session.execute(links.values(revoked_at=now()), execution_options={"synchronize_session": False})
        record(actor, Action.RESOURCE_TAKE_DOWN, f"resource:{resource.id}", title=resource.title, reason=answer)
        publish(ResourceChanged(resource.id))
        publish(TakeDownUpheld(asked.id))
    return asked


def decline_take_down(actor: Actor, take_down_id: UUID, answer: str) -> TakeDown:
    """Leave a resource open and say why. Raises NotFound, Conflict when it is decided already, Invalid."""
    with transaction():
        asked, resource, answer = _undecided(actor, take_down_id, answer)
        _decide(actor, asked, TakeDownState.DECLINED, answer)
        record(actor, "library:take_down:decline", f"resource:{resource.id}", title=resource.title, reason=answer)
    return asked


def _undecided(actor: Actor, take_down_id: UUID, answer: str) -> tuple[TakeDown, Resource, str]:
    answer = clean_lines(answer)
    if not 0 < len(answer) <= MAX_REASON:
        raise Invalid(errors={"answer": ["take_down.answer"]})
    asked = load(actor, TakeDown, take_down_id)
    resource = db.session.get_one(Resource, asked.resource_id, with_for_update=True, populate_existing=True)
    db.session.refresh(asked)  # somebody else may have decided before the lock was ours
    if asked.state is not TakeDownState.OPEN:
        raise Conflict("take_down.decided")
    return asked, resource, answer


def _decide(actor: Actor, asked: TakeDown, state: TakeDownState, answer: str) -> None:
    asked.state, asked.answer = state, answer
    asked.decided_by, asked.decided_at = actor.person_id, now()
    publish(TakeDownDecided(asked.id))


def lift_take_down(actor: Actor, take_down_id: UUID) -> TakeDown:
    """Open what was taken down again, to whom it was open before. Raises NotFound, Conflict when it is not closed."""
    with transaction() as session:
        lifted = load(actor, TakeDown, take_down_id)
        resource = session.get_one(Resource, lifted.resource_id, with_for_update=True, populate_existing=True)
        if resource.state is not ResourceState.TAKEN_DOWN:
            raise Conflict("take_down.not_closed")
        for each in session.scalars(_in_force(resource.id)).all():
            each.lifted_by, each.lifted_at = actor.person_id, now()
        _open_again(resource)
        record(actor, "library:take_down:lift", f"resource:{resource.id}", title=resource.title)
        publish(ResourceChanged(resource.id))
        publish(TakeDownLifted(lifted.id))
    return lifted


def _open_again(resource: Resource) -> None:
    """Give a resource back to its audience; one that lay in the trash meanwhile has none, and becomes a draft."""
    if resource.audience.startswith("user:"):
        resource.state = ResourceState.DRAFT
    else:
        open_to(resource, resource.audience)


def _in_force(resource_id: UUID) -> Select[TakeDown]:
    upheld = (TakeDown.state == TakeDownState.UPHELD) & TakeDown.lifted_at.is_(None)
    return select(TakeDown).where(TakeDown.resource_id == resource_id, upheld)


def is_taken_down(resource_id: UUID) -> bool:
    """Say whether a resource was taken down and that was not lifted, whatever became of it since."""
    return exists(_in_force(resource_id))


def taken_down_for(actor: Actor, resource: Resource) -> TakeDown | None:
    """Return why a resource that the actor sees is closed, None when it is not."""
    if resource.state is not ResourceState.TAKEN_DOWN:
        return None
    return db.session.scalar(_in_force(resource.id).order_by(TakeDown.decided_at.desc(), TakeDown.id).limit(1))


def list_take_downs(actor: Actor, page: int = 1) -> Page[TakeDown]:
    """Return a page of the requests about what the actor answers for, those that wait first.

    Raises NotFound for whoever heads nothing.
    """
    if not any(grant.kind in HEADS.values() for grant in actor.offices):
        raise NotFound
    asked = select(TakeDown).where(visible(actor, TakeDown)).options(*_SHOWN)
    waits = TakeDown.state != TakeDownState.OPEN
    return select_page(asked.order_by(waits, TakeDown.created_at.desc(), TakeDown.id), page)


def get_take_down(actor: Actor, take_down_id: UUID) -> TakeDown:
    """Return a request about what the actor answers for. Raises NotFound."""
    return load(actor, TakeDown, take_down_id, VIEW, *_SHOWN)


_SHOWN = (joinedload(TakeDown.resource), joinedload(TakeDown.decider), joinedload(TakeDown.lifter))


def take_downs_to_do(actor: Actor, limit: int) -> Sequence[TakeDown]:
    """Return the requests that wait for the actor, the oldest first; whoever heads nothing is not looked up."""
    if not any(grant.kind in HEADS.values() for grant in actor.offices):
        return []
    waiting = select(TakeDown).join(TakeDown.resource).options(contains_eager(TakeDown.resource))
    mine = waiting.where(TakeDown.state == TakeDownState.OPEN, answered_for(actor))
    return db.session.scalars(mine.order_by(TakeDown.created_at, TakeDown.id).limit(limit)).all()


def deciders(resource: Resource) -> Sequence[UUID]:
    """Return the heads who may take a resource down."""
    scopes = [resource.audience, *([school_key(resource.school_id)] if resource.school_id else [])]
    held = Office.scope.in_(scopes) & Office.kind.in_(HEADS.values()) & live(Office, today())
    heads = db.session.scalars(select(Person).where(Person.active, Person.id.in_(select(Office.person_id).where(held))))
    return [head.id for head in heads.all() if can(actor_for(head), Action.RESOURCE_TAKE_DOWN, resource)]


def keepers(resource: Resource) -> Sequence[UUID]:
    """Return in whose hands a resource is: its owner's, or those of the heads of the school that keeps it."""
    if not resource.in_keeping or resource.school_id is None:
        return [resource.owner_id]
    over = Office.scope == school_key(resource.school_id)
    heads = select(Office.person_id).where(over, Office.kind == OfficeKind.SCHOOL_HEAD, live(Office, today()))
    return db.session.scalars(heads.distinct()).all()
