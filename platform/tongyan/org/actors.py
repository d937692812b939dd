"""From a person to an actor: the audience keys that follow from today's postings, memberships and offices."""

from collections.abc import Collection, Iterator
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, cast, literal, null, or_, select, union_all

from tongyan.accounts.models import Person
from tongyan.kernel.clock import today
from tongyan.kernel.db import db
from tongyan.kernel.permissions import (
    PUBLIC,
    Actor,
    OfficeGrant,
    group_key,
    partners_key,
    prep_group_key,
    school_key,
    user_key,
)
from tongyan.org.geography import above, within
from tongyan.org.models import (
    CircleSchool,
    Group,
    Membership,
    Office,
    Partnership,
    Posting,
    PrepGroup,
    PrepGroupMember,
    School,
)

Dated = Posting | Membership | Office | PrepGroupMember | Partnership


def live(row: type[Dated], on: date) -> ColumnElement[bool]:
    """Return the filter of rows in force on a date (both ends inclusive)."""
    return (row.from_on <= on) & or_(row.to_on.is_(None), row.to_on >= on)


def actor_for(person: Person) -> Actor:
    """Return the person as an actor, read afresh."""
    on = today()
    schools: dict[UUID, str] = {}
    groups: set[UUID] = set()
    offices: list[OfficeGrant] = []
    prepares: list[tuple[UUID, str]] = []
    keys = {PUBLIC, user_key(person.id)}
    for what, key, kind, subject in db.session.execute(_grants(person.id, on)):
        if what == "school":
            schools[UUID(key)] = kind
        elif what == "group":
            groups.add(UUID(key))
        elif what == "office":
            offices.append(OfficeGrant(kind, key, subject))
        elif what == "prepgroup":
            prepares.append((UUID(key), kind))
        else:
            keys.add(f"{what}:{UUID(key)}")
    groups |= _office_groups(offices)
    keys.update(map(school_key, schools), map(group_key, groups), (grant.scope for grant in offices))
    keys.update(prep_group_key(prep_group_id) for prep_group_id, place in prepares if place in keys)
    keys.update(map(partners_key, groups), _wider_keys(schools.keys(), groups, offices, on))
    return Actor(
        person_id=person.id,
        name=person.name,
        school_id=_acting_school(person, schools),
        school_ids=frozenset(schools),
        group_ids=frozenset(groups),
        keys=frozenset(keys),
        offices=tuple(sorted(offices, key=lambda grant: (grant.kind, grant.scope, grant.subject or ""))),
        is_admin=person.is_admin,
    )


def _grants(person_id: UUID, on: date):  # type: ignore[no-untyped-def] # the type of a compound select names every column
    nothing = cast(null(), String)
    posting = (
        select(literal("school"), cast(Posting.school_id, String), cast(Posting.kind, String), nothing)
        .join(School, School.id == Posting.school_id)
        .where(Posting.person_id == person_id, live(Posting, on), School.active)
    )
    membership = (
        select(literal("group"), cast(Membership.group_id, String), nothing, nothing)
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
    office = select(literal("office"), Office.scope, cast(Office.kind, String), Office.subject).where(
        Office.person_id == person_id, live(Office, on)
    )
    prepares = (
        select(literal("prepgroup"), cast(PrepGroup.id, String), PrepGroup.scope, nothing)
        .join(PrepGroupMember, PrepGroupMember.prep_group_id == PrepGroup.id)
        .where(
            PrepGroupMember.person_id == person_id,
            live(PrepGroupMember, on),
            or_(PrepGroup.ended_on.is_(None), PrepGroup.ended_on >= on),
        )
    )
    circle = (
        select(literal("schools"), cast(CircleSchool.circle_id, String), nothing, nothing)
        .join(Posting, Posting.school_id == CircleSchool.school_id)
        .join(School, School.id == Posting.school_id)
        .where(Posting.person_id == person_id, live(Posting, on), School.active)
    )
    return union_all(posting, membership, office, prepares, circle)


def _wider_keys(
    schools: Collection[UUID], groups: Collection[UUID], offices: list[OfficeGrant], on: date
) -> Iterator[str]:
    """Give the keys of partner groups and of regions, in one statement."""
    parts = [*_partners(groups, on), *_regions(schools, offices)]
    for what, key in db.session.execute(union_all(*parts)) if parts else ():
        yield f"{what}:{UUID(key)}"


def _regions(schools: Collection[UUID], offices: list[OfficeGrant]) -> Iterator[Select[str, str]]:
    """Give the regions in which the schools lie, those over which the offices are, and all above and below these."""
    over = [UUID(grant.scope.removeprefix("region:")) for grant in offices if grant.scope.startswith("region:")]
    lie = select(School.region_id).where(School.id.in_(schools), School.region_id.is_not(None))
    near = ([above(lie)] if schools else []) + ([within(over), above(over)] if over else [])
    for regions in near:
        found = regions.subquery()
        yield select(literal("region"), cast(found.c.id, String))


def _partners(groups: Collection[UUID], on: date) -> Iterator[Select[str, str]]:
    """Give the groups that are partners of these today; it does not matter who was named first."""
    if groups:
        today_in_force = live(Partnership, on)
        for one, other in (
            (Partnership.group_id, Partnership.partner_id),
            (Partnership.partner_id, Partnership.group_id),
        ):
            yield select(literal("partners"), cast(other, String)).where(one.in_(groups), today_in_force)


def _acting_school(person: Person, schools: dict[UUID, str]) -> UUID | None:
    """Return the school chosen in the person menu, else the home school, else any."""
    if person.acting_school_id in schools:
        return person.acting_school_id
    return min(schools, key=lambda school_id: (schools[school_id] != "home", str(school_id)), default=None)


def _office_groups(offices: list[OfficeGrant]) -> set[UUID]:
    return {UUID(grant.scope.removeprefix("group:")) for grant in offices if grant.scope.startswith("group:")}
