"""The site's virus scanner: a real ClamAV finds what it knows; one that is silent stops no lesson and is said once."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from tests.library import samples
from tongyan.kernel import health
from tongyan.library.ingest import viruses
from tongyan.library.ingest.refusal import Refused
from tongyan.library.models import FileState, ResourceFile

MARK = b"tongyan-harmless-test-signature"


@pytest.fixture(autouse=True)
def unknown_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every test begin as a process that never asked."""
    monkeypatch.setattr(viruses, "line", viruses.Line())
    monkeypatch.setattr(viruses, "log", structlog.get_logger())


@pytest.fixture
def scanner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put a scanner of our own in the place of the site's."""
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    def make(script: str) -> None:
        samples.written(tmp_path, "clamdscan", f"#!/bin/sh\n{script}\n".encode()).chmod(0o755)

    return make


@pytest.fixture
def clamd(tmp_path: Path, scanner: Callable[[str], None]) -> Iterator[None]:
    """Run a real ClamAV that knows one harmless pattern; it needs no download."""
    daemon, client = (
        shutil.which("clamd", path=f"{os.environ['PATH']}:/usr/sbin"),
        shutil.which("clamdscan", path="/usr/bin"),
    )
    if not (daemon and client):
        assert not os.environ.get("CI"), "clamav-daemon and clamdscan are missing: run ./dev test"
        pytest.skip("no ClamAV: run ./dev test")
    (tmp_path / "db").mkdir()
    samples.written(tmp_path / "db", "test.ndb", f"Tongyan.Test:0:*:{MARK.hex()}\n".encode())
    settings = f"LocalSocket {tmp_path}/socket\nDatabaseDirectory {tmp_path}/db\nForeground yes\n"
    if os.geteuid() == 0:
        settings += "User root\n"
    config = samples.written(tmp_path, "clamd.conf", settings.encode())
    scanner(f'exec {client} -c {config} "$@"')
    process = subprocess.Popen([daemon, "-c", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    try:
        deadline = time.monotonic() + 30
        while not (tmp_path / "socket").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        yield
    finally:
        process.kill()
        process.wait()


def test_real_scanner_finds_what_it_knows_and_lets_the_rest_pass(
    clamd: None, ingested: Callable[..., ResourceFile], client: FlaskClient
) -> None:
    bad, good = ingested("坏.txt", b"words, then " + MARK), ingested("好.txt", b"only words")
    hidden = ingested("藏.docx", samples.with_part(samples.docx(), "word/media/note.txt", MARK))

    assert (bad.state, bad.error_code) == (FileState.REJECTED, "file.virus")
    assert (hidden.state, hidden.error_code) == (FileState.REJECTED, "file.virus")
    assert good.state is FileState.READY
    assert client.get("/readyz").json["parts"]["virus_scan"] == "ok"


def test_silent_scanner_is_noted_once_and_once_when_it_is_back(scanner: Callable[[str], None], tmp_path: Path) -> None:
    file = samples.written(tmp_path, "a.txt", b"words")
    with capture_logs() as logs:
        for script in ("echo no daemon >&2; exit 2", "exit 2", "exit 0", "exit 0", "exit 2"):
            scanner(script)
            viruses.scan(file)

    assert [log["event"] for log in logs] == ["virus_scan_silent", "virus_scan_answers", "virus_scan_silent"]
    assert logs[0]["why"] == "no daemon"


def test_scanner_that_hangs_is_not_asked_again_for_a_while(
    scanner: Callable[[str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = samples.written(tmp_path, "a.txt", b"words")
    monkeypatch.setattr(viruses, "SECONDS", 0.2)
    scanner("sleep 5")
    viruses.scan(file)

    scanner("exit 1")
    viruses.scan(file)  # would be refused, was it asked
    monkeypatch.setattr(viruses.line, "_asked_again_at", 0.0)
    with pytest.raises(Refused, match=r"file\.virus"):
        viruses.scan(file)


@pytest.mark.parametrize("script", ["exit 21", "sleep 5"])
def test_silence_is_said_to_whoever_asks_for_readiness(
    client: FlaskClient, scanner: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    monkeypatch.setattr(health, "PING_SECONDS", 0.3)
    scanner(script)

    assert client.get("/readyz").json["parts"]["virus_scan"] == "silent"
