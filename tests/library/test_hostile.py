"""Twelve hostile files in the real converter: nobody is called, nothing of ours comes out, and it ends.

Each goes to LibreOffice although our gate lets only few of them come so far; for those that really call out in a
LibreOffice as it is installed, each of the two walls (the sandbox, the profile) holds alone.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest
from flask import Flask
from PIL import Image
from pypdfium2 import PdfDocument

from tests.library import hostile, samples
from tongyan.library.ingest import formats, office, sandbox
from tongyan.library.ingest.refusal import Refused
from tongyan.library.models import FileState, ResourceFile

NAMES = tuple(hostile.the_files("", "", "", "", ""))
LIVE = ("1.docx", "2.docx", "4.fodt", "6.html")  # what a bare LibreOffice 7.4 does follow
BARE = office.PROFILE[: office.PROFILE.index("<item")] + "</oor:items>"


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let the converter know where its profile is kept."""
    app = Flask(__name__)
    app.config["DATA_DIR"] = str(tmp_path_factory.mktemp("data"))
    with app.app_context():
        yield


class Trap(NamedTuple):
    """A listening canary, and secrets lying where a converter might find them."""

    files: dict[str, Callable[[], bytes]]
    calls: list[bytes]
    folder: Path

    def convert(self, name: str) -> Path | None:
        """Let the converter have the file; None when it gave up."""
        work = self.folder / "work"
        work.mkdir()
        source = samples.written(self.folder, "blob", self.files[name]())
        try:
            return office.to_pdf(source, name.rpartition(".")[2], work)
        except Refused:
            return None

    def caught(self, made: Path | None) -> list[str]:
        """Say what went wrong."""
        faults = [f"called: {call!r}" for call in self.calls]
        faults += [f"ran: {path}" for path in self.folder.rglob("macro.txt")]
        if made is not None:
            faults += seen_in(made)
        return faults


def seen_in(path: Path) -> list[str]:
    """Name what of ours stands in a PDF."""
    faults = []
    document = PdfDocument(path)
    for page in document:
        words = page.get_textpage()
        if hostile.SENTINEL in words.get_text_bounded():
            faults.append("our text")
        words.close()
        sizes = [found.get_px_size() for found in page.get_objects() if found.type == 3]
        if hostile.SENTINEL_SIZE in sizes:
            faults.append("our picture")
        page.close()
    document.close()
    return faults


@pytest.fixture
def trap(settled: None, tmp_path: Path) -> Iterator[Trap]:
    """Set the trap; whoever calls gets a picture, so that a caller would call again."""
    secret = tmp_path / "secret.png"
    Image.new("RGB", hostile.SENTINEL_SIZE, "red").save(secret)
    text = samples.written(tmp_path, "secret.txt", hostile.SENTINEL.encode())
    calls: list[bytes] = []
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]

        def listen() -> None:
            while not over.is_set():
                try:
                    line, _ = server.accept()
                except TimeoutError:
                    continue
                with line:
                    calls.append(line.recv(200))
                    line.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: image/png\r\n\r\n" + secret.read_bytes())

        thread = threading.Thread(target=listen)
        thread.start()
        http, unc = f"http://127.0.0.1:{port}", f"//127.0.0.1:{port}/share/b.png"
        yield Trap(
            hostile.the_files(http, unc, str(secret), str(text), str(tmp_path / "work" / "out")), calls, tmp_path
        )
        over.set()
        thread.join()


@pytest.mark.parametrize("name", NAMES)
def test_hostile_file_reaches_nothing_and_ends(trap: Trap, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    if name == "11.docx":  # the converter would calculate until it is ended; fewer seconds prove as much
        monkeypatch.setattr(sandbox, "run", partial(sandbox.run, seconds=10))
    assert trap.caught(trap.convert(name)) == []


@pytest.mark.parametrize("name", LIVE)
def test_bait_is_real(trap: Trap, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Without both walls the converter does follow: so the test above can fail."""
    monkeypatch.setattr(sandbox, "confine", lambda argv, *_args, **_kw: list(argv))
    monkeypatch.setattr(office, "PROFILE", BARE)

    assert trap.caught(trap.convert(name)) != []


@pytest.mark.parametrize("name", [name for name in LIVE if name != "6.html"])  # its frames need the other wall
def test_profile_alone_holds(trap: Trap, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(sandbox, "confine", lambda argv, *_args, **_kw: list(argv))

    assert trap.caught(trap.convert(name)) == []


@pytest.mark.parametrize("name", LIVE)
def test_sandbox_alone_holds(trap: Trap, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(office, "PROFILE", BARE)

    assert trap.caught(trap.convert(name)) == []


@pytest.mark.parametrize(
    ("name", "ours"),
    [("页.doc", "6.html"), ("页.html", "6.html"), ("文.rtf", "7.rtf"), ("文.fodt", "4.fodt"), ("文.txt", "10.fodt")],
)
def test_gate_refuses_what_only_a_converter_would_read(trap: Trap, tmp_path: Path, name: str, ours: str) -> None:
    path = samples.written(tmp_path, "content", trap.files[ours]())

    with pytest.raises(Refused, match=r"file\.type_refused"):
        formats.detect(path, name)


def test_endless_document_ends_in_a_state_and_delays_no_other(
    bring: Callable[..., ResourceFile], run_jobs: Callable[[], int]
) -> None:
    from tests.factories import fresh  # noqa: PLC0415 # the only test here that has a database

    endless, other = bring("无尽.docx", hostile.many_pages()), bring("诗.txt", b"words")
    run_jobs()

    file = fresh(ResourceFile, endless.id)
    assert file.state in {FileState.READY, FileState.DOWNLOAD_ONLY}
    assert file.error_code in {None, "file.too_many_pages", "file.too_slow", "preview.failed"}
    assert fresh(ResourceFile, other.id).state is FileState.READY
