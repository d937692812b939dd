"""kill -9 of web, worker or beat at any moment: after a restart the resource is whole, and every job has ended."""

import hashlib
import http.client
import random
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from flask import Flask, g
from flask import session as cookie_session
from flask_wtf.csrf import generate_csrf
from sqlalchemy import select, update

from tests import factories
from tests.conftest import settings_for_tests
from tests.library import samples
from tests.server import Server
from tongyan.accounts.limits import Browser
from tongyan.accounts.sessions import start_session
from tongyan.app import create_app
from tongyan.kernel.db import Base, db, release, transaction
from tongyan.kernel.files import file_store
from tongyan.kernel.jobs import Job, JobSpec, JobState, enqueue
from tongyan.library import parts
from tongyan.library.models import FileState, ResourceFile

pytestmark = pytest.mark.process

SIZE, CHUNK = 24 << 20, 1 << 19
KILLS = 4


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


class Browserlike:
    """A signed-in client that speaks tus over a real connection."""

    def __init__(self, server: Server, app: Flask) -> None:
        person = factories.make_person("上传者")
        factories.post(person, factories.make_school())
        self._port = server.port
        with app.test_request_context():
            cookie_session["token"] = start_session(person, Browser("127.0.0.1", "pytest", "known"), factor=True)
            g.pop("csrf_token", None)  # an earlier client's: the application context is the same
            self._csrf = generate_csrf()
            serializer = app.session_interface.get_signing_serializer(app)
            self._cookie = f"{app.config['SESSION_COOKIE_NAME']}={serializer.dumps(dict(cookie_session))}"

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> http.client.HTTPResponse:
        """Send one request and return the answer, read to its end."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        try:
            origin = f"http://127.0.0.1:{self._port}"
            always = {"Cookie": self._cookie, "X-CSRF-Token": self._csrf, "Tus-Resumable": "1.0.0", "Origin": origin}
            connection.request(method, path, body, always | headers)
            answer = connection.getresponse()
            answer.read()
            return answer
        finally:
            connection.close()

    def create(self, name: str, content: bytes) -> str:
        """Reserve an upload and return its path."""
        metadata = f"filename {b64encode(name.encode()).decode()}"
        answer = self.ask("POST", "/uploads", **{"Upload-Length": str(len(content)), "Upload-Metadata": metadata})
        assert answer.status == 201, answer.status
        return answer.headers["Location"]

    def offset(self, path: str) -> int:
        """Return how far the server is."""
        return int(self.ask("HEAD", path).headers["Upload-Offset"])

    def append(self, path: str, offset: int, block: bytes) -> None:
        """Send one chunk."""
        headers = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        self.ask("PATCH", path, block, **headers)


def upload(client: Browserlike, path: str, content: bytes, down: threading.Event) -> None:
    """Send chunk after chunk, asking for the offset again whenever the line breaks."""
    offset = 0
    while offset < len(content):
        try:
            offset = client.offset(path)
            client.append(path, offset, content[offset : offset + CHUNK])
            offset = client.offset(path)
        except (OSError, http.client.HTTPException, TypeError):
            down.wait(0.05)


def wait_for(condition: Callable[[], Any], seconds: float = 90) -> Any:
    """Return what the condition gives once it is true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        release()
        if found := condition():
            return found
        time.sleep(0.2)
    raise TimeoutError


def file_named(name: str, *states: FileState) -> ResourceFile | None:
    """Return the file once it is in one of the states."""
    found = db.session.scalar(select(ResourceFile).where(ResourceFile.name == name))
    return found if found is not None and found.state in states else None


def test_upload_survives_the_death_of_the_web_process(world: tuple[Server, Flask]) -> None:
    server, app = world
    seed = time.time_ns()
    print("seed", seed)  # noqa: T201 # to repeat a failure
    chance, content = random.Random(seed), random.Random(seed).randbytes(SIZE)  # noqa: S311 # not for secrets
    client, down = Browserlike(server, app), threading.Event()
    path = client.create("大课.bin", content)
    sender = threading.Thread(target=upload, args=(client, path, content, down))
    sender.start()
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.02, 0.25))
        assert sender.is_alive(), "killed too late to prove anything"
        server.kill("web")
        server.start("web")
    sender.join(60)
    assert not sender.is_alive(), server.log()

    file = wait_for(lambda: file_named("大课.bin", FileState.DOWNLOAD_ONLY, FileState.REJECTED))

    assert (file.state, file.sha256) == (FileState.DOWNLOAD_ONLY, hashlib.sha256(content).hexdigest())
    assert file_store().verify(file.sha256)
    assert not parts.part_path(UUID(path.rpartition("/")[2])).exists()


def test_ingest_survives_the_death_of_the_worker(world: tuple[Server, Flask]) -> None:
    server, app = world
    chance, content = random.Random(), samples.pptx()  # noqa: S311 # not for secrets
    client = Browserlike(server, app)
    path = client.create("山行.pptx", content)
    client.append(path, 0, content)
    for _ in range(2):
        time.sleep(chance.uniform(0.2, 1.5))
        server.kill("worker")
        server.start("worker")

    file = wait_for(lambda: file_named("山行.pptx", FileState.READY, FileState.DOWNLOAD_ONLY, FileState.REJECTED))

    assert file.state is FileState.READY, (file.error_code, server.log())
    assert len(file.pages) == 2
    wait_for(lambda: not db.session.scalars(select(Job).where(Job.state != JobState.DONE)).all(), 30)
    assert file_store().verify(file.sha256)


def test_job_whose_message_was_lost_ends_once_beat_is_back(world: tuple[Server, Flask]) -> None:
    server, _ = world
    server.kill("beat")
    with transaction() as session:
        enqueue(JobSpec("library.sweep", key="lost"))  # this process has no broker: nobody hears of it
        session.execute(update(Job).where(Job.key == "lost").values(sent_at=None))
    server.start("beat")

    ended = wait_for(lambda: db.session.scalar(select(Job.state).where(Job.key == "lost", Job.ended_at.is_not(None))))

    assert ended is JobState.DONE
