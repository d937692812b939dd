"""Memberships: schools join groups and leave them; nothing is deleted, so that the history stays."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from tongyan.accounts.models import Person
from tongyan.kernel import audit
from tongyan.kernel.clock import today
from tongyan.kernel.db import db, publish, transaction
from tongyan.kernel.errors import Conflict, Invalid
from tongyan.kernel.paging import exists
from tongyan.kernel.permissions import Actor, group_key, load, visible
from tongyan.org import periods
from tongyan.org.actors import live
from tongyan.org.events import GroupChanged
from tongyan.org.models import Group, Membership, Office, Posting, School
from tongyan.org.names import clean_reason
from tongyan.org.policy import Action
from tongyan.org.services.groups import ADVISED_MEMBERS


class Joined(NamedTuple):
    """A membership, and how many members the group has then if that is more than advised (else None)."""

    membership: Membership
    too_many: int | None


def list_memberships(actor: Actor, group_id: UUID) -> Sequence[Membership]:
    """Return all memberships of a group, past ones too, the first first."""
    statement = (
        select(Membership)
        .where(Membership.group_id == group_id, visible(actor, Membership))
        .options(joinedload(Membership.school))
        .order_by(Membership.from_on, Membership.id)
    )
    return db.session.scalars(statement).all()


def memberships_of(actor: Actor, school_id: UUID) -> Sequence[Membership]:
    """Return all memberships of a school, past ones too, the latest first."""
    statement = (
        select(Membership)
        .where(Membership.school_id == school_id, visible(actor, Membership))
        .options(joinedload(Membership.group))
        .order_by(Membership.from_on.desc(), Membership.id)
    )
    return db.session.scalars(statement).all()


def join(actor: Actor, group_id: UUID, school_id: UUID, from_on: date, reason: str = "") -> Joined:
    """Let a school join a group. Raises NotFound, Forbidden, Invalid (overlap, dates, closed), Conflict (ended)."""
    reason = clean_reason(reason, needed=False)
    with transaction() as session:
        periods.lock(Group, group_id)  # before it is read: it may be ending at this moment
        group, school = load(actor, Group, group_id, Action.GROUP_EDIT), load(actor, School, school_id)
        _check_joining(group, school, from_on)
        membership = Membership(group=group, school=school, from_on=from_on, reason=reason)
        session.add(membership)
        _note(actor, "group.join", membership)
        session.flush()  # the count must see the row
        members = select(func.count()).where(Membership.group_id == group.id, live(Membership, from_on))
        number = session.scalar(members) or 0
    return Joined(membership, number if number > ADVISED_MEMBERS else None)


def _check_joining(group: Group, school: School, from_on: date) -> None:
    if group.ended_on is not None:
        raise Conflict("group.ended")
    if not school.active:
        raise Invalid(errors={"school_id": ["school.closed"]})
    if from_on < group.founded_on:
        raise Invalid(errors={"from_on": ["membership.before_founded"]})
    same = select(Membership.id).where(Membership.group_id == group.id, Membership.school_id == school.id)
    if exists(same.where(periods.overlaps(Membership, from_on, None))):
        raise Invalid(errors={"school_id": ["membership.overlap"]})


class Leaving(NamedTuple):
    """What leaving means: the staff no longer see what is the group's, but for those with an office in it."""

    membership: Membership
    teachers: int
    offices: Sequence[Office]


def get_leaving(actor: Actor, membership_id: UUID) -> Leaving:
    """Return a membership that the actor may end, and what that would mean. Raises NotFound, Forbidden."""
    options = joinedload(Membership.group), joinedload(Membership.school)
    membership = load(actor, Membership, membership_id, Action.MEMBERSHIP_EDIT, *options)
    staff = select(Posting.person_id).where(Posting.school_id == membership.school_id, live(Posting, today()))
    offices = select(Office).where(
        Office.scope == group_key(membership.group_id), live(Office, today()), Office.person_id.in_(staff)
    )
    teachers = db.session.scalar(select(func.count()).where(Person.id.in_(staff))) or 0
    return Leaving(membership, teachers, db.session.scalars(offices.options(joinedload(Office.person))).all())


def leave(actor: Actor, membership_id: UUID, to_on: date, reason: str) -> Membership:
    """Let a school leave after a last day. Raises NotFound, Forbidden, Invalid, Conflict (core school, over)."""
    reason = clean_reason(reason, needed=True)
    with transaction():
        membership = load(actor, Membership, membership_id, Action.MEMBERSHIP_EDIT)
        periods.lock(Group, membership.group_id)
        if membership.group.core_school_id == membership.school_id and membership.group.ended_on is None:
            raise Conflict("group.core_leaves")
        periods.end(membership, to_on, today())
        membership.end_reason = reason
        _note(actor, "group.leave", membership)
    return membership


def _note(actor: Actor, action: str, membership: Membership) -> None:
    group, school = membership.group, membership.school
    audit.record(
        actor, action, group_key(group.id), group=group.name, school=school.name, school_id=school.id,
        from_on=membership.from_on, to_on=membership.to_on, reason=membership.end_reason or membership.reason,
    )  # fmt: skip
    publish(GroupChanged(group.id))
