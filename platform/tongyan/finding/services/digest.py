"""The morning's look for news: what fits a saved search and is new since the last look, as its owner sees it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from tongyan.accounts.models import Person
from tongyan.accounts.notices import NoticeSpec, notify
from tongyan.finding.models import SavedSearch
from tongyan.finding.services.saving import request_of
from tongyan.kernel.clock import SCHOOL_ZONE, now, today
from tongyan.kernel.db import db, transaction
from tongyan.kernel.errors import NotFound
from tongyan.kernel.jobs import Job, JobState
from tongyan.kernel.permissions import Actor
from tongyan.kernel.search import Sort, search
from tongyan.kernel.searchables import INDEX
from tongyan.org.actors import actor_for

MORNING = time(7)
LOOKED_AT = 50  # news that are looked at one by one: one's own is no news
ON_ITS_WAY = timedelta(minutes=1)  # so long may a change take from its date to its job


def people_to_tell() -> Sequence[UUID]:
    """Return whose searches were not looked up since this morning; nobody whose account is closed."""
    waiting = select(SavedSearch.person_id).join(Person, Person.id == SavedSearch.person_id)
    waiting = waiting.where(Person.active, _not_yet_told()).distinct()
    return db.session.scalars(waiting.order_by(SavedSearch.person_id)).all()


def _not_yet_told() -> ColumnElement[bool]:
    """Fit what was last told before the latest 7 o'clock."""
    moment = now()
    begins = datetime.combine(today(), MORNING, SCHOOL_ZONE)
    return SavedSearch.told_at < (begins if moment >= begins else begins - timedelta(days=1))


def tell_news(person_id: UUID) -> None:
    """Look up the searches of a person that wait for it, and write one notice when there is anything new.

    It may run twice: what was told meanwhile is left alone. While the index is being rebuilt nothing is told; it is
    tried again with the next look.
    """
    person = db.session.get(Person, person_id)
    if person is None or not person.active:
        return
    actor = actor_for(person)
    until = _indexed_until()
    waiting = select(SavedSearch).where(SavedSearch.person_id == person_id, _not_yet_told())
    counted: dict[UUID, int] = {}
    for row in db.session.scalars(waiting).all():
        number = _count_news(actor, row)
        if number is None:
            return
        counted[row.id] = number
    if counted:
        _write(person_id, counted, until)


def _count_news(actor: Actor, row: SavedSearch) -> int | None:
    """Return how much of others is new; None when the index cannot say."""
    asked = replace(request_of(row), since=row.known_until, sort=Sort.NEWEST, size=LOOKED_AT)
    try:
        found = search(actor, asked)
    except NotFound:  # the place in which it searches is gone, or closed to them
        return 0
    if found.degraded:
        return None
    own: int = sum(getattr(hit.thing, "owner_id", None) == actor.person_id for hit in found.page.items)
    return found.page.total - own


def _indexed_until() -> datetime:
    """Return up to when the index knows everything: what still waits to be indexed is for the next look."""
    waiting = select(func.min(Job.created_at)).where(
        Job.kind == INDEX, Job.state.in_([JobState.QUEUED, JobState.RUNNING])
    )
    return (db.session.scalar(waiting) or now()) - ON_ITS_WAY


def _write(person_id: UUID, counted: dict[UUID, int], until: datetime) -> None:
    with transaction() as session:
        waiting = select(SavedSearch).where(SavedSearch.id.in_(counted), _not_yet_told())
        rows = session.scalars(waiting.order_by(SavedSearch.name).with_for_update()).all()
        for row in rows:
            row.told_at = now()
            row.known_until = max(row.known_until or until, until)
            row.news += counted[row.id]
        if fresh := [row for row in rows if counted[row.id]]:
            notify([_notice(person_id, fresh, counted)])


def _notice(person_id: UUID, fresh: Sequence[SavedSearch], counted: dict[UUID, int]) -> NoticeSpec:
    """Say what is new in one search, or in how many."""
    first = fresh[0]
    if len(fresh) == 1:
        said = {"name": first.name, "number": counted[first.id]}
        return NoticeSpec(person_id, "finding.news", f"/search/saved/{first.id}/news", said)
    return NoticeSpec(person_id, "finding.news_of_several", "/search/saved", {"name": first.name, "number": len(fresh)})
