"""Public links: whoever has one reads what the licence lets everybody have, until it ends, and learns nothing else."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.access.world import make_resource
from tests.factories import fresh, save
from tests.library import samples
from tongyan.accounts.models import Person
from tongyan.kernel.audit import AuditEntry
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, transaction
from tongyan.kernel.errors import Conflict, Forbidden, Invalid, NotFound, TongyanError
from tongyan.kernel.permissions import Actor, group_key, school_key, user_key
from tongyan.library import services as library
from tongyan.library.models import Licence, PublicLink, Resource, ResourceFile, ResourceKind, ResourceState, TakeDown

Acting = Callable[[Person], Actor]
PASSING = re.compile(rb'nonce="[^"]+"|content="[\w.-]{60,}"|value="[\w.-]{60,}"')


@pytest.fixture
def resource(cast: SimpleNamespace) -> Resource:
    """Give a resource of the owner's, published to the school under CC BY, with one picture."""
    return make_resource(cast, "same_school")


@pytest.fixture
def token(owner: Actor, resource: Resource) -> str:
    """Give the token of a link to it."""
    return library.create_link(owner, resource.id, 7).token


def change(row: Any, **values: Any) -> None:
    """Change a row behind the services' back."""
    with transaction() as session:
        there = session.get_one(type(row), row.id)
        for name, value in values.items():
            setattr(there, name, value)


def body(answer: TestResponse) -> tuple[int, bytes]:
    """Return what an answer says, without what differs each time."""
    return answer.status_code, PASSING.sub(b"", answer.data)


def test_a_link_is_stored_hashed_lasts_its_days_and_is_audited(owner: Actor, resource: Resource) -> None:
    new = library.create_link(owner, resource.id, 7)
    row = fresh(PublicLink, new.link.id)
    assert len(new.token) >= 43, "256 bits"
    assert new.token not in {row.token_hash, str(row.id)}
    assert timedelta(days=6, hours=23) < row.expires_at - now() <= timedelta(days=7)
    deeds = db.session.query(AuditEntry.action, AuditEntry.subject).all()
    assert ("library:link:create", f"resource:{resource.id}") in deeds


@pytest.mark.parametrize("days", [0, -1, 366])
def test_a_link_lasts_a_day_to_a_year(owner: Actor, resource: Resource, days: int) -> None:
    with pytest.raises(Invalid):
        library.create_link(owner, resource.id, days)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"state": ResourceState.DRAFT}, "link.not_shared"),
        ({"licence": Licence.SCHOOL}, "link.licence"),
        ({"licence": Licence.RESERVED}, "link.licence"),
        ({"licence": None}, "link.licence"),
    ],
)
def test_only_what_is_shared_under_an_open_licence_gets_a_link(
    owner: Actor, resource: Resource, values: dict[str, Any], code: str
) -> None:
    change(resource, **values)
    with pytest.raises(Conflict) as refused:
        library.create_link(owner, resource.id, 7)
    assert refused.value.code == code


def test_only_the_owner_makes_links(cast: SimpleNamespace, actor: Acting, resource: Resource) -> None:
    errors: dict[str, type[TongyanError]] = {"colleague": Forbidden, "head": Forbidden, "outsider": NotFound}
    for role, error in errors.items():
        with pytest.raises(error):
            library.create_link(actor(getattr(cast, role)), resource.id, 7)


def test_the_owner_and_the_head_of_the_school_end_a_link(
    cast: SimpleNamespace, actor: Acting, owner: Actor, resource: Resource
) -> None:
    links = [library.create_link(owner, resource.id, 7).link.id for _ in range(2)]
    errors: dict[str, type[TongyanError]] = {"colleague": Forbidden, "outsider": NotFound}
    for role, error in errors.items():
        with pytest.raises(error):
            library.revoke_link(actor(getattr(cast, role)), links[0])
    with pytest.raises(NotFound):
        library.revoke_link(owner, uuid4())
    for by, link_id in zip((owner, actor(cast.head)), links, strict=True):
        ended = library.revoke_link(by, link_id).revoked_at
        assert library.revoke_link(by, link_id).revoked_at == ended, "once is enough"
    assert [link.revoked_at is not None for link in library.links_of(owner, fresh(Resource, resource.id))] == [True] * 2


