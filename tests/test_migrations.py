"""The migrations bring an empty database to exactly what the models say, on both databases."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from alembic import command
from flask import Flask

from tests.conftest import DATABASES, need_postgres, postgres_database, settings_for_tests
from tongyan.app import create_app
from tongyan.kernel import health, schema, search_jobs
from tongyan.kernel.db import Base, db
from tongyan.kernel.schema import alembic_config
from tongyan.library.models import Resource


@pytest.fixture(params=DATABASES)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application whose database has no tables yet."""
    if request.param == "sqlite":
        yield from application(f"sqlite:///{tmp_path / 'fresh.db'}", tmp_path)
        return
    need_postgres()
    with postgres_database() as url:
        yield from application(url, tmp_path)


def application(url: str, folder: Path) -> Iterator[Flask]:
    """Give an application on a database."""
    app = create_app(settings_for_tests(url, folder))
    with app.app_context():
        yield app
        db.session.rollback()
        db.engine.dispose()


@pytest.fixture
def migrated(empty: Flask) -> Flask:
    """An application whose database has just been migrated from nothing."""
    command.upgrade(alembic_config(), "head")
    return empty


def test_migrated_and_declared_tables_are_the_same(migrated: Flask) -> None:
    command.check(alembic_config())


def test_the_tables_of_the_index_are_no_concern_of_theirs(migrated: Flask) -> None:
    search_jobs.rebuild(lambda _: None)
    command.check(alembic_config())
    assert sorted(sa.inspect(db.engine).get_table_names()) == sorted([*Base.metadata.tables, "alembic_version"])


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


def test_what_was_there_before_is_there_after(empty: Flask) -> None:
    command.upgrade(alembic_config(), "0001")
    ids = {"person": uuid4(), "school": uuid4(), "resource": uuid4(), "file": uuid4()}
    with db.engine.begin() as connection:
        for statement in FIRST_ROWS:
            connection.execute(sa.text(statement), {name: plain_id(connection, row) for name, row in ids.items()})
    command.upgrade(alembic_config(), "head")
    resource = db.session.get_one(Resource, ids["resource"])
    assert (resource.title, resource.number, resource.domains) == ("山行", 1, [])
    assert [(file.id, file.version_id) for file in resource.files] == [(ids["file"], None)]
    assert resource.school is not None
    assert resource.school.reviews_resources is False


def plain_id(connection: sa.Connection, row_id: UUID) -> UUID | str:
    """Return an id as the driver takes it where no model says what it is."""
    return row_id.hex if connection.dialect.name == "sqlite" else row_id


FIRST_ROWS = (
    "INSERT INTO person (id, name, login, login_key, active, fs_uniquifier, must_change_password, is_admin, locale,"
    " theme, version, created_at, updated_at) VALUES (:person, '甲', 'jia', 'jia', true, 'x', false, false, 'zh',"
    " 'auto', 1, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)",
    "INSERT INTO school (id, name, short_name, stages, legal_person, owning_authority, active, version, created_at,"
    " updated_at) VALUES (:school, '清江小学', '清江', '[]', true, '', true, 1, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)",
    "INSERT INTO resource (id, title, kind, summary, keywords, owner_id, school_id, audience, state, source, version,"
    " created_at, updated_at) VALUES (:resource, '山行', 'courseware', '', '[]', :person, :school, 'public',"
    " 'published', '', 1, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)",
    "INSERT INTO resource_file (id, resource_id, position, name, path, size, media_type, family, state, created_at,"
    " updated_at) VALUES (:file, :resource, 0, '山行.txt', '', 1, 'text/plain', 'text', 'ready', CURRENT_TIMESTAMP,"
    " CURRENT_TIMESTAMP)",
)
