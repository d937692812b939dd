"""Times from a first to a last day, both inclusive; no last day means until further notice."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from tongyan.kernel.db import db
from tongyan.kernel.errors import Conflict, Invalid
from tongyan.org.models import Membership, Office, Partnership, Posting, PrepGroupMember

Dated = Membership | Office | Partnership | Posting | PrepGroupMember


def overlaps(row: type[Dated], from_on: date, to_on: date | None) -> ColumnElement[bool]:
    """Return the filter of rows that share a day with the period."""
    unended = or_(row.to_on.is_(None), row.to_on >= from_on)
    return unended if to_on is None else unended & (row.from_on <= to_on)


def lasts_beyond(row: type[Dated], day: date) -> ColumnElement[bool]:
    """Return the filter of rows that do not end on that day or before."""
    return or_(row.to_on.is_(None), row.to_on > day)


def check_period(from_on: date, to_on: date | None) -> None:
    """Raise Invalid when a period ends before it begins."""
    if to_on is not None and to_on < from_on:
        raise Invalid(errors={"to_on": ["period.order"]})


def end(row: Dated, to_on: date, today: date) -> None:
    """Set the last day. Raises Conflict when it is past already, Invalid for a day before the first or after it."""
    if row.to_on is not None and row.to_on < today:
        raise Conflict("period.over")
    check_period(row.from_on, to_on)
    if row.to_on is not None and to_on > row.to_on:
        raise Invalid(errors={"to_on": ["period.later"]})
    row.to_on = to_on


def lock(model: type[Any], row_id: UUID) -> None:
    """Let two who add periods below the same row go one after the other, so that neither overlooks the other's."""
    db.session.execute(select(model.id).where(model.id == row_id).with_for_update())
