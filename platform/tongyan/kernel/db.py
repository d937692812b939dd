"""The database: the session, the base of all models, and the only place that commits.

A use case is one `with transaction():` block. Blocks nest; the outermost one commits. Facts published inside are
handed to the registered listener twice: before the commit (what must not be lost: job rows, notices) and after it
(what may be: messages to browsers and to the broker).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

import sqlalchemy as sa
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy import JSON, MetaData, Uuid, event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from tongyan.kernel.clock import now
from tongyan.kernel.events import Fact
from tongyan.kernel.ids import new_id
from tongyan.kernel.types import UtcDateTime

db = SQLAlchemy()


class Base(DeclarativeBase):
    """Base of every model; constraint names are fixed from the first migration on."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        UUID: Uuid(),
        datetime: UtcDateTime(),
        dict[str, Any]: JSON(),
        list[str]: JSON(),
        list[dict[str, str]]: JSON(),
        list[dict[str, Any]]: JSON(),
        StrEnum: sa.Enum(
            StrEnum, native_enum=False, length=32, values_callable=lambda kind: [member.value for member in kind]
        ),
    }


class Identified:
    """A row with a public id."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-10)


class Timestamped:
    """A row that remembers when it came and when it last changed."""

    created_at: Mapped[datetime] = mapped_column(default=now, sort_order=90)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now, sort_order=91)


class Listener(Protocol):
    """What follows from facts; `tongyan.reactions` is the one implementation."""

    def before_commit(self, facts: Sequence[Fact]) -> None:
        """Write the rows that must stand or fall with the facts."""

    def after_commit(self, facts: Sequence[Fact]) -> None:
        """Tell the world."""


_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Register what follows from facts (once per process)."""
    if listener not in _listeners:
        _listeners.append(listener)


@contextmanager
def transaction() -> Iterator[Session]:
    """Commit once, at the end of the outermost block, then tell the world."""
    session = db.session
    if "facts" in session.info:  # joins the outer block
        yield session
        return
    _begin(session)
    facts: list[Fact] = session.info.setdefault("facts", [])
    after: list[Any] = session.info.setdefault("after_commit", [])
    try:
        yield session
        for listener in _listeners:
            listener.before_commit(facts)  # may publish further facts for the listeners after it
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        del session.info["facts"], session.info["after_commit"]
    for callback in after:
        callback()
    for listener in _listeners:
        listener.after_commit(facts)


def _begin(session: Session) -> None:
    """Start afresh: a read begun earlier could not be raised to a write in SQLite, and would be stale anywhere."""
    session.rollback()
    if session.get_bind().dialect.name == "sqlite":
        session.connection(execution_options={"immediate": True})


def publish(fact: Fact) -> None:
    """Note that something happened; it is told when the surrounding transaction has committed."""
    _open_block("facts").append(fact)


def after_commit(callback: Any) -> None:
    """Call back once the surrounding transaction has committed (kernel use: broker sends)."""
    _open_block("after_commit").append(callback)


def _open_block(name: str) -> list[Any]:
    pending: list[Any] | None = db.session.info.get(name)
    if pending is None:
        raise RuntimeError("outside of transaction()")
    return pending


def release() -> None:
    """End a read in a long-running process, so that it neither pins a snapshot nor a connection."""
    db.session.rollback()


@event.listens_for(sa.Engine, "connect")
def _tune_sqlite(connection: Any, _record: Any) -> None:
    """Make SQLite durable and patient; another database is left as it is."""
    if not type(connection).__module__.startswith("sqlite3"):
        return
    connection.isolation_level = None  # the driver must not begin for us: see _begin_sqlite
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@event.listens_for(sa.Engine, "begin")
def _begin_sqlite(connection: sa.Connection) -> None:
    """Begin explicitly: the driver's own habit opens transactions too late for snapshot reads."""
    if connection.dialect.name == "sqlite":
        immediate = connection.get_execution_options().get("immediate", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
