"""Many accounts at once, from a sheet: checked, made and given their links in a handful of statements.

For one account there is `service.create_person`; the rules are the same.
"""

import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import InstrumentedAttribute

from tongyan.accounts.events import PersonChanged
from tongyan.accounts.logins import email_key, login_key, login_problems
from tongyan.accounts.models import LinkPurpose, OneTimeLink, Person
from tongyan.accounts.policy import require_admin
from tongyan.accounts.recovery import Activation, draft_link
from tongyan.accounts.service import written_problems
from tongyan.kernel import audit
from tongyan.kernel.batches import batches
from tongyan.kernel.db import db, publish
from tongyan.kernel.ids import new_id
from tongyan.kernel.permissions import Actor, user_key

BATCH = 2000  # rows per statement: no database is asked for more values than it takes


class Newcomer(NamedTuple):
    """A person who has no account yet, as written down by somebody else."""

    name: str
    login: str
    email: str
    phone: str


class Doubt(NamedTuple):
    """What is wrong with one of many: its place, the field, the code; `twin` is the earlier one that it equals."""

    place: int
    field: str
    code: str
    twin: int | None = None


def doubts_about(newcomers: Sequence[Newcomer]) -> Iterator[Doubt]:
    """Name everything that would keep these accounts from being made together (two statements per 2,000)."""
    for index, newcomer in enumerate(newcomers):
        problems = written_problems(newcomer.name, newcomer.email, newcomer.phone)
        for field, codes in problems.items():
            yield Doubt(index, field, codes[0])
        if newcomer.login and (codes := login_problems(newcomer.login)):
            yield Doubt(index, "login", codes[0])
    yield from _clashes(newcomers, "login", login_key, Person.login_key)
    yield from _clashes(newcomers, "email", email_key, Person.email)


def _clashes(
    newcomers: Sequence[Newcomer], field: str, key_of: Callable[[str], str], column: InstrumentedAttribute[Any]
) -> Iterator[Doubt]:
    """Name those whose key is taken, or equals that of an earlier one; look-alikes have one key."""
    first: dict[str, int] = {}
    holders: dict[str, list[int]] = defaultdict(list)
    for index, newcomer in enumerate(newcomers):
        key = key_of(getattr(newcomer, field))
        if not key:
            continue
        holders[key].append(index)
        if first.setdefault(key, index) != index:
            yield Doubt(index, field, f"{field}.doubled", first[key])
    for key in _existing(column, first):
        for index in holders[key]:
            yield Doubt(index, field, f"{field}.taken")


def _existing(column: InstrumentedAttribute[Any], keys: Iterable[str]) -> Iterator[str]:
    for some in batches(keys, BATCH):
        yield from db.session.scalars(select(column).where(column.in_(some)))


def create_all(actor: Actor, newcomers: Sequence[Newcomer]) -> list[UUID]:
    """Create these accounts in the surrounding transaction, without passwords; returns their ids in order."""
    require_admin(actor)
    rows = [_row(newcomer) for newcomer in newcomers]
    for some in batches(rows, BATCH):
        db.session.execute(insert(Person), some)
    for row in rows:
        audit.record(actor, "person.create", user_key(row["id"]), name=row["name"], login=row["login"], is_admin=False)
        publish(PersonChanged(row["id"]))
    return [row["id"] for row in rows]


def _row(newcomer: Newcomer) -> dict[str, Any]:
    return {
        "id": new_id(),
        "name": newcomer.name.strip(),
        "login": newcomer.login,
        "login_key": login_key(newcomer.login),
        "email": email_key(newcomer.email) or None,
        "phone": newcomer.phone or None,
        "fs_uniquifier": secrets.token_urlsafe(32),
        "must_change_password": True,
    }


def links_for(actor: Actor, people: Sequence[Person]) -> list[Activation]:
    """Make the activation link of each in the surrounding transaction, in order; earlier ones are void."""
    require_admin(actor)
    made = [draft_link(person, LinkPurpose.ACTIVATION) for person in people]
    for some in batches(people, BATCH):
        old = delete(OneTimeLink).where(OneTimeLink.purpose == LinkPurpose.ACTIVATION)
        db.session.execute(old.where(OneTimeLink.person_id.in_([person.id for person in some])))
    db.session.add_all([link for link, _ in made])
    for person in people:
        audit.record(actor, "password.start_reset", user_key(person.id), name=person.name)
    return [activation for _, activation in made]
