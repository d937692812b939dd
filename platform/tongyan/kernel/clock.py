"""The one clock: instants are aware UTC, dates and wall times are those of a Chinese school."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SCHOOL_ZONE = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Return the date on the classroom wall."""
    return now().astimezone(SCHOOL_ZONE).date()


def midnight() -> datetime:
    """Return the instant at which the day on the classroom wall began."""
    return local(now()).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def local(instant: datetime) -> datetime:
    """Return the instant as school wall time."""
    return instant.astimezone(SCHOOL_ZONE)
