"""Scopes of offices: keys such as "school:<id>", what each kind of office may stand over, and keys within SQL."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, cast, func, literal, select

from tongyan.kernel.db import db
from tongyan.kernel.permissions import Audience, parse_audience
from tongyan.org.models import Group, OfficeKind, Region, School

PLACES: dict[str, type[Group] | type[Region] | type[School]] = {"group": Group, "region": Region, "school": School}
SCOPES: dict[OfficeKind, frozenset[str]] = {
    OfficeKind.GROUP_HEAD: frozenset({"group"}),
    OfficeKind.SCHOOL_HEAD: frozenset({"school"}),
    OfficeKind.LINE_HEAD: frozenset({"group", "school"}),
    OfficeKind.SUBJECT_LEAD: frozenset({"group", "school"}),
    OfficeKind.PREP_LEAD: frozenset({"group", "school"}),
    OfficeKind.RESEARCHER: frozenset({"group", "region"}),
    OfficeKind.DISTRICT_OFFICER: frozenset({"region"}),
}
OF_A_SUBJECT = frozenset({OfficeKind.SUBJECT_LEAD, OfficeKind.PREP_LEAD, OfficeKind.RESEARCHER})


def kinds_over(place: str) -> list[OfficeKind]:
    """Return the kinds of offices there are over a school, a group or a region."""
    return [kind for kind, places in SCOPES.items() if place in places]


def parse_scope(scope: str) -> Audience | None:
    """Take a scope apart; None when it names no school, group or region."""
    try:
        audience = parse_audience(scope)
    except ValueError:
        return None
    return audience if audience.kind in PLACES else None


def scope_ids(scopes: Any, kind: str) -> set[UUID]:
    """Return the ids of the scopes (or audience keys) of one kind."""
    return {UUID(scope.partition(":")[2]) for scope in scopes if scope.startswith(f"{kind}:")}


def place_names(scopes: Iterable[str]) -> dict[str, str]:
    """Return the names of schools, groups and regions by scope."""
    asked, named = list(scopes), {}
    for kind, model in PLACES.items():
        if ids := scope_ids(asked, kind):
            for place_id, name in db.session.execute(select(model.id, model.name).where(model.id.in_(ids))):
                named[f"{kind}:{place_id}"] = name
    return named


def scope_of(kind: str, column: Any) -> ColumnElement[str]:
    """Return the scope of an id within SQL: PostgreSQL writes ids with dashes, SQLite without."""
    digits = func.replace(cast(column, String), "-", "")
    parts = [func.substr(digits, start, length) for start, length in ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))]
    text = literal(f"{kind}:") + parts[0]
    for part in parts[1:]:
        text = text + "-" + part
    return text
