"""What goes wrong with one file is said at that file; nothing else is disturbed and nothing is left half-written."""

import errno
import io
import os
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import fresh
from tests.library import samples
from tongyan.accounts.models import Person
from tongyan.kernel import health
from tongyan.kernel.db import db, release, transaction
from tongyan.kernel.errors import TooLarge
from tongyan.kernel.files import file_store
from tongyan.kernel.permissions import Actor
from tongyan.library import parts
from tongyan.library import services as library
from tongyan.library.models import FileState, Resource, ResourceFile, Upload
from tongyan.library.names import clean_path

Bring = Callable[..., ResourceFile]
POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src 'self'"


@pytest.fixture
def web(cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient]) -> FlaskClient:
    """Give the owner's browser."""
    return sign_in(cast.owner)


def batch(*files: tuple[str, bytes]) -> dict[str, Any]:
    """Return what a browser without scripts sends for several files."""
    return {"files": [(io.BytesIO(content), name) for name, content in files]}


def left_lying(app: Flask) -> list[str]:
    """Name part files and scratch (drafts of the store, too) that nobody will use."""
    folder = Path(app.config["DATA_DIR"])
    return [path.name for path in (*folder.glob("scratch/*"), *folder.glob("uploads/*"))]


def test_bad_files_of_a_batch_say_why_and_the_others_go_on(
    web: FlaskClient, app: Flask, run_jobs: Callable[[], int]
) -> None:
    files = (("空.txt", b""), ("坏.pptx", samples.pptx()[:-2000]), ("宏.docm", samples.docx()), ("好.txt", b"words"))
    said = web.post("/library/upload", data=batch(*files), follow_redirects=True).text
    run_jobs()
    page = web.get("/library/upload").text
    release()

    states = dict(db.session.execute(select(ResourceFile.name, ResourceFile.state)).all())
    assert states == {"坏.pptx": FileState.REJECTED, "宏.docm": FileState.REJECTED, "好.txt": FileState.READY}
    assert "空.txt: 这是一个空文件（0 字节），没有收下。请换一个有内容的文件。" in said
    assert "文件已损坏或不完整，没有收下。" in page
    assert "文件里带有宏，没有收下。" in page
    assert left_lying(app) == []


@pytest.mark.parametrize("whose", ["person", "school"])
def test_quota_reached_within_a_batch_keeps_what_came_before(
    web: FlaskClient, app: Flask, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, whose: str
) -> None:
    if whose == "person":
        monkeypatch.setitem(app.config, "PERSON_QUOTA", 100)
    else:
        with transaction():
            cast.core.quota_bytes = 100
    files = (("一.txt", b"1" * 60), ("二.txt", b"2" * 60), ("三.txt", b"3" * 40))

    said = web.post("/library/upload", data=batch(*files), follow_redirects=True).text

    release()
    assert set(db.session.scalars(select(ResourceFile.name))) == {"一.txt", "三.txt"}
    assert "二.txt: " in said
    assert "已用完，这个文件没有收下，已传的都还在。" in said
    assert len(left_lying(app)) == 2


def test_full_disk_is_said_and_the_upload_goes_on_later(web: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    tus = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}
    name = b64encode("山行.txt".encode()).decode()
    created = web.post("/uploads", headers=tus | {"Upload-Length": "10", "Upload-Metadata": f"filename {name}"})
    url = created.headers["Location"]

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        refused = web.patch(url, data=b"01234", headers=tus | {"Upload-Offset": "0"})
        none_at_all = web.post("/uploads", headers=tus | {"Upload-Length": "9", "Upload-Metadata": f"filename {name}"})

    assert (refused.status_code, refused.json["code"], none_at_all.status_code) == (507, "storage_full", 507)
    assert "磁盘满了" in refused.json["message"]
    assert web.head(url, headers=tus).headers["Upload-Offset"] == "0"
    assert web.patch(url, data=b"0123456789", headers=tus | {"Upload-Offset": "0"}).status_code == 204


