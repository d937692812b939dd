"""Postings: who serves at which school, from when to when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from tongyan.accounts.models import Person
from tongyan.accounts.policy import require_admin
from tongyan.kernel import audit
from tongyan.kernel.clock import today
from tongyan.kernel.db import db, publish, transaction
from tongyan.kernel.errors import Conflict, Invalid
from tongyan.kernel.paging import exists
from tongyan.kernel.permissions import Actor, load, school_key, user_key
from tongyan.org import periods
from tongyan.org.events import RightsChanged
from tongyan.org.models import Office, Posting, PostingKind, PrepGroupMember, School
from tongyan.org.policy import Action
from tongyan.org.services.appointments import end_offices
from tongyan.org.services.prep_members import after_posting, end_members

SCHOOL_YEAR = timedelta(days=365)


class Posted(NamedTuple):
    """A posting, and the codes of what should be looked at again, though nothing forbids it."""

    posting: Posting
    warnings: Sequence[str]


@dataclass(frozen=True, slots=True)
class Loss:
    """What ends together with a posting."""

    posting: Posting
    offices: Sequence[Office]
    prepares: Sequence[PrepGroupMember]


def start_posting(
    actor: Actor, person_id: UUID, school_id: UUID, kind: PostingKind, from_on: date, *, to_on: date | None = None
) -> Posted:
    """Post a person to a school. Raises Forbidden, NotFound, Invalid (dates, overlaps, a second home), Conflict."""
    require_admin(actor)
    if person_id == actor.person_id:
        raise Conflict("org.own_posting")
    periods.check_period(from_on, to_on)
    with transaction() as session:
        person, school = load(actor, Person, person_id), load(actor, School, school_id)
        if not school.active:
            raise Conflict("school.closed")
        periods.lock(Person, person.id)
        _refuse_overlaps(person.id, school.id, kind, from_on, to_on)
        posting = Posting(person_id=person.id, school_id=school.id, kind=kind, from_on=from_on, to_on=to_on)
        session.add(posting)
        session.flush()  # the next row of an import must see it
        _note(actor, "posting.start", posting, person.name, school.name)
    return Posted(posting, _warnings(kind, from_on, to_on))


def _refuse_overlaps(person_id: UUID, school_id: UUID, kind: PostingKind, from_on: date, to_on: date | None) -> None:
    same_time = select(Posting.id).where(Posting.person_id == person_id, periods.overlaps(Posting, from_on, to_on))
    if exists(same_time.where(Posting.school_id == school_id)):
        raise Invalid(errors={"from_on": ["posting.overlap"]})
    if kind is PostingKind.HOME and exists(same_time.where(Posting.kind == PostingKind.HOME)):
        raise Invalid(errors={"kind": ["posting.second_home"]})


def _warnings(kind: PostingKind, from_on: date, to_on: date | None) -> list[str]:
    """Name an exchange that is shorter than a school year (山东 2021)."""
    short = to_on is not None and to_on - from_on + timedelta(days=1) < SCHOOL_YEAR
    return ["posting.exchange_short"] if kind is PostingKind.EXCHANGE and short else []


def get_loss(actor: Actor, posting_id: UUID) -> Loss:
    """Return a posting that the actor may end, with the offices and the times in 备课组 that would end with it."""
    options = joinedload(Posting.person), joinedload(Posting.school)
    posting = load(actor, Posting, posting_id, Action.POSTING_EDIT, *options)
    yesterday = today() - timedelta(days=1)
    return Loss(posting, _offices_after(posting, yesterday), after_posting(posting, yesterday))


def end_posting(actor: Actor, posting_id: UUID, to_on: date) -> Posted:
    """Set the last day of a posting; the person's offices at that school, and times in its 备课组, end with it.

    Raises NotFound, Forbidden, Invalid (a day before the first, or an office that begins later), Conflict (over).
    """
    with transaction():
        posting = load(actor, Posting, posting_id, Action.POSTING_EDIT)
        periods.lock(Person, posting.person_id)
        periods.end(posting, to_on, today())
        end_offices(actor, _offices_after(posting, to_on), to_on)
        end_members(actor, after_posting(posting, to_on), to_on)
        _note(actor, "posting.end", posting, posting.person.name, posting.school.name)
    return Posted(posting, _warnings(posting.kind, posting.from_on, to_on))


def _offices_after(posting: Posting, last: date) -> Sequence[Office]:
    """Return the person's offices over the school that last beyond that day."""
    there = select(Office).where(
        Office.person_id == posting.person_id,
        Office.scope == school_key(posting.school_id),
        periods.lasts_beyond(Office, last),
    )
    return db.session.scalars(there.options(joinedload(Office.person)).order_by(Office.from_on, Office.id)).all()


def _note(actor: Actor, action: str, posting: Posting, person: str, school: str) -> None:
    dates = {"from_on": posting.from_on, "to_on": posting.to_on}
    audit.record(
        actor, action, user_key(posting.person_id), person=person, school=school, school_id=posting.school_id,
        kind=posting.kind, **dates,
    )  # fmt: skip
    publish(RightsChanged(posting.person_id))
