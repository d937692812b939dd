"""Untrusted bytes reach neither the network nor our files, and nothing outlives its time."""

import io
import socket
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from docx import Document
from docx.shared import Inches
from PIL import Image
from pypdfium2 import PdfDocument

from tests.factories import fresh, save
from tests.library import samples
from tongyan.kernel.clock import now
from tongyan.kernel.db import transaction
from tongyan.kernel.errors import StorageFull
from tongyan.kernel.files import LocalFileStore, file_store, scratch_dir
from tongyan.library import sweeping
from tongyan.library.ingest import child, office, sandbox
from tongyan.library.ingest.refusal import Refused
from tongyan.library.models import FileState, FileStep, ResourceFile, Step, StepState

pytestmark = pytest.mark.usefixtures("app")

SENTINEL = (37, 41)


@pytest.fixture
def canary() -> Iterator[tuple[int, list[bytes]]]:
    """Listen on a port and remember who called."""
    calls: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        over = threading.Event()

        def listen() -> None:
            while not over.is_set():
                try:
                    line, _ = server.accept()
                except TimeoutError:
                    continue
                with line:
                    calls.append(line.recv(200))

        thread = threading.Thread(target=listen)
        thread.start()
        yield server.getsockname()[1], calls
        over.set()
        thread.join()


def docx_linking_to(*targets: str) -> bytes:
    """Return a document whose pictures lie outside of it."""
    document = Document()
    for number in range(len(targets)):
        picture = io.BytesIO()
        Image.new("RGB", (9, 9), (number, 0, 0)).save(picture, "PNG")
        picture.seek(0)
        document.add_picture(picture, width=Inches(2))
    whole, result = io.BytesIO(), io.BytesIO()
    document.save(whole)
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(result, "w") as linked:
        for name in source.namelist():
            content = source.read(name)
            if name == "word/_rels/document.xml.rels":
                for number, target in enumerate(targets, 1):
                    inside = f'Target="media/image{number}.png"'.encode()
                    content = content.replace(inside, f'Target="{target}" TargetMode="External"'.encode())
            if name == "word/document.xml":
                content = content.replace(b"r:embed=", b"r:link=")
            linked.writestr(name, content)
    return result.getvalue()


def test_conversion_neither_calls_out_nor_reads_our_files(tmp_path: Path, canary: tuple[int, list[bytes]]) -> None:
    port, calls = canary
    secret = tmp_path / "secret.png"
    Image.new("RGB", SENTINEL, "red").save(secret)
    hostile = docx_linking_to(f"http://127.0.0.1:{port}/a.png", f"file://{secret}", f"//127.0.0.1:{port}/b.png")
    source = samples.written(tmp_path, "blob", hostile)
    folder = tmp_path / "work"
    folder.mkdir()

    made = office.to_pdf(source, "docx", folder)

    assert calls == []
    assert SENTINEL not in pictures_in(made)


def pictures_in(path: Path) -> list[tuple[int, int]]:
    """Return the sizes in pixels of all pictures of a PDF."""
    document = PdfDocument(path)
    sizes = []
    for page in document:
        sizes += [found.get_px_size() for found in page.get_objects() if found.type == 3]
        page.close()
    document.close()
    return sizes


def test_child_sees_no_network_and_no_file_but_its_own(tmp_path: Path, canary: tuple[int, list[bytes]]) -> None:
    port, calls = canary
    secret = samples.written(tmp_path, "secret", b"secret")
    script = (
        "import os, socket\n"
        f"print(os.path.exists({str(secret)!r}), os.path.exists('/etc/passwd'), os.getuid())\n"
        f"socket.create_connection(('127.0.0.1', {port}), 2)"
    )
    argv = sandbox.confine([sys.executable, "-c", script], [sys.prefix, sys.base_prefix], [])

    assert sandbox.run(argv).output == b"False False 65534\n"
    assert calls == []


