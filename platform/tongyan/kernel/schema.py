"""The schema the code expects and the one the database has. Alembic is loaded when asked for: few processes migrate."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tongyan.kernel.db import db

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parents[1] / "migrations"


def alembic_config() -> "Config":
    """Return Alembic's configuration; the database address comes from the application."""
    from alembic.config import Config  # noqa: PLC0415 # as said above

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


@cache
def expected() -> str | None:
    """Return the newest revision this code knows."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 # as said above

    return ScriptDirectory.from_config(alembic_config()).get_current_head()


def current() -> str | None:
    """Return the revision of the database, None when it was never migrated."""
    from alembic.migration import MigrationContext  # noqa: PLC0415 # as said above

    return MigrationContext.configure(db.session.connection()).get_current_revision()
