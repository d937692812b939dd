"""The audit trail: who did what, when; each entry is chained to the one before by its hash.

`record()` inside a use case; the entry is written at the end of the same transaction, so that it stands or falls with
the deed. `verify()` finds an entry that was changed, dropped or cut off at the end.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, func, select
from sqlalchemy.orm import Mapped, mapped_column

from tongyan.kernel.clock import now
from tongyan.kernel.db import Base, db, publish
from tongyan.kernel.events import Fact
from tongyan.kernel.permissions import Actor

GENESIS = "0" * 64
CHAIN_LOCK = 0x61756469  # any number that nothing else locks


class AuditEntry(Base):
    """One deed. Inserted only; `seq` has no gaps."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_subject_seq", "subject", "seq"),)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor_id: Mapped[UUID] = mapped_column(index=True)
    actor_name: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(64), index=True)
    subject: Mapped[str] = mapped_column(String(128))
    data: Mapped[dict[str, Any]]
    hash: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The end of the chain: it serialises writers and betrays a cut-off tail."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(ForeignKey("audit_entry.seq"))
    hash: Mapped[str] = mapped_column(String(64))


@dataclass(frozen=True, slots=True)
class Deed(Fact):
    """Something to be written into the trail."""

    actor: Actor
    action: str
    subject: str
    data: dict[str, Any]


class Gap(NamedTuple):
    """A place where the chain does not hold."""

    seq: int
    reason: str  # "changed" | "missing" | "cut"


def record(actor: Actor, action: str, subject: str, **data: Any) -> None:
    """Note a deed on a subject ("resource:<id>"); data must be JSON and free of secrets."""
    publish(Deed(actor, action, subject, data))


def deeds_since(actor: Actor, action: str, subject: str, since: datetime) -> Sequence[dict[str, Any]]:
    """Return the data of what the actor did to a subject since then."""
    mine = select(AuditEntry.data).where(AuditEntry.subject == subject, AuditEntry.at >= since)
    return db.session.scalars(mine.where(AuditEntry.actor_id == actor.person_id, AuditEntry.action == action)).all()


class AuditListener:
    """Writes the deeds of a transaction at its end, so that the chain is locked for moments only."""

    def before_commit(self, facts: Sequence[Fact]) -> None:
        """Append the deeds to the chain."""
        deeds = [fact for fact in facts if isinstance(fact, Deed)]
        if deeds:
            _append(deeds)

    def after_commit(self, facts: Sequence[Fact]) -> None:
        """Nothing: the trail is complete with the commit."""


def _append(deeds: Sequence[Deed]) -> None:
    session = db.session
    head = _head()
    seq, chain = (head.seq, head.hash) if head else (0, GENESIS)
    for deed in deeds:
        seq += 1
        entry = AuditEntry(
            seq=seq,
            at=now(),
            actor_id=deed.actor.person_id,
            actor_name=deed.actor.name,
            action=deed.action,
            subject=deed.subject,
            data=json.loads(json.dumps(deed.data, default=str)),
        )
        chain = entry.hash = _hash(chain, entry)
        session.add(entry)
    session.flush()  # the head refers to the entry
    if head is None:
        session.add(AuditHead(id=1, seq=seq, hash=chain))
    else:
        head.seq, head.hash = seq, chain


def _head() -> AuditHead | None:
    """Return the end of the chain, with the chain locked: SQLite has one writer anyway, PostgreSQL is told.

    An advisory lock, since the very first writers have no row to lock.
    """
    session = db.session
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(CHAIN_LOCK)))
    return session.get(AuditHead, 1, populate_existing=True)


def _hash(previous: str, entry: AuditEntry) -> str:
    content = [
        previous,
        entry.seq,
        entry.at.isoformat(),
        str(entry.actor_id),
        entry.actor_name,
        entry.action,
        entry.subject,
        entry.data,
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def verify() -> list[Gap]:
    """Walk the whole chain and name every place where it does not hold.

    The end is read in the statement that reads the entries: in two, what is written meanwhile would look cut off.
    """
    gaps: list[Gap] = []
    head: AuditHead | None = None
    chain, expected = GENESIS, 1
    walk = select(AuditEntry, AuditHead).outerjoin(AuditHead, AuditHead.id == 1).order_by(AuditEntry.seq)
    for entry, end in db.session.execute(walk.execution_options(yield_per=1000, populate_existing=True)):
        if entry.seq != expected:
            gaps.append(Gap(expected, "missing"))
        elif _hash(chain, entry) != entry.hash:
            gaps.append(Gap(entry.seq, "changed"))
        chain, expected, head = entry.hash, entry.seq + 1, end
    if ((head.seq, head.hash) if head else (0, GENESIS)) != (expected - 1, chain):
        gaps.append(Gap(head.seq if head else expected - 1, "cut"))
    return gaps
