"""Files go out under their true name, in parts when asked, and never as a page of ours."""

from collections.abc import Callable
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.library import samples
from tongyan.accounts.models import Person
from tongyan.kernel.audit import AuditEntry
from tongyan.kernel.db import db, release
from tongyan.kernel.permissions import group_key
from tongyan.library.models import Resource, ResourceFile
from tongyan.org.actors import actor_for

SignIn = Callable[[Person], FlaskClient]


@pytest.fixture
def web(cast: SimpleNamespace, sign_in: SignIn) -> FlaskClient:
    """Give the owner's browser."""
    return sign_in(cast.owner)


def url(file: ResourceFile, tail: str = "") -> str:
    """Return the address of the original or of something made from it."""
    return f"/files/{file.id}/{tail or 'original/' + quote(file.name)}"


def test_original_comes_back_byte_for_byte(web: FlaskClient, ingested: Callable[..., ResourceFile]) -> None:
    content = samples.docx()
    file = ingested('《山行》教案 "定稿" 100%.docx', content)

    answer = web.get(url(file), buffered=True)

    assert answer.data == content
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment;")
    assert disposition.endswith(f"filename*=UTF-8''{quote(file.name, safe='')}")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-cache"


def test_media_plays_in_parts_and_downloads_when_asked(web: FlaskClient, ingested: Callable[..., ResourceFile]) -> None:
    file = ingested("范读.wav", samples.wav())

    part = web.get(url(file), headers={"Range": "bytes=10-19"}, buffered=True)
    assert (part.status_code, part.data) == (206, samples.wav()[10:20])
    assert part.headers["Content-Disposition"].startswith("inline;")
    same = web.get(url(file), headers={"If-None-Match": part.headers["ETag"]}, buffered=True)
    assert same.status_code == 304
    stale = web.get(url(file), headers={"Range": "bytes=10-19", "If-Range": '"another"'}, buffered=True)
    assert stale.status_code == 200
    assert web.get(url(file), headers={"Range": "bytes=999999999-"}, buffered=True).status_code == 416
    assert web.get(url(file) + "?download=1", buffered=True).headers["Content-Disposition"].startswith("attachment;")


def test_pages_and_preview_are_ours(web: FlaskClient, ingested: Callable[..., ResourceFile]) -> None:
    file = ingested("古诗.pdf", samples.pdf(2))

    for tail, media_type in (
        ("preview.pdf", "application/pdf"),
        ("pages/2.webp", "image/webp"),
        ("thumbnail.webp", "image/webp"),
    ):
        answer = web.get(url(file, tail), buffered=True)
        assert (answer.status_code, answer.mimetype) == (200, media_type)
        assert answer.headers["Content-Disposition"].startswith("inline;")
    assert web.get(url(file, "pages/3.webp"), buffered=True).status_code == 404
    assert web.get(url(file), buffered=True).headers["Content-Disposition"].startswith("attachment;")


def test_download_is_written_down_once(web: FlaskClient, ingested: Callable[..., ResourceFile]) -> None:
    file = ingested("a.txt", b"words")

    web.get(url(file) + "?download=1", buffered=True)
    web.get(url(file) + "?download=1", headers={"Range": "bytes=2-"}, buffered=True)

    release()
    deeds = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "library:resource:download")).all()
    assert [(deed.actor_name, deed.subject) for deed in deeds] == [("甲老师", f"resource:{file.resource_id}")]


def downloads() -> list[str]:
    """Return the files that somebody took away, as the trail names them."""
    release()
    deeds = select(AuditEntry.data).where(AuditEntry.action == "library:resource:download")
    return [data["name"] for data in db.session.scalars(deeds.order_by(AuditEntry.seq))]


def test_no_way_to_take_a_file_away_goes_past_the_trail(
    web: FlaskClient, ingested: Callable[..., ResourceFile]
) -> None:
    plan, words = ingested("教案.docx", samples.docx()), ingested("a.txt", b"words")

    web.get(url(plan), headers={"Range": "bytes=0-"}, buffered=True)
    web.get(url(words) + "?download=1", headers={"Range": "bytes=1-"}, buffered=True)
    web.get(url(words), buffered=True)  # read in the page

    assert downloads() == ["教案.docx", "a.txt"]


def test_no_answer_tells_when_equal_bytes_came_again(web: FlaskClient, ingested: Callable[..., ResourceFile]) -> None:
    file = ingested("古诗.pdf", samples.pdf())

    for tail in ("", "preview.pdf", "pages/1.webp", "thumbnail.webp"):
        assert "Last-Modified" not in web.get(url(file, tail), buffered=True).headers
    asked = {"If-Modified-Since": "Fri, 31 Dec 2099 23:59:59 GMT"}
    assert web.get(url(file), headers=asked, buffered=True).status_code == 200


@pytest.mark.parametrize(
    ("role", "status"),
    [("neighbour", 200), ("head", 200), ("outsider", 404), ("former", 404), ("admin", 404)],
)
def test_rights_are_those_of_the_resource(
    cast: SimpleNamespace, sign_in: SignIn, shared: Callable[..., Resource], role: str, status: int
) -> None:
    file = shared(actor_for(cast.owner), group_key(cast.group_a.id), "古诗.pdf", samples.pdf()).files[0]
    web = sign_in(getattr(cast, role))

    for tail in ("", "preview.pdf", "pages/1.webp", "thumbnail.webp"):
        assert web.get(url(file, tail), buffered=True).status_code == status


def test_nothing_is_sent_before_the_check_and_after_a_refusal(
    web: FlaskClient, bring: Callable[..., ResourceFile], ingested: Callable[..., ResourceFile]
) -> None:
    assert web.get(url(bring("a.txt", b"words")), buffered=True).status_code == 404
    assert web.get(url(ingested("b.txt", b"<html><script>")), buffered=True).status_code == 404


def test_anonymous_is_asked_to_sign_in(client: FlaskClient, ingested: Callable[..., ResourceFile]) -> None:
    assert client.get(url(ingested("a.txt", b"words"))).status_code in {302, 401}
