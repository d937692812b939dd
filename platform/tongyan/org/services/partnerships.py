"""伙伴集团: two groups share with one another from one day to another. Administrators join and part them."""

from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from tongyan.accounts.policy import require_admin
from tongyan.kernel import audit
from tongyan.kernel.clock import today
from tongyan.kernel.db import db, transaction
from tongyan.kernel.errors import Conflict, Invalid
from tongyan.kernel.paging import exists
from tongyan.kernel.permissions import Actor, group_key, load, visible
from tongyan.org import periods
from tongyan.org.models import Group, Partnership
from tongyan.org.policy import Action


def list_partnerships(actor: Actor, group_ids: Collection[UUID]) -> dict[UUID, list[Partnership]]:
    """Return the partnerships of groups that are in force or still to come, by group (one statement)."""
    named = or_(Partnership.group_id.in_(group_ids), Partnership.partner_id.in_(group_ids))
    statement = (
        select(Partnership)
        .where(named, visible(actor, Partnership), periods.overlaps(Partnership, today(), None))
        .options(joinedload(Partnership.group), joinedload(Partnership.partner))
        .order_by(Partnership.from_on, Partnership.id)
    )
    found: dict[UUID, list[Partnership]] = {}
    for row in db.session.scalars(statement):
        for group_id in (row.group_id, row.partner_id):
            found.setdefault(group_id, []).append(row)
    return found


def other(partnership: Partnership, group_id: UUID) -> Group:
    """Return the partner of a group."""
    return partnership.partner if partnership.group_id == group_id else partnership.group


def join_partners(actor: Actor, group_id: UUID, partner_id: UUID, from_on: date) -> Partnership:
    """Join two groups; it does not matter which is named first.

    Raises Forbidden, NotFound, Invalid (itself, partners already, before they were founded), Conflict (ended).
    """
    require_admin(actor)
    if group_id == partner_id:
        raise Invalid(errors={"partner_id": ["partnership.self"]})
    first, second = sorted((group_id, partner_id))
    with transaction() as session:
        for each in (first, second):  # always in this order, so that two who join them at once do not block one another
            periods.lock(Group, each)
        group, partner = (load(actor, Group, each, Action.GROUP_EDIT) for each in (first, second))
        _check_joining(group, partner, from_on)
        partnership = Partnership(group=group, partner=partner, from_on=from_on)
        session.add(partnership)
        _note(actor, "group.partner", partnership)
    return partnership


def _check_joining(group: Group, partner: Group, from_on: date) -> None:
    if group.ended_on is not None or partner.ended_on is not None:
        raise Conflict("group.ended")
    if from_on < max(group.founded_on, partner.founded_on):
        raise Invalid(errors={"from_on": ["partnership.before_founded"]})
    pair = select(Partnership.id).where(Partnership.group_id == group.id, Partnership.partner_id == partner.id)
    if exists(pair.where(periods.overlaps(Partnership, from_on, None))):
        raise Invalid(errors={"partner_id": ["partnership.overlap"]})


def get_partnership(actor: Actor, partnership_id: UUID) -> Partnership:
    """Return a partnership that the actor may end, with its groups. Raises NotFound, Forbidden."""
    options = joinedload(Partnership.group), joinedload(Partnership.partner)
    return load(actor, Partnership, partnership_id, Action.PARTNERSHIP_EDIT, *options)


def end_partnership(actor: Actor, partnership_id: UUID, to_on: date) -> Partnership:
    """Set the last day of a partnership. Raises NotFound, Forbidden, Invalid (dates), Conflict (over)."""
    with transaction():
        partnership = load(actor, Partnership, partnership_id, Action.PARTNERSHIP_EDIT)
        periods.end(partnership, to_on, today())
        _note(actor, "group.part", partnership)
    return partnership


def end_partnerships(actor: Actor, partnerships: Iterable[Partnership], to_on: date) -> None:
    """End partnerships along with a group, in the surrounding transaction; those to come end as they begin."""
    for partnership in partnerships:
        partnership.to_on = max(to_on, partnership.from_on)
        _note(actor, "group.part", partnership)


def _note(actor: Actor, action: str, partnership: Partnership) -> None:
    audit.record(
        actor, action, group_key(partnership.group.id), group=partnership.group.name,
        partner=partnership.partner.name, partner_id=partnership.partner.id, from_on=partnership.from_on,
        to_on=partnership.to_on,
    )  # fmt: skip
