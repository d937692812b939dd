"""The pages of the library: lists with their filters in the address, one resource, drafts, the trash."""

import io
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from tests.factories import fresh, save
from tests.library import samples
from tongyan.accounts.models import Person
from tongyan.kernel.clock import now
from tongyan.kernel.db import transaction
from tongyan.kernel.permissions import Actor, group_key, school_key
from tongyan.library import services as library
from tongyan.library.models import FileState, Licence, Resource, ResourceFile, ResourceKind, ResourceState

Bring = Callable[..., ResourceFile]
Shared = Callable[..., Resource]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def web(cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient]) -> FlaskClient:
    """Give the owner's browser."""
    return sign_in(cast.owner)


def filled(resource: Resource, **changes: Any) -> dict[str, Any]:
    """Return what the form of a resource sends."""
    kept = {"title": resource.title, "kind": resource.kind.value, "subject": "", "grade": "", "node": ""}
    return kept | {"licence": "cc-by", "version": str(fresh(Resource, resource.id).version)} | changes


def make(cast: SimpleNamespace, title: str, **values: Any) -> Resource:
    """Save a resource that is published to the group."""
    resource = Resource(title=title, owner_id=cast.owner.id, school_id=cast.core.id, state=ResourceState.PUBLISHED)
    resource.audience, resource.published_at = group_key(cast.group_a.id), now()
    resource.kind = ResourceKind.COURSEWARE
    for name, value in values.items():
        setattr(resource, name, value)
    saved: Resource = save(resource)
    return saved


def titles(page: str, names: list[str]) -> list[str]:
    """Return which of the names the page shows."""
    return [name for name in names if name in page]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ["山行课件", "江雪教案"]),
        ("subject=语文", ["山行课件"]),
        ("subject=数学", ["江雪教案"]),
        ("grade=3", ["山行课件"]),
        ("kind=lesson_plan", ["江雪教案"]),
        ("kind=nonsense", ["山行课件", "江雪教案"]),
        ("licence=cc0", ["江雪教案"]),
        ("school={core}&sort=title", ["山行课件", "江雪教案"]),
        ("school={nobody}", []),
        ("school=nonsense&grade=³&page=x&sort=up", ["山行课件", "江雪教案"]),
        ("node={nobody}", []),
        ("mine=1", ["山行课件"]),
        ("page=99999999999999999999", []),
        ("grade=99999999999999999999", ["山行课件", "江雪教案"]),
        ("editions=all&sort=oldest", ["山行课件", "江雪教案"]),
    ],
)
def test_filters_of_the_address_narrow_the_list_and_nonsense_is_no_filter(
    web: FlaskClient, cast: SimpleNamespace, query: str, shown: list[str]
) -> None:
    make(cast, "山行课件", subject="语文", grade=3)
    make(
        cast, "江雪教案", subject="数学", kind=ResourceKind.LESSON_PLAN, licence=Licence.CC0, owner_id=cast.neighbour.id
    )
    path = f"/library?{query}".format(core=cast.core.id, nobody=uuid4())

    for headers in ({}, HTMX):
        answer = web.get(path, headers=headers)
        assert (answer.status_code, titles(answer.text, ["山行课件", "江雪教案"])) == (200, shown)


def test_a_page_behind_the_last_one_leads_back(web: FlaskClient, cast: SimpleNamespace) -> None:
    make(cast, "山行课件", subject="语文")
    page = web.get("/library?subject=语文&page=9").text
    assert "这一页没有内容" in page
    assert "没有符合条件的资源" not in page


@pytest.mark.parametrize("query", ["subject=%00", "mine=1&subject=%00", "sort=%00", "page=-1", "page=%00"])
def test_signs_that_no_database_takes_are_no_crash(web: FlaskClient, query: str) -> None:
    assert web.get(f"/library?{query}").status_code in {200, 400}


