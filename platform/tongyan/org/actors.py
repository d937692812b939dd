"""From a person to an actor: the audience keys that follow from today's postings, memberships and offices."""

from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, String, cast, literal, null, or_, select, union_all

from tongyan.accounts.models import Person
from tongyan.kernel.clock import today
from tongyan.kernel.db import db
from tongyan.kernel.permissions import PUBLIC, Actor, OfficeGrant, group_key, school_key, user_key
from tongyan.org.models import Group, Membership, Office, Posting, School


def live(row: type[Posting] | type[Membership] | type[Office], on: date) -> ColumnElement[bool]:
    """Return the filter of rows in force on a date (both ends inclusive)."""
    return (row.from_on <= on) & or_(row.to_on.is_(None), row.to_on >= on)


def actor_for(person: Person) -> Actor:
    """Return the person as an actor, read afresh in one statement."""
    schools: dict[UUID, str] = {}
    groups: set[UUID] = set()
    offices: list[OfficeGrant] = []
    for what, key, kind in db.session.execute(_grants(person.id, today())):
        if what == "school":
            schools[UUID(key)] = kind
        elif what == "group":
            groups.add(UUID(key))
        else:
            offices.append(OfficeGrant(kind, key))
    keys = {PUBLIC, user_key(person.id), *map(school_key, schools), *map(group_key, groups)}
    keys.update(grant.scope for grant in offices)
    return Actor(
        person_id=person.id,
        name=person.name,
        school_id=_acting_school(person, schools),
        school_ids=frozenset(schools),
        group_ids=frozenset(groups | _office_groups(offices)),
        keys=frozenset(keys),
        offices=tuple(sorted(offices)),
        is_admin=person.is_admin,
    )


def _grants(person_id: UUID, on: date):  # type: ignore[no-untyped-def] # the type of a compound select names every column
    posting = (
        select(literal("school"), cast(Posting.school_id, String), cast(Posting.kind, String))
        .join(School, School.id == Posting.school_id)
        .where(Posting.person_id == person_id, live(Posting, on), School.active)
    )
    membership = (
        select(literal("group"), cast(Membership.group_id, String), cast(null(), String))
        .join(Posting, Posting.school_id == Membership.school_id)
        .join(School, School.id == Membership.school_id)
        .join(Group, Group.id == Membership.group_id)
        .where(
            Posting.person_id == person_id,
            live(Posting, on),
            live(Membership, on),
            School.active,
            or_(Group.ended_on.is_(None), Group.ended_on >= on),
        )
    )
    office = select(literal("office"), Office.scope, cast(Office.kind, String)).where(
        Office.person_id == person_id, live(Office, on)
    )
    return union_all(posting, membership, office)


def _acting_school(person: Person, schools: dict[UUID, str]) -> UUID | None:
    """Return the school chosen in the person menu, else the home school, else any."""
    if person.acting_school_id in schools:
        return person.acting_school_id
    return min(schools, key=lambda school_id: (schools[school_id] != "home", str(school_id)), default=None)


def _office_groups(offices: list[OfficeGrant]) -> set[UUID]:
    return {UUID(grant.scope.removeprefix("group:")) for grant in offices if grant.scope.startswith("group:")}
