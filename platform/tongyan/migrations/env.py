"""Alembic's environment: the schema of the running application's default database."""

from alembic import context

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
    with db.engine.begin() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            user_module_prefix="tongyan.kernel.types.",
            compare_type=True,
        )
        context.run_migrations()


run()
