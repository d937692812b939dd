"""Through the real worker: what is shared is found by the other school within seconds, what is taken back no more."""

import http.client
import json
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

import pytest
from flask import Flask
from flask import session as cookie_session
from flask_wtf.csrf import generate_csrf
from sqlalchemy import select, update

from tests import factories
from tests.conftest import DATABASES, empty_database, settings_for_tests
from tests.library import samples
from tests.server import Server
from tongyan.accounts.limits import Browser
from tongyan.accounts.models import Person
from tongyan.accounts.sessions import start_session
from tongyan.app import create_app
from tongyan.kernel.db import Base, db, release, transaction
from tongyan.kernel.permissions import group_key
from tongyan.library.models import FileState, Resource, ResourceFile

pytestmark = pytest.mark.process

SECONDS = 90  # a machine under load; the promise is a few


@pytest.fixture(params=DATABASES)
def world(
    request: pytest.FixtureRequest, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SimpleNamespace]:
    """Give a running server, an application that looks at the same data, and the cast."""
    with empty_database(request.param, tmp_path_factory) as database:
        yield from serving(database, tmp_path)


def serving(database: str, tmp_path: Path) -> Iterator[SimpleNamespace]:
    """Run the product on a database."""
    settings = settings_for_tests(database, tmp_path)
    app, server = create_app(settings), Server(tmp_path, database, SEARCH_ENGINE=settings["SEARCH_ENGINE"])
    with app.app_context():
        Base.metadata.create_all(db.engine)
        cast = factories.make_cast()
        server.start()
        yield SimpleNamespace(app=app, server=server, cast=cast)
        db.session.rollback()
        db.engine.dispose()
    server.stop()


class Teacher:
    """A signed-in browser over a real connection."""

    def __init__(self, server: Server, app: Flask, person: Person) -> None:
        self._port = server.port
        with app.test_request_context():
            cookie_session["token"] = start_session(person, Browser("127.0.0.1", "pytest", "known"), factor=True)
            self.csrf = generate_csrf()
            serializer = app.session_interface.get_signing_serializer(app)
            self._cookie = f"{app.config['SESSION_COOKIE_NAME']}={serializer.dumps(dict(cookie_session))}"

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[Any, str]:
        """Send one request and return the headers and the body of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        try:
            origin = f"http://127.0.0.1:{self._port}"
            always = {"Cookie": self._cookie, "X-CSRF-Token": self.csrf, "Tus-Resumable": "1.0.0", "Origin": origin}
            connection.request(method, path, body, always | headers)
            answer = connection.getresponse()
            assert answer.status < 400, (path, answer.status)
            return answer.headers, answer.read().decode()
        finally:
            connection.close()

    def post(self, path: str, **fields: str) -> None:
        """Send a form."""
        form = urlencode(fields | {"csrf_token": self.csrf}).encode()
        self.ask("POST", path, form, **{"Content-Type": "application/x-www-form-urlencoded"})

    def upload(self, name: str, content: bytes) -> None:
        """Send a file in one piece."""
        metadata = f"filename {b64encode(name.encode()).decode()}"
        headers, _ = self.ask("POST", "/uploads", **{"Upload-Length": str(len(content)), "Upload-Metadata": metadata})
        chunk = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        self.ask("PATCH", headers["Location"], content, **chunk)

    def finds(self, text: str) -> int:
        """Return how many resources a search finds."""
        _, page = self.ask("GET", f"/search?q={quote(text)}")
        return int(page.partition("找到 ")[2].partition(" ")[0])

    def suggestions(self, text: str) -> list[str]:
        """Return what is suggested while one types."""
        _, body = self.ask("GET", f"/search/suggest?q={quote(text)}", Accept="application/json")
        return [each["text"] for each in json.loads(body)["suggestions"]]


def wait_for(condition: Callable[[], Any]) -> Any:
    """Return what the condition gives once it is true."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        release()
        if found := condition():
            return found
        time.sleep(0.2)
    raise TimeoutError


def ready_file() -> ResourceFile | None:
    """Return the uploaded file once its ingest has ended."""
    file = db.session.scalar(select(ResourceFile))
    return file if file is not None and file.state is not FileState.PROCESSING else None


def complete(resource_id: UUID) -> None:
    """Fill in what sharing asks for."""
    with transaction() as session:
        values = {"title": "山行", "subject": "语文", "grade": 3, "stage": "primary"}
        session.execute(update(Resource).where(Resource.id == resource_id).values(values))


def test_shared_is_found_within_seconds_and_taken_back_is_gone_at_once(world: SimpleNamespace) -> None:
    owner, neighbour, outsider = (
        Teacher(world.server, world.app, person)
        for person in (world.cast.owner, world.cast.neighbour, world.cast.outsider)
    )
    owner.upload("山行.pptx", samples.pptx())
    resource_id = wait_for(ready_file).resource_id
    complete(resource_id)
    path = f"/library/{resource_id}"
    assert neighbour.finds("石径斜") == 0

    owner.post(f"{path}/share", audience=group_key(world.cast.group_a.id), licence="cc-by")

    for text in ("石径斜", "斜", "sx"):
        assert wait_for(lambda text=text: neighbour.finds(text)) == 1
        assert outsider.finds(text) == 0
    assert (neighbour.suggestions("sx"), outsider.suggestions("sx")) == (["山行"], [])
    owner.post(f"{path}/unshare")
    assert [neighbour.finds(text) for text in ("石径斜", "斜", "sx")] == [0, 0, 0]
    assert neighbour.suggestions("sx") == []
    assert owner.finds("石径斜") == 1