def test_list_is_given_as_a_workbook(web: FlaskClient, cast: SimpleNamespace) -> None:
    make(cast, "=山行", subject="语文", grade=3, licence=Licence.CC_BY)
    save(Resource(title="草稿", kind=ResourceKind.EXAM, owner_id=cast.owner.id, audience=f"user:{cast.owner.id}"))

    rows = list(sheet(web.get("/library/export.xlsx").data))
    own = list(sheet(web.get("/library/export.xlsx?mine=1").data))

    said = dict(zip(rows[0], rows[1], strict=True))
    assert (said["标题"], said["类型"], said["学科"], said["年级"]) == ("'=山行", "课件", "语文", "三年级")
    assert (said["所属学校"], said["作者"], said["许可"]) == (cast.core.name, "甲老师", "CC BY")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", said["分享时间"])
    titles_at = rows[0].index("标题")
    assert {row[titles_at] for row in own[1:]} == {"'=山行", "草稿"}


def sheet(content: bytes) -> Any:
    """Return the rows of a workbook."""
    return load_workbook(io.BytesIO(content)).active.values


def test_resource_page_shows_what_it_says_and_its_files(web: FlaskClient, ingested: Bring) -> None:
    file = ingested("古诗.pdf", samples.pdf(2))

    page = web.get(f"/library/{file.resource_id}").text
    part = web.get(f"/library/{file.resource_id}", headers=HTMX).text

    for words in ("古诗.pdf", "2 页", f"/files/{file.id}/original/"):
        assert words in page
        assert words in part
    assert "<html" not in part


def test_same_file_elsewhere_is_pointed_out_to_the_owner_of_a_draft(
    web: FlaskClient, cast: SimpleNamespace, actor: Callable[[Person], Actor], ingested: Bring, shared: Shared
) -> None:
    there = shared(actor(cast.neighbour), group_key(cast.group_a.id), "枫桥夜泊.txt", b"the same")
    mine = ingested("又一份.txt", b"the same")

    page = web.get(f"/library/{mine.resource_id}").text

    assert f"/library/{there.id}" in page
    assert "枫桥夜泊" in page


def test_resource_is_changed_by_its_form(web: FlaskClient, ingested: Bring) -> None:
    resource = ingested("a.txt", b"words").resource
    address = f"/library/{resource.id}/edit"
    assert resource.title in web.get(address).text

    changes = {
        "title": "山行 新课件",
        "kind": "courseware",
        "grade": "3",
        "keywords": "古诗，秋天 杜牧",
        "source": "自编",
    }
    answer = web.post(address, data=filled(resource, **changes))

    assert (answer.status_code, answer.location) == (302, f"/library/{resource.id}")
    changed = fresh(Resource, resource.id)
    assert (changed.title, changed.kind, changed.grade) == ("山行 新课件", ResourceKind.COURSEWARE, 3)
    assert (changed.keywords, changed.source, changed.licence) == (["古诗", "秋天", "杜牧"], "自编", Licence.CC_BY)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": " "}, "请填写标题。"),
        ({"title": "\u200b"}, "请填写标题。"),
        ({"kind": "nonsense"}, "选"),
        ({"keywords": "字" * 33}, "这一项太长了。"),
        ({"version": "0"}, "别人已经改过"),
        ({"version": "nonsense"}, ""),
    ],
)
def test_refused_form_stays_open_with_what_was_filled_in(
    web: FlaskClient, ingested: Bring, changes: dict[str, str], words: str
) -> None:
    resource = ingested("a.txt", b"words").resource
    sent = filled(resource, summary="写了很久的摘要", **changes)

    answer = web.post(f"/library/{resource.id}/edit", data=sent)

    assert answer.status_code in {409, 422}
    assert words in answer.text
    assert "写了很久的摘要" in answer.text
    assert fresh(Resource, resource.id).summary == ""