def test_same_file_twice_at_once_becomes_two_resources_with_one_content(
    app: Flask, owner: Actor, run_jobs: Callable[[], int]
) -> None:
    content = samples.wav()

    def upload(_: int) -> None:
        with app.app_context():
            started = library.start_upload(owner, "范读.wav", len(content))
            library.receive(owner, started.id, 0, io.BytesIO(content))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(upload, range(2)))
    run_jobs()

    release()
    files = db.session.scalars(select(ResourceFile)).all()
    assert [file.state for file in files] == [FileState.READY] * 2
    assert len({file.resource_id for file in files}) == 2
    assert len({file.sha256 for file in files}) == 1
    assert file_store().verify(files[0].sha256)


def test_two_uploads_at_once_do_not_share_the_last_place(
    app: Flask, owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "PERSON_QUOTA", 100)

    def start(number: int) -> bool:
        with app.app_context():
            try:
                return bool(library.start_upload(owner, f"{number}.txt", 60))
            except TooLarge:
                return False

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(start, range(4))) == [False, False, False, True]
    release()
    assert len(db.session.scalars(select(Upload)).all()) == 1


@pytest.mark.parametrize(
    ("name", "content", "sent"),
    [
        ("动图.gif", samples.gif_with(b"<script>alert(1)</script>"), ("image/gif", "inline")),
        ("文档.pdf", b"<html><script>alert(1)</script>\n" + samples.pdf(), ("application/pdf", "attachment")),
        ("包.zip", samples.archive(("a.html", b"<script>alert(1)</script>")), ("application/zip", "attachment")),
        ("字.txt", b"javascript:alert(1) //", ("text/plain; charset=utf-8", "attachment")),
        ("几何.gsp", b"\x00GSP<b>", ("application/octet-stream", "attachment")),
    ],
)
def test_content_of_two_kinds_never_becomes_a_page_of_ours(
    web: FlaskClient, ingested: Bring, name: str, content: bytes, sent: tuple[str, str]
) -> None:
    file = ingested(name, content)
    assert file.state in {FileState.READY, FileState.DOWNLOAD_ONLY}

    answer = web.get(f"/files/{file.id}/original/x.html", buffered=True)

    assert answer.data == content
    assert (answer.headers["Content-Type"], answer.headers["Content-Disposition"].partition(";")[0]) == sent
    assert "x.html" not in answer.headers["Content-Disposition"]
    assert answer.headers.getlist("Content-Security-Policy") == [POLICY]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-site"
    assert answer.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("汉" * 255 + ".pptx", "汉" * 250 + ".pptx"),
        ("𠮷" * 300, "𠮷" * 255),
        ("..\\..\\windows\\〇.txt", "〇.txt"),
        ("/etc/passwd", "passwd"),
        ("a\0b\u200b.txt", "ab.txt"),
        (" 山行.txt. ", "山行.txt"),
    ],
)
def test_names_of_any_length_and_form_are_kept_as_far_as_a_name_can_be(owner: Actor, given: str, kept: str) -> None:
    upload = library.start_upload(owner, given, 5)

    file = fresh(ResourceFile, library.receive(owner, upload.id, 0, io.BytesIO(b"words")).file_id)

    assert file.name == kept
    assert fresh(Resource, file.resource_id).title


def test_folders_never_lead_out() -> None:
    assert clean_path("../..//三上/./第二单元\\..\\山行.pptx") == "三上/第二单元/山行.pptx"


@pytest.mark.parametrize(("scanner", "state"), [(None, "absent"), ("/usr/bin/true", "ok"), ("/nowhere", "silent")])
def test_missing_scanner_is_said_to_whoever_asks_for_readiness(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, scanner: str | None, state: str
) -> None:
    monkeypatch.setattr(health.shutil, "which", lambda _: scanner)

    assert client.get("/readyz").json["parts"]["virus_scan"] == state


def test_part_that_is_lost_is_said_at_its_file(bring: Bring, run_jobs: Callable[[], int]) -> None:
    file = bring("a.txt", b"words")
    upload_id = db.session.scalar(select(Upload.id).where(Upload.file_id == file.id))
    parts.part_path(upload_id).unlink()

    run_jobs()

    file = fresh(ResourceFile, file.id)
    assert (file.state, file.error_code) == (FileState.REJECTED, "file.lost")
