"""Interactive lessons: read out of the stored zip by a signed token, and shut in by the headers of every part."""

import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from tests.factories import fresh
from tests.library import samples
from tongyan.accounts.models import Person
from tongyan.kernel.clock import now
from tongyan.kernel.db import transaction
from tongyan.kernel.permissions import Actor, school_key
from tongyan.library import services as library
from tongyan.library.models import FileState, ResourceFile, ResourceState
from tongyan.library.services import scorm

Bring = Callable[..., ResourceFile]

MANIFEST = """<?xml version="1.0"?>
<manifest identifier="m" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2">
  <organizations default="o"><organization identifier="o"><title>山行</title>
    <item identifier="i" identifierref="{item}"><title>课</title></item></organization></organizations>
  <resources>
    <resource identifier="other" type="webcontent" href="other.html"/>
    <resource identifier="r" type="webcontent" href="{href}" {base}/>
  </resources>
</manifest>"""


def lesson(href: str = "index.html", item: str = "r", base: str = "", **files: bytes) -> bytes:
    """Return a package that begins at `href`."""
    manifest = MANIFEST.format(href=href, item=item, base=base).encode()
    named = {name.replace("__", "/"): content for name, content in files.items()}
    return samples.archive(("imsmanifest.xml", manifest), *named.items())


FILM = Random(1).randbytes(200_000)  # noqa: S311 # nothing secret: it only must not look like a bomb
PLAIN = samples.archive(
    ("imsmanifest.xml", MANIFEST.format(href="page/index.html?mode=1", item="r", base="").encode()),
    ("page/index.html", b"<!DOCTYPE html><html><head><title>x</title></head><body>hello</body></html>"),
    ("page/run.js", b"var a = 1;"),
    ("page/data.bin", b"\x00\x01"),
    ("page/film.mp4", FILM),
)


@pytest.fixture
def file(ingested: Bring) -> ResourceFile:
    """Give an interactive lesson of the owner's."""
    return ingested("互动.zip", PLAIN)


@pytest.fixture
def web(cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient]) -> FlaskClient:
    """Give the owner's browser."""
    return sign_in(cast.owner)


@pytest.fixture
def root(owner: Actor, file: ResourceFile) -> str:
    """Give the address below which the lesson lies."""
    return f"/scorm/{library.open_lesson(owner, file.id).token}"


def change(row: Any, **values: Any) -> None:
    """Change a row behind the services' back."""
    with transaction() as session:
        there = session.get_one(type(row), row.id)
        for name, value in values.items():
            setattr(there, name, value)


def test_the_page_of_a_resource_leads_to_its_lesson(web: FlaskClient, file: ResourceFile, ingested: Bring) -> None:
    assert f"/library/files/{file.id}/lesson" in web.get(f"/library/{file.resource_id}").text
    other = ingested("素材.zip", samples.archive(("a.txt", b"x")))
    assert "打开互动课件" not in web.get(f"/library/{other.resource_id}").text
    assert web.get(f"/library/files/{other.id}/lesson").status_code == 404


def test_a_lesson_is_shown_in_a_frame_without_rights(web: FlaskClient, file: ResourceFile) -> None:
    page = web.get(f"/library/files/{file.id}/lesson")
    frame = re.search(r"<iframe[^>]*>", page.text)
    assert frame
    assert 'sandbox="allow-scripts allow-forms"' in frame[0]
    src = re.search(r'src="(http://localhost/scorm/[^"]+)"', frame[0])
    assert src
    assert src[1].endswith("/page/index.html?mode=1")
    policy = page.headers["Content-Security-Policy"]
    assert f"frame-src {src[1].removesuffix('page/index.html?mode=1')};" in policy
    assert "frame-src 'none'" in web.get("/library").headers["Content-Security-Policy"]
    assert "不会保存作答和进度" in page.text


def test_parts_come_out_of_the_zip_with_their_types(client: FlaskClient, root: str) -> None:
    for path, media_type, content in (
        ("page/run.js", "text/javascript", b"var a = 1;"),
        ("page/data.bin", "application/octet-stream", b"\x00\x01"),
        ("page/film.mp4", "video/mp4", FILM),
    ):
        answer = client.get(f"{root}/{path}")
        assert (answer.headers["Content-Type"], answer.data) == (media_type, content)
        assert answer.headers["Content-Length"] == str(len(content))
    assert client.head(f"{root}/page/run.js").status_code == 200


def test_every_part_is_shut_in(client: FlaskClient, root: str) -> None:
    for path in ("page/index.html", "page/run.js"):
        headers = client.get(f"{root}/{path}").headers
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("sandbox allow-scripts allow-forms; ")
        assert f"default-src http://localhost{root}/ " in policy, "its own parts, nothing else of ours"
        assert "form-action 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "ALLOWALL", "its own frames are strangers to each other"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "Set-Cookie" not in headers


def test_a_page_gets_what_stands_for_a_learning_platform(client: FlaskClient, root: str) -> None:
    page = client.get(f"{root}/page/index.html")
    assert page.headers["Content-Type"] == "text/html", "the page itself says its encoding"
    assert page.text.startswith("<!DOCTYPE html><html><head><script>")
    assert all(name in page.text for name in ("window.API =", "window.API_1484_11 =", "hello"))
    assert page.headers["Content-Length"] == str(len(page.data))


@pytest.mark.parametrize(
    ("page", "start"),
    [
        (b"<HTML lang=zh><body>", b"<HTML lang=zh><script>"),
        (b"<!doctype html><p>", b"<!doctype html><script>"),
        (b"plain", b"<script>"),
        (b"<!DOCTYPE html><html><head data-x='1'><title>", b"<!DOCTYPE html><html><head data-x='1'><script>"),
    ],
)
def test_the_stand_in_comes_first_in_any_page(page: bytes, start: bytes) -> None:
    assert scorm.with_stub(page).startswith(start)


