"""Passwords: what a new one must be like, how one is hashed and verified.

Nothing is folded or cut: what was typed is what is verified. Hashing takes much memory on purpose, so only a few run
at once.
"""

import hashlib
import secrets
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import cache
from threading import BoundedSemaphore
from typing import NamedTuple
from uuid import UUID

import argon2
import flask_security

from tongyan.accounts.models import Person
from tongyan.accounts.weakness import guess_bits
from tongyan.kernel import settings
from tongyan.kernel.clock import now
from tongyan.kernel.errors import Invalid

MAX_LENGTH = 128
MIN_BITS = 33.0
ARGON2 = {"memory_cost": 46 * 1024, "time_cost": 1, "parallelism": 1}  # KiB: one of OWASP's equal choices
PRODUCT_WORDS = ("同研",)
DEMO_PASSWORD = "tongyan-demo"  # noqa: S105 # known to everybody, and opens nothing outside of a demo
_at_once = BoundedSemaphore(4)


class Profile(NamedTuple):
    """A set of rules; `modern` follows ASVS, the others GB/T 22239 level 2 and 3 where the two contradict."""

    length: int
    admin_length: int
    classes: int  # of lower case, upper case, digits, signs
    max_age: timedelta | None
    tries: int
    factor_for_all: bool


PROFILES = {
    "modern": Profile(10, 14, 1, None, 10, False),
    "dengbao": Profile(8, 14, 3, timedelta(days=90), 5, False),
    "dengbao3": Profile(8, 14, 3, timedelta(days=90), 5, True),
}

OwnWords = Callable[[UUID], Iterable[str]]
_sources: list[OwnWords] = []


def know_words(source: OwnWords) -> None:
    """Register who knows further words of a person (the names of their schools)."""
    if source not in _sources:
        _sources.append(source)


def profile() -> Profile:
    """Return the rules in force."""
    return PROFILES[settings.get("PASSWORD_PROFILE")]


def accept(person: Person, password: str) -> str:
    """Return the hash of a new password; raises Invalid that names what is wrong. Slow: not in a transaction."""
    if problems := list(_problems(person, password)):
        rules = profile()
        least = rules.admin_length if person.is_admin else rules.length
        raise Invalid(errors={"password": problems}, least=least, classes=rules.classes)
    return hashed(password)


def _problems(person: Person, password: str) -> Iterable[str]:
    rules = profile()
    if len(password) < (rules.admin_length if person.is_admin else rules.length):
        yield "password.short"
    elif len(password) > MAX_LENGTH:
        yield "password.long"
    elif _classes(password) < rules.classes:
        yield "password.classes"
    elif guess_bits(password, _own_words(person)) < MIN_BITS:
        yield "password.weak"
    elif person.password and verify(person, password):
        yield "password.same"


def _classes(password: str) -> int:
    kinds = (str.islower, str.isupper, str.isdecimal, lambda char: not (char.isascii() and char.isalnum()))
    return sum(any(kind(char) for char in password) for kind in kinds)


def _own_words(person: Person) -> list[str]:
    address = (person.email or "").partition("@")[0]
    known = [word for source in _sources for word in source(person.id)]
    return [*PRODUCT_WORDS, *known, person.name, person.name[1:], person.login, person.phone or "", address]


def hashed(password: str) -> str:
    """Return the Argon2id hash of a password."""
    with _at_once:
        return flask_security.hash_password(password)


def verify(person: Person | None, password: str) -> bool:
    """Say whether the password is the person's; without a person it takes just as long."""
    stored = person.password if person else None
    with _at_once:
        right = flask_security.verify_password(password[: MAX_LENGTH + 1], stored or _nobodys_hash())
    opens = password != DEMO_PASSWORD or settings.get("DEMO")
    return right and opens and stored is not None and len(password) <= MAX_LENGTH


@cache
def _nobodys_hash() -> str:
    return flask_security.hash_password(secrets.token_urlsafe(32))


def warm_up() -> None:
    """Make the hash that unknown names are checked against, so that the first of them is not told by its time."""
    _nobodys_hash()


def outdated(person: Person) -> bool:
    """Say whether the hash was made with other parameters than today's."""
    made_with = argon2.extract_parameters(person.password or "")
    return any(getattr(made_with, name) != value for name, value in ARGON2.items())


def mark(person: Person) -> str:
    """Return a mark of the present password, which changes with it and does not tell it."""
    return hashlib.sha256((person.password or "").encode()).hexdigest()


def expired(person: Person) -> bool:
    """Say whether the password must be changed before anything else."""
    age = profile().max_age
    since = person.password_changed_at
    return person.must_change_password or (age is not None and since is not None and now() - since > age)
