"""Readiness: each part the platform needs, checked for real. Optional parts are named but never turn it red."""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import func, select, text

from tongyan.kernel import index, queue, schema, settings
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, release
from tongyan.kernel.jobs import Heartbeat, Job, JobState

log = structlog.get_logger()

MIN_FREE_BYTES = 512 * 1024 * 1024
MAX_QUEUE_AGE = timedelta(minutes=5)
MAX_BEAT_AGE = timedelta(seconds=30)
PING_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Report:
    """The state of every part: "ok", or a short word for what is wrong."""

    ok: bool
    parts: dict[str, str]


def report() -> Report:
    """Check every part; a check that raises counts as down."""
    needed = {name: _try(check) for name, check in NEEDED.items()}
    watched = {name: _try(check) for name, check in WATCHED.items()}
    optional = {name: _tool(name, tool) for name, tool in OPTIONAL.items()}
    release()
    return Report(all(state == "ok" for state in needed.values()), needed | watched | optional)


def _try(check: Callable[[], str]) -> str:
    try:
        return check()
    except Exception:
        log.exception("health_check_failed", check=check.__name__)
        return "down"


def _tool(name: str, tool: str) -> str:
    found = shutil.which(tool)
    if found is None:
        return "absent"
    return "ok" if name not in PINGS or _answers([found, *PINGS[name]]) else "silent"


def _answers(argv: list[str]) -> bool:
    try:
        return subprocess.run(argv, capture_output=True, check=False, timeout=PING_SECONDS).returncode == 0  # noqa: S603 # fixed words
    except (OSError, subprocess.TimeoutExpired):
        return False


def _database() -> str:
    db.session.execute(text("SELECT 1"))
    return "ok"


def _schema() -> str:
    return "ok" if schema.current() == schema.expected() else "outdated"


def _disk() -> str:
    return "ok" if shutil.disk_usage(settings.get("DATA_DIR")).free > MIN_FREE_BYTES else "full"


def _broker() -> str:
    queue.reach_broker()
    return "ok"


def _queue() -> str:
    oldest = db.session.scalar(select(func.min(Job.not_before)).where(Job.state == JobState.QUEUED))
    return "ok" if oldest is None or now() - oldest < MAX_QUEUE_AGE else "slow"


def _beat() -> str:
    beat = db.session.get(Heartbeat, "beat")
    return "ok" if beat is not None and now() - beat.at < MAX_BEAT_AGE else "silent"


NEEDED: dict[str, Callable[[], str]] = {
    "database": _database,
    "schema": _schema,
    "disk": _disk,
    "broker": _broker,
    "queue": _queue,
    "beat": _beat,
}
WATCHED: dict[str, Callable[[], str]] = {"index": index.state}  # without it titles are searched in the database
OPTIONAL = {
    "libreoffice": "soffice",
    "sandbox": "bwrap",
    "virus_scan": "clamdscan",
    "video": "ffmpeg",
    "ocr": "tesseract",
}
PINGS = {"virus_scan": ("--ping", "1")}  # tools that only speak for a service of their own
