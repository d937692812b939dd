"""Offices: who heads, leads or oversees what, from when to when."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from tongyan.accounts.models import Person
from tongyan.accounts.policy import require_admin
from tongyan.kernel import audit
from tongyan.kernel.clock import today
from tongyan.kernel.db import db, publish, transaction
from tongyan.kernel.errors import Conflict, Invalid, NotFound
from tongyan.kernel.paging import exists
from tongyan.kernel.permissions import Actor, load, user_key, visible
from tongyan.org import periods
from tongyan.org.events import RightsChanged
from tongyan.org.models import Office, OfficeKind
from tongyan.org.policy import Action
from tongyan.org.scopes import OF_A_SUBJECT, PLACES, SCOPES, parse_scope

MAX_SUBJECT = 32


def appoint(
    actor: Actor,
    person_id: UUID,
    kind: OfficeKind,
    scope: str,
    from_on: date,
    *,
    to_on: date | None = None,
    subject: str | None = None,
) -> Office:
    """Give a person an office over a school, group or region; leads of a subject name it.

    Raises Forbidden, NotFound, Invalid (dates, scope, subject, the same office twice), Conflict (own, closed).
    """
    require_admin(actor)
    if person_id == actor.person_id:
        raise Conflict("org.own_office")
    periods.check_period(from_on, to_on)
    subject = _subject(kind, subject)
    with transaction() as session:
        person = load(actor, Person, person_id)
        _check_scope(actor, kind, scope, from_on)
        periods.lock(Person, person.id)
        _refuse_twin(Office(person_id=person.id, kind=kind, scope=scope, subject=subject), from_on, to_on)
        office = Office(person_id=person.id, kind=kind, scope=scope, subject=subject, from_on=from_on, to_on=to_on)
        session.add(office)
        session.flush()  # the next row of an import must see it
        _note(actor, "office.appoint", office, person.name)
    return office


def _subject(kind: OfficeKind, subject: str | None) -> str | None:
    """Return the subject of offices that have one; a researcher may go without."""
    if kind not in OF_A_SUBJECT:
        return None
    text = (subject or "").strip()
    if len(text) > MAX_SUBJECT or (not text and kind is not OfficeKind.RESEARCHER):
        raise Invalid(errors={"subject": ["office.subject"]})
    return text or None


def _check_scope(actor: Actor, kind: OfficeKind, scope: str, from_on: date) -> None:
    """Refuse a scope that does not exist, is over, or does not suit the kind of office."""
    audience = parse_scope(scope)
    if audience is None or audience.id is None or audience.kind not in SCOPES[kind]:
        raise Invalid(errors={"scope": ["office.scope"]})
    place = load(actor, PLACES[audience.kind], audience.id)
    ended_on = getattr(place, "ended_on", None)
    if not getattr(place, "active", True) or (ended_on is not None and ended_on < from_on):
        raise Conflict("office.scope_over")


def _refuse_twin(office: Office, from_on: date, to_on: date | None) -> None:
    twin = select(Office.id).where(
        Office.person_id == office.person_id,
        Office.kind == office.kind,
        Office.scope == office.scope,
        Office.subject.is_not_distinct_from(office.subject),
        periods.overlaps(Office, from_on, to_on),
    )
    if exists(twin):
        raise Invalid(errors={"from_on": ["office.overlap"]})


class OfficePlace(NamedTuple):
    """What an office is over."""

    kind: str
    id: UUID
    name: str


def place_of(actor: Actor, scope: str) -> OfficePlace:
    """Return what a scope names. Raises NotFound."""
    audience = parse_scope(scope)
    if audience is None or audience.id is None:
        raise NotFound
    place = load(actor, PLACES[audience.kind], audience.id)
    return OfficePlace(audience.kind, place.id, place.name)


def get_office(actor: Actor, office_id: UUID) -> Office:
    """Return an office that the actor may end, with its person. Raises NotFound, Forbidden."""
    return load(actor, Office, office_id, Action.OFFICE_EDIT, joinedload(Office.person))


def end_office(actor: Actor, office_id: UUID, to_on: date) -> Office:
    """Set the last day of an office. Raises NotFound, Forbidden, Invalid (a day before the first), Conflict (over)."""
    with transaction():
        office = load(actor, Office, office_id, Action.OFFICE_EDIT)
        periods.end(office, to_on, today())
        _note(actor, "office.end", office, office.person.name)
    return office


def end_offices(actor: Actor, offices: Iterable[Office], to_on: date) -> None:
    """End offices along with what they stand on, in the surrounding transaction. Raises Invalid (one begins later)."""
    for office in offices:
        if office.from_on > to_on:
            raise Invalid(errors={"to_on": ["office.later"]})
        office.to_on = to_on
        _note(actor, "office.end", office, office.person.name)


def offices_over(actor: Actor, scopes: Sequence[str]) -> Sequence[Office]:
    """Return the offices over these scopes that are in force or still to come, with their people."""
    statement = (
        select(Office)
        .where(Office.scope.in_(scopes), visible(actor, Office), periods.overlaps(Office, today(), None))
        .options(joinedload(Office.person))
        .order_by(Office.from_on, Office.id)
    )
    return db.session.scalars(statement).all()


def _note(actor: Actor, action: str, office: Office, person: str) -> None:
    audit.record(
        actor, action, user_key(office.person_id), person=person, kind=office.kind, scope=office.scope,
        of=office.subject, from_on=office.from_on, to_on=office.to_on,
    )  # fmt: skip
    publish(RightsChanged(office.person_id))
