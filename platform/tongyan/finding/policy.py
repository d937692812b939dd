"""Who may see and change what: a saved search and what one opened are one's own, synonyms are the administrators'."""

from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, false, true

from tongyan.finding.models import Opened, SavedSearch, SynonymSet
from tongyan.kernel.permissions import Actor, register_policy


class Action(StrEnum):
    """What can be done."""

    SAVED_EDIT = "finding:saved:edit"
    SYNONYMS_EDIT = "finding:synonyms:edit"


def _allows_own(actor: Actor, _action: Any, thing: SavedSearch | Opened) -> bool:
    return thing.person_id == actor.person_id


def _visible_saved(actor: Actor) -> ColumnElement[bool]:
    return SavedSearch.person_id == actor.person_id


def _visible_opened(actor: Actor) -> ColumnElement[bool]:
    return Opened.person_id == actor.person_id


def _allows_synonyms(actor: Actor, _action: Any, _thing: SynonymSet) -> bool:
    return actor.is_admin


def _visible_synonyms(actor: Actor) -> ColumnElement[bool]:
    return true() if actor.is_admin else false()


register_policy(SavedSearch, allows=_allows_own, visible=_visible_saved)
register_policy(Opened, allows=_allows_own, visible=_visible_opened)
register_policy(SynonymSet, allows=_allows_synonyms, visible=_visible_synonyms)
