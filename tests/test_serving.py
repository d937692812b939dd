"""The web process as it is really served: many requests at once must not get in each other's way."""

import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.server import Server

pytestmark = pytest.mark.process


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path, f"sqlite:///{tmp_path / 'tongyan.db'}")
    server.flask("db", "upgrade")
    server.start("web")
    yield server
    server.stop()


def test_many_requests_at_once_are_all_answered(server: Server) -> None:
    def ask(_: int) -> int:
        with urllib.request.urlopen(f"{server.url}/livez", timeout=20) as answer:  # noqa: S310 # loopback
            return int(answer.status)

    with ThreadPoolExecutor(32) as pool:
        assert set(pool.map(ask, range(200))) == {200}
    assert "Traceback" not in server.log()
