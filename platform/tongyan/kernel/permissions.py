"""Who may see and do what: actors, audiences, and the pair of rules every feature registers.

An object has one audience, stored as one indexed string; an actor has a set of audience keys. Each feature's
`policy.py` holds `allows()` (one object) beside `visible()` (the same rule as a SQL filter) and registers the pair.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, inspect, select

from tongyan.kernel.db import db
from tongyan.kernel.errors import Forbidden, NotFound

T = TypeVar("T")

VIEW = "view"
PUBLIC = "public"


def user_key(person_id: UUID) -> str:
    """Return the audience of one person."""
    return f"user:{person_id}"


def school_key(school_id: UUID) -> str:
    """Return the audience of one school's staff."""
    return f"school:{school_id}"


def group_key(group_id: UUID) -> str:
    """Return the audience of all member schools' staff."""
    return f"group:{group_id}"


def region_key(region_id: UUID) -> str:
    """Return the audience of a region: the staff of its schools, and its offices."""
    return f"region:{region_id}"


def prep_group_key(prep_group_id: UUID) -> str:
    """Return the audience of a 备课组."""
    return f"prepgroup:{prep_group_id}"


def partners_key(group_id: UUID) -> str:
    """Return the audience of a group and its partners (伙伴集团)."""
    return f"partners:{group_id}"


def circle_key(circle_id: UUID) -> str:
    """Return the audience of schools that were named together (指定学校)."""
    return f"schools:{circle_id}"


class Audience(NamedTuple):
    """An audience taken apart."""

    kind: str
    id: UUID | None


def parse_audience(text: str) -> Audience:
    """Take an audience apart; raises ValueError when it is none."""
    if text == PUBLIC:
        return Audience(PUBLIC, None)
    kind, _, tail = text.partition(":")
    if kind not in {"user", "prepgroup", "school", "schools", "group", "partners", "region"}:
        raise ValueError(text)
    return Audience(kind, UUID(tail))


class OfficeGrant(NamedTuple):
    """A live office: what, over which scope, and (for a leader of a subject) for which subject."""

    kind: str
    scope: str
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, with everything that decides about rights; made afresh for every request and event."""

    person_id: UUID
    name: str
    school_id: UUID | None = None  # the school in whose name they act
    school_ids: frozenset[UUID] = frozenset()
    group_ids: frozenset[UUID] = frozenset()
    keys: frozenset[str] = field(default=frozenset({PUBLIC}))
    offices: tuple[OfficeGrant, ...] = ()
    is_admin: bool = False

    def holds(self, kind: str, scope: str) -> bool:
        """Say whether the actor holds that office over that scope today."""
        return any((grant.kind, grant.scope) == (kind, scope) for grant in self.offices)

    def holds_over(self, scope: str) -> bool:
        """Say whether the actor holds any office over that scope today."""
        return any(grant.scope == scope for grant in self.offices)


_NOBODY = UUID(int=0)
ANONYMOUS = Actor(_NOBODY, "")
SYSTEM = Actor(_NOBODY, "system", is_admin=True)


Allows = Callable[[Actor, Any, Any], bool]
Visible = Callable[[Actor], ColumnElement[bool]]


class Policy(NamedTuple):
    """The two forms of one rule; they must agree, and a test says so."""

    allows: Allows
    visible: Visible


POLICIES: dict[type[Any], Policy] = {}


def register_policy(model: type[Any], *, allows: Allows, visible: Visible) -> None:
    """Register the rules of a model (at import of the feature's policy)."""
    POLICIES[model] = Policy(allows, visible)


def visible(actor: Actor, model: type[Any]) -> ColumnElement[bool]:
    """Return the filter of what the actor may see of a model."""
    return POLICIES[model].visible(actor)


def can(actor: Actor, action: StrEnum | str, thing: Any) -> bool:
    """Say whether the actor may do that to the thing (for templates; services use `require`)."""
    return POLICIES[type(thing)].allows(actor, action, thing)


def require(actor: Actor, action: StrEnum | str, thing: Any) -> None:
    """Raise NotFound when the thing is hidden from the actor, Forbidden when the action is not theirs."""
    allows = POLICIES[type(thing)].allows
    if not allows(actor, VIEW, thing):
        raise NotFound
    if action != VIEW and not allows(actor, action, thing):
        raise Forbidden


def load(actor: Actor, model: type[T], thing_id: UUID, action: StrEnum | str = VIEW, *options: Any) -> T:
    """Load a visible object and require the action; hidden raises NotFound like missing."""
    key = inspect(model).primary_key[0]
    thing = db.session.scalar(select(model).where(key == thing_id, visible(actor, model)).options(*options))
    if thing is None:
        raise NotFound
    require(actor, action, thing)
    return thing
