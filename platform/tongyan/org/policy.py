"""Who may see and change what of the organisation: administrators all; others what is near them."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select, true

from tongyan.kernel.clock import today
from tongyan.kernel.db import db
from tongyan.kernel.permissions import VIEW, Actor, region_key, register_policy
from tongyan.org.actors import live
from tongyan.org.geography import within
from tongyan.org.models import Group, Membership, Office, Posting, Region, School
from tongyan.org.scopes import parse_scope, scope_ids, scope_of


class Action(StrEnum):
    """What can be done."""

    GROUP_EDIT = "org:group:edit"
    MEMBERSHIP_EDIT = "org:membership:edit"
    OFFICE_EDIT = "org:office:edit"
    POSTING_EDIT = "org:posting:edit"
    REGION_EDIT = "org:region:edit"
    SCHOOL_EDIT = "org:school:edit"


# One's region: the one an office is over, and all below it.


def _regions(actor: Actor) -> Select[UUID]:
    return within(scope_ids((grant.scope for grant in actor.offices), "region"))


def _in_region(actor: Actor, region_id: UUID | None) -> bool:
    while region_id is not None:
        if actor.holds_over(region_key(region_id)):
            return True
        region = db.session.get(Region, region_id)
        region_id = region.parent_id if region else None
    return False


def _has_region(actor: Actor) -> bool:
    return any(grant.scope.startswith("region:") for grant in actor.offices)


def allows_region(actor: Actor, action: Any, _region: Region) -> bool:
    """Geography is public."""
    return action == VIEW or actor.is_admin


def visible_region(_actor: Actor) -> ColumnElement[bool]:
    """All of them."""
    return true()


def allows_group(actor: Actor, action: Any, group: Group) -> bool:
    """One's own groups, and those of one's region."""
    if actor.is_admin:
        return True
    return action == VIEW and (group.id in actor.group_ids or _in_region(actor, group.region_id))


def visible_group(actor: Actor) -> ColumnElement[bool]:
    """The same as a filter."""
    return true() if actor.is_admin else near_groups(actor)


def near_groups(actor: Actor) -> ColumnElement[bool]:
    """Return the filter of groups that concern the actor, though an administrator sees the others, too."""
    own = Group.id.in_(actor.group_ids)
    return or_(own, Group.region_id.in_(_regions(actor))) if _has_region(actor) else own


def _groups(actor: Actor) -> Any:
    """Return the ids of the groups near the actor: plain values as long as no region comes in."""
    return select(Group.id).where(near_groups(actor)) if _has_region(actor) else actor.group_ids


def allows_school(actor: Actor, action: Any, school: School) -> bool:
    """One's own schools, today's members of one's groups, and those of one's region."""
    if actor.is_admin:
        return True
    if action != VIEW:
        return False
    return school.id in actor.school_ids or _in_region(actor, school.region_id) or _is_near_member(actor, school.id)


def _is_near_member(actor: Actor, school_id: UUID) -> bool:
    groups = select(Membership.group_id).where(Membership.school_id == school_id, live(Membership, today()))
    return any(allows_group(actor, VIEW, db.session.get_one(Group, group)) for group in db.session.scalars(groups))


def visible_school(actor: Actor) -> ColumnElement[bool]:
    """The same as a filter."""
    return true() if actor.is_admin else School.id.in_(_schools(actor))


def _schools(actor: Actor) -> Select[UUID]:
    members = select(Membership.school_id).where(Membership.group_id.in_(_groups(actor)), live(Membership, today()))
    near = [School.id.in_(actor.school_ids), School.id.in_(members)]
    if _has_region(actor):
        near.append(School.region_id.in_(_regions(actor)))
    return select(School.id).where(or_(*near))


def allows_membership(actor: Actor, action: Any, membership: Membership) -> bool:
    """Those of the groups one sees, with their history."""
    if actor.is_admin:
        return True
    return action == VIEW and allows_group(actor, VIEW, membership.group)


def visible_membership(actor: Actor) -> ColumnElement[bool]:
    """The same as a filter."""
    return true() if actor.is_admin else Membership.group_id.in_(_groups(actor))


def allows_posting(actor: Actor, action: Any, posting: Posting) -> bool:
    """One's own, and those at the schools one sees: colleagues of a group know one another."""
    if actor.is_admin:
        return True
    return action == VIEW and (posting.person_id == actor.person_id or allows_school(actor, VIEW, posting.school))


def visible_posting(actor: Actor) -> ColumnElement[bool]:
    """The same as a filter."""
    if actor.is_admin:
        return true()
    return or_(Posting.person_id == actor.person_id, Posting.school_id.in_(_schools(actor)))


def allows_office(actor: Actor, action: Any, office: Office) -> bool:
    """One's own, those over what one holds an office over oneself, and those over a school or group one sees."""
    if actor.is_admin:
        return True
    if action != VIEW:
        return False
    mine = office.person_id == actor.person_id or actor.holds_over(office.scope)
    return mine or _sees_place(actor, office.scope)


def _sees_place(actor: Actor, scope: str) -> bool:
    audience = parse_scope(scope)
    if audience is None or audience.kind == "region":
        return False
    model: Any = Group if audience.kind == "group" else School
    place = db.session.get(model, audience.id)
    return place is not None and (allows_group if model is Group else allows_school)(actor, VIEW, place)


def visible_office(actor: Actor) -> ColumnElement[bool]:
    """The same as a filter."""
    if actor.is_admin:
        return true()
    schools = select(scope_of("school", School.id)).where(School.id.in_(_schools(actor)))
    return or_(
        Office.person_id == actor.person_id,
        Office.scope.in_(sorted({grant.scope for grant in actor.offices})),
        Office.scope.in_(schools),
        Office.scope.in_(select(scope_of("group", Group.id)).where(near_groups(actor))),
    )


register_policy(Region, allows=allows_region, visible=visible_region)
register_policy(Group, allows=allows_group, visible=visible_group)
register_policy(School, allows=allows_school, visible=visible_school)
register_policy(Membership, allows=allows_membership, visible=visible_membership)
register_policy(Posting, allows=allows_posting, visible=visible_posting)
register_policy(Office, allows=allows_office, visible=visible_office)
