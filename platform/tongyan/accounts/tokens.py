"""Personal access tokens: how a person's programs sign in. Stored hashed, shown once, never longer than a year.

A token outlives passwords and sessions, since programs would break unseen; that is why its making is told like every
change of a credential, and its owner is shown the list after each change of the password (docs/security/sign-in.md).
"""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlalchemy.orm import contains_eager

from tongyan.accounts.events import CredentialChanged
from tongyan.accounts.limits import digest
from tongyan.accounts.models import ApiToken, Person
from tongyan.accounts.policy import Action
from tongyan.kernel import audit
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, publish, transaction
from tongyan.kernel.errors import Conflict, Invalid
from tongyan.kernel.paging import count
from tongyan.kernel.permissions import Actor, load

PREFIX = "ty_"  # so that scanners for leaked secrets know it
MAX_NAME, MAX_DAYS, AT_ONCE = 64, 366, 20
TOUCH = timedelta(minutes=1)


class NewToken(NamedTuple):
    """A token that was just made; `plain` is shown once and known to nobody afterwards."""

    row: ApiToken
    plain: str


def create_token(actor: Actor, name: str, *, may_write: bool, days: int) -> NewToken:
    """Make a token of the actor's own. Raises Invalid, Conflict."""
    _check(name, days)
    plain = PREFIX + secrets.token_urlsafe(32)
    moment = now()
    with transaction() as session:
        session.get_one(Person, actor.person_id, with_for_update=True)  # two at once must not exceed the limit
        if count(_of(actor)) >= AT_ONCE:
            raise Conflict("token.too_many", limit=AT_ONCE)
        row = ApiToken(
            person_id=actor.person_id,
            name=name.strip(),
            token_hash=digest(plain),
            may_write=may_write,
            created_at=moment,
            expires_at=moment + timedelta(days=days),
        )
        session.add(row)
        session.flush()  # the trail names the id
        publish(CredentialChanged(actor.person_id, "token"))
        audit.record(actor, "token.create", f"token:{row.id}", name=row.name, may_write=may_write, days=days)
    return NewToken(row, plain)


def list_tokens(actor: Actor) -> Sequence[ApiToken]:
    """Return the actor's own tokens that still open something, the latest first."""
    return db.session.scalars(_of(actor).order_by(ApiToken.created_at.desc(), ApiToken.id.desc())).all()


def revoke_token(actor: Actor, token_id: UUID) -> None:
    """End a token at once; once is enough. Raises NotFound."""
    with transaction():
        row = load(actor, ApiToken, token_id, Action.ACCESS_REVOKE)
        if row.revoked_at is None:
            row.revoked_at = now()
            audit.record(actor, "token.revoke", f"token:{row.id}", name=row.name)


def resume(plain: str) -> ApiToken | None:
    """Return the live token with its person (one statement), and count this as use of it.

    It is looked up by its hash: how long that takes tells nothing about the token.
    """
    mine = _live().join(ApiToken.person).options(contains_eager(ApiToken.person))
    mine = mine.where(ApiToken.token_hash == digest(plain), Person.active)
    row = db.session.scalar(mine.execution_options(populate_existing=True))
    if row is not None and (row.last_used_at is None or now() - row.last_used_at > TOUCH):
        _touch(row.id)
    return row


def _live() -> Select[ApiToken]:
    """Select what is neither revoked nor over."""
    return select(ApiToken).where(ApiToken.revoked_at.is_(None), ApiToken.expires_at > now())


def _of(actor: Actor) -> Select[ApiToken]:
    return _live().where(ApiToken.person_id == actor.person_id)


def _touch(token_id: UUID) -> None:
    with transaction() as session:
        session.execute(update(ApiToken).where(ApiToken.id == token_id).values(last_used_at=now()))


def _check(name: str, days: int) -> None:
    errors: dict[str, list[str]] = {}
    if not 1 <= len(name.strip()) <= MAX_NAME:
        errors["name"] = ["token.name"]
    if not 1 <= days <= MAX_DAYS:
        errors["days"] = ["token.days"]
    if errors:
        raise Invalid(errors=errors)
