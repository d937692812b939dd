"""Signed-in browsers: rows in the database. The cookie holds a random token, the row its hash.

Limits (why, in docs/security): 30 minutes idle, because staff-room computers are shared; 12 hours in all, one working
day with evening study; half as long for administrators; five browsers at once, the oldest ends when a sixth begins.
"""

import secrets
from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import contains_eager, with_expression

from tongyan.accounts.events import SessionsEnded
from tongyan.accounts.limits import Browser, digest
from tongyan.accounts.models import Person, PersonSession
from tongyan.accounts.notices import unread_by
from tongyan.accounts.policy import Action
from tongyan.kernel import audit
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, publish, transaction
from tongyan.kernel.errors import NotFound
from tongyan.kernel.permissions import Actor, load, user_key

IDLE, ADMIN_IDLE = timedelta(minutes=30), timedelta(minutes=15)
ABSOLUTE, ADMIN_ABSOLUTE = timedelta(hours=12), timedelta(hours=8)
AT_ONCE = 5
TOUCH = timedelta(minutes=1)


def start_session(person: Person, browser: Browser, *, factor: bool = False) -> str:
    """Begin a session and return its token; `factor` says that the second factor was shown."""
    token = secrets.token_urlsafe(32)
    moment = now()
    with transaction() as session:
        _make_room(person.id)
        session.add(
            PersonSession(
                person_id=person.id,
                token_hash=digest(token),
                device_hash=digest(browser.device),
                created_at=moment,
                last_seen_at=moment,
                expires_at=moment + (ADMIN_ABSOLUTE if person.is_admin else ABSOLUTE),
                factor_at=moment if factor else None,
                ip=browser.ip[:45],
                user_agent=browser.user_agent[:255],
            )
        )
    return token


def resume(token: str) -> PersonSession | None:
    """Return the live session of a token with its person and their unread notices (one statement); it counts as use."""
    return resume_hash(digest(token))


def resume_hash(token_hash: str) -> PersonSession | None:
    """Return the live session of a token's hash (sockets keep no token), and count this as use of it."""
    row = find_live([token_hash])
    if not row:
        return None
    if now() - row[0].last_seen_at > TOUCH:
        _touch(row[0])
    return row[0]


def find_live(token_hashes: Collection[str]) -> Sequence[PersonSession]:
    """Return those sessions that are neither ended, expired, idle too long, nor of a closed account."""
    statement = (
        select(PersonSession)
        .join(PersonSession.person)
        .options(contains_eager(PersonSession.person), with_expression(PersonSession.unread, unread_by(Person.id)))
        .where(PersonSession.token_hash.in_(token_hashes), PersonSession.expires_at > now(), Person.active)
        .execution_options(populate_existing=True)
    )
    return [row for row in db.session.scalars(statement) if now() - row.last_seen_at <= _idle(row.person)]


def sessions_of(actor: Actor) -> Sequence[PersonSession]:
    """Return the actor's own live sessions, the latest used first."""
    mine = select(PersonSession).where(PersonSession.person_id == actor.person_id, PersonSession.expires_at > now())
    rows = db.session.scalars(mine.order_by(PersonSession.last_seen_at.desc()))
    return [row for row in rows if now() - row.last_seen_at <= _idle(row.person)]


def end_session(token: str) -> None:
    """End the session of a token; none is no error."""
    with transaction() as session:
        row = session.scalar(select(PersonSession).where(PersonSession.token_hash == digest(token)))
        if row is not None:
            session.delete(row)
            publish(SessionsEnded(row.person_id))


def end_own(actor: Actor, session_id: UUID) -> None:
    """End one of the actor's own sessions; raises NotFound."""
    with transaction() as session:
        row = session.get(PersonSession, session_id)
        if row is None or row.person_id != actor.person_id:
            raise NotFound
        session.delete(row)
        publish(SessionsEnded(actor.person_id))
        audit.record(actor, "sessions.end", user_key(actor.person_id))


def end_others(actor: Actor, token: str) -> None:
    """End all of the actor's sessions but the one of this token."""
    with transaction():
        end_all(actor.person_id, but=digest(token))
        audit.record(actor, "sessions.end_others", user_key(actor.person_id))


def end_sessions_of(actor: Actor, person_id: UUID) -> None:
    """End all sessions of a person, as an administrator."""
    with transaction():
        person = load(actor, Person, person_id, Action.PERSON_END_SESSIONS)
        end_all(person.id)
        audit.record(actor, "sessions.end_all", user_key(person.id), name=person.name)


def end_all(person_id: UUID, but: str | None = None) -> None:
    """End a person's sessions, but the one of that token hash, in the surrounding transaction."""
    gone = delete(PersonSession).where(PersonSession.person_id == person_id)
    if but is not None:
        gone = gone.where(PersonSession.token_hash != but)
    db.session.execute(gone)
    publish(SessionsEnded(person_id))


def show_factor(token: str) -> None:
    """Note in the surrounding transaction that this session has shown the second factor."""
    mine = update(PersonSession).where(PersonSession.token_hash == digest(token))
    db.session.execute(mine.values(factor_at=now()))


def sweep() -> None:
    """Delete sessions that are over."""
    with transaction() as session:
        session.execute(delete(PersonSession).where(PersonSession.expires_at < now()))


def _touch(row: PersonSession) -> None:
    row_id, person_id = row.id, row.person_id
    with transaction() as session:
        session.execute(update(PersonSession).where(PersonSession.id == row_id).values(last_seen_at=now()))
        session.execute(update(Person).where(Person.id == person_id).values(last_seen_at=now()))


def _idle(person: Person) -> timedelta:
    return ADMIN_IDLE if person.is_admin else IDLE


def _make_room(person_id: UUID) -> None:
    """End expired sessions and, when all places are taken, the one that was used longest ago."""
    db.session.execute(
        delete(PersonSession).where(PersonSession.person_id == person_id, PersonSession.expires_at <= now())
    )
    kept = select(PersonSession.id).where(PersonSession.person_id == person_id)
    kept = kept.order_by(PersonSession.last_seen_at.desc(), PersonSession.id.desc()).limit(AT_ONCE - 1)
    mine = delete(PersonSession).where(PersonSession.person_id == person_id)
    db.session.execute(mine.where(PersonSession.id.not_in(kept.scalar_subquery())))
