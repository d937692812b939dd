"""Shortcuts of the library's tests: bring a file in, with or without its ingest."""

import io
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import settings_for_tests
from tests.factories import fresh
from tests.server import Server
from tongyan.accounts.models import Person
from tongyan.app import create_app
from tongyan.kernel.db import Base, db
from tongyan.kernel.permissions import Actor
from tongyan.library import services as library
from tongyan.library.models import Licence, Resource, ResourceFile


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Flask]]:
    """Give a running server, and an application that looks at the same data."""
    folder = tmp_path_factory.mktemp("server")
    database = f"sqlite:///{folder / 'tongyan.db'}"
    app = create_app(settings_for_tests(database, folder))
    server = Server(folder, database)
    with app.app_context():
        Base.metadata.create_all(db.engine)
        server.start()
        yield server, app
        db.session.rollback()
        db.engine.dispose()
    server.stop()


@pytest.fixture
def owner(cast: SimpleNamespace, actor: Callable[[Person], Actor]) -> Actor:
    """Give the teacher whose resources these are."""
    return actor(cast.owner)


@pytest.fixture
def bring(owner: Actor) -> Callable[..., ResourceFile]:
    """Upload a file in one piece; its ingest waits for `run_jobs`."""

    def upload(name: str, content: bytes, by: Actor = owner, **meant: object) -> ResourceFile:
        started = library.start_upload(by, name, len(content), **meant)
        done = library.receive(by, started.id, 0, io.BytesIO(content))
        return fresh(ResourceFile, done.file_id)

    return upload


@pytest.fixture
def ingested(bring: Callable[..., ResourceFile], run_jobs: Callable[[], int]) -> Callable[..., ResourceFile]:
    """Upload a file and take it through all its steps."""

    def upload(name: str, content: bytes, **meant: object) -> ResourceFile:
        file = bring(name, content, **meant)
        run_jobs()
        return fresh(ResourceFile, file.id)

    return upload


@pytest.fixture
def shared(ingested: Callable[..., ResourceFile]) -> Callable[..., Resource]:
    """Upload a file and publish it to an audience."""

    def share(by: Actor, audience: str, name: str = "山行.txt", content: bytes = "远上寒山".encode()) -> Resource:
        file = ingested(name, content, by=by)
        edit = library.ResourceEdit(
            title=file.resource.title, kind=file.resource.kind, subject="chinese", grade=3, stage="primary"
        )
        library.edit_resource(by, file.resource_id, edit)
        return library.share_resource(by, file.resource_id, audience, Licence.CC_BY)

    return share


@pytest.fixture
def owner_web(cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient]) -> FlaskClient:
    """Give the owner's browser."""
    return sign_in(cast.owner)
