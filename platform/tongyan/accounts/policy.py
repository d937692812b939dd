"""Who may see and change accounts. What colleagues know of one another is a matter of org, not of accounts."""

from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, true

from tongyan.accounts.models import ApiToken, Person
from tongyan.kernel.errors import Forbidden
from tongyan.kernel.permissions import VIEW, Actor, register_policy


class Action(StrEnum):
    """Deeds upon an account, and upon a token."""

    ACCESS_REVOKE = "accounts:access:revoke"
    PERSON_DISABLE = "accounts:person:disable"
    PERSON_EDIT = "accounts:person:edit"
    PERSON_END_SESSIONS = "accounts:person:end_sessions"
    PERSON_RESET = "accounts:person:reset"


NEVER_ONESELF = frozenset({Action.PERSON_DISABLE, Action.PERSON_RESET})


def allows(actor: Actor, action: Any, person: Person) -> bool:
    """Administrators keep accounts, but lock out or reset nobody through their own; people see their own."""
    if action == VIEW:
        return actor.is_admin or actor.person_id == person.id
    return actor.is_admin and not (action in NEVER_ONESELF and actor.person_id == person.id)


def visible(actor: Actor) -> ColumnElement[bool]:
    """Return the filter of accounts the actor may see."""
    return true() if actor.is_admin else Person.id == actor.person_id


def require_admin(actor: Actor) -> None:
    """Raise Forbidden when the actor is no administrator (for deeds that have no object yet)."""
    if not actor.is_admin:
        raise Forbidden


def _allows_token(actor: Actor, _action: Any, token: ApiToken) -> bool:
    """A token is its owner's alone; an administrator ends it by closing the account."""
    return token.person_id == actor.person_id


def _visible_token(actor: Actor) -> ColumnElement[bool]:
    return ApiToken.person_id == actor.person_id


register_policy(ApiToken, allows=_allows_token, visible=_visible_token)
register_policy(Person, allows=allows, visible=visible)
