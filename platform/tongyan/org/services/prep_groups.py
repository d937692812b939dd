"""备课组: made, changed and ended by those who tend their place. Who is in them: `prep_members`."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, func, or_, select
from sqlalchemy.orm import joinedload

from tongyan.accounts.models import Person
from tongyan.kernel import audit
from tongyan.kernel.clock import today
from tongyan.kernel.db import db, publish, transaction
from tongyan.kernel.errors import Conflict, Invalid, NotFound
from tongyan.kernel.paging import exists
from tongyan.kernel.permissions import VIEW, Actor, group_key, load, prep_group_key, require, school_key, visible
from tongyan.org import periods
from tongyan.org.actors import live
from tongyan.org.events import RightsChanged
from tongyan.org.listing import serving
from tongyan.org.models import Group, PrepGroup, PrepGroupMember, School
from tongyan.org.names import check_names, clean
from tongyan.org.policy import HEADS, LEADS, Action
from tongyan.org.scopes import parse_scope, place_names

MAX_NAME, MAX_SUBJECT = 64, 32
GRADES = range(1, 13)
PLACES: dict[str, type[Group] | type[School]] = {"group": Group, "school": School}


@dataclass(frozen=True, slots=True)
class PrepGroupEdit:
    """All that is said about a 备课组; without a grade it is for all of them (教研组)."""

    name: str
    subject: str | None = None
    grade: int | None = None


class PrepGroupRow(NamedTuple):
    """A line of the list: how many prepare together today, and who leads them."""

    prep_group: PrepGroup
    members: int
    leaders: str | None


class PrepGroupView(NamedTuple):
    """A 备课组 with its people: leaders first, and those who left."""

    prep_group: PrepGroup
    place: str
    members: Sequence[PrepGroupMember]
    past: Sequence[PrepGroupMember]
    away: Collection[UUID]  # who no longer serves there, and so does not see what is open to it


def list_prep_groups(actor: Actor, scopes: Collection[str]) -> dict[str, list[PrepGroupRow]]:
    """Return the 备课组 of schools and groups that have not ended, by scope (one statement)."""
    statement = (
        select(PrepGroup, _members_there(), _leaders_there())
        .where(PrepGroup.scope.in_(scopes), visible(actor, PrepGroup), lasting(today()))
        .order_by(PrepGroup.subject, PrepGroup.grade, PrepGroup.name, PrepGroup.id)
    )
    found: dict[str, list[PrepGroupRow]] = {}
    for row in db.session.execute(statement):
        found.setdefault(row[0].scope, []).append(PrepGroupRow(*row))
    return found


def near_prep_groups(actor: Actor) -> list[PrepGroupRow]:
    """Return the 备课组 of the actor's schools and groups."""
    scopes = sorted(map(school_key, actor.school_ids)) + sorted(map(group_key, actor.group_ids))
    found = list_prep_groups(actor, scopes)
    return [row for scope in scopes for row in found.get(scope, [])]


def lasting(on: date) -> ColumnElement[bool]:
    """Return the filter of 备课组 that have not ended by that day."""
    return or_(PrepGroup.ended_on.is_(None), PrepGroup.ended_on >= on)


def _members_there() -> ScalarSelect[int]:
    there = select(func.count()).select_from(PrepGroupMember).where(PrepGroupMember.prep_group_id == PrepGroup.id)
    return there.where(live(PrepGroupMember, today())).correlate(PrepGroup).scalar_subquery()


def _leaders_there() -> ScalarSelect[str | None]:
    names = select(func.aggregate_strings(Person.name, "、")).join(
        PrepGroupMember, PrepGroupMember.person_id == Person.id
    )
    leads = (PrepGroupMember.prep_group_id == PrepGroup.id) & PrepGroupMember.lead & live(PrepGroupMember, today())
    return names.where(leads).correlate(PrepGroup).scalar_subquery()


def get_prep_group(actor: Actor, prep_group_id: UUID, action: Action | str = VIEW) -> PrepGroup:
    """Return a 备课组 with which the actor may do that. Raises NotFound, Forbidden."""
    return load(actor, PrepGroup, prep_group_id, action)


def view_prep_group(actor: Actor, prep_group_id: UUID) -> PrepGroupView:
    """Return a 备课组 with its people (four statements). Raises NotFound."""
    prep_group = load(actor, PrepGroup, prep_group_id)
    rows = db.session.scalars(
        select(PrepGroupMember)
        .join(PrepGroupMember.person)
        .where(PrepGroupMember.prep_group_id == prep_group.id)
        .options(joinedload(PrepGroupMember.person))
        .order_by(PrepGroupMember.lead.desc(), Person.name, PrepGroupMember.from_on, PrepGroupMember.id)
    ).all()
    over = [row for row in rows if row.to_on is not None and row.to_on < today()]
    place = place_names([prep_group.scope]).get(prep_group.scope, "")
    serves = set(db.session.scalars(serving(prep_group.scope, today())))
    away = {row.person_id for row in rows} - serves
    return PrepGroupView(prep_group, place, [row for row in rows if row not in over], over, away)


def may_create(actor: Actor, scope: str) -> bool:
    """Say whether the actor tends 备课组 of a school or group, be it of one subject only."""
    kinds = {grant.kind for grant in actor.offices if grant.scope == scope}
    return actor.is_admin or not kinds.isdisjoint(HEADS | LEADS)


