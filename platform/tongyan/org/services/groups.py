"""Groups: founded, changed and ended by administrators. Who belongs to them: `memberships`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from tongyan.accounts.policy import require_admin
from tongyan.kernel import audit
from tongyan.kernel.clock import today
from tongyan.kernel.db import db, publish, transaction
from tongyan.kernel.errors import Conflict, Invalid
from tongyan.kernel.paging import PAGE_SIZE, Page, exists
from tongyan.kernel.permissions import Actor, group_key, load, visible
from tongyan.org import periods
from tongyan.org.actors import live
from tongyan.org.events import GroupChanged
from tongyan.org.geography import within
from tongyan.org.listing import members_there, order, select_rows
from tongyan.org.models import Group, Membership, Office, Pairing, Partnership, Region, School, Way
from tongyan.org.names import check_names, clean, clean_reason
from tongyan.org.policy import Action
from tongyan.org.services.appointments import end_offices
from tongyan.org.services.partnerships import end_partnerships
from tongyan.org.services.prep_groups import end_with, unended_of

MAX_NAME = 128
ADVISED_MEMBERS = 6  # 山东 2021: 不超过 6 所为宜; 永州 has alliances of 8, so this is never a limit


@dataclass(frozen=True, slots=True)
class GroupEdit:
    """All that is said about a group."""

    name: str
    pairing: Pairing
    way: Way
    founded_on: date
    core_school_id: UUID | None = None
    region_id: UUID | None = None
    reviews_resources: bool = False


@dataclass(frozen=True, slots=True)
class GroupFilters:
    """What the list is narrowed to; `large` are those above the advised number of members."""

    text: str = ""
    pairing: Pairing | None = None
    way: Way | None = None
    region_id: UUID | None = None
    large: bool = False
    ended: bool = False
    sort: str = ""


class GroupRow(NamedTuple):
    """A line of the list."""

    group: Group
    core: str | None
    region: str | None
    members: int


def list_groups(actor: Actor, filters: GroupFilters, page: int = 1, size: int = PAGE_SIZE) -> Page[GroupRow]:
    """Return a page of groups with how many members they have today (two statements)."""
    core, region, members = aliased(School), aliased(Region), members_there()
    sorts = {
        "name": Group.name,
        "core": core.name,
        "region": region.name,
        "members": members,
        "founded": Group.founded_on,
    }
    statement = (
        select(Group, core.name, region.name, members)
        .outerjoin(core, core.id == Group.core_school_id)
        .outerjoin(region, region.id == Group.region_id)
        .where(visible(actor, Group))
        .order_by(*order(sorts, filters.sort), Group.name, Group.id)
    )
    found = select_rows(_narrowed(statement, filters), page, size)
    return Page([GroupRow(*row) for row in found.items], found.total, found.number, found.size)


def _narrowed(statement: Select[*tuple[Any, ...]], filters: GroupFilters) -> Select[*tuple[Any, ...]]:
    over = Group.ended_on < today()
    statement = statement.where(over if filters.ended else Group.ended_on.is_(None) | ~over)
    if filters.text:
        statement = statement.where(Group.name.icontains(filters.text, autoescape=True))
    if filters.pairing:
        statement = statement.where(Group.pairing == filters.pairing)
    if filters.way:
        statement = statement.where(Group.way == filters.way)
    if filters.region_id:
        statement = statement.where(Group.region_id.in_(within([filters.region_id])))
    if filters.large:
        statement = statement.where(members_there() > ADVISED_MEMBERS)
    return statement


def get_group(actor: Actor, group_id: UUID) -> Group:
    """Return a group that the actor may change, with its core school. Raises NotFound, Forbidden."""
    return load(actor, Group, group_id, Action.GROUP_EDIT, joinedload(Group.core_school))


def open_groups(actor: Actor, besides: UUID) -> Sequence[Group]:
    """Return the other groups that have not ended, by name, for choosing."""
    others = select(Group).where(visible(actor, Group), Group.ended_on.is_(None), Group.id != besides)
    return db.session.scalars(others.order_by(Group.name)).all()


def create_group(actor: Actor, edit: GroupEdit) -> Group:
    """Found a group; its core school is the first member, from the day of founding. Raises Forbidden, Invalid."""
    require_admin(actor)
    with transaction() as session:
        group = Group()
        _write(actor, group, edit)
        session.add(group)
        session.flush()  # the membership refers to the group
        if edit.core_school_id is not None:
            core = load(actor, School, edit.core_school_id)
            if not core.active:
                raise Invalid(errors={"core_school_id": ["school.closed"]})
            session.add(Membership(group_id=group.id, school_id=core.id, from_on=edit.founded_on))
        _note(actor, "group.create", group)
    return group


def update_group(actor: Actor, group_id: UUID, edit: GroupEdit, version: int) -> Group:
    """Change a group; `version` is the one the editor saw. Raises NotFound, Forbidden, Invalid, Conflict."""
    with transaction():
        group = _load(actor, group_id, version)
        periods.lock(Group, group.id)
        members = select(Membership.id).where(Membership.group_id == group.id)
        if exists(members.where(Membership.from_on < edit.founded_on)):
            raise Invalid(errors={"founded_on": ["group.founded_later"]})
        core = members.where(Membership.school_id == edit.core_school_id, live(Membership, today()))
        if edit.core_school_id is not None and not exists(core):
            raise Invalid(errors={"core_school_id": ["group.core_not_member"]})
        _write(actor, group, edit)
        _note(actor, "group.update", group)
    return group


def _write(actor: Actor, group: Group, edit: GroupEdit) -> None:
    name = clean(edit.name)
    check_names(name=(name, MAX_NAME))
    if exists(select(Group.id).where(Group.name == name, Group.id != group.id)):
        raise Invalid(errors={"name": ["group.twin"]})
    if edit.region_id is not None:
        load(actor, Region, edit.region_id)
    group.name, group.pairing, group.way, group.founded_on = name, edit.pairing, edit.way, edit.founded_on
    group.core_school_id, group.region_id = edit.core_school_id, edit.region_id
    group.reviews_resources = edit.reviews_resources


class GroupLoss(NamedTuple):
    """How much ends together with a group."""

    members: int
    offices: int
    prep_groups: int
    partners: int


def loss_of_group(actor: Actor, group_id: UUID) -> GroupLoss:
    """Return how much would end with the group."""
    group = load(actor, Group, group_id, Action.GROUP_EDIT)
    members = select(func.count()).where(Membership.group_id == group.id, live(Membership, today()))
    offices = select(func.count()).where(Office.scope == group_key(group.id), live(Office, today()))
    yesterday = today() - timedelta(days=1)
    return GroupLoss(
        members=db.session.scalar(members) or 0,
        offices=db.session.scalar(offices) or 0,
        prep_groups=len(unended_of(group_key(group.id), yesterday)),
        partners=len(_partnerships_after(group, yesterday)),
    )


def end_group(actor: Actor, group_id: UUID, ended_on: date, reason: str, version: int) -> Group:
    """End a group with all that hangs on it. Raises NotFound, Forbidden, Invalid, Conflict (stale, ended)."""
    reason = clean_reason(reason, needed=True)
    with transaction():
        group = _load(actor, group_id, version)
        if group.ended_on is not None:
            raise Conflict("group.ended")
        if ended_on < group.founded_on:
            raise Invalid(errors={"to_on": ["period.order"]})
        group.ended_on = ended_on
        _end_members(group, ended_on, reason)
        _end_offices(actor, group, ended_on)
        end_with(actor, unended_of(group_key(group.id), ended_on), ended_on)
        end_partnerships(actor, _partnerships_after(group, ended_on), ended_on)
        _note(actor, "group.end", group, reason=reason)
    return group


def _end_members(group: Group, ended_on: date, reason: str) -> None:
    lasting = (Membership.group_id == group.id) & periods.lasts_beyond(Membership, ended_on)
    for membership in db.session.scalars(select(Membership).where(lasting)):
        if membership.from_on > ended_on:
            raise Invalid(errors={"to_on": ["group.later"]})
        membership.to_on, membership.end_reason = ended_on, reason


def _end_offices(actor: Actor, group: Group, ended_on: date) -> None:
    lasting = (Office.scope == group_key(group.id)) & periods.lasts_beyond(Office, ended_on)
    end_offices(actor, db.session.scalars(select(Office).where(lasting).options(joinedload(Office.person))), ended_on)


def _partnerships_after(group: Group, last: date) -> Sequence[Partnership]:
    named = or_(Partnership.group_id == group.id, Partnership.partner_id == group.id)
    options = joinedload(Partnership.group), joinedload(Partnership.partner)
    lasting = select(Partnership).where(named, periods.lasts_beyond(Partnership, last)).options(*options)
    return db.session.scalars(lasting).all()


def _load(actor: Actor, group_id: UUID, version: int) -> Group:
    group = load(actor, Group, group_id, Action.GROUP_EDIT)
    if version != group.version:
        raise Conflict("conflict.stale")
    return group


def _note(actor: Actor, action: str, group: Group, **more: Any) -> None:
    audit.record(
        actor, action, group_key(group.id), name=group.name, pairing=group.pairing, way=group.way,
        core_school_id=group.core_school_id, region_id=group.region_id, founded_on=group.founded_on,
        ended_on=group.ended_on, reviews_resources=group.reviews_resources, **more,
    )  # fmt: skip
    publish(GroupChanged(group.id))