@pytest.mark.parametrize("way", ["bwrap", "unshare"])
def test_what_takes_too_long_dies_with_all_its_children(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    monkeypatch.setattr(sandbox, "which_sandbox", lambda: way)
    mark = f"{time.time():.3f}"
    argv = sandbox.limited(sandbox.confine(["sh", "-c", f"(setsid sleep 3{mark} &) ; sleep 4{mark}"], [], []))

    with pytest.raises(Refused, match="file.too_slow"):
        sandbox.run(argv, seconds=1)

    time.sleep(0.3)
    assert mark not in subprocess.run(["ps", "ax"], capture_output=True, text=True, check=True).stdout  # noqa: S607


def test_what_eats_memory_dies_early() -> None:
    argv = [sys.executable, "-c", "x = bytearray(4 << 30); print('had it')"]

    assert sandbox.run(sandbox.limited(argv)).output == b""


def test_broken_installation_refuses_no_file(
    bring: Callable[..., ResourceFile], run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = bring("a.txt", b"words")
    monkeypatch.setattr(sandbox, "confine", lambda *_args, **_kw: ["false"])

    run_jobs()

    assert fresh(ResourceFile, file.id).state is FileState.PROCESSING


def test_without_a_sandbox_nothing_is_converted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "which_sandbox", lambda: "")

    assert office.available() == "preview.no_sandbox"


def test_step_that_kills_its_process_is_given_up_and_the_file_ends(
    bring: Callable[..., ResourceFile], run_jobs: Callable[[], int]
) -> None:
    file = bring("古诗.pdf", samples.pdf())
    died_three_times = {"state": StepState.RUNNING, "attempts": 3}
    save(FileStep(file_id=file.id, step=Step.TEXT, **died_three_times))

    run_jobs()

    file = fresh(ResourceFile, file.id)
    assert (file.state, file.error_code) == (FileState.READY, "file.step_failed")


def test_full_disk_costs_no_file(
    bring: Callable[..., ResourceFile], run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = bring("a.txt", b"words")

    def full(*_: object) -> None:
        raise StorageFull

    with monkeypatch.context() as patched:
        patched.setattr(LocalFileStore, "put", full)
        run_jobs()
        for minutes in (1, 2, 3):
            with time_machine.travel(now() + timedelta(minutes=minutes)):
                run_jobs()
    assert fresh(ResourceFile, file.id).state is FileState.PROCESSING

    with time_machine.travel(now() + timedelta(minutes=20)):
        sweeping.resume_lost_files()
        run_jobs()
    assert fresh(ResourceFile, file.id).state is FileState.READY


def test_sweep_takes_what_nothing_refers_to_and_nothing_else(ingested: Callable[..., ResourceFile]) -> None:
    kept = ingested("古诗.pdf", samples.pdf())
    orphan = file_store().put(io.BytesIO(b"nobody wants me")).sha256

    with time_machine.travel(now() + timedelta(hours=23)):
        sweeping.sweep()
        assert file_store().exists(orphan)
    with time_machine.travel(now() + timedelta(hours=25)):
        sweeping.sweep()

    kept = fresh(ResourceFile, kept.id)
    assert not file_store().exists(orphan)
    assert all(
        file_store().exists(sha256) for sha256 in (kept.sha256, kept.thumbnail_sha256, *(p.sha256 for p in kept.pages))
    )


def test_trash_is_emptied_after_thirty_days(ingested: Callable[..., ResourceFile]) -> None:
    file = ingested("a.txt", b"words")
    sha256 = file.sha256
    with transaction():
        file.resource.state, file.resource.trashed_at = "trashed", now()
    with time_machine.travel(now() + timedelta(days=31)):
        sweeping.sweep()

    assert fresh(ResourceFile, file.id) is None
    assert not file_store().exists(sha256)


def test_child_gives_up_memory_time_disk_and_files_before_it_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    given_up: dict[int, tuple[int, int]] = {}
    monkeypatch.setattr(child.resource, "setrlimit", given_up.__setitem__)

    child.limit_myself()

    assert given_up[child.resource.RLIMIT_AS] == (child.MEMORY, child.MEMORY)
    assert given_up[child.resource.RLIMIT_CPU] == (child.CPU_SECONDS, child.CPU_SECONDS)
    assert len(given_up) == 5


@pytest.mark.parametrize(("works", "found"), [({"bwrap", "unshare"}, "bwrap"), ({"unshare"}, "unshare"), (set(), "")])
def test_best_sandbox_that_works_is_taken(monkeypatch: pytest.MonkeyPatch, works: set[str], found: str) -> None:
    monkeypatch.setattr(sandbox, "_succeeds", lambda argv: argv[0] in works)
    monkeypatch.setattr(sandbox.shutil, "which", lambda tool: tool)
    sandbox.which_sandbox.cache_clear()
    try:
        argv = sandbox.confine(["reader"], [], [])
        assert sandbox.which_sandbox() == found
        assert (argv[0], argv[-1]) == (found or "reader", "reader")
    finally:
        sandbox.which_sandbox.cache_clear()


def test_child_that_dies_of_a_file_refuses_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sandbox, "confine", lambda *_args, **_kw: ["true"])

    with pytest.raises(Refused, match=r"file\.too_complex"):
        sandbox.run_child("pages", tmp_path / "x")


def test_converter_that_is_missing_or_fails_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(office.shutil, "which", lambda _: None)
        assert office.available() == "preview.no_office"
    monkeypatch.setattr(sandbox, "confine", lambda *_args, **_kw: ["true"])
    with pytest.raises(Refused, match=r"preview\.failed"):
        office.to_pdf(samples.written(tmp_path, "blob", samples.docx()), "docx", tmp_path)


def test_a_profile_is_furnished_once_and_kept_as_it_was(tmp_path: Path) -> None:
    def convert(name: str) -> dict[Path, bytes]:
        (folder := tmp_path / name).mkdir()
        office.to_pdf(samples.written(folder, "blob", samples.docx()), "docx", folder)
        (kept,) = scratch_dir().glob("office-*")
        assert b"DisableMacrosExecution" in (kept / "user" / "registrymodifications.xcu").read_bytes()
        return {path: path.read_bytes() for path in kept.rglob("*") if path.is_file()}

    first = convert("first")
    assert len(first) > 10
    assert convert("second") == first


def test_a_profile_that_is_not_furnished_in_time_is_used_fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def never(*_: object, **__: object) -> None:
        raise Refused("file.too_slow")

    with monkeypatch.context() as patched, pytest.raises(Refused, match=r"file\.too_slow"):
        patched.setattr(sandbox, "run", never)
        office.to_pdf(samples.written(tmp_path, "blob", samples.docx()), "docx", tmp_path)
    (kept,) = scratch_dir().glob("office-*")
    assert [path.name for path in kept.rglob("*") if path.is_file()] == ["registrymodifications.xcu"]