class Place(NamedTuple):
    """The school or group in which a 备课组 is made."""

    scope: str
    kind: str
    id: UUID
    name: str
    subjects: Sequence[str]  # for which the actor leads there; empty for those who tend all of them


def place_of(actor: Actor, scope: str) -> Place:
    """Return a school or group in which the actor may make 备课组. Raises NotFound, also for all others."""
    kind, place = _place(actor, scope)
    if not may_create(actor, scope):
        raise NotFound
    there = [grant for grant in actor.offices if grant.scope == scope]
    heads = actor.is_admin or any(grant.kind in HEADS for grant in there)
    subjects = {grant.subject for grant in there if grant.kind in LEADS and grant.subject}
    return Place(scope, kind, place.id, place.name, [] if heads else sorted(subjects))


def _place(actor: Actor, scope: str) -> tuple[str, Group | School]:
    audience = parse_scope(scope)
    if audience is None or audience.id is None or audience.kind not in PLACES:
        raise NotFound
    return audience.kind, load(actor, PLACES[audience.kind], audience.id)


def create_prep_group(actor: Actor, scope: str, edit: PrepGroupEdit) -> PrepGroup:
    """Make a 备课组 of a school or group. Raises NotFound, Forbidden, Invalid, Conflict (the place is over)."""
    with transaction() as session:
        kind, place = _place(actor, scope)
        periods.lock(PLACES[kind], place.id)  # two of the same name at once
        prep_group = PrepGroup(scope=scope)
        _write(prep_group, edit)
        require(actor, Action.PREP_GROUP_EDIT, prep_group)
        if not getattr(place, "active", True) or getattr(place, "ended_on", None) is not None:
            raise Conflict("prep_group.place_over")
        session.add(prep_group)
        session.flush()  # the audit names the id
        _note(actor, "prep_group.create", prep_group)
    return prep_group


def update_prep_group(actor: Actor, prep_group_id: UUID, edit: PrepGroupEdit, version: int) -> PrepGroup:
    """Change a 备课组; leads do not hand it to another subject. Raises NotFound, Forbidden, Invalid, Conflict."""
    with transaction():
        prep_group = _load(actor, prep_group_id, version)
        _write(prep_group, edit)
        require(actor, Action.PREP_GROUP_EDIT, prep_group)
        _note(actor, "prep_group.update", prep_group)
    return prep_group


def end_prep_group(actor: Actor, prep_group_id: UUID, ended_on: date, version: int) -> PrepGroup:
    """End a 备课组 and the time of all in it; the history stays. Raises NotFound, Forbidden, Conflict."""
    with transaction():
        prep_group = _load(actor, prep_group_id, version)
        end_with(actor, [prep_group], ended_on)
    return prep_group


def end_with(actor: Actor, prep_groups: Collection[PrepGroup], ended_on: date) -> None:
    """End 备课组, in the surrounding transaction; who was still to come has their first day as their last."""
    members = select(PrepGroupMember).where(
        PrepGroupMember.prep_group_id.in_([prep_group.id for prep_group in prep_groups]),
        periods.lasts_beyond(PrepGroupMember, ended_on),
    )
    for member in db.session.scalars(members):
        member.to_on = max(ended_on, member.from_on)
        publish(RightsChanged(member.person_id))
    for prep_group in prep_groups:
        prep_group.ended_on = ended_on
        _note(actor, "prep_group.end", prep_group)


def unended_of(scope: str, beyond: date) -> Sequence[PrepGroup]:
    """Return the 备课组 of a school or group that last beyond that day."""
    unended = or_(PrepGroup.ended_on.is_(None), PrepGroup.ended_on > beyond)
    return db.session.scalars(select(PrepGroup).where(PrepGroup.scope == scope, unended)).all()


def _load(actor: Actor, prep_group_id: UUID, version: int) -> PrepGroup:
    prep_group = load(actor, PrepGroup, prep_group_id, Action.PREP_GROUP_EDIT)
    if version != prep_group.version:
        raise Conflict("conflict.stale")
    if prep_group.ended_on is not None:
        raise Conflict("prep_group.ended")
    return prep_group


def _write(prep_group: PrepGroup, edit: PrepGroupEdit) -> None:
    name, subject = clean(edit.name), clean(edit.subject or "")
    check_names(name=(name, MAX_NAME), subject=(subject or "-", MAX_SUBJECT))
    if edit.grade is not None and edit.grade not in GRADES:
        raise Invalid(errors={"grade": ["prep_group.grade"]})
    twin = select(PrepGroup.id).where(
        PrepGroup.scope == prep_group.scope, PrepGroup.name == name, PrepGroup.id != prep_group.id, lasting(today())
    )
    if exists(twin):
        raise Invalid(errors={"name": ["prep_group.twin"]})
    prep_group.name, prep_group.subject, prep_group.grade = name, subject or None, edit.grade


def _note(actor: Actor, action: str, prep_group: PrepGroup) -> None:
    audit.record(
        actor, action, prep_group_key(prep_group.id), name=prep_group.name, scope=prep_group.scope,
        of=prep_group.subject, grade=prep_group.grade, to_on=prep_group.ended_on,
    )  # fmt: skip