def test_whoever_has_the_link_reads_and_downloads_without_an_account(
    client: FlaskClient, resource: Resource, token: str
) -> None:
    file = resource.files[0]
    page = client.get(f"/p/{token}", buffered=True)
    assert page.status_code == 200
    assert all(text in page.text for text in (resource.title, "甲老师", "清江实验小学", "CC BY"))
    files = [path for path in re.findall(r'(?:src|href)="(/[^"]+)"', page.text) if str(file.id) in path]
    assert files, "the previews go by the link"
    assert all(path.startswith(f"/p/{token}/files/{file.id}/") for path in files)
    for way in ("original", "preview.pdf", "light.mp4", "thumbnail.webp", "pages/1.webp"):
        answer = client.get(f"/p/{token}/files/{file.id}/{way}", buffered=True)
        assert (answer.status_code, answer.data) == (200, b"\x89PNG picture")
    assert client.get(f"/p/{token}/files/{file.id}/pages/2.webp", buffered=True).status_code == 404
    download = client.get(f"/p/{token}/files/{file.id}/original?download=1", buffered=True)
    assert download.headers["Content-Disposition"].startswith("attachment")
    part = client.get(f"/p/{token}/files/{file.id}/original", headers={"Range": "bytes=1-3"}, buffered=True)
    assert (part.status_code, part.data) == (206, b"PNG")


def test_nobody_in_between_keeps_or_lists_what_a_link_opens(
    client: FlaskClient, resource: Resource, token: str
) -> None:
    for path in ("", f"/files/{resource.files[0].id}/original", f"/files/{resource.files[0].id}/pages/1.webp"):
        headers = client.get(f"/p/{token}{path}", buffered=True).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Robots-Tag"] == "noindex, nofollow"
        if path:
            assert "Set-Cookie" not in headers
            assert "sandbox" in headers["Content-Security-Policy"]


CLOSING: dict[str, Callable[[Actor, PublicLink, Resource], object]] = {
    "revoked": lambda owner, link, _resource: library.revoke_link(owner, link.id),
    "over": lambda _owner, link, _resource: change(link, expires_at=now() - timedelta(seconds=1)),
    "unshared": lambda owner, _link, resource: library.unshare_resource(owner, resource.id),
    "trashed": lambda owner, _link, resource: library.trash_resource(owner, resource.id),
    "taken down": lambda _owner, _link, resource: change(resource, state=ResourceState.TAKEN_DOWN),
    "licence": lambda _owner, _link, resource: change(resource, licence=Licence.SCHOOL),
}


@pytest.mark.parametrize("why", CLOSING)
def test_a_link_that_is_closed_looks_like_one_that_never_was(
    client: FlaskClient, owner: Actor, resource: Resource, why: str
) -> None:
    new = library.create_link(owner, resource.id, 7)
    file_id = resource.files[0].id
    CLOSING[why](owner, new.link, resource)
    for path in ("", f"/files/{file_id}/original", f"/files/{file_id}/pages/1.webp"):
        closed, never = client.get(f"/p/{new.token}{path}"), client.get(f"/p/{'x' * 43}{path}")
        assert body(closed) == body(never)
        assert closed.status_code == 404


def test_a_link_opens_no_other_file_and_no_older_version(
    cast: SimpleNamespace, client: FlaskClient, owner: Actor, token: str, resource: Resource
) -> None:
    other = make_resource(cast, "same_school").files[0]
    assert client.get(f"/p/{token}/files/{other.id}/original", buffered=True).status_code == 404
    library.create_link(owner, resource.id, 7)
    assert client.get(f"/p/{token}/files/{uuid4()}/original", buffered=True).status_code == 404


def test_the_page_describes_the_resource_to_programs(client: FlaskClient, resource: Resource, token: str) -> None:
    change(resource, title="</script><b>山行")
    page = client.get(f"/p/{token}").text
    described = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)
    assert described
    said = json.loads(described[1])
    assert (said["name"], said["url"]) == ("</script><b>山行", f"http://localhost/p/{token}")
    assert said["encoding"][0]["contentUrl"].startswith(f"http://localhost/p/{token}/files/")


def test_a_stranger_asks_that_it_be_closed(client: FlaskClient, resource: Resource, token: str) -> None:
    path = f"/p/{token}/take-down"
    assert path in client.get(f"/p/{token}").text
    form = client.get(path)
    assert (form.status_code, form.headers["Referrer-Policy"]) == (200, "same-origin")
    refused = client.post(path, data={"reason": "", "name": ""})
    assert refused.status_code == 422
    asked = client.post(path, data={"reason": "用了我的照片", "name": "某人", "contact": "a@b.cn"})
    assert asked.location == f"/p/{token}"
    (row,) = db.session.scalars(select(TakeDown).where(TakeDown.resource_id == resource.id))
    assert (row.person_id, row.name, row.reason) == (None, "某人", "用了我的照片")
    change(resource, state=ResourceState.TAKEN_DOWN)
    assert client.post(path, data={"reason": "x", "name": "x"}).status_code == 404


