"""Accounts: made and closed by administrators, kept by the people themselves."""

import secrets
from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import delete, select

from tongyan.accounts import authentication, limits, passwords, sessions
from tongyan.accounts.events import CredentialChanged, PersonChanged
from tongyan.accounts.limits import Browser
from tongyan.accounts.logins import email_key, email_problems, login_key, login_problems
from tongyan.accounts.models import OneTimeLink, Person
from tongyan.accounts.policy import Action, require_admin
from tongyan.kernel import audit
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, publish, transaction
from tongyan.kernel.errors import Conflict, Invalid
from tongyan.kernel.paging import exists
from tongyan.kernel.permissions import Actor, load, user_key

MAX_NAME = 64
MAX_PHONE = 32
PREFERENCES = {"locale": {"zh", "en"}, "theme": {"auto", "light", "dark"}}


def create_person(
    actor: Actor, *, name: str, login: str, email: str | None = None, phone: str | None = None, is_admin: bool = False
) -> Person:
    """Create an account without a password; `recovery.start_reset` gives its activation. Raises Forbidden, Invalid."""
    require_admin(actor)
    with transaction() as session:
        errors = {"login": login_problems(login) or _taken_login(login), **_contact_problems(name, email, phone)}
        _raise_any(errors)
        person = Person(
            name=name.strip(),
            login=login,
            login_key=login_key(login),
            email=email_key(email) if email else None,
            phone=phone or None,
            is_admin=is_admin,
            fs_uniquifier=secrets.token_urlsafe(32),
            must_change_password=True,
        )
        session.add(person)
        session.flush()  # the audit names the id, and a clash must show here, on this row
        audit.record(actor, "person.create", user_key(person.id), name=person.name, login=login, is_admin=is_admin)
        publish(PersonChanged(person.id))
    return person


def update_person(
    actor: Actor, person_id: UUID, *, name: str, email: str | None, phone: str | None, is_admin: bool
) -> Person:
    """Change an account as an administrator; nobody makes or unmakes an administrator of themselves."""
    with transaction():
        person = load(actor, Person, person_id, Action.PERSON_EDIT)
        _raise_any(_contact_problems(name, email, phone, person.id))
        if is_admin != person.is_admin and actor.person_id == person.id:
            raise Conflict("person.own_admin")
        if is_admin != person.is_admin:
            sessions.end_all(person.id)  # other limits hold for administrators
        _set_email(person, email)
        publish(PersonChanged(person.id, renamed=name.strip() != person.name))
        person.name, person.phone, person.is_admin = name.strip(), phone or None, is_admin
        audit.record(actor, "person.update", user_key(person.id), name=person.name, is_admin=is_admin)
    return person


def disable_person(actor: Actor, person_id: UUID) -> None:
    """Close an account: all sessions and links end at once; the name stays reserved. Not one's own."""
    with transaction() as session:
        person = load(actor, Person, person_id, Action.PERSON_DISABLE)
        person.active = False
        session.execute(delete(OneTimeLink).where(OneTimeLink.person_id == person.id))
        sessions.end_all(person.id)
        audit.record(actor, "person.disable", user_key(person.id), name=person.name)
        publish(PersonChanged(person.id))


def enable_person(actor: Actor, person_id: UUID) -> None:
    """Open a closed account again; its password still holds."""
    with transaction():
        person = load(actor, Person, person_id, Action.PERSON_EDIT)
        person.active = True
        audit.record(actor, "person.enable", user_key(person.id), name=person.name)
        publish(PersonChanged(person.id))


def change_password(actor: Actor, current: str, new: str, token: str, browser: Browser) -> str:
    """Change one's own password; every session ends, the token of a new one for this browser is returned."""
    authentication.confirm_password(actor, current, browser)
    factor = any(row.factor_at for row in sessions.find_live([limits.digest(token)]))
    new_hash = passwords.accept(db.session.get_one(Person, actor.person_id), new)
    with transaction():
        person = db.session.get_one(Person, actor.person_id)
        set_password(person, new_hash)
        audit.record(actor, "credential.password", user_key(person.id))
        limits.remember_device(person.id, browser)
        return sessions.start_session(person, browser, factor=factor)


def set_password(person: Person, password_hash: str) -> None:
    """Give a person a new password in the surrounding transaction and end all that hung on the old one."""
    person.password = password_hash
    person.fs_uniquifier = secrets.token_urlsafe(32)
    person.password_changed_at, person.must_change_password = now(), False
    db.session.execute(delete(OneTimeLink).where(OneTimeLink.person_id == person.id))
    limits.forget_devices(person.id)
    sessions.end_all(person.id)
    publish(CredentialChanged(person.id, "password"))


def change_contact(actor: Actor, *, email: str | None, phone: str | None, current: str, browser: Browser) -> None:
    """Change one's own address and telephone; asks for the password again."""
    authentication.confirm_password(actor, current, browser)
    with transaction():
        person = db.session.get_one(Person, actor.person_id)
        _raise_any(_contact_problems(person.name, email, phone, person.id))
        _set_email(person, email)
        person.phone = phone or None
        audit.record(actor, "person.change_contact", user_key(person.id))


def set_preferences(actor: Actor, preferences: Mapping[str, str]) -> None:
    """Keep language and theme."""
    with transaction():
        person = db.session.get_one(Person, actor.person_id)
        for name, value in preferences.items():
            if value not in PREFERENCES.get(name, ()):
                raise Invalid(errors={name: ["field.invalid"]})
            setattr(person, name, value)


def _set_email(person: Person, email: str | None) -> None:
    new, old = email_key(email) if email else None, person.email
    if new != old:
        person.email = new
        publish(CredentialChanged(person.id, "email", old_email=old))


def _contact_problems(
    name: str, email: str | None, phone: str | None, own_id: UUID | None = None
) -> dict[str, list[str]]:
    taken = {"email": _taken_email(email, own_id)} if email else {}
    return taken | written_problems(name, email, phone)


def written_problems(name: str, email: str | None, phone: str | None) -> dict[str, list[str]]:
    """Return what is wrong with the way name, address and telephone are written, by field."""
    letters = name.strip()
    readable = letters.isprintable() and 0 < len(letters) <= MAX_NAME
    digits = (phone or "").translate(str.maketrans("", "", "+- "))
    dialable = not phone or (digits.isascii() and digits.isdigit() and len(phone) <= MAX_PHONE)
    problems = {
        "name": [] if readable else ["person.name"],
        "email": email_problems(email.strip()) if email else [],
        "phone": [] if dialable else ["phone.form"],
    }
    return {field: codes for field, codes in problems.items() if codes}


def _taken_login(login: str) -> list[str]:
    taken = exists(select(Person.id).where(Person.login_key == login_key(login)))
    return ["login.taken"] if taken else []


def _taken_email(email: str, own_id: UUID | None) -> list[str]:
    others = select(Person.id).where(Person.email == email_key(email))
    taken = exists(others if own_id is None else others.where(Person.id != own_id))
    return ["email.taken"] if taken else []


def _raise_any(errors: Mapping[str, list[str]]) -> None:
    if named := {field: codes for field, codes in errors.items() if codes}:
        raise Invalid(errors=named)
