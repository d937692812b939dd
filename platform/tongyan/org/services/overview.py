"""What everybody sees of their group, and what administrators see of the whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import contains_eager, joinedload

from tongyan.accounts.models import Person
from tongyan.accounts.policy import require_admin
from tongyan.kernel.clock import today
from tongyan.kernel.db import db
from tongyan.kernel.permissions import Actor, group_key, school_key
from tongyan.org import policy
from tongyan.org.actors import live
from tongyan.org.listing import members_there, teachers_there
from tongyan.org.models import Group, Membership, Office, OfficeKind, Posting, Region, School
from tongyan.org.scopes import scope_of
from tongyan.org.services.appointments import offices_over
from tongyan.org.services.groups import ADVISED_MEMBERS

MOST_GROUPS = 50  # what an officer of a large district still reads on one page


class Member(NamedTuple):
    """A school's time in a group; teachers and offices only while it lasts."""

    membership: Membership
    teachers: int
    offices: Sequence[Office]


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group as its people see it; the core school stands first."""

    group: Group
    offices: Sequence[Office]
    members: Sequence[Member]
    past: Sequence[Membership]

    @property
    def teachers(self) -> int:
        """Return how many serve at the members; who serves at two of them is counted at both."""
        return sum(member.teachers for member in self.members)


def near_groups(actor: Actor) -> Sequence[GroupView]:
    """Return the groups that concern the actor, the own ones first (three statements)."""
    own = select(Group).where(policy.near_groups(actor), Group.ended_on.is_(None) | (Group.ended_on >= today()))
    groups = db.session.scalars(
        own.options(joinedload(Group.core_school)).order_by(Group.name).limit(MOST_GROUPS)
    ).all()
    rows = _memberships(groups)
    schools = {membership.school_id for membership, _ in rows}
    scopes = [*(group_key(group.id) for group in groups), *map(school_key, schools)]
    offices = _in_force(offices_over(actor, scopes)) if groups else {}
    mine_first = sorted(groups, key=lambda group: group.id not in actor.group_ids)
    return [_view(group, [row for row in rows if row[0].group_id == group.id], offices) for group in mine_first]


def _memberships(groups: Sequence[Group]) -> Sequence[tuple[Membership, int]]:
    statement = (
        select(Membership, teachers_there())
        .join(Membership.school)
        .where(Membership.group_id.in_([group.id for group in groups]), Membership.from_on <= today())
        .options(contains_eager(Membership.school))
        .order_by(Membership.from_on, School.name)
    )
    return [(membership, teachers) for membership, teachers in db.session.execute(statement)] if groups else []


def _in_force(offices: Sequence[Office]) -> dict[str, list[Office]]:
    found: dict[str, list[Office]] = {}
    for office in offices:
        if office.from_on <= today():
            found.setdefault(office.scope, []).append(office)
    return found


def _view(group: Group, rows: Sequence[tuple[Membership, int]], offices: dict[str, list[Office]]) -> GroupView:
    members = [
        Member(membership, teachers, offices.get(school_key(membership.school_id), []))
        for membership, teachers in rows
        if membership.to_on is None or membership.to_on >= today()
    ]
    members.sort(key=lambda member: member.membership.school_id != group.core_school_id)
    past = [membership for membership, _ in rows if membership.to_on is not None and membership.to_on < today()]
    return GroupView(group, offices.get(group_key(group.id), []), members, past)


class Overview(NamedTuple):
    """How many there are of what, and how many of them want attention."""

    regions: int
    schools: int
    groups: int
    people: int
    postings: int
    offices: int
    large_groups: int
    groupless_schools: int
    schoolless_people: int
    headless_schools: int


def overview(actor: Actor) -> Overview:
    """Return the counts of the administrators' page (one statement). Raises Forbidden."""
    require_admin(actor)
    on = today()
    groups = select(func.count(Group.id)).where(Group.ended_on.is_(None) | (Group.ended_on >= on))
    schools = select(func.count(School.id)).where(School.active)
    people = select(func.count(Person.id)).where(Person.active)
    members = select(Membership.school_id).where(live(Membership, on))
    posted = select(Posting.person_id).where(live(Posting, on))
    headed = select(Office.scope).where(live(Office, on), Office.kind == OfficeKind.SCHOOL_HEAD)
    counts: Sequence[ScalarSelect[int]] = [
        statement.scalar_subquery()
        for statement in (
            select(func.count(Region.id)),
            schools,
            groups,
            people,
            select(func.count(Posting.id)).where(live(Posting, on)),
            select(func.count(Office.id)).where(live(Office, on)),
            groups.where(members_there() > ADVISED_MEMBERS),
            schools.where(School.id.not_in(members)),
            people.where(Person.id.not_in(posted), Person.is_admin.is_(False)),
            schools.where(scope_of("school", School.id).not_in(headed)),
        )
    ]
    return Overview._make(db.session.execute(select(*counts)).one())
