"""How often one may fail. Kept in the database, so that no restart and no lost cache opens the door.

A try is written down before it is checked and crossed out when it was right: tries that run at the same time cannot
slip through together. A school is one address to us, so addresses are limited coarsely, and a browser in which the
person has signed in before is counted by itself: nobody can lock a colleague out of it.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, func, select

from tongyan.accounts.models import Attempt, KnownDevice, Person
from tongyan.accounts.passwords import profile
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, transaction
from tongyan.kernel.errors import TooMany

KEPT = timedelta(hours=1)
DEVICE_KEPT = timedelta(days=180)


class Rule(NamedTuple):
    """At most so many tries within a time; `pause` is counted from the last try, else from the first of them."""

    name: str
    tries: int
    within: timedelta
    pause: timedelta | None = None


ADDRESS = Rule("address", 300, timedelta(hours=1))
ACCOUNT_AT_ADDRESS = Rule("account+address", 5, timedelta(minutes=5))
QUARTER = timedelta(minutes=15)
LETTERS = Rule("letters", 3, timedelta(hours=1))
CODES = (Rule("codes", 5, timedelta(minutes=5)), Rule("codes/h", 10, timedelta(hours=1)))


class Browser(NamedTuple):
    """Where a request comes from; `device` is the token of a long-lived cookie."""

    ip: str
    user_agent: str
    device: str


class Limit(NamedTuple):
    """A rule applied to something."""

    rule: Rule
    thing: str

    @property
    def key(self) -> str:
        """Return what is stored: no name, no address."""
        return digest(f"{self.rule.name}|{self.thing}")


def digest(text: str) -> str:
    """Return the hash under which secrets and limited things are stored."""
    return hashlib.sha256(text.encode()).hexdigest()


def sign_in_limits(account: str, person: Person | None, browser: Browser) -> list[Limit]:
    """Return the limits of a try to sign in to an account (known or not) from a browser."""
    per_account = Rule("account", profile().tries, QUARTER, QUARTER)
    if _is_known(person, browser):
        return [Limit(per_account, f"{account}|{digest(browser.device)}")]
    return [
        Limit(per_account, account),
        Limit(ACCOUNT_AT_ADDRESS, f"{account}|{browser.ip}"),
        Limit(ADDRESS, browser.ip),
    ]


def admit(limits: Sequence[Limit]) -> list[UUID]:
    """Write down a try and return its marks, for `forgive`; raises TooMany with the seconds to wait."""
    with transaction() as session:
        _queue_up(limits[0])
        until = [moment for limit in limits if (moment := _blocked_until(limit))]
        if until:
            raise TooMany("sign_in.limited", seconds=max(1, round((max(until) - now()).total_seconds())))
        tries = [Attempt(key=limit.key, at=now()) for limit in limits]
        session.add_all(tries)
        session.flush()  # the ids are the marks
        return [attempt.id for attempt in tries]


def forgive(marks: Sequence[UUID]) -> None:
    """Cross out a try that was right."""
    with transaction() as session:
        session.execute(delete(Attempt).where(Attempt.id.in_(marks)))


def remember_device(person_id: UUID, browser: Browser) -> None:
    """Note that the person signed in from this browser (within a transaction)."""
    db.session.merge(KnownDevice(person_id=person_id, device_hash=digest(browser.device), last_seen_at=now()))


def forget_devices(person_id: UUID) -> None:
    """Trust no browser of the person any more (within a transaction)."""
    db.session.execute(delete(KnownDevice).where(KnownDevice.person_id == person_id))


def sweep() -> None:
    """Delete tries that no rule looks at any more, and browsers whose cookie is gone by now."""
    with transaction() as session:
        session.execute(delete(Attempt).where(Attempt.at < now() - KEPT))
        session.execute(delete(KnownDevice).where(KnownDevice.last_seen_at < now() - DEVICE_KEPT))


def _is_known(person: Person | None, browser: Browser) -> bool:
    owner = person.id if person else UUID(int=0)  # asked in any case: an unknown name must not answer sooner
    return db.session.get(KnownDevice, (owner, digest(browser.device))) is not None


def _queue_up(limit: Limit) -> None:
    """Let tries on the same account go one by one (SQLite lets all writers do so)."""
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(int(limit.key[:15], 16))))


def _blocked_until(limit: Limit) -> datetime | None:
    """Return when the next try is allowed, if it is not allowed now."""
    rule = limit.rule
    recent = select(Attempt.at).where(Attempt.key == limit.key).order_by(Attempt.at.desc()).limit(rule.tries)
    moments = db.session.scalars(recent).all()
    if len(moments) < rule.tries or moments[0] - moments[-1] > rule.within:
        return None
    until = moments[0] + rule.pause if rule.pause else moments[-1] + rule.within
    return until if until > now() else None
