"""Programs of others speak our uploads: tuspy and tus-js-client send, break off, and go on after kill -9 of the web."""

import hashlib
import json
import random
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from tusclient.client import TusClient

from tests.library.test_crashes import file_named
from tests.remote import Browserlike, wait_for
from tests.server import ROOT, Server
from tongyan.kernel.files import file_store
from tongyan.library.models import FileState, ResourceFile
from tools.dev.frontend import node_env

pytestmark = pytest.mark.process

SIZE, CHUNK = 8 << 20, 1 << 19
HALF = SIZE // 2
World = tuple[Server, Flask]


@pytest.fixture
def source(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Give a file on the disk of the sender, another one for every test."""
    path = tmp_path / f"{request.node.name}.bin"
    path.write_bytes(random.Random(path.name).randbytes(SIZE))  # noqa: S311 # not for secrets
    return path


def arrived(source: Path) -> ResourceFile:
    """Return the file once it is stored, and make sure that it is the one that was sent."""
    file: ResourceFile = wait_for(lambda: file_named(source.name, FileState.DOWNLOAD_ONLY, FileState.REJECTED))
    assert (file.state, file.sha256) == (FileState.DOWNLOAD_ONLY, hashlib.sha256(source.read_bytes()).hexdigest())
    assert file_store().verify(file.sha256)
    return file


def restart(server: Server) -> None:
    """Let the web process die as in a power cut, and come back."""
    server.kill("web")
    server.start("web")


def tuspy(browser: Browserlike, server: Server, **how: Any) -> Any:
    """Return an uploader of tuspy."""
    client = TusClient(f"{server.url}/uploads", headers=browser.headers)
    return client.uploader(chunk_size=CHUNK, retries=100, retry_delay=0.2, **how)


def test_tuspy_goes_on_in_another_session_after_the_web_died(world: World, source: Path) -> None:
    server, app = world
    browser = Browserlike(server, app)
    with source.open("rb") as stream:
        first = tuspy(browser, server, file_stream=stream, metadata={"filename": source.name})
        first.upload(stop_at=HALF)
        restart(server)
        second = tuspy(browser, server, file_stream=stream, url=first.url)
        assert second.offset == HALF
        second.upload()

    arrived(source)


def test_tuspy_sends_on_while_the_web_dies(world: World, source: Path) -> None:
    server, app = world
    with source.open("rb") as stream:
        uploader = tuspy(Browserlike(server, app), server, file_stream=stream, metadata={"filename": source.name})
        uploader.upload(stop_at=CHUNK)
        sender = threading.Thread(target=uploader.upload)
        sender.start()
        restart(server)
        sender.join(90)

    assert not sender.is_alive(), server.log()
    arrived(source)


def node(source: Path, server: Server, browser: Browserlike, **how: Any) -> subprocess.Popen[str]:
    """Start tus-js-client; what it remembers of uploads outlives it."""
    told = {"endpoint": f"{server.url}/uploads", "headers": browser.headers, "path": str(source), "chunk": CHUNK}
    told |= {"memory": str(source.with_suffix(".memory")), **how}
    command = ["node", str(ROOT / "tests" / "library" / "tus_client.mjs"), json.dumps(told)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(node_env()))  # noqa: S603


def test_tus_js_client_goes_on_after_it_died_itself(world: World, source: Path) -> None:
    server, app = world
    browser = Browserlike(server, app)
    died, _ = node(source, server, browser, stopAt=HALF).communicate(timeout=60)
    assert "done" not in died

    said, _ = node(source, server, browser).communicate(timeout=90)

    lines = said.splitlines()
    assert lines[0] == "resumed", said
    assert int(next(line for line in lines if line.startswith("sent")).split()[1]) >= HALF
    arrived(source)


def test_tus_js_client_sends_on_while_the_web_dies(world: World, source: Path) -> None:
    server, app = world
    sender = node(source, server, Browserlike(server, app))
    assert sender.stdout is not None
    begun = [sender.stdout.readline(), sender.stdout.readline()]
    restart(server)
    said, _ = sender.communicate(timeout=90)

    assert begun[0] == "new\n"
    assert "done" in said, said + server.log()
    arrived(source)
