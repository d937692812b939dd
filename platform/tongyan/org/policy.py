"""Who may see and change what of the organisation: administrators all; others what is near them."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select, true

from tongyan.accounts.models import Person
from tongyan.kernel.clock import today
from tongyan.kernel.db import db
from tongyan.kernel.paging import exists
from tongyan.kernel.permissions import VIEW, Actor, group_key, region_key, register_policy, school_key
from tongyan.org.actors import live
from tongyan.org.geography import within
from tongyan.org.models import (
    Group,
    Membership,
    Office,
    OfficeKind,
    Partnership,
    Posting,
    PrepGroup,
    PrepGroupMember,
    Region,
    School,
)
from tongyan.org.scopes import parse_scope, scope_ids, scope_of


class Action(StrEnum):
    """What can be done."""

    GROUP_EDIT = "org:group:edit"
    GROUP_REVIEW = "org:group:review"
    MEMBERSHIP_EDIT = "org:membership:edit"
    OFFICE_EDIT = "org:office:edit"
    PARTNERSHIP_EDIT = "org:partnership:edit"
    POSTING_EDIT = "org:posting:edit"
    PREP_GROUP_EDIT = "org:prep_group:edit"
    PREP_GROUP_STAFF = "org:prep_group:staff"
    REGION_EDIT = "org:region:edit"
    SCHOOL_EDIT = "org:school:edit"
    SCHOOL_REVIEW = "org:school:review"


HEADS = {OfficeKind.GROUP_HEAD, OfficeKind.LINE_HEAD, OfficeKind.SCHOOL_HEAD}
LEADS = {OfficeKind.PREP_LEAD, OfficeKind.SUBJECT_LEAD}


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
    """One's own groups, and those of one's region; its head says whether what is shared is looked at first."""
    if actor.is_admin:
        return True
    if action == Action.GROUP_REVIEW:
        return actor.holds(OfficeKind.GROUP_HEAD, group_key(group.id))
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
    """One's own schools, today's members of one's groups, those of one's region; its head switches reviews."""
    if actor.is_admin:
        return True
    if action == Action.SCHOOL_REVIEW:
        return actor.holds(OfficeKind.SCHOOL_HEAD, school_key(school.id))
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


def known_people(actor: Actor) -> ColumnElement[bool]:
    """Return the filter of the people an actor knows: who serves at a school or holds an office that they see.

    Closed accounts are known to administrators alone. This is no right to see an account (see `accounts.policy`).
    """
    if actor.is_admin:
        return true()
    served = select(School.id).where(School.active, School.id.in_(_schools(actor)))
    posted = select(Posting.person_id).where(live(Posting, today()), Posting.school_id.in_(served))
    in_office = select(Office.person_id).where(live(Office, today()), visible_office(actor))
    return Person.active & or_(Person.id == actor.person_id, Person.id.in_(posted), Person.id.in_(in_office))


def allows_partnership(actor: Actor, action: Any, partnership: Partnership) -> bool:
    """Those of the groups one sees; administrators make and end them."""
    if actor.is_admin:
        return True
    return action == VIEW and any(allows_group(actor, VIEW, each) for each in (partnership.group, partnership.partner))


def visible_partnership(actor: Actor) -> ColumnElement[bool]:
    """The same as a filter."""
    if actor.is_admin:
        return true()
    near = _groups(actor)
    return or_(Partnership.group_id.in_(near), Partnership.partner_id.in_(near))


def allows_prep_group(actor: Actor, action: Any, prep_group: PrepGroup) -> bool:
    """The staff of its place see it; heads and leads of its subject tend it, its leader chooses the members."""
    if actor.is_admin:
        return True
    if prep_group.scope not in actor.keys:
        return False
    if action == VIEW or _tends(actor, prep_group):
        return True
    return action == Action.PREP_GROUP_STAFF and _leads(actor, prep_group)


def _tends(actor: Actor, prep_group: PrepGroup) -> bool:
    there = [grant for grant in actor.offices if grant.scope == prep_group.scope]
    return any(
        grant.kind in HEADS or (grant.kind in LEADS and prep_group.subject in {None, grant.subject}) for grant in there
    )


def _leads(actor: Actor, prep_group: PrepGroup) -> bool:
    leads = select(PrepGroupMember.id).where(
        PrepGroupMember.prep_group_id == prep_group.id,
        PrepGroupMember.person_id == actor.person_id,
        PrepGroupMember.lead,
        live(PrepGroupMember, today()),
    )
    return exists(leads)


def visible_prep_group(actor: Actor) -> ColumnElement[bool]:
    """The same as a filter."""
    if actor.is_admin:
        return true()
    return PrepGroup.scope.in_(sorted(key for key in actor.keys if key.startswith(("school:", "group:"))))


def allows_prep_member(actor: Actor, action: Any, member: PrepGroupMember) -> bool:
    """Whoever sees the 备课组; but a leader is dismissed by those who tend it, unless they step down themselves."""
    if action != VIEW and member.lead and member.person_id != actor.person_id:
        action = Action.PREP_GROUP_EDIT
    return allows_prep_group(actor, action, member.prep_group)


def visible_prep_member(actor: Actor) -> ColumnElement[bool]:
    """The same as a filter."""
    return PrepGroupMember.prep_group_id.in_(select(PrepGroup.id).where(visible_prep_group(actor)))


register_policy(Region, allows=allows_region, visible=visible_region)
register_policy(Group, allows=allows_group, visible=visible_group)
register_policy(School, allows=allows_school, visible=visible_school)
register_policy(Membership, allows=allows_membership, visible=visible_membership)
register_policy(Posting, allows=allows_posting, visible=visible_posting)
register_policy(Office, allows=allows_office, visible=visible_office)
register_policy(Partnership, allows=allows_partnership, visible=visible_partnership)
register_policy(PrepGroup, allows=allows_prep_group, visible=visible_prep_group)
register_policy(PrepGroupMember, allows=allows_prep_member, visible=visible_prep_member)
