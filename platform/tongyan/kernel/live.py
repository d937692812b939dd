"""Live messages to browsers. Only the web process holds sockets, so every other process hands its messages over:
through Redis when there is one, else through a small table that the web process empties every second."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from tongyan.kernel.clock import now
from tongyan.kernel.db import Base, Identified, db, release, transaction

KEPT = timedelta(minutes=1)

Send = Callable[[str, str, dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class LiveMessage:
    """An event for everybody in a room ("user:<id>", "resource:<id>")."""

    room: str
    event: str
    payload: dict[str, Any]


class LiveOutbox(Identified, Base):
    """Messages on their way to the web process; losing one is allowed, clients refetch."""

    __tablename__ = "live_outbox"

    room: Mapped[str] = mapped_column(String(64))
    event: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)


_send: Send | None = None


def connect(send: Send) -> None:
    """Tell this process how it reaches browsers by itself (a socket server, or Redis)."""
    global _send  # noqa: PLW0603 # one per process, set while the application is built
    _send = send


def emit(message: LiveMessage) -> None:
    """Send a message now; call it after the commit only."""
    if _send is not None:
        _send(message.room, message.event, message.payload)
        return
    with transaction() as session:
        session.add(LiveOutbox(room=message.room, event=message.event, payload=message.payload))


def relay() -> int:
    """Send what other processes left in the outbox and return how many messages that was (web process only)."""
    waiting = db.session.scalars(select(LiveOutbox).order_by(LiveOutbox.id).limit(500)).all()
    messages = [LiveMessage(row.room, row.event, row.payload) for row in waiting if row.created_at > now() - KEPT]
    if not waiting:
        release()
        return 0
    with transaction() as session:
        session.execute(delete(LiveOutbox).where(LiveOutbox.id.in_([row.id for row in waiting])))
    for message in messages:
        emit(message)
    return len(messages)
