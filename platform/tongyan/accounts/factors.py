"""The second factor: codes of an authenticator application, and recovery codes for the day the phone is lost."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import flask_security
from argon2.low_level import Type, hash_secret_raw
from passlib.totp import TOTP, AppWallet, TotpMatch
from sqlalchemy import select, update

from tongyan.accounts import limits, passwords, sessions
from tongyan.accounts.events import CredentialChanged
from tongyan.accounts.models import Person
from tongyan.accounts.policy import Action
from tongyan.kernel import audit, settings
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, publish, transaction
from tongyan.kernel.errors import Conflict, Invalid
from tongyan.kernel.permissions import SYSTEM, Actor, load, user_key

ISSUER = "Tongyan"
OFFICES = frozenset({"group_head", "district_officer"})
WINDOW = 30  # seconds a clock may be off
RECOVERY_CODES = 10
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that is read for something else
RELEASE_WITHIN = timedelta(hours=72)


class Enrolment(NamedTuple):
    """What is shown to enrol: a picture for the camera (data URL) and the same key to type."""

    image: str
    key: str


class Codes(flask_security.Totp):
    """Codes whose secrets are encrypted with the application's keys; each code is good for once."""

    def __init__(self, keys: Sequence[str]) -> None:
        tagged = {limits.digest(key)[:16]: key for key in keys}
        super().__init__(tagged, ISSUER)
        self._totp = TOTP.using(issuer=ISSUER, wallet=AppWallet(tagged, default_tag=next(iter(tagged))))

    def renewed(self, secret: str) -> str:
        """Return a secret encrypted with the newest of the keys."""
        return str(self._totp.from_source(secret).to_json(encrypt=True))

    def get_last_counter(self, user: Any) -> int | None:
        """Return the time step of the last code used."""
        last: int | None = user.tf_last_counter
        return last

    def set_last_counter(self, user: Any, tmatch: TotpMatch) -> None:
        """Use up a code and all before it."""
        user.tf_last_counter = tmatch.counter


def required_of(actor: Actor) -> bool:
    """Say whether the actor must have a second factor (a demo shows its offices without)."""
    if settings.get("DEMO"):
        return False
    offices = {grant.kind for grant in actor.offices}
    return actor.is_admin or bool(offices & OFFICES) or passwords.profile().factor_for_all


def new_secret() -> str:
    """Return a fresh secret, encrypted."""
    return str(_codes().generate_totp_secret())


def describe(actor: Actor, secret: str) -> Enrolment:
    """Return what the actor scans or types into the application."""
    person = db.session.get_one(Person, actor.person_id)
    return Enrolment(_codes().generate_qrcode(person.login, secret), _codes().get_totp_pretty_key(secret))


def enrol(actor: Actor, secret: str, code: str, token: str) -> list[str]:
    """Take a secret into use once a code proves it, end the other sessions, return the recovery codes (shown once)."""
    with transaction():
        person = _locked(actor.person_id)
        if not _codes().verify_totp(_compact(code), secret, person, window=WINDOW):
            raise Invalid(errors={"code": ["factor.wrong"]})
        person.tf_totp_secret, person.tf_primary_method = secret, "authenticator"
        sessions.show_factor(token)
        sessions.end_all(person.id, but=limits.digest(token))
        _tell(actor, "factor_added")
        return _new_recovery_codes(person)


def remove(actor: Actor) -> None:
    """Do without the second factor; raises Conflict when the actor's office demands one."""
    if required_of(actor):
        raise Conflict("factor.required")
    with transaction():
        _clear(_locked(actor.person_id))
        _tell(actor, "factor_removed")


def renew_recovery_codes(actor: Actor) -> list[str]:
    """Return new recovery codes (shown once); the old ones are void."""
    with transaction():
        person = _locked(actor.person_id)
        if person.tf_totp_secret is None:
            raise Conflict("factor.missing")
        _tell(actor, "recovery_codes")
        return _new_recovery_codes(person)


