"""Many at once: what can be done is done, the rest says why; what can be taken back is taken back at once."""

import io
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from tests.factories import fresh, save
from tongyan.accounts.models import Person
from tongyan.curriculum.models import Level, Node
from tongyan.kernel.errors import Invalid, TooMany
from tongyan.kernel.ids import new_id
from tongyan.kernel.permissions import Actor, school_key
from tongyan.library import services as library
from tongyan.library.models import (
    Difficulty,
    Licence,
    Resource,
    ResourceFile,
    ResourceKind,
    ResourceState,
    Transfer,
)
from tongyan.library.services import bulk
from tongyan.library.services.bulk import ManyEdit

Ingest = Callable[..., ResourceFile]
Run = Callable[[], int]


@pytest.fixture
def web(cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient]) -> FlaskClient:
    return sign_in(cast.owner)


@pytest.fixture
def two(ingested: Ingest, owner: Actor) -> list[UUID]:
    """Give two own drafts, one of them with keywords and a place."""
    ids = [ingested(f"{name}.txt", name.encode()).resource_id for name in ("山行", "赠刘景文")]
    edit = library.ResourceEdit(
        title="山行", kind=ResourceKind.EXAM, keywords=["秋天", "杜牧"], subject="语文", grade=3
    )
    library.edit_resource(owner, ids[0], edit)
    return ids


@pytest.fixture
def node(app: Any) -> Node:
    """Give a unit of the curriculum."""
    node_id = new_id()
    said = {"stage": "primary", "subject": "语文", "grade": 3, "edition": "统编版", "volume": "上册"}
    return save(Node(id=node_id, level=Level.UNIT, title="第二单元", position=1.0, path=f"/{node_id.hex}/", **said))


@pytest.fixture
def theirs(shared: Callable[..., Resource], cast: SimpleNamespace, actor: Callable[[Person], Actor]) -> UUID:
    """Give what a colleague shared with the school."""
    return shared(actor(cast.colleague), school_key(cast.core.id), name="同事的.txt").id


def send(web: FlaskClient, deed: str, ids: list[UUID], **fields: Any) -> Any:
    """Send the form of a deed for some resources."""
    return web.post(f"/library/bulk/{deed}", data={"resource": [*map(str, ids)], "next": "/library?mine=1", **fields})


def test_only_what_was_filled_in_changes(two: list[UUID], web: FlaskClient) -> None:
    fields = {"kind": "courseware", "add_keywords": "霜叶，秋天", "drop_keywords": "杜牧", "for_whom": ["student"]}
    answer = send(web, "edit", two, apply="1", difficulty="basic", **fields)
    assert answer.location == "/library?mine=1"
    first, second = (fresh(Resource, each) for each in two)
    assert (first.keywords, second.keywords) == (["秋天", "霜叶"], ["霜叶", "秋天"])
    for each in (first, second):
        assert (each.kind, each.difficulty, each.for_whom) == (ResourceKind.COURSEWARE, Difficulty.BASIC, ["student"])
    assert (first.title, first.subject, first.grade) == ("山行", "语文", 3)
    assert "已修改 2 份资源" in web.get(answer.location).text


def test_a_new_subject_gives_up_the_place_of_the_old_one(owner: Actor, two: list[UUID], node: Node) -> None:
    bulk.move_many(owner, two, node.id)
    outcome = bulk.edit_many(owner, two, ManyEdit(subject="数学"))
    assert outcome.done == two
    after = fresh(Resource, two[0])
    assert (after.subject, after.grade, after.node_id, after.stage) == ("数学", 3, None, None)


def test_what_stays_as_it_is_is_no_edit(owner: Actor, two: list[UUID]) -> None:
    before = [fresh(Resource, each).version for each in two]
    assert bulk.edit_many(owner, two, ManyEdit()).done == two
    assert [fresh(Resource, each).version for each in two] == before


def test_others_things_stay_and_say_so(two: list[UUID], theirs: UUID, web: FlaskClient, cast: SimpleNamespace) -> None:
    answer = send(web, "licence", [*two, theirs, uuid4()], apply="1", licence="cc-by")
    assert answer.status_code == 200
    for words in ("已修改 2 份资源", "2 份没有改动", "同事的", "您没有做这件事的权限", "不对您开放的资源"):
        assert words in answer.text
    assert fresh(Resource, theirs).licence is Licence.CC_BY
    assert [fresh(Resource, each).licence for each in two] == [Licence.CC_BY] * 2


