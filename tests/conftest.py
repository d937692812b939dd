"""Fixtures: an application on each database, emptied before every test; the cast; clients that are signed in."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import make_url

from tests import factories
from tests.sessions import FreshClient, open_session
from tongyan.accounts.models import Person
from tongyan.app import create_app
from tongyan.extensions import limiter
from tongyan.kernel import jobs
from tongyan.kernel.db import Base, db
from tongyan.kernel.permissions import Actor
from tongyan.org.actors import actor_for

POSTGRES_URL = os.environ.get("TONGYAN_TEST_POSTGRES_URL", "")
REDIS_URL = os.environ.get("TONGYAN_TEST_REDIS_URL", "")
DATABASES = ("sqlite", "postgresql")


@pytest.fixture(scope="session", params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of an empty database of each kind."""
    with empty_database(request.param, tmp_path_factory) as url:
        yield url


@contextmanager
def empty_database(kind: str, folders: pytest.TempPathFactory) -> Iterator[str]:
    """Make a database of that kind for the block; yields its address."""
    if kind == "sqlite":
        yield f"sqlite:///{folders.mktemp('sqlite') / 'test.db'}"
        return
    need_postgres()
    with postgres_database() as url:
        yield url


def need_postgres() -> None:
    """Skip what needs PostgreSQL where there is none; never in CI."""
    if POSTGRES_URL:
        return
    if os.environ.get("CI"):
        pytest.fail("TONGYAN_TEST_POSTGRES_URL is not set: run ./dev test")
    pytest.skip("no PostgreSQL: run ./dev test")


def need_redis() -> str:
    """Return the address of the test Redis; skip where there is none, never in CI."""
    if not REDIS_URL and os.environ.get("CI"):
        pytest.fail("TONGYAN_TEST_REDIS_URL is not set: run ./dev test")
    if not REDIS_URL:
        pytest.skip("no Redis: run ./dev test")
    return REDIS_URL


class postgres_database:  # noqa: N801 # used as a context manager, reads as one
    """A fresh database on the test server, dropped at the end."""

    def __enter__(self) -> str:
        self._server = make_url(POSTGRES_URL)
        self._name = f"test_{uuid4().hex}"
        self._run(f'CREATE DATABASE "{self._name}"')
        return self._server.set(database=self._name).render_as_string(hide_password=False)

    def __exit__(self, *_: object) -> None:
        self._run(f'DROP DATABASE "{self._name}" WITH (FORCE)')

    def _run(self, statement: str) -> None:
        engine = sa.create_engine(self._server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sa.text(statement))
        engine.dispose()


@pytest.fixture(scope="session")
def built_app(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Build the application and its tables once per database."""
    app = create_app(settings_for_tests(database, tmp_path_factory.mktemp("data")))
    app.test_client_class = FreshClient
    with app.app_context():
        Base.metadata.create_all(db.engine)
    yield app
    with app.app_context():
        db.engine.dispose()


def settings_for_tests(database: str, data_dir: Path) -> dict[str, Any]:
    """Return settings of an application that runs its jobs only when told to."""
    return {
        "TESTING": True,
        "DATA_DIR": str(data_dir),
        "DATABASE_URL": database,
        "BROKER_URL": "memory://",
        "SEARCH_ENGINE": "postgres" if database.startswith("postgresql") else "whoosh",
        "SECRET_KEY": "test-secret-that-is-long-enough-for-the-rule",
        "PUBLIC_URL": "http://localhost",
        "ALLOW_INSECURE_HTTP": True,
        "WTF_CSRF_ENABLED": False,
        "RATELIMIT_ENABLED": False,
        "SERVER_NAME": None,
    }


@pytest.fixture
def app(built_app: Flask) -> Iterator[Flask]:
    """Give the application with empty tables and an empty data directory, its context pushed."""
    with built_app.app_context():
        empty_tables()
        empty_folder(Path(built_app.config["DATA_DIR"]))
        yield built_app
        db.session.rollback()


def empty_tables() -> None:
    """Delete every row; constraints between tables that point at each other are lifted meanwhile."""
    with db.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("DROP SCHEMA IF EXISTS search_index CASCADE"))  # the engine makes it
            names = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
            connection.execute(sa.text(f"TRUNCATE {names}"))
            return
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())


def empty_folder(folder: Path) -> None:
    """Remove what earlier tests stored, but the database and the secret."""
    for entry in folder.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)


@pytest.fixture
def cast(app: Flask) -> SimpleNamespace:
    """Give two groups and everybody who plays in access rules."""
    return factories.make_cast()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Give a browser that is not signed in."""
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask) -> Callable[[Person], FlaskClient]:
    """Give browsers that are signed in as a person (a real session row, no password typed)."""

    return lambda person: open_session(app, person)


@pytest.fixture
def actor() -> Callable[[Person], Actor]:
    """Turn a person into an actor."""
    return actor_for


@pytest.fixture
def counting(app: Flask) -> Iterator[Flask]:
    """Give a second application on the same data that counts requests and refuses too many."""
    settings = settings_for_tests(app.config["DATABASE_URL"], Path(app.config["DATA_DIR"]))
    strict = create_app({**settings, "RATELIMIT_ENABLED": True})
    strict.test_client_class = FreshClient
    yield strict
    limiter.reset()
    limiter.enabled = False
    with strict.app_context():
        db.engine.dispose()


@pytest.fixture
def count_statements(app: Flask) -> Callable[[Callable[[], Any]], int]:
    """Count what a call asks of the database."""

    def count(call: Callable[[], Any]) -> int:
        seen: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            if not statement.startswith("BEGIN"):
                seen.append(statement)

        sa.event.listen(db.engine, "before_cursor_execute", note)
        try:
            call()
        finally:
            sa.event.remove(db.engine, "before_cursor_execute", note)
        return len(seen)

    return count


@pytest.fixture
def run_jobs() -> Callable[[], int]:
    """Run every queued job, and those they enqueue."""

    def run() -> int:
        db.session.rollback()  # a read begun earlier would not see the jobs of requests since
        return jobs.run_pending()

    return run