def use_code(person_id: UUID, code: str) -> bool:
    """Say whether the code is right, and use it up."""
    text = _compact(code)
    with transaction():
        person = _locked(person_id)
        if text.isascii() and text.isdecimal() and len(text) == 6:
            secret = person.tf_totp_secret or ""
            return secret != "" and _codes().verify_totp(text, secret, person, window=WINDOW)
        return _use_recovery_code(person, text)


def release(actor: Actor, person_id: UUID) -> bool:
    """Remove a lost factor when a second administrator agrees; True when done, False when now waiting for one."""
    with transaction():
        person = load(actor, Person, person_id, Action.PERSON_RESET)
        asked = release_asked_by(person)
        done = actor == SYSTEM or asked not in {None, actor.person_id}  # SYSTEM: the console of the server
        if done:
            _clear(person)
            sessions.end_all(person.id)
            publish(CredentialChanged(person.id, "factor_removed"))
        else:
            person.factor_release_by, person.factor_release_at = actor.person_id, now()
        action = "factor.release" if done else "factor.ask_release"
        audit.record(actor, action, user_key(person.id), name=person.name)
    return done


def release_asked_by(person: Person) -> UUID | None:
    """Return the administrator who asked to remove the factor, as long as another may agree."""
    asked_at = person.factor_release_at
    return person.factor_release_by if asked_at is not None and now() - asked_at < RELEASE_WITHIN else None


def encrypt_anew() -> int:
    """Encrypt all secrets with the newest key, so that the older ones can be thrown away; returns how many it were."""
    number = 0
    with transaction() as session:
        stored = select(Person.id, Person.tf_totp_secret).where(Person.tf_totp_secret.is_not(None))
        for person_id, secret in session.execute(stored).all():
            renewed = _codes().renewed(str(secret))
            if renewed != secret:
                same = update(Person).where(Person.id == person_id, Person.tf_totp_secret == secret)
                session.execute(same.values(tf_totp_secret=renewed))
                number += 1
        audit.record(SYSTEM, "factor.encrypt_anew", "accounts", people=number)
    return number


def _tell(actor: Actor, kind: str) -> None:
    publish(CredentialChanged(actor.person_id, kind))
    audit.record(actor, f"credential.{kind}", user_key(actor.person_id))


def _clear(person: Person) -> None:
    person.tf_totp_secret = person.tf_primary_method = person.mf_recovery_codes = person.tf_last_counter = None
    person.factor_release_by = person.factor_release_at = None


def _locked(person_id: UUID) -> Person:
    """Return the person, locked: two requests must not use one code twice."""
    return db.session.get_one(Person, person_id, with_for_update=True, populate_existing=True)


def _new_recovery_codes(person: Person) -> list[str]:
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(12)) for _ in range(RECOVERY_CODES)]
    person.mf_recovery_codes = [_slow_hash(person.id, code) for code in codes]
    return [f"{code[:4]}-{code[4:8]}-{code[8:]}" for code in codes]


def _use_recovery_code(person: Person, code: str) -> bool:
    stored = person.mf_recovery_codes or []
    offered = _slow_hash(person.id, code[:64])
    person.mf_recovery_codes = [kept for kept in stored if not secrets.compare_digest(kept, offered)]
    return len(person.mf_recovery_codes) < len(stored)


def _slow_hash(person_id: UUID, code: str) -> str:
    raw = hash_secret_raw(code.encode(), person_id.bytes, 2, 19 * 1024, 1, 32, Type.ID)
    return raw.hex()


def _compact(code: str) -> str:
    return "".join(char for char in code.lower() if char not in " -")


def _codes() -> Codes:
    return _codes_of(settings.get("SECRET_KEY"), *settings.get("SECRET_KEY_FALLBACKS"))


@lru_cache(maxsize=4)
def _codes_of(*keys: str) -> Codes:
    return Codes([f"totp|{key}" for key in keys])
