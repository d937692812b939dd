"""Jobs: work that follows a use case. The table is the truth, the broker only carries ids.

A worker claims a row with a lease; a row whose lease ran out, or whose worker is gone, is queued again by the sweeper.
A job is tried at most three times, then parked for an administrator. Handlers must be idempotent: they may run twice.
"""

import os
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Index, String, delete, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from tongyan.kernel import queue
from tongyan.kernel.clock import midnight, now
from tongyan.kernel.db import Base, Identified, after_commit, db, release, transaction
from tongyan.kernel.errors import TongyanError

log = structlog.get_logger()

MAX_ATTEMPTS = 3
DEFAULT_LEASE = 60  # seconds
RESEND = timedelta(seconds=60)
KEPT_DONE = timedelta(days=7)  # longer than any period of PERIODIC
BACK_OFF = (timedelta(0), timedelta(seconds=5), timedelta(seconds=30))


class JobState(StrEnum):
    """The life of a job; `parked` waits for an administrator."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    PARKED = "parked"


class Job(Identified, Base):
    """One piece of work."""

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_state_not_before", "state", "not_before"),
        Index("ix_job_key_state", "key", "state"),
        Index("ix_job_kind_created_at", "kind", "created_at"),
    )

    kind: Mapped[str] = mapped_column(String(64))
    args: Mapped[dict[str, Any]]
    key: Mapped[str | None] = mapped_column(String(128))
    actor_id: Mapped[UUID | None]
    state: Mapped[JobState] = mapped_column(default=JobState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    progress: Mapped[int] = mapped_column(default=0)
    error_code: Mapped[str | None] = mapped_column(String(64))
    error_data: Mapped[dict[str, Any] | None]

    # who runs it, and until when that is believed
    worker: Mapped[str | None] = mapped_column(String(128))
    lease_until: Mapped[datetime | None]
    not_before: Mapped[datetime] = mapped_column(default=now)
    sent_at: Mapped[datetime | None]

    created_at: Mapped[datetime] = mapped_column(default=now)
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Heartbeat(Base):
    """When a process of a kind was last seen alive ("beat", "worker")."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime]


class JobFailed(TongyanError):
    """Trying again would not help: park the job at once with this reason."""


@dataclass(frozen=True, slots=True)
class JobSpec:
    """A job to be written; a spec whose `key` is still queued adds no second row."""

    kind: str
    args: dict[str, Any] = field(default_factory=dict)
    key: str | None = None
    actor_id: UUID | None = None


Handler = Callable[[Job], None]


@dataclass(frozen=True, slots=True)
class _Registered:
    handler: Handler
    lease: timedelta


HANDLERS: dict[str, _Registered] = {}
PERIODIC: dict[str, timedelta | None] = {}  # kind -> how often beat starts it; None: as soon as a new day begins
AT_START: list[str] = []  # kinds that beat starts once when it starts itself


def job(
    kind: str,
    *,
    lease: int = DEFAULT_LEASE,
    every: timedelta | None = None,
    daily: bool = False,
    at_start: bool = False,
) -> Callable[[Handler], Handler]:
    """Register the handler of a kind of job.

    `every` has it started periodically, `daily` when a new day begins, `at_start` when the platform starts.
    """

    def register(handler: Handler) -> Handler:
        HANDLERS[kind] = _Registered(handler, timedelta(seconds=lease))
        if every is not None or daily:
            PERIODIC[kind] = every
        if at_start:
            AT_START.append(kind)
        return handler

    return register


def enqueue(spec: JobSpec) -> None:
    """Write the job's row in the surrounding transaction; the broker hears of it after the commit."""
    if spec.key is not None and _queued(spec.key):
        return
    row = Job(kind=spec.kind, args=spec.args, key=spec.key, actor_id=spec.actor_id, sent_at=now())
    db.session.add(row)
    db.session.flush()  # the id is wanted by the broker
    _send_after_commit(row.id)


def _queued(key: str) -> bool:
    return db.session.scalar(select(Job.id).where(Job.key == key, Job.state == JobState.QUEUED).limit(1)) is not None


def execute(job_id: UUID) -> bool:
    """Claim a job and run it to its end; False when it was claimed elsewhere, is over, or may not start yet."""
    row = _claim(job_id)
    if row is None:
        return False
    attempt = row.attempts
    try:
        HANDLERS[row.kind].handler(row)
    except JobFailed as failure:
        _end(job_id, attempt, JobState.PARKED, failure.code, failure.data)
    except Exception as failure:
        log.exception("job_failed", job=str(job_id), attempt=attempt)
        _try_again(job_id, attempt, type(failure).__name__)
    else:
        _end(job_id, attempt, JobState.DONE)
    finally:
        release()
    return True


def _claim(job_id: UUID) -> Job | None:
    with transaction() as session:
        row = session.get(Job, job_id, with_for_update=True)
        if row is None or row.kind not in HANDLERS or not _claimable(row):
            return None
        row.state, row.worker, row.started_at = JobState.RUNNING, _worker_name(), now()
        row.attempts += 1
        row.lease_until = now() + HANDLERS[row.kind].lease
    return row


def _claimable(row: Job) -> bool:
    return row.state is JobState.QUEUED and row.attempts < MAX_ATTEMPTS and row.not_before <= now()