@pytest.mark.parametrize(
    "path", ["../imsmanifest.xml", "page/../../x", "page", "page/", "missing.html", "%2e%2e/etc/passwd", "page/\x00"]
)
def test_nothing_outside_of_the_zip_is_sent(client: FlaskClient, root: str, path: str) -> None:
    assert client.get(f"{root}/{path}").status_code == 404


def test_names_are_found_however_they_were_written(owner: Actor, client: FlaskClient, ingested: Bring) -> None:
    name = "课件.html"
    packed = lesson(href=name, **{"x" * len(name.encode("gbk")): b"<p>gbk"})
    file = ingested("甲.zip", packed.replace(b"x" * len(name.encode("gbk")), name.encode("gbk")))
    opened = library.open_lesson(owner, file.id)
    assert opened.entry == name
    assert "gbk" in client.get(f"/scorm/{opened.token}/{name}").text
    slashed = BytesIO()
    with zipfile.ZipFile(slashed, "w") as container:
        container.writestr("imsmanifest.xml", MANIFEST.format(href="a%20b/c.html", item="r", base=""))
        container.writestr("a b/c.html", "<p>space")
    file = ingested("乙.zip", slashed.getvalue())
    assert "space" in client.get(f"/scorm/{library.open_lesson(owner, file.id).token}/a b/c.html").text


@pytest.mark.parametrize(
    ("packed", "entry"),
    [
        (lesson(**{"index.html": b"x"}), "index.html"),
        (lesson(item="nobody", **{"other.html": b"x"}), "other.html"),
        (lesson(base='xml:base="sub/"', **{"sub__index.html": b"x"}), "sub/index.html"),
        (lesson(**{"elsewhere.html": b"x"}), None),
        (samples.archive(("imsmanifest.xml", b"<manifest/>"), ("a.html", b"x")), None),
        (samples.archive(("imsmanifest.xml", b"<broken"), ("a.html", b"x")), None),
        (samples.archive(("imsmanifest.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), ("a.html", b"x")), None),
        (samples.archive(("readme.txt", b"x")), None),
    ],
)
def test_a_lesson_begins_where_its_manifest_says(
    owner: Actor, ingested: Bring, packed: bytes, entry: str | None
) -> None:
    file = ingested("包.zip", packed)
    assert library.is_lesson(file) is (entry is not None)
    if entry:
        assert library.open_lesson(owner, file.id).entry == entry


def test_what_was_refused_or_is_no_zip_is_no_lesson(file: ResourceFile, ingested: Bring) -> None:
    change(file, state=FileState.REJECTED)
    assert not library.is_lesson(fresh(ResourceFile, file.id))
    assert not library.is_lesson(ingested("a.txt", b"words"))
    change(file, state=FileState.READY, sha256=ingested("b.txt", b"no zip").sha256)
    assert not library.is_lesson(fresh(ResourceFile, file.id))


def test_a_page_beyond_its_limit_is_not_read(client: FlaskClient, root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scorm, "MAX_PAGE", 10)
    monkeypatch.setattr(scorm, "MAX_PART", 100)
    assert client.get(f"{root}/page/index.html").status_code == 404
    assert client.get(f"{root}/page/film.mp4").status_code == 404
    assert client.get(f"{root}/page/run.js").status_code == 200


@pytest.mark.parametrize("role", ["colleague", "outsider", "admin"])
def test_who_does_not_see_the_resource_cannot_launch_it(
    cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient], file: ResourceFile, role: str
) -> None:
    assert sign_in(getattr(cast, role)).get(f"/library/files/{file.id}/lesson").status_code == 404


def test_rights_are_asked_for_every_part(
    cast: SimpleNamespace, actor: Callable[[Person], Actor], client: FlaskClient, file: ResourceFile
) -> None:
    change(file.resource, state=ResourceState.PUBLISHED, audience=school_key(cast.core.id))
    path = f"/scorm/{library.open_lesson(actor(cast.colleague), file.id).token}/page/run.js"
    assert client.get(path).status_code == 200
    change(file.resource, state=ResourceState.DRAFT, audience=f"user:{cast.owner.id}")
    assert client.get(path).status_code == 404


def test_the_token_of_somebody_whose_account_is_closed_is_dead(
    cast: SimpleNamespace, client: FlaskClient, root: str
) -> None:
    change(cast.owner, active=False)
    assert client.get(f"{root}/page/run.js").status_code == 404


def test_a_token_is_over_after_a_morning_and_cannot_be_made_up(client: FlaskClient, root: str) -> None:
    for forged in ("x", root.split("/")[2][:-2] + "xx", scorm._signer().dumps(["x", "y"])):
        assert client.get(f"/scorm/{forged}/page/run.js").status_code == 404
    with time_machine.travel(now() + timedelta(hours=4, minutes=1), tick=False):
        assert client.get(f"{root}/page/run.js").status_code == 404


def test_a_token_is_good_for_its_file_alone(owner: Actor, client: FlaskClient, root: str, ingested: Bring) -> None:
    other = ingested("别的.zip", lesson(**{"index.html": b"other", "secret.html": b"secret"}))
    assert library.open_lesson(owner, other.id).entry == "index.html"
    assert client.get(f"{root}/secret.html").status_code == 404


def test_a_file_that_was_lost_is_missing(owner: Actor, client: FlaskClient, root: str, file: ResourceFile) -> None:
    change(file, media_type="text/plain")
    assert client.get(f"{root}/page/run.js").status_code == 404