def test_visits_of_the_page_are_counted(client: FlaskClient, owner: Actor, resource: Resource) -> None:
    new = library.create_link(owner, resource.id, 7)
    for _ in range(2):
        client.get(f"/p/{new.token}")
    client.get(f"/p/{new.token}/files/{resource.files[0].id}/original", buffered=True)
    assert fresh(PublicLink, new.link.id).opened == 2


def test_of_a_package_only_what_all_its_readers_see_is_named(
    cast: SimpleNamespace, client: FlaskClient, owner: Actor, resource: Resource
) -> None:
    package = library.create_package(owner, "第二单元")
    heading = library.add_heading(owner, package.id, "山行")
    draft = save(
        Resource(
            title="还没分享的", kind=ResourceKind.MATERIAL, owner_id=cast.owner.id, audience=user_key(cast.owner.id)
        )
    )
    library.add_resources(owner, package.id, [resource.id, draft.id], heading.id)
    change(package, state=ResourceState.PUBLISHED, audience=school_key(cast.core.id), licence=Licence.CC0)
    page = client.get(f"/p/{library.create_link(owner, package.id, 7).token}").text
    assert [text in page for text in ("山行", resource.title, draft.title)] == [True, True, False]
    assert str(resource.id) not in page, "no way to it"


def test_an_interactive_lesson_is_for_those_with_an_account(
    cast: SimpleNamespace, client: FlaskClient, owner: Actor, ingested: Callable[..., ResourceFile]
) -> None:
    file = ingested("互动.zip", samples.archive(("imsmanifest.xml", b"<manifest/>"), ("index.html", b"x")))
    change(
        file.resource,
        state=ResourceState.PUBLISHED,
        audience=group_key(cast.group_a.id),
        licence=Licence.CC_BY,
    )
    page = client.get(f"/p/{library.create_link(owner, file.resource_id, 7).token}").text
    assert ["下载原文件" in page, "打开互动课件" in page] == [True, False]


# pages of those who look after them


@pytest.fixture
def web(cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient]) -> FlaskClient:
    """Give the owner's browser."""
    return sign_in(cast.owner)


def test_the_address_is_shown_once(web: FlaskClient, client: FlaskClient, resource: Resource) -> None:
    path = f"/library/{resource.id}/links"
    assert path in web.get(f"/library/{resource.id}").text
    assert "还没有公开链接" in web.get(path).text
    made = web.post(path, data={"days": "7"})
    address = re.search(r'value="(http://localhost(/p/[\w-]+))"', made.text)
    assert address
    assert client.get(address[2]).status_code == 200
    assert "/p/" not in web.get(path).text.replace("/prefer", "")


@pytest.mark.parametrize("days", ["8", "", "nonsense"])
def test_a_time_that_is_not_on_offer_is_refused(web: FlaskClient, resource: Resource, days: str) -> None:
    assert web.post(f"/library/{resource.id}/links", data={"days": days}).status_code == 422


def test_why_there_is_no_link_is_said(web: FlaskClient, resource: Resource) -> None:
    change(resource, licence=Licence.SCHOOL)
    answer = web.post(f"/library/{resource.id}/links", data={"days": "7"})
    assert (answer.status_code, "它的许可不允许公开使用" in answer.text) == (409, True)


def test_the_list_says_how_each_link_is(web: FlaskClient, owner: Actor, resource: Resource) -> None:
    path = f"/library/{resource.id}/links"
    first, second, _third = (library.create_link(owner, resource.id, 7).link for _ in range(3))
    ended = web.post(f"/library/links/{first.id}/revoke", follow_redirects=True)
    assert "链接已停用" in ended.text
    change(second, expires_at=now() - timedelta(days=1))
    page = web.get(path).text
    assert all(state in page for state in ("有效", "已停用", "已到期"))
    change(resource, licence=Licence.SCHOOL)
    assert "资源没有分享，打不开" in web.get(path).text


def test_the_head_of_the_school_sees_the_links_but_makes_none(
    cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient], resource: Resource, token: str
) -> None:
    assert token
    head = sign_in(cast.head)
    page = head.get(f"/library/{resource.id}/links").text
    assert ["停用" in page, "生成链接" in page] == [True, False]
    assert head.post(f"/library/{resource.id}/links", data={"days": "7"}).status_code == 403
    assert sign_in(cast.colleague).get(f"/library/{resource.id}/links").status_code == 403


def test_many_visits_from_one_address_are_slowed_down(counting: Flask) -> None:
    browser = counting.test_client()
    answers = [browser.get("/p/nothing").status_code for _ in range(125)]
    assert (set(answers), answers[0], answers[-1]) == ({404, 429}, 404, 429)