@pytest.mark.parametrize("node", ["nonsense", "018f0000-0000-7000-8000-000000000000"])
def test_place_that_was_not_offered_is_none(web: FlaskClient, ingested: Bring, node: str) -> None:
    resource = ingested("a.txt", b"words").resource

    assert web.post(f"/library/{resource.id}/edit", data=filled(resource, node=node)).status_code == 302

    assert fresh(Resource, resource.id).node_id is None


def test_draft_is_shared_from_its_page_and_what_lacks_is_said(
    web: FlaskClient, cast: SimpleNamespace, ingested: Bring
) -> None:
    resource = ingested("a.txt", b"words").resource
    address, sent = f"/library/{resource.id}/share", {"audience": group_key(cast.group_a.id), "licence": "cc-by"}

    said = web.post(address, data=sent)
    assert said.status_code == 422
    assert "请选定学科。" in said.text
    assert chosen(said.text) == sent, "what was chosen is kept"
    with transaction() as session:
        session.get_one(Resource, resource.id).subject = "语文"
    web.post(address, data=sent)

    assert fresh(Resource, resource.id).state is ResourceState.PUBLISHED
    assert re.search(rf"<dd>\s*{cast.group_a.name}\s*</dd>", web.get(f"/library/{resource.id}").text)


def test_who_changes_how_it_is_shared_begins_with_how_it_is(
    web: FlaskClient, cast: SimpleNamespace, owner: Actor, shared: Shared
) -> None:
    audience = school_key(cast.core.id)
    resource = shared(owner, audience)

    assert chosen(web.get(f"/library/{resource.id}").text) == {"audience": audience, "licence": "cc-by"}


def chosen(page: str) -> dict[str, str]:
    """Return what is chosen in the selects of a page."""
    selects = re.findall(r'<select[^>]* name="(\w+)"[^>]*>(.*?)</select>', page, re.S)
    tags = [(name, tag) for name, options in selects for tag in re.findall(r"<option[^>]*\sselected[^>]*>", options)]
    return {name: re.findall(r'value="([^"]*)"', tag)[0] for name, tag in tags}


def test_sharing_says_that_a_file_is_still_worked_on(web: FlaskClient, cast: SimpleNamespace, bring: Bring) -> None:
    file = bring("a.txt", b"words")
    sent = {"audience": school_key(cast.core.id), "licence": "cc-by"}

    said = web.post(f"/library/{file.resource_id}/share", data=sent)
    assert said.status_code == 409
    assert "文件还在处理" in said.text


def test_many_drafts_are_shared_at_once_and_what_cannot_says_why(
    web: FlaskClient, cast: SimpleNamespace, owner: Actor, ingested: Bring
) -> None:
    ready, lacking = ingested("好.txt", b"one").resource, ingested("缺.txt", b"two").resource
    library.edit_resource(owner, ready.id, library.ResourceEdit(title="好", kind=ready.kind, subject="语文"))
    sent = {"resource": [str(ready.id), str(lacking.id)], "audience": group_key(cast.group_a.id), "licence": "cc-by"}

    page = web.post("/library/share", data=sent, follow_redirects=True).text

    assert "已分享 1 份资源。" in page
    assert re.search(r"alert-warning[^>]*>缺: 请选定学科。", page)
    states = [fresh(Resource, resource.id).state for resource in (ready, lacking)]
    assert states == [ResourceState.PUBLISHED, ResourceState.DRAFT]


def test_drafts_are_a_part_of_the_page_that_renews_itself(web: FlaskClient, bring: Bring) -> None:
    bring("a.txt", b"words")

    assert "<html" in web.get("/library/upload").text
    part = web.get("/library/upload", headers=HTMX).text
    assert "<html" not in part
    assert "正在处理" in part


