"""Rows that are there at most once, whoever writes them and how often."""

from typing import Any

from sqlalchemy import literal_column
from sqlalchemy.dialects import postgresql, sqlite

from tongyan.kernel.db import Base, db


def insert_new(model: type[Base], **values: Any) -> bool:
    """Insert a row unless it is there, and say whether it is new (inside a transaction)."""
    dialect = postgresql if db.session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(model.__table__).values(values).on_conflict_do_nothing()
    # what came in is given back: how many rows that was, not every driver says
    return db.session.execute(statement.returning(literal_column("1"))).first() is not None
