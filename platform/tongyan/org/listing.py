"""What the lists of org share: rows of several columns by the page, sorting named in the URL, counts within SQL."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, distinct, func, select

from tongyan.kernel.clock import today
from tongyan.kernel.db import db
from tongyan.kernel.paging import MAX_PAGE, PAGE_SIZE, Page, count
from tongyan.org.actors import live
from tongyan.org.models import Group, Membership, Posting, School

Sorts = Mapping[str, Any]  # names in the URL, and the columns they mean


def select_rows(statement: Select[*tuple[Any, ...]], number: int = 1, size: int = PAGE_SIZE) -> Page[Any]:
    """Run a select of several columns as count and page (two statements)."""
    number = min(max(1, number), MAX_PAGE)
    total = count(statement)
    rows = db.session.execute(statement.limit(size).offset((number - 1) * size)).all()
    return Page(rows, total, number, size)


def order(sorts: Sorts, wanted: str) -> Sequence[ColumnElement[Any]]:
    """Return the order of that name, backwards after a "-"; nonsense counts as the first."""
    column = sorts.get(wanted.removeprefix("-"))
    if column is None:
        return [next(iter(sorts.values())).asc()]
    return [column.desc() if wanted.startswith("-") else column.asc()]


def teachers_there() -> ScalarSelect[int]:
    """Return how many people serve at the school of the surrounding select today."""
    there = select(func.count(distinct(Posting.person_id))).where(
        Posting.school_id == School.id, live(Posting, today())
    )
    return there.correlate(School).scalar_subquery()


def groups_there() -> ScalarSelect[str | None]:
    """Return the names of the groups that the school of the surrounding select belongs to today."""
    names = select(func.aggregate_strings(Group.name, "、")).join(Membership, Membership.group_id == Group.id)
    return names.where(Membership.school_id == School.id, live(Membership, today())).correlate(School).scalar_subquery()


def members_there() -> ScalarSelect[int]:
    """Return how many schools belong to the group of the surrounding select today."""
    there = select(func.count()).select_from(Membership)
    return there.where(Membership.group_id == Group.id, live(Membership, today())).correlate(Group).scalar_subquery()


def serving(scope: str, on: date) -> Select[UUID]:
    """Return who serves at a school, or at a member school of a group, on a day."""
    kind, _, place_id = scope.partition(":")
    posted = select(Posting.person_id).where(live(Posting, on))
    if kind == "school":
        return posted.where(Posting.school_id == UUID(place_id))
    members = select(Membership.school_id).where(Membership.group_id == UUID(place_id), live(Membership, on))
    return posted.where(Posting.school_id.in_(members))
