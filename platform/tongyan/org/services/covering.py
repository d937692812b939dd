"""What everybody in an audience sees: who gives them a package of things asks whether each thing is open to them.

It errs on the safe side: an audience of which we cannot be sure is not named.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import or_, select

from tongyan.accounts.models import Person
from tongyan.kernel.clock import today
from tongyan.kernel.db import db
from tongyan.kernel.permissions import (
    PUBLIC,
    circle_key,
    group_key,
    parse_audience,
    partners_key,
    region_key,
    school_key,
)
from tongyan.org.actors import actor_for, live
from tongyan.org.geography import above
from tongyan.org.models import CircleSchool, Group, Membership, Partnership, PrepGroup, School


def covering(audience: str) -> frozenset[str]:
    """Return the audiences that cover this one: what is open to them is open to everybody in it."""
    kind, thing_id = parse_audience(audience)
    wider: Collection[str] = ()
    if thing_id is not None and kind in _WIDER:
        wider = _WIDER[kind](thing_id)
    return frozenset({audience, PUBLIC, *wider})


def _of_person(person_id: UUID) -> Collection[str]:
    person = db.session.get(Person, person_id)
    return actor_for(person).keys if person else ()


def _of_prep_group(prep_group_id: UUID) -> Collection[str]:
    scope = db.session.scalar(select(PrepGroup.scope).where(PrepGroup.id == prep_group_id))
    return covering(scope) if scope else ()


def _of_school(school_id: UUID) -> Collection[str]:
    on = today()
    groups = (
        select(Group.id)
        .join(Membership, Membership.group_id == Group.id)
        .where(Membership.school_id == school_id, live(Membership, on))
        .where(or_(Group.ended_on.is_(None), Group.ended_on >= on))
    )
    circles = select(CircleSchool.circle_id).where(CircleSchool.school_id == school_id)
    lies = select(School.region_id).where(School.id == school_id, School.region_id.is_not(None))
    keys = {*map(circle_key, db.session.scalars(circles)), *map(region_key, db.session.scalars(above(lies)))}
    for group_id in db.session.scalars(groups).all():
        keys |= {group_key(group_id), *_of_group(group_id)}
    return keys


def _of_circle(circle_id: UUID) -> Collection[str]:
    schools = db.session.scalars(select(CircleSchool.school_id).where(CircleSchool.circle_id == circle_id)).all()
    each = [covering(school_key(school_id)) for school_id in schools]
    return frozenset.intersection(*each) if each else ()


def _of_group(group_id: UUID) -> Collection[str]:
    named = or_(Partnership.group_id == group_id, Partnership.partner_id == group_id)
    pairs = select(Partnership.group_id, Partnership.partner_id).where(named, live(Partnership, today()))
    partners = {each for pair in db.session.execute(pairs) for each in pair}
    return set(map(partners_key, partners | {group_id}))


def _of_region(region_id: UUID) -> Collection[str]:
    return set(map(region_key, db.session.scalars(above([region_id]))))


_WIDER = {
    "user": _of_person,
    "prepgroup": _of_prep_group,
    "school": _of_school,
    "schools": _of_circle,
    "group": _of_group,
    "region": _of_region,
}
