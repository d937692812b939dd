"""Who may do what in the curriculum: it is open to everybody, administrators tend it, heads choose for their school."""

from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, true

from tongyan.curriculum.models import Node, NodeChange, SchoolEdition, Standard
from tongyan.kernel.permissions import VIEW, Actor, register_policy, school_key
from tongyan.org.models import OfficeKind, School


class Action(StrEnum):
    """What can be done."""

    EDITIONS_CHOOSE = "curriculum:editions:choose"
    NODE_EDIT = "curriculum:node:edit"
    STANDARD_EDIT = "curriculum:standard:edit"


def allows(actor: Actor, action: Any, _thing: Node | Standard) -> bool:
    """Everybody reads the national curriculum, administrators change it."""
    return action == VIEW or actor.is_admin


def visible(_actor: Actor) -> ColumnElement[bool]:
    """All of it."""
    return true()


def _allows_change(actor: Actor, _action: Any, _change: NodeChange) -> bool:
    return actor.is_admin


def _visible_change(actor: Actor) -> ColumnElement[bool]:
    return true() if actor.is_admin else NodeChange.id.is_(None)


def _allows_choice(actor: Actor, action: Any, choice: SchoolEdition) -> bool:
    if actor.is_admin:
        return True
    return choice.school_id in actor.school_ids and action == VIEW


def _visible_choice(actor: Actor) -> ColumnElement[bool]:
    return true() if actor.is_admin else SchoolEdition.school_id.in_(actor.school_ids)


def may_choose(actor: Actor, school: School) -> bool:
    """Say whether the actor chooses the editions of a school: its head, or an administrator."""
    return actor.is_admin or actor.holds(OfficeKind.SCHOOL_HEAD, school_key(school.id))


register_policy(Node, allows=allows, visible=visible)
register_policy(Standard, allows=allows, visible=visible)
register_policy(NodeChange, allows=_allows_change, visible=_visible_change)
register_policy(SchoolEdition, allows=_allows_choice, visible=_visible_choice)
