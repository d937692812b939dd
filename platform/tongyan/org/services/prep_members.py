"""Who is in a 备课组, from when to when, and who leads it; nothing is deleted, so that the history stays."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from tongyan.accounts.models import Person
from tongyan.kernel import audit
from tongyan.kernel.clock import today
from tongyan.kernel.db import db, publish, transaction
from tongyan.kernel.errors import Conflict, Invalid
from tongyan.kernel.paging import exists
from tongyan.kernel.permissions import Actor, group_key, load, school_key, user_key
from tongyan.org import periods
from tongyan.org.actors import live
from tongyan.org.events import RightsChanged
from tongyan.org.listing import serving
from tongyan.org.models import Membership, Posting, PrepGroup, PrepGroupMember
from tongyan.org.policy import Action
from tongyan.org.services.staff import Found, closest, people

DAY = timedelta(days=1)


def find_candidates(actor: Actor, prep_group_id: UUID, text: str) -> Sequence[Found]:
    """Return who may be meant among those who serve there today and are not in it. Raises NotFound, Forbidden."""
    prep_group = load(actor, PrepGroup, prep_group_id, Action.PREP_GROUP_STAFF)
    return _discreet(closest(text, *_eligible(prep_group, today())))


def find_candidate(actor: Actor, prep_group_id: UUID, person_id: UUID | None) -> Found | None:
    """Return who was chosen, if they may come in. Raises NotFound, Forbidden."""
    prep_group = load(actor, PrepGroup, prep_group_id, Action.PREP_GROUP_STAFF)
    chosen = people().where(Person.id == person_id, *_eligible(prep_group, today()))
    row = db.session.execute(chosen).one_or_none()
    return _discreet([Found(*row)])[0] if row else None


def _discreet(found: Sequence[Found]) -> Sequence[Found]:
    """Show logins only where namesakes must be told apart: they are half of what a sign-in asks for."""
    names = Counter(each.name for each in found)
    return [each if names[each.name] > 1 else each._replace(login="") for each in found]


def _eligible(prep_group: PrepGroup, on: date) -> tuple[ColumnElement[bool], ...]:
    inside = select(PrepGroupMember.person_id).where(
        PrepGroupMember.prep_group_id == prep_group.id, periods.overlaps(PrepGroupMember, on, None)
    )
    return Person.id.in_(serving(prep_group.scope, on)), Person.id.not_in(inside)


def add_member(
    actor: Actor,
    prep_group_id: UUID,
    person_id: UUID,
    from_on: date,
    *,
    to_on: date | None = None,
    lead: bool = False,
) -> PrepGroupMember:
    """Take a person in. Raises NotFound, Forbidden, Invalid (dates, not serving there, in it already), Conflict."""
    periods.check_period(from_on, to_on)
    with transaction() as session:
        periods.lock(PrepGroup, prep_group_id)
        needed = Action.PREP_GROUP_EDIT if lead else Action.PREP_GROUP_STAFF
        prep_group = load(actor, PrepGroup, prep_group_id, needed)
        if prep_group.ended_on is not None:
            raise Conflict("prep_group.ended")
        _check_coming(prep_group, person_id, from_on, to_on)
        member = PrepGroupMember(
            prep_group=prep_group, person=session.get_one(Person, person_id), lead=lead, from_on=from_on, to_on=to_on
        )
        session.add(member)
        _note(actor, "prep_group.add", member)
    return member


def _check_coming(prep_group: PrepGroup, person_id: UUID, from_on: date, to_on: date | None) -> None:
    coming = select(Person.id).where(
        Person.id == person_id, Person.active, Person.id.in_(serving(prep_group.scope, from_on))
    )
    if not exists(coming):
        raise Invalid(errors={"person_q": ["prep_group.not_serving"]})
    inside = select(PrepGroupMember.id).where(
        PrepGroupMember.prep_group_id == prep_group.id,
        PrepGroupMember.person_id == person_id,
        periods.overlaps(PrepGroupMember, from_on, to_on),
    )
    if exists(inside):
        raise Invalid(errors={"person_q": ["prep_group.overlap"]})


def get_member(actor: Actor, member_id: UUID) -> PrepGroupMember:
    """Return a membership that the actor may end, with its person. Raises NotFound, Forbidden."""
    return load(
        actor, PrepGroupMember, member_id, Action.PREP_GROUP_STAFF,
        joinedload(PrepGroupMember.person), joinedload(PrepGroupMember.prep_group),
    )  # fmt: skip


def end_member(actor: Actor, member_id: UUID, to_on: date) -> PrepGroupMember:
    """Set the last day of a person in a 备课组. Raises NotFound, Forbidden, Invalid (dates), Conflict (over)."""
    with transaction():
        member = load(actor, PrepGroupMember, member_id, Action.PREP_GROUP_STAFF)
        periods.end(member, to_on, today())
        _note(actor, "prep_group.remove", member)
    return member


def name_leader(actor: Actor, member_id: UUID, *, lead: bool) -> PrepGroupMember:
    """Make a member the leader, or a plain member again, from today; the time before stays as it was.

    Raises NotFound, Forbidden, Conflict (no longer a member).
    """
    with transaction() as session:
        member = load(actor, PrepGroupMember, member_id)
        periods.lock(PrepGroup, member.prep_group_id)
        load(actor, PrepGroup, member.prep_group_id, Action.PREP_GROUP_EDIT)
        session.refresh(member)  # two who click at once
        if member.to_on is not None and member.to_on < today():
            raise Conflict("period.over")
        if member.lead is not lead:
            member = _split(member)
            member.lead = lead
            _note(actor, "prep_group.lead" if lead else "prep_group.unlead", member)
    return member


def _split(member: PrepGroupMember) -> PrepGroupMember:
    """Return the part of a time that begins today: all of it when nothing of it is past."""
    if member.from_on >= today():
        return member
    rest = PrepGroupMember(
        prep_group=member.prep_group, person=member.person, from_on=today(), to_on=member.to_on, lead=member.lead
    )
    member.to_on = today() - DAY
    db.session.add(rest)
    return rest


def after_posting(posting: Posting, last: date) -> Sequence[PrepGroupMember]:
    """Return the person's times in 备课组 beyond that day that rest on the posting alone."""
    losing = _scopes_of([posting.school_id], last) - _scopes_of(_other_schools(posting, last), last)
    statement = (
        select(PrepGroupMember)
        .join(PrepGroupMember.prep_group)
        .where(
            PrepGroupMember.person_id == posting.person_id,
            PrepGroup.scope.in_(losing),
            periods.lasts_beyond(PrepGroupMember, last),
        )
        .options(joinedload(PrepGroupMember.prep_group), joinedload(PrepGroupMember.person))
        .order_by(PrepGroup.name, PrepGroupMember.id)
    )
    return db.session.scalars(statement).all()


