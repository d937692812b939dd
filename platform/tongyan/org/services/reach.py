"""Whom an audience reaches: the rule by which an actor gets its key, seen from the other side."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select

from tongyan.accounts.models import Person
from tongyan.kernel.clock import today
from tongyan.kernel.db import db
from tongyan.kernel.permissions import Actor, group_key, parse_audience, region_key, school_key
from tongyan.org.actors import live
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


def people_of(audience: str) -> ColumnElement[bool]:
    """Return the filter of the open accounts that an audience reaches today; raises ValueError when it is none.

    It may reach a little further than the rights do (who left the school of a 备课组 may still be in it): ask for the
    rights of whoever is told something.
    """
    kind, id_ = parse_audience(audience)
    if id_ is None:
        return Person.active.is_(True)
    if kind == "user":
        return Person.active & (Person.id == id_)
    return Person.active & or_(*(Person.id.in_(ids) for ids in _REACH[kind](id_)))


def colleagues_of(actor: Actor) -> ColumnElement[bool]:
    """Return the filter of the open accounts that share a school or a group with the actor."""
    near = School.id.in_(actor.school_ids) | School.id.in_(_members(actor.group_ids))
    return Person.active & Person.id.in_(_posted(near))


def _of_school(school_id: UUID) -> Iterable[Select[UUID]]:
    return _posted(School.id == school_id), _in_office([school_key(school_id)])


def _of_group(group_id: UUID) -> Iterable[Select[UUID]]:
    return _of_groups({group_id})


def _of_groups(group_ids: set[UUID]) -> Iterable[Select[UUID]]:
    return _posted(School.id.in_(_members(group_ids))), _in_office(map(group_key, group_ids))


def _of_partners(group_id: UUID) -> Iterable[Select[UUID]]:
    named = or_(Partnership.group_id == group_id, Partnership.partner_id == group_id)
    pairs = select(Partnership.group_id, Partnership.partner_id).where(named, live(Partnership, today()))
    return _of_groups({group_id, *(each for pair in db.session.execute(pairs) for each in pair)})


def _of_region(region_id: UUID) -> Iterable[Select[UUID]]:
    """Give who works in it, and who is in office over it, over a part of it or over what it is a part of."""
    near = {*db.session.scalars(within([region_id])), *db.session.scalars(above([region_id]))}
    return _posted(School.region_id.in_(within([region_id]))), _in_office(map(region_key, near))


def _of_circle(circle_id: UUID) -> Iterable[Select[UUID]]:
    named = select(CircleSchool.school_id).where(CircleSchool.circle_id == circle_id)
    return (_posted(School.id.in_(named)),)


def _of_prep_group(prep_group_id: UUID) -> Iterable[Select[UUID]]:
    on = today()
    lasting = or_(PrepGroup.ended_on.is_(None), PrepGroup.ended_on >= on)
    members = select(PrepGroupMember.person_id).join(PrepGroup, PrepGroup.id == PrepGroupMember.prep_group_id)
    return (members.where(PrepGroup.id == prep_group_id, lasting, live(PrepGroupMember, on)),)


_REACH = {
    "school": _of_school,
    "group": _of_group,
    "partners": _of_partners,
    "region": _of_region,
    "schools": _of_circle,
    "prepgroup": _of_prep_group,
}


def _posted(schools: ColumnElement[bool]) -> Select[UUID]:
    posted = select(Posting.person_id).join(School, School.id == Posting.school_id)
    return posted.where(live(Posting, today()), School.active, schools)


def _members(group_ids: Iterable[UUID]) -> Select[UUID]:
    on = today()
    lasting = or_(Group.ended_on.is_(None), Group.ended_on >= on)
    members = select(Membership.school_id).join(Group, Group.id == Membership.group_id)
    return members.where(Group.id.in_(set(group_ids)), live(Membership, on), lasting)


def _in_office(scopes: Iterable[str]) -> Select[UUID]:
    return select(Office.person_id).where(Office.scope.in_(list(scopes)), live(Office, today()))
