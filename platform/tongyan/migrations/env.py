"""Alembic's environment: the schema of the running application's default database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import context
from sqlalchemy import Connection

from tongyan.app import create_app, load_features
from tongyan.kernel.db import Base, db


def run() -> None:
    """Migrate within the application's context, making one if there is none."""
    from flask import has_app_context  # noqa: PLC0415 # only here it matters who called

    if has_app_context():
        migrate()
        return
    with create_app().app_context():
        migrate()


def migrate() -> None:
    """Run the migrations in one transaction."""
    load_features()
    with db.engine.connect() as connection, without_foreign_keys(connection):
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            user_module_prefix="tongyan.kernel.types.",
            compare_type=True,
        )
        context.run_migrations()


@contextmanager
def without_foreign_keys(connection: Connection) -> Iterator[None]:
    """Let SQLite replace a table: dropping the old one would delete, by cascade, all rows that refer to it."""
    raw: Any = connection.connection.dbapi_connection
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        raw.execute("PRAGMA foreign_keys=OFF")  # without effect once a transaction has begun
    with connection.begin():
        yield
        broken = raw.execute("PRAGMA foreign_key_check").fetchall() if sqlite else []
        if broken:
            raise RuntimeError(f"the migration left references to nothing: {broken[:5]}")
    if sqlite:
        raw.execute("PRAGMA foreign_keys=ON")


run()
