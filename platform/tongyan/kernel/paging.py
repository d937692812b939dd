"""Pages of a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select

from tongyan.kernel.db import db

T = TypeVar("T")
PAGE_SIZE = 24
MAX_PAGE = 10_000


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a longer list; `number` counts from 1."""

    items: Sequence[T]
    total: int
    number: int
    size: int

    @property
    def pages(self) -> int:
        """Return how many pages there are, at least one."""
        return max(1, -(-self.total // self.size))


def select_page(statement: Select[T], number: int = 1, size: int = PAGE_SIZE) -> Page[T]:
    """Run a select of one entity as count and page (two statements)."""
    number = min(max(1, number), MAX_PAGE)
    total = count(statement)
    rows = db.session.scalars(statement.limit(size).offset((number - 1) * size)).unique().all()
    return Page(rows, total, number, size)


def count(statement: Select[Any]) -> int:
    """Return how many rows a select would give, without its order and loading."""
    bare = statement.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
    return db.session.scalar(bare) or 0


def exists(statement: Select[Any]) -> bool:
    """Say whether a select would give any row."""
    return bool(db.session.scalar(select(statement.exists())))
