"""One-time links: to activate an account, and to set a new password when the old one is lost.

An administrator may start it, but never learns or chooses the password. A link dies with its first use, with any other
change of the password, and with its time: half an hour for one that was mailed, three days for an activation.
"""

import secrets
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from tongyan.accounts import limits, passwords
from tongyan.accounts.authentication import find_person
from tongyan.accounts.factors import ALPHABET
from tongyan.accounts.limits import Browser, Limit
from tongyan.accounts.logins import login_key
from tongyan.accounts.models import LinkPurpose, OneTimeLink, Person
from tongyan.accounts.policy import Action
from tongyan.accounts.service import set_password
from tongyan.kernel import audit, settings
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, transaction
from tongyan.kernel.errors import NotFound
from tongyan.kernel.jobs import JobSpec, enqueue
from tongyan.kernel.permissions import Actor, load, user_key

LASTS = {LinkPurpose.RESET: timedelta(minutes=30), LinkPurpose.ACTIVATION: timedelta(hours=72)}
SECRET_LENGTH = 28  # of 31 signs: 138 bits


class Activation(NamedTuple):
    """What an administrator hands over, shown once."""

    code: str
    url: str
    expires_at: datetime


def start_reset(actor: Actor, person_id: UUID) -> Activation:
    """Make the one-time link with which the person sets their own password (first activation, or a lost one)."""
    with transaction():
        person = load(actor, Person, person_id, Action.PERSON_RESET)
        audit.record(actor, "password.start_reset", user_key(person.id), name=person.name)
        return new_link(person, LinkPurpose.ACTIVATION)


def ask_for_letter(name: str, browser: Browser) -> None:
    """Have a link mailed to whoever this is; the answer is the same for names that do not exist. Raises TooMany."""
    limits.admit([Limit(limits.LETTERS, login_key(name)), Limit(limits.ADDRESS, browser.ip)])
    with transaction():
        enqueue(JobSpec("accounts.send_reset", {"name": name}))


def recipient(name: str) -> Person | None:
    """Return who gets a letter for that name: people with an address and an open account."""
    person = find_person(name)
    return person if person is not None and person.active and person.email else None


def new_link(person: Person, purpose: LinkPurpose) -> Activation:
    """Make a link within a transaction; earlier ones of its kind are void."""
    db.session.execute(delete(OneTimeLink).where(OneTimeLink.person_id == person.id, OneTimeLink.purpose == purpose))
    link, activation = draft_link(person, purpose)
    db.session.add(link)
    return activation


def draft_link(person: Person, purpose: LinkPurpose) -> tuple[OneTimeLink, Activation]:
    """Return the row of a new link, which holds no more than the hash of its code, and what is handed over."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(SECRET_LENGTH))
    expires_at = now() + LASTS[purpose]
    link = OneTimeLink(
        person_id=person.id,
        purpose=purpose,
        secret_hash=limits.digest(code),
        password_mark=passwords.mark(person),
        expires_at=expires_at,
    )
    return link, Activation(code, f"{settings.get('PUBLIC_URL').rstrip('/')}/sign-in/link/{code}", expires_at)


def find_link(code: str, browser: Browser) -> OneTimeLink:
    """Return the live link of a code; raises NotFound, or TooMany for an address that keeps guessing."""
    marks = limits.admit([Limit(limits.ADDRESS, browser.ip)])
    _live(code)
    limits.forgive(marks)
    return _live(code)  # afresh: another browser may have used it meanwhile


def use_link(code: str, password: str, browser: Browser) -> Person:
    """Set the password, once. All sessions end; the second factor stays. Raises NotFound, Invalid, TooMany."""
    new_hash = passwords.accept(find_link(code, browser).person, password)
    with transaction():
        link = _live(code, lock=True)
        set_password(link.person, new_hash)
        actor = Actor(link.person.id, link.person.name)
        audit.record(actor, f"password.{link.purpose.value}", user_key(link.person_id), ip=browser.ip)
        return link.person


def sweep() -> None:
    """Delete links that are over."""
    with transaction() as session:
        session.execute(delete(OneTimeLink).where(OneTimeLink.expires_at < now()))


def _live(code: str, *, lock: bool = False) -> OneTimeLink:
    compact = "".join(char for char in code.lower() if char.isalnum())
    statement = select(OneTimeLink).where(OneTimeLink.secret_hash == limits.digest(compact))
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    else:
        statement = statement.options(joinedload(OneTimeLink.person))
    link = db.session.scalar(statement)
    if link is None or link.expires_at <= now() or not link.person.active:
        raise NotFound("link.over")
    if link.password_mark != passwords.mark(link.person):
        raise NotFound("link.over")
    return link
