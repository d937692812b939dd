"""In the name of which school a person acts, and by which offices."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from tongyan.accounts.models import Person
from tongyan.kernel.db import db, transaction
from tongyan.kernel.errors import NotFound
from tongyan.kernel.permissions import Actor
from tongyan.org.models import Group, OfficeKind, School
from tongyan.org.scopes import place_names


@dataclass(frozen=True, slots=True)
class Places:
    """Where a person belongs today."""

    schools: Sequence[School]
    groups: Sequence[Group]


class OwnOffice(NamedTuple):
    """An office as its holder reads it."""

    kind: OfficeKind
    place: str


def own_places(actor: Actor) -> Places:
    """Return the schools the actor is posted to today, and their groups."""
    schools = select(School).where(School.id.in_(actor.school_ids)).order_by(School.name)
    groups = select(Group).where(Group.id.in_(actor.group_ids)).order_by(Group.name)
    return Places(db.session.scalars(schools).all(), db.session.scalars(groups).all())


def own_offices(actor: Actor) -> list[OwnOffice]:
    """Return the offices that the actor holds today, each with the place that it is over."""
    named = place_names(office.scope for office in actor.offices)
    return [OwnOffice(OfficeKind(office.kind), named.get(office.scope, "")) for office in actor.offices]


def act_for(actor: Actor, school_id: UUID | None) -> None:
    """Act in the name of one of one's schools from now on; raises NotFound for any other."""
    if school_id not in actor.school_ids:
        raise NotFound
    with transaction() as session:
        session.get_one(Person, actor.person_id).acting_school_id = school_id
