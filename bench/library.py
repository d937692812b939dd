"""What comes into the library: an upload beside `cp`, ingest beside bare LibreOffice, and 1,000 malformed files.

`--full` takes 200 office files and 1,000 malformed ones instead of a tenth.
"""

import http.client
import io
import os
import random
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from uuid import UUID

from flask import Flask
from sqlalchemy import select

from bench import Row, full
from bench._malformed import malformed_files
from bench._office import office_files
from blueprints.common.messages import MESSAGES
from tests import factories
from tests.conftest import settings_for_tests
from tests.remote import Browserlike
from tests.server import Server
from tongyan.app import create_app
from tongyan.kernel.db import Base, db
from tongyan.library import services as library
from tongyan.library.ingest.pipeline import ingest
from tongyan.library.models import FileState, ResourceFile
from tongyan.org.actors import actor_for

GIB, PIECE, CHUNK = 1 << 30, 64 << 20, 8 << 20
AT_ONCE = 2
OFFICE, MALFORMED = 200, 1000
PART = 10  # the short form takes one of so many
PULSE = 0.05


def run() -> list[Row]:
    """Measure all three."""
    part = 1 if full() else PART
    return [*uploads(), *conversions(OFFICE // part), *malformed(MALFORMED // part)]


@contextmanager
def _application() -> Iterator[tuple[Flask, Path]]:
    with tempfile.TemporaryDirectory(prefix="tongyan-") as name:
        folder = Path(name)
        app = create_app(settings_for_tests(f"sqlite:///{folder / 'tongyan.db'}", folder))
        with app.app_context():
            Base.metadata.create_all(db.engine)
            yield app, folder
            db.session.rollback()
            db.engine.dispose()


def uploads() -> list[Row]:
    """Send one gibibyte through a real web process."""
    with _application() as (app, folder):
        pieces = [folder / f"piece{number}" for number in range(GIB // PIECE)]
        for seed, piece in enumerate(pieces):
            piece.write_bytes(random.Random(seed).randbytes(PIECE))  # noqa: S311 # not for secrets
        server = Server(folder, app.config["DATABASE_URL"])
        server.start("web")
        try:
            client = Browserlike(server, app)
            with _Watch(lambda argv: f"127.0.0.1:{server.port}" in argv) as web:
                time.sleep(4 * PULSE)  # it must be seen at rest
                at_rest = web.now
                ours, peer = _turn_about(client, server, pieces)
            growth = (web.most - at_rest) / 1e6
        finally:
            server.stop()
    speed = GIB / 1e6 / peer
    name, peer_name = "upload: 1 GiB over tus", "cp + sha256sum"
    return [
        Row(name, GIB / 1e6 / ours, speed, peer_name, "MB/s", 0.7 * speed, more_is_better=True),
        Row("upload: web process grows by", growth, GIB / 1e6, "the file", "MB", 60.0),
    ]


def _turn_about(client: Browserlike, server: Server, pieces: Sequence[Path]) -> tuple[float, float]:
    """Return the seconds of sending one file and of copying it, piece by piece in turn.

    Memory and disk of a virtual machine are fast or slow for seconds at a time: so both meet the same.
    """
    path, ours, peer = client.reserve("大课.mp4", GIB), 0.0, 0.0
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    for number, piece in enumerate(pieces):
        ours += _seconds(partial(_send, client, connection, path, piece, number * PIECE))
        peer += _seconds(partial(_copy, piece, piece.with_suffix(".copy")))
    connection.close()
    return ours, peer


def _send(client: Browserlike, connection: http.client.HTTPConnection, path: str, piece: Path, begin: int) -> None:
    with piece.open("rb") as stream:
        for offset in range(begin, begin + PIECE, CHUNK):
            headers = client.headers | {"Tus-Resumable": "1.0.0", "Upload-Offset": str(offset)}
            headers["Content-Type"] = "application/offset+octet-stream"
            connection.request("PATCH", path, stream.read(CHUNK), headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 204:
                raise RuntimeError(f"{path}: {answer.status}")


def _copy(source: Path, target: Path) -> None:
    subprocess.run(["cp", source, target], check=True)  # noqa: S603, S607
    subprocess.run(["sha256sum", target], check=True, stdout=subprocess.DEVNULL)  # noqa: S603, S607


def conversions(number: int) -> list[Row]:
    """Take office files through all steps, and through LibreOffice alone, the same number at once."""
    files = office_files(number)
    half = len(files) // 2
    with _application() as (app, folder):
        ids = _bring(files)
        # in two halves, turn about: what else the machine does meets both alike
        ours = _seconds(lambda: _ingest(app, ids[:half]))
        peer = _seconds(lambda: _convert(files[:half], folder))
        peer += _seconds(lambda: _convert(files[half:], folder))
        ours += _seconds(lambda: _ingest(app, ids[half:]))
        states = _ended(ids)
    if set(states) != {(FileState.READY, None)}:
        raise RuntimeError(f"not all became ready: {states}")
    rate = number / peer
    name = f"ingest: {number} office files"
    return [Row(name, number / ours, rate, "bare LibreOffice", "/s", 0.9 * rate, more_is_better=True)]


def _convert(files: Sequence[tuple[str, bytes]], folder: Path) -> None:
    """Convert with one LibreOffice per file; each of the workers keeps its profile."""
    profiles: SimpleQueue[Path] = SimpleQueue()
    for number in range(AT_ONCE):
        profiles.put(folder / f"profile{number}")

    def convert(name: str, content: bytes) -> None:
        source, profile = folder / name, profiles.get()
        source.write_bytes(content)
        argv = ["soffice", "--headless", "--norestore", f"-env:UserInstallation=file://{profile}"]
        argv += ["--convert-to", "pdf", "--outdir", str(folder / "out"), str(source)]
        subprocess.run(argv, check=True, capture_output=True)  # noqa: S603
        profiles.put(profile)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(convert, *zip(*files, strict=True)))


def malformed(number: int) -> list[Row]:
    """Take damaged files of every kind through all steps: every one ends, in bounds, and says why."""
    with _application() as (app, folder):
        ids = _bring(malformed_files(number, folder))
        with _Watch(lambda argv: str(folder) in argv) as children:
            slowest = max(_ingest(app, ids))
        ends = _ended(ids)
    _tell(ends)
    known = sum(count for (state, code), count in ends.items() if _is_said(state, code))
    name = f"malformed: of {number}, ended and explained"
    return [
        Row(name, known, number, "all", "", number, more_is_better=True),
        Row("malformed: slowest file", slowest, 60, "the sandbox's limit", "s", 60.0),
        Row("malformed: largest process", children.most / 1e6, 1024, "a GiB", "MB", 1024.0),
    ]


def _is_said(state: FileState, code: str | None) -> bool:
    ended = state is not FileState.PROCESSING
    return ended and (code in MESSAGES if code else state is not FileState.REJECTED)


def _tell(ends: Counter[tuple[FileState, str | None]]) -> None:
    for (state, code), count in ends.most_common():
        print(f"  {count:>5} {state.value:<14} {code or ''}")


def _bring(files: Iterable[tuple[str, bytes]]) -> list[UUID]:
    """Upload files as one teacher; their jobs wait."""
    factories.post(person := factories.make_person("上传者"), factories.make_school())
    actor, ids = actor_for(person), []
    for name, content in files:
        upload = library.start_upload(actor, name, len(content))
        ids.append(library.receive(actor, upload.id, 0, io.BytesIO(content)).file_id)
    db.session.rollback()
    return [file_id for file_id in ids if file_id is not None]


def _ingest(app: Flask, ids: Sequence[UUID]) -> list[float]:
    """Do what the jobs of a worker do, as many at once, and return the seconds of each."""

    def work(file_id: UUID) -> float:
        with app.app_context():
            return _seconds(lambda: ingest(file_id))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(work, ids))


def _ended(ids: Sequence[UUID]) -> Counter[tuple[FileState, str | None]]:
    db.session.rollback()
    rows = db.session.execute(select(ResourceFile.state, ResourceFile.error_code).where(ResourceFile.id.in_(ids)))
    return Counter((state, code) for state, code in rows)


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


class _Watch:
    """Watches processes by their command line; `now` and `most` are the bytes that the largest holds, and ever held."""

    def __init__(self, ours: Callable[[str], bool]) -> None:
        self.now = self.most = 0
        self._ours = ours
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "_Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(PULSE):
            self.now = max((self._held(process) for process in Path("/proc").glob("[0-9]*")), default=0)
            self.most = max(self.most, self.now)

    def _held(self, process: Path) -> int:
        try:
            argv = (process / "cmdline").read_bytes().decode(errors="replace")
            if process.name == str(os.getpid()) or not self._ours(argv):
                return 0
            status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines() if ":" in line)
            return int(status.get("VmRSS", "0 kB").split()[0]) * 1024
        except OSError:  # it ended meanwhile
            return 0