def test_who_works_nowhere_is_told_that_they_cannot_share(
    cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient]
) -> None:
    resource = make(cast, "教研讲稿", owner_id=cast.admin.id, school_id=None, state=ResourceState.DRAFT)
    web = sign_in(cast.admin)
    for path in ("/library/upload", f"/library/{resource.id}"):
        page = web.get(path).text
        assert "还不能分享" in page
        assert 'name="audience"' not in page


def test_what_was_not_taken_is_put_away_from_the_list(web: FlaskClient, ingested: Bring) -> None:
    refused = ingested("假课件.pptx", b"\x89PNG\r\n\x1a\n" + b"0" * 64)
    address = f"/library/{refused.resource_id}/trash"
    assert address in web.get("/library/upload").text

    assert web.post(address, headers=HTMX).location == "/library/upload"
    assert address not in web.get("/library/upload").text
    assert fresh(Resource, refused.resource_id).state is ResourceState.TRASHED


def test_shared_resource_is_closed_thrown_away_and_brought_back(
    web: FlaskClient, cast: SimpleNamespace, owner: Actor, shared: Shared
) -> None:
    resource = shared(owner, group_key(cast.group_a.id))
    address = f"/library/{resource.id}"
    for deed, state in (
        ("unshare", ResourceState.DRAFT),
        ("unshare", ResourceState.DRAFT),
        ("trash", ResourceState.TRASHED),
        ("trash", ResourceState.TRASHED),
        ("restore", ResourceState.DRAFT),
        ("restore", ResourceState.DRAFT),
    ):
        if deed == "restore" and fresh(Resource, resource.id).state is ResourceState.TRASHED:
            assert resource.title in web.get("/library/trash").text
            assert "请先恢复" in web.post(f"{address}/share", data={}, follow_redirects=True).text
        answer = web.post(f"{address}/{deed}")
        assert answer.location == ("/library/trash" if deed == "trash" else address)
        assert fresh(Resource, resource.id).state is state
    assert resource.title not in web.get("/library/trash").text


def test_files_are_tried_again_and_removed(
    web: FlaskClient, run_jobs: Callable[[], int], ingested: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("tongyan.library.ingest.office.available", lambda: "preview.no_office")
        file = ingested("山行.docx", samples.docx())
    assert file.state is FileState.DOWNLOAD_ONLY
    assert web.post(f"/library/files/{file.id}/retry").location == f"/library/{file.resource_id}"
    run_jobs()
    assert fresh(ResourceFile, file.id).state is FileState.READY

    file_id, address = file.id, f"/library/{file.resource_id}"
    assert web.post(f"/library/files/{file_id}/remove").location == address
    assert fresh(ResourceFile, file_id) is None
    page = web.post(f"{address}/share", data={}, follow_redirects=True).text
    assert "还没有文件，不能分享。" in page


def test_refused_file_is_not_tried_again_and_the_last_shared_one_stays(
    web: FlaskClient, cast: SimpleNamespace, owner: Actor, ingested: Bring, shared: Shared
) -> None:
    bad = ingested("坏.pptx", samples.pptx()[:-2000])
    only = shared(owner, group_key(cast.group_a.id)).files[0]

    assert web.post(f"/library/files/{bad.id}/retry").status_code == 409
    assert web.post(f"/library/files/{only.id}/remove").status_code == 409
    assert fresh(ResourceFile, only.id).state is FileState.READY


def test_published_resource_keeps_its_licence(
    web: FlaskClient, cast: SimpleNamespace, owner: Actor, shared: Shared
) -> None:
    resource = shared(owner, group_key(cast.group_a.id))

    answer = web.post(f"/library/{resource.id}/edit", data=filled(resource, licence=""))

    assert answer.status_code == 422
    assert fresh(Resource, resource.id).licence is Licence.CC_BY


def test_ids_of_nothing_are_missing(web: FlaskClient) -> None:
    nothing = UUID(int=0)
    for path in (f"/library/{nothing}", f"/library/{nothing}/edit", "/library/nonsense"):
        assert web.get(path).status_code == 404
