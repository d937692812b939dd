"""The sign-in itself: name and password, then the second factor. An unknown name and a wrong password answer alike."""

from uuid import UUID

from sqlalchemy import select, update

from tongyan.accounts import factors, limits, passwords, sessions
from tongyan.accounts.limits import Browser, Limit
from tongyan.accounts.logins import email_key, login_key
from tongyan.accounts.models import Person
from tongyan.kernel import audit
from tongyan.kernel.db import db, transaction
from tongyan.kernel.errors import Invalid, TooMany
from tongyan.kernel.permissions import ANONYMOUS, Actor, user_key


def find_person(name: str) -> Person | None:
    """Return the person of a login name or an e-mail address, as typed."""
    if "@" in name:
        return db.session.scalar(select(Person).where(Person.email == email_key(name)))
    return db.session.scalar(select(Person).where(Person.login_key == login_key(name)))


def check_password(name: str, password: str, browser: Browser) -> Person:
    """Return the person whose name and password these are; raises TooMany, or Invalid that tells nothing more."""
    person = find_person(name)
    account = str(person.id) if person else f"?{login_key(name)}"
    right, marks = _try(person, account, password, browser)
    if person is None or not right or not person.active:
        _record(person, "sign_in.failed", browser)
        raise Invalid("sign_in.failed")
    limits.forgive(marks)
    _rehash(person, password)
    return person


def confirm_password(actor: Actor, password: str, browser: Browser) -> None:
    """Raise Invalid unless the password is the actor's own (asked again before credentials change), or TooMany."""
    person = db.session.get_one(Person, actor.person_id)
    right, marks = _try(person, str(person.id), password, browser)
    if not right:
        _record(person, "password.confirm_failed", browser)
        raise Invalid(errors={"current": ["password.wrong"]})
    limits.forgive(marks)


def check_code(person_id: UUID, code: str, browser: Browser) -> Person:
    """Return the person whose second factor this is; raises TooMany or Invalid."""
    person = db.session.get_one(Person, person_id)
    marks = limits.admit([Limit(rule, str(person_id)) for rule in limits.CODES])
    if not factors.use_code(person_id, code) or not person.active:
        _record(person, "factor.failed", browser)
        raise Invalid(errors={"code": ["factor.wrong"]})
    limits.forgive(marks)
    return person


def enter(person: Person, browser: Browser, *, factor: bool) -> str:
    """Begin the session of somebody who has proved who they are; returns its token."""
    with transaction():
        limits.remember_device(person.id, browser)
        _record(person, "sign_in.done", browser)
        return sessions.start_session(person, browser, factor=factor)


def leave(token: str, person: Person, browser: Browser) -> None:
    """End the session."""
    with transaction():
        sessions.end_session(token)
        _record(person, "sign_out.done", browser)


def _try(person: Person | None, account: str, password: str, browser: Browser) -> tuple[bool, list[UUID]]:
    try:
        marks = limits.admit(limits.sign_in_limits(account, person, browser))
    except TooMany:
        _record(person, "sign_in.limited", browser)
        raise
    return passwords.verify(person, password), marks


def _rehash(person: Person, password: str) -> None:
    """Bring the hash up to today's parameters, unless the password changed meanwhile."""
    if passwords.outdated(person):
        person_id, old, new = person.id, person.password, passwords.hashed(password)
        with transaction() as session:
            same = update(Person).where(Person.id == person_id, Person.password == old)
            session.execute(same.values(password=new))


def _record(person: Person | None, action: str, browser: Browser) -> None:
    """Write the try into the trail. Unknown names are left out: people type passwords into the wrong field."""
    actor = Actor(person.id, person.name) if person else ANONYMOUS
    subject = user_key(person.id) if person else "sign-in"
    with transaction():
        audit.record(actor, action, subject, ip=browser.ip, browser=browser.user_agent[:255])
