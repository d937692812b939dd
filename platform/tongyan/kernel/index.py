"""The index of this application: where it lives, whether it can be used, and how far it is behind the database."""

from datetime import timedelta
from functools import cache
from pathlib import Path

import structlog
from sqlalchemy import func, or_, select
from sqlalchemy.engine import make_url

from search_index import Engine, IndexUnusable
from search_index.postgres_engine import PostgresEngine
from search_index.whoosh_engine import WhooshEngine
from tongyan.kernel import settings
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, transaction
from tongyan.kernel.jobs import Job, JobSpec, JobState, enqueue
from tongyan.kernel.searchables import INDEX

log = structlog.get_logger()

REBUILD, MERGE = "search.rebuild", "search.merge"
JUST_NOW = timedelta(minutes=2)
LATE = timedelta(seconds=30)  # a change that waits so long means that nobody works on it
UNDER_WAY = (JobState.QUEUED, JobState.RUNNING)


def engine() -> Engine:
    """Return the engine of this application."""
    return _engine(settings.get("SEARCH_ENGINE"), settings.get("INDEX_DIR"), settings.get("DATABASE_URL"))


@cache
def _engine(kind: str, folder: str, database: str) -> Engine:
    if kind == "whoosh":
        return WhooshEngine(Path(folder))
    dsn = make_url(database).set(drivername="postgresql").render_as_string(hide_password=False)
    return PostgresEngine(Path(folder), dsn)


def ask_for_rebuild(reason: str, unless_since: timedelta = JUST_NOW) -> None:
    """Enqueue a rebuild, unless one is under way or has just ended (it would not help to do it again)."""
    log.warning("search_index_unusable", reason=reason, exc_info=reason == "damaged")  # the others are no riddle
    if reason == "unreachable":
        return  # it is somewhere else, and not the worse for it
    with transaction() as session:
        ended = Job.ended_at > now() - unless_since
        enough = select(Job.id).where(Job.kind == REBUILD, or_(Job.state.in_(UNDER_WAY), ended))
        if session.scalar(enough.limit(1)) is None:
            enqueue(JobSpec(REBUILD))


def lag() -> timedelta:
    """Return how long the oldest change waits to get into the index."""
    oldest = db.session.scalar(select(func.min(Job.created_at)).where(Job.kind == INDEX, Job.state.in_(UNDER_WAY)))
    return max(timedelta(0), now() - oldest) if oldest else timedelta(0)


def state() -> str:
    """Say in a word how the index is: ok, behind, rebuilding, or why it cannot be used."""
    rebuilding = select(Job.id).where(Job.kind == REBUILD, Job.state.in_(UNDER_WAY)).limit(1)
    if db.session.scalar(rebuilding) is not None:
        return "rebuilding"
    try:
        engine().count()
    except IndexUnusable as reason:
        return str(reason)
    return "behind" if lag() > LATE else "ok"
