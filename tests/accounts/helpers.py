"""People who can sign in, and what browsers show them."""

from functools import cache
from typing import Any

from flask.testing import FlaskClient
from passlib.totp import TOTP
from sqlalchemy import select

from tests.factories import PASSWORD, make_person
from tongyan.accounts import factors, passwords
from tongyan.accounts.models import Person, PersonSession
from tongyan.kernel.audit import AuditEntry
from tongyan.kernel.clock import now
from tongyan.kernel.db import db

NEW_PASSWORD = "seven-brown-lanterns-drift"
WRONG = "wrong-horse-battery-staple"


@cache
def _password_hash() -> str:
    return passwords.hashed(PASSWORD)


def make_user(name: str = "王老师", **values: Any) -> Person:
    """Create a person who has set a password."""
    return make_person(name, password=_password_hash(), password_changed_at=now(), **values)


def make_factor_user(**values: Any) -> tuple[Person, str]:
    """Create a person with a second factor; returns its key too."""
    secret = factors.new_secret()
    return make_user(tf_totp_secret=secret, **values), key_of(secret)


def key_of(secret: str) -> str:
    """Return the key that an authenticator would hold."""
    return str(factors._codes().get_totp_b32_key(secret))


def code_now(key: str) -> str:
    """Return what the authenticator shows at this moment."""
    return str(TOTP(key).generate().token)


def enter(client: FlaskClient, person: Person, password: str = PASSWORD, **fields: Any) -> Any:
    """Fill in the sign-in form."""
    return client.post("/sign-in", data={"name": person.login, "password": password, **fields})


def is_in(client: FlaskClient) -> bool:
    """Say whether the browser is signed in."""
    return client.get("/account").status_code == 200


def sessions_of(person: Person) -> list[PersonSession]:
    """Return the session rows of a person."""
    db.session.rollback()
    return list(db.session.scalars(select(PersonSession).where(PersonSession.person_id == person.id)))


def audited(action: str) -> list[AuditEntry]:
    """Return the entries of the trail about an action."""
    db.session.rollback()
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.seq)))


def reload(person: Person) -> Person:
    """Read the person again."""
    db.session.rollback()
    return db.session.get_one(Person, person.id, populate_existing=True)
