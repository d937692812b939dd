"""The migrations bring an empty database to exactly what the models say, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from flask import Flask

from tests.conftest import DATABASES, need_postgres, postgres_database, settings_for_tests
from tongyan.app import create_app
from tongyan.kernel import health, schema
from tongyan.kernel.db import Base, db
from tongyan.kernel.schema import alembic_config


@pytest.fixture(params=DATABASES)
def migrated(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    if request.param == "sqlite":
        yield from upgraded(f"sqlite:///{tmp_path / 'fresh.db'}", tmp_path)
        return
    need_postgres()
    with postgres_database() as url:
        yield from upgraded(url, tmp_path)


def upgraded(url: str, folder: Path) -> Iterator[Flask]:
    """Give an application whose database has just been migrated from nothing."""
    app = create_app(settings_for_tests(url, folder))
    with app.app_context():
        command.upgrade(alembic_config(), "head")
        yield app
        db.session.rollback()
        db.engine.dispose()


def test_migrated_and_declared_tables_are_the_same(migrated: Flask) -> None:
    command.check(alembic_config())


def test_every_declared_foreign_key_is_there(migrated: Flask) -> None:
    inspector = sa.inspect(db.engine)
    for table in Base.metadata.sorted_tables:
        declared = {(*key.column_keys, key.referred_table.name) for key in table.foreign_key_constraints}
        there = {(*key["constrained_columns"], key["referred_table"]) for key in inspector.get_foreign_keys(table.name)}
        assert there == declared, table.name


def test_readiness_tells_a_migrated_database_from_another(migrated: Flask) -> None:
    assert health.report().parts["schema"] == "ok"
    with db.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0000'"))
    assert schema.current() == "0000"
    assert health.report().parts["schema"] == "outdated"