def _end(
    job_id: UUID, attempt: int, state: JobState, code: str | None = None, data: dict[str, Any] | None = None
) -> None:
    """Close the job, unless it was meanwhile taken from us (the lease ran out and another attempt began)."""
    with transaction() as session:
        session.execute(
            update(Job)
            .where(Job.id == job_id, Job.attempts == attempt, Job.state == JobState.RUNNING)
            .values(
                state=state,
                error_code=code,
                error_data=data,
                lease_until=None,
                ended_at=now(),
                progress=100 if state is JobState.DONE else Job.progress,
            )
        )


def _try_again(job_id: UUID, attempt: int, reason: str) -> None:
    if attempt >= MAX_ATTEMPTS:
        _end(job_id, attempt, JobState.PARKED, "job.failed", {"reason": reason})
        return
    with transaction() as session:
        session.execute(
            update(Job)
            .where(Job.id == job_id, Job.attempts == attempt, Job.state == JobState.RUNNING)
            .values(state=JobState.QUEUED, lease_until=None, not_before=now() + BACK_OFF[attempt], sent_at=None)
        )


def set_progress(job_id: UUID, percent: int) -> None:
    """Say how far the job is, and renew its lease."""
    with transaction() as session:
        row = session.get_one(Job, job_id)
        row.progress = percent
        row.lease_until = now() + HANDLERS[row.kind].lease


def start() -> None:
    """Do what beat does once, when it starts."""
    with transaction():
        for kind in AT_START:
            enqueue(JobSpec(kind, key=kind))


def tick() -> None:
    """Do what beat does every few seconds: sweep, start what is due periodically, say that beat lives."""
    with transaction() as session:
        session.merge(Heartbeat(name="beat", at=now()))
        _reclaim()
        for kind, every in PERIODIC.items():
            if not _started_since(kind, now() - every if every else midnight()):
                enqueue(JobSpec(kind, key=kind))
        _resend()


def _reclaim() -> None:
    lost = select(Job).where(Job.state == JobState.RUNNING).with_for_update(skip_locked=True)
    for row in db.session.scalars(lost):
        if row.lease_until is not None and row.lease_until > now() and not _worker_gone(row.worker):
            continue
        row.lease_until, row.sent_at = None, None
        if row.attempts >= MAX_ATTEMPTS:
            row.state, row.error_code, row.ended_at = JobState.PARKED, "job.died", now()
        else:
            row.state = JobState.QUEUED


def _resend() -> None:
    """Send again what waits too long: the broker may have lost it, and a second message does no harm."""
    due = select(Job).where(
        Job.state == JobState.QUEUED,
        Job.not_before <= now(),
        or_(Job.sent_at.is_(None), Job.sent_at < now() - RESEND),
    )
    for row in db.session.scalars(due.order_by(Job.not_before).limit(200).with_for_update(skip_locked=True)):
        row.sent_at = now()
        _send_after_commit(row.id)


def _send_after_commit(job_id: UUID) -> None:
    after_commit(lambda: queue.send(job_id))


def _started_since(kind: str, since: datetime) -> bool:
    live = or_(Job.created_at > since, Job.state.in_([JobState.QUEUED, JobState.RUNNING]))
    return db.session.scalar(select(Job.id).where(Job.kind == kind, live).limit(1)) is not None


def last_run(kind: str) -> datetime | None:
    """Return when the last job of a kind that is done began; None when none is remembered."""
    done = select(Job.started_at).where(Job.kind == kind, Job.state == JobState.DONE)
    return db.session.scalar(done.order_by(Job.created_at.desc()).limit(1))


def _worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def _worker_gone(worker: str | None) -> bool:
    """Say whether the worker was a process of this machine and is dead (its lease need not run out then)."""
    host, _, pid = (worker or "").rpartition(":")
    if host != socket.gethostname():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:  # the number now belongs to a process of somebody else: the lease decides
        return False
    return False


def run_pending(limit: int = 100) -> int:
    """Run queued jobs here and now, oldest first, also those they enqueue; returns how many ran."""
    ran = 0
    while ran < limit and (job_id := _next_due()) and execute(job_id):
        ran += 1
    return ran


def _next_due() -> UUID | None:
    due = select(Job.id).where(
        Job.state == JobState.QUEUED, Job.kind.in_(HANDLERS), Job.attempts < MAX_ATTEMPTS, Job.not_before <= now()
    )
    return db.session.scalar(due.order_by(Job.created_at, Job.id).limit(1))


def retry(job_id: UUID) -> None:
    """Give a parked job three new tries."""
    with transaction() as session:
        row = session.get_one(Job, job_id)
        if row.state is JobState.PARKED:
            row.state, row.attempts, row.ended_at = JobState.QUEUED, 0, None
            row.error_code, row.error_data = None, None
            row.not_before = row.sent_at = now()
            _send_after_commit(job_id)


@job("jobs.sweep", every=timedelta(days=1))
def forget_done(_row: Job) -> None:
    """Forget what was done a week ago: the table is asked too often to grow for ever."""
    with transaction() as session:
        session.execute(delete(Job).where(Job.state == JobState.DONE, Job.ended_at < now() - KEPT_DONE))


def enqueue_all(specs: Iterable[JobSpec]) -> None:
    """Write several jobs."""
    for spec in specs:
        enqueue(spec)