def _other_schools(posting: Posting, last: date) -> Sequence[UUID]:
    others = select(Posting.school_id).where(
        Posting.person_id == posting.person_id,
        Posting.id != posting.id,
        Posting.from_on <= last + DAY,
        periods.lasts_beyond(Posting, last),
    )
    return db.session.scalars(others).all()


def _scopes_of(school_ids: Iterable[UUID], last: date) -> set[str]:
    """Return schools, and the groups to which they belong after that day, as scopes."""
    schools = list(school_ids)
    groups = select(Membership.group_id).where(Membership.school_id.in_(schools), live(Membership, last + DAY))
    return {*map(school_key, schools), *map(group_key, db.session.scalars(groups))}


def end_members(actor: Actor, members: Iterable[PrepGroupMember], to_on: date) -> None:
    """End times along with what they rest on, in the surrounding transaction; what was to come ends as it begins."""
    for member in members:
        member.to_on = max(to_on, member.from_on)
        _note(actor, "prep_group.remove", member)


def _note(actor: Actor, action: str, member: PrepGroupMember) -> None:
    audit.record(
        actor, action, user_key(member.person.id), person=member.person.name, name=member.prep_group.name,
        scope=member.prep_group.scope, lead=member.lead, from_on=member.from_on, to_on=member.to_on,
    )  # fmt: skip
    publish(RightsChanged(member.person.id))
