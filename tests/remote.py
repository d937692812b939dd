"""A signed-in client over a real connection, and patience, for tests of processes that die."""

import http.client
import time
from base64 import b64encode
from collections.abc import Callable
from typing import Any

from flask import Flask, g
from flask import session as cookie_session
from flask_wtf.csrf import generate_csrf

from tests import factories
from tests.server import Server
from tongyan.accounts.limits import Browser
from tongyan.accounts.models import Person
from tongyan.accounts.sessions import start_session
from tongyan.kernel.db import release


class Browserlike:
    """A signed-in client that speaks tus over a real connection."""

    def __init__(self, server: Server, app: Flask, person: Person | None = None) -> None:
        if person is None:
            factories.post(person := factories.make_person("上传者"), factories.make_school())
        self._port = server.port
        with app.test_request_context():
            cookie_session["token"] = start_session(person, Browser("127.0.0.1", "pytest", "known"), factor=True)
            g.pop("csrf_token", None)  # an earlier client's: the application context is the same
            self._csrf = generate_csrf()
            serializer = app.session_interface.get_signing_serializer(app)
            self._cookie = f"{app.config['SESSION_COOKIE_NAME']}={serializer.dumps(dict(cookie_session))}"

    @property
    def headers(self) -> dict[str, str]:
        """Return what every request of this browser carries."""
        return {"Cookie": self._cookie, "X-CSRF-Token": self._csrf, "Origin": f"http://127.0.0.1:{self._port}"}

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> http.client.HTTPResponse:
        """Send one request and return the answer, read to its end."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        try:
            connection.request(method, path, body, self.headers | {"Tus-Resumable": "1.0.0"} | headers)
            answer = connection.getresponse()
            answer.read()
            return answer
        finally:
            connection.close()

    def move(self, server: Server) -> None:
        """Go on at another web process."""
        self._port = server.port

    def create(self, name: str, content: bytes) -> str:
        """Reserve an upload of this content and return its path."""
        return self.reserve(name, len(content))

    def reserve(self, name: str, size: int) -> str:
        """Reserve an upload of so many bytes and return its path."""
        metadata = f"filename {b64encode(name.encode()).decode()}"
        answer = self.ask("POST", "/uploads", **{"Upload-Length": str(size), "Upload-Metadata": metadata})
        assert answer.status == 201, answer.status
        return answer.headers["Location"]

    def offset(self, path: str) -> int:
        """Return how far the server is."""
        return int(self.ask("HEAD", path).headers["Upload-Offset"])

    def append(self, path: str, offset: int, block: bytes) -> None:
        """Send one chunk."""
        headers = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        self.ask("PATCH", path, block, **headers)


def wait_for(condition: Callable[[], Any], seconds: float = 90, every: float = 0.2) -> Any:
    """Return what the condition gives once it is true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        release()
        if found := condition():
            return found
        time.sleep(every)
    raise TimeoutError
