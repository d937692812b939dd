"""What administrators look at: the audit trail, the jobs, the machine. Each function raises Forbidden for others.

But `note_export` is for everybody: whoever takes a list along leaves a trace here.
"""

import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from importlib.metadata import version
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, func, select

from tongyan.kernel import audit, health, jobs, settings
from tongyan.kernel.audit import AuditEntry, Gap
from tongyan.kernel.clock import SCHOOL_ZONE
from tongyan.kernel.db import db, transaction
from tongyan.kernel.errors import Forbidden, NotFound
from tongyan.kernel.jobs import Job, JobState
from tongyan.kernel.paging import PAGE_SIZE, Page, select_page
from tongyan.kernel.permissions import Actor, user_key

VERIFIED = "audit.verify"
TRAIL = "audit"  # the subject of what is done to the trail itself


@dataclass(frozen=True, slots=True)
class TrailFilters:
    """What the trail is narrowed to; both days are included, as days on the classroom wall."""

    who: str = ""
    action: str = ""
    subject: str = ""
    from_on: date | None = None
    to_on: date | None = None


def list_entries(actor: Actor, filters: TrailFilters, page: int = 1, size: int = PAGE_SIZE) -> Page[AuditEntry]:
    """Return a page of the trail, the latest first (two statements)."""
    _require_admin(actor)
    statement = _narrowed(select(AuditEntry), filters)
    return select_page(statement.order_by(AuditEntry.seq.desc()), page, size)


def _narrowed(statement: Select[AuditEntry], filters: TrailFilters) -> Select[AuditEntry]:
    if filters.who:
        statement = statement.where(AuditEntry.actor_name.icontains(filters.who, autoescape=True))
    if filters.action:
        statement = statement.where(AuditEntry.action == filters.action)
    if filters.subject:
        statement = statement.where(AuditEntry.subject.startswith(filters.subject, autoescape=True))
    if filters.from_on:
        statement = statement.where(AuditEntry.at >= _midnight(filters.from_on))
    if filters.to_on:
        statement = statement.where(AuditEntry.at < _midnight(filters.to_on + timedelta(days=1)))
    return statement


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SCHOOL_ZONE)


def actions(actor: Actor) -> Sequence[str]:
    """Return the kinds of deeds that the trail knows."""
    _require_admin(actor)
    return db.session.scalars(select(AuditEntry.action).distinct().order_by(AuditEntry.action)).all()


def export_entries(actor: Actor, filters: TrailFilters, limit: int) -> Sequence[AuditEntry]:
    """Return the latest entries for taking elsewhere; that, too, is noted in the trail."""
    found = list_entries(actor, filters, size=limit).items
    with transaction():
        wanted = {name: str(getattr(filters, name)) for name in filters.__slots__ if getattr(filters, name)}
        audit.record(actor, "audit.export", TRAIL, entries=len(found), filters=wanted)
    return found


def note_export(actor: Actor, name: str) -> None:
    """Note that somebody takes a list along, under that name."""
    with transaction():
        audit.record(actor, "list.export", user_key(actor.person_id), name=name)


def verify_trail(actor: Actor) -> list[Gap]:
    """Walk the chain, note the outcome in it, and return every place where it does not hold."""
    _require_admin(actor)
    gaps = audit.verify()
    with transaction():
        audit.record(actor, VERIFIED, TRAIL, gaps=[gap._asdict() for gap in gaps[:100]])
    return gaps


def last_verified(actor: Actor) -> AuditEntry | None:
    """Return the entry of the latest walk over the chain."""
    _require_admin(actor)
    walks = select(AuditEntry).where(AuditEntry.action == VERIFIED, AuditEntry.subject == TRAIL)
    return db.session.scalar(walks.order_by(AuditEntry.seq.desc()).limit(1))


@dataclass(frozen=True, slots=True)
class JobBoard:
    """How many jobs are in which state, those at work, and a page of those that wait for an administrator."""

    counts: Mapping[JobState, int]
    running: Sequence[Job]
    parked: Page[Job]


def job_board(actor: Actor, page: int = 1) -> JobBoard:
    """Return the state of the work in the background (four statements)."""
    _require_admin(actor)
    counts = Counter(
        {state: number for state, number in db.session.execute(select(Job.state, func.count()).group_by(Job.state))}
    )
    running = select(Job).where(Job.state == JobState.RUNNING).order_by(Job.started_at).limit(50)
    parked = select(Job).where(Job.state == JobState.PARKED).order_by(Job.ended_at.desc(), Job.id)
    return JobBoard(counts, db.session.scalars(running).all(), select_page(parked, page))


def retry_job(actor: Actor, job_id: UUID) -> None:
    """Give a parked job three new tries; one that is not parked (any more) is left alone. Raises NotFound."""
    _require_admin(actor)
    with transaction() as session:
        job = session.get(Job, job_id)
        if job is None:
            raise NotFound
        if job.state is JobState.PARKED:
            jobs.retry(job_id)
            audit.record(actor, "job.retry", f"job:{job_id}", kind=job.kind)


def retry_all_jobs(actor: Actor) -> int:
    """Give every parked job three new tries; returns how many there were."""
    _require_admin(actor)
    with transaction() as session:
        parked = session.scalars(select(Job.id).where(Job.state == JobState.PARKED)).all()
        for job_id in parked:
            retry_job(actor, job_id)
    return len(parked)


class Machine(NamedTuple):
    """What runs, on what, and how full it is."""

    version: str
    database: str
    disk_used: int
    disk_total: int


def machine(actor: Actor) -> Machine:
    """Return the facts that an administrator is asked for first."""
    _require_admin(actor)
    disk = shutil.disk_usage(settings.get("DATA_DIR"))
    return Machine(version("tongyan"), db.session.get_bind().dialect.name, disk.used, disk.total)


def health_report(actor: Actor) -> health.Report:
    """Return the state of every part."""
    _require_admin(actor)
    return health.report()


def _require_admin(actor: Actor) -> None:
    if not actor.is_admin:
        raise Forbidden
