"""A demo that was loaded once, on SQLite, without a converter and without child processes: quicker, not different."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.conftest import settings_for_tests
from tests.sessions import FreshClient
from tongyan.accounts.models import Person
from tongyan.app import create_app
from tongyan.demo import service
from tongyan.kernel.db import Base, db
from tongyan.kernel.permissions import Actor
from tongyan.library.ingest import child, office, sandbox
from tongyan.org.actors import actor_for


def make_app(folder: Path, **settings: object) -> Flask:
    """Build an application with empty tables."""
    plain = settings_for_tests(f"sqlite:///{folder / 'test.db'}", folder)
    app = create_app({**plain, "DEMO": True, **settings})
    app.test_client_class = FreshClient
    with app.app_context():
        Base.metadata.create_all(db.engine)
    return app


def hurry(patch: pytest.MonkeyPatch) -> None:
    """Read files in this process, and convert none."""
    patch.setattr(office, "available", lambda: "preview.no_office")
    patch.setattr(sandbox, "run_child", run_here)


def run_here(command: str, path: Path, *, folder: Path | None = None, **arguments: Any) -> dict[str, Any]:
    """Do what the child process does."""
    places = {"path": str(path)} | ({"folder": str(folder)} if folder else {})
    return child.COMMANDS[command](**places, **arguments)


def acting(login: str) -> Actor:
    """Return one of the players as an actor."""
    return actor_for(db.session.scalars(select(Person).where(Person.login == login)).one())


@pytest.fixture
def empty() -> Iterator[Flask]:
    """Give an application in which there is nobody, its context pushed."""
    with tempfile.TemporaryDirectory() as folder:
        app = make_app(Path(folder))
        with app.app_context():
            yield app
            db.session.rollback()
            db.engine.dispose()


@pytest.fixture(scope="session")
def loaded_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Load the demo, once for all tests of this process."""
    app = make_app(tmp_path_factory.mktemp("demo"))
    with pytest.MonkeyPatch.context() as patch, app.app_context():
        hurry(patch)
        service.load()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def loaded(loaded_app: Flask) -> Iterator[Flask]:
    """Give the application with the demo, its context pushed; tests read it only."""
    with loaded_app.app_context():
        yield loaded_app
        db.session.rollback()