def test_all_move_to_one_place(two: list[UUID], node: Node, web: FlaskClient) -> None:
    unchosen = send(web, "move", two, apply="1", subject="语文", grade="3")
    assert unchosen.status_code == 422
    assert "请选一个单元或课" in unchosen.text
    answer = send(web, "move", two, apply="1", subject="语文", grade="3", node=str(node.id))
    assert answer.status_code == 302
    for each in two:
        after = fresh(Resource, each)
        assert (after.node_id, after.subject, after.grade, after.stage) == (node.id, "语文", 3, "primary")
    assert send(web, "move", two, apply="1", subject="", grade="", node=str(uuid4())).status_code == 422


def test_the_trash_is_emptied_by_one_button(two: list[UUID], theirs: UUID, web: FlaskClient) -> None:
    answer = send(web, "trash", [*two, theirs])
    assert "已把 2 份资源移到回收站" in answer.text
    assert "撤销" in answer.text
    assert {fresh(Resource, each).state for each in two} == {ResourceState.TRASHED}
    assert send(web, "restore", two).location == "/library?mine=1"
    assert {fresh(Resource, each).state for each in two} == {ResourceState.DRAFT}


def test_nothing_done_is_not_said_to_be_done(theirs: UUID, web: FlaskClient) -> None:
    answer = send(web, "trash", [theirs])
    assert "已把" not in answer.text
    assert "撤销" not in answer.text


@pytest.mark.parametrize("deed", ["edit", "move", "licence", "export", "trash", "restore"])
def test_a_choice_of_nothing_leads_back(web: FlaskClient, deed: str) -> None:
    answer = send(web, deed, [])
    assert answer.location == "/library?mine=1"
    assert "还没有选中资源" in web.get(answer.location).text


@pytest.mark.parametrize("deed", ["edit", "move", "licence", "export"])
def test_the_form_names_what_it_is_about(web: FlaskClient, deed: str, two: list[UUID]) -> None:
    page = send(web, deed, two, next="https://elsewhere.example/")
    assert page.status_code == 200
    for words in ("选中的 2 份资源", "山行", "赠刘景文", f'value="{two[0]}"', 'name="apply"'):
        assert words in page.text
    assert "elsewhere" not in page.text


def test_too_many_at_once_are_refused(owner: Actor, web: FlaskClient, two: list[UUID]) -> None:
    many = [uuid4() for _ in range(bulk.MAX_MANY + 1)]
    with pytest.raises(TooMany):
        bulk.trash_many(owner, many)
    with pytest.raises(Invalid):
        bulk.move_many(owner, two, uuid4())
    assert send(web, "edit", many, apply="1", kind="exam").status_code in {302, 429}


def test_a_form_that_is_filled_in_wrongly_stays_open(web: FlaskClient, two: list[UUID]) -> None:
    assert send(web, "edit", two, apply="1", kind="novel").status_code == 422
    assert send(web, "licence", two, apply="1", licence="none").status_code == 422
    assert send(web, "export", two, apply="1", form="pdf").status_code == 422


def test_what_was_chosen_can_be_taken_along(web: FlaskClient, two: list[UUID], theirs: UUID, run_jobs: Run) -> None:
    sheet = send(web, "export", [*two, theirs], apply="1", form="sheet")
    rows = list(load_workbook(io.BytesIO(sheet.data)).active.values)
    assert [row[0] for row in rows[1:]] == [*map(str, two), str(theirs)]
    answer = send(web, "export", [*two, theirs], apply="1", form="export_folders")
    assert answer.location == "/library/transfers"
    run_jobs()
    assert "下载" in web.get(answer.location).text
    for form in ("sheet", "export_folders"):
        hidden = send(web, "export", [uuid4()], apply="1", form=form)
        assert hidden.status_code == 422
        assert "没有可以导出的资源" in hidden.text


def test_one_resource_is_taken_along_from_its_page(web: FlaskClient, two: list[UUID]) -> None:
    page = web.get(f"/library/{two[0]}/export")
    assert "选中的 1 份资源" in page.text
    assert web.get(f"/library/{uuid4()}/export").status_code == 404


def test_the_list_offers_boxes_and_deeds(
    web: FlaskClient, two: list[UUID], count_statements: Callable[..., int]
) -> None:
    page = web.get("/library?mine=1").text
    assert page.count('name="resource"') == len(two)
    for deed in ("edit", "move", "licence", "trash", "export"):
        assert f"/library/bulk/{deed}" in page
    assert db_rows() == 0


def db_rows() -> int:
    """Return how many transfers there are: to look at a list begins none."""
    from sqlalchemy import func, select  # noqa: PLC0415 # only here

    from tongyan.kernel.db import db  # noqa: PLC0415 # only here

    return db.session.scalar(select(func.count()).select_from(Transfer)) or 0
