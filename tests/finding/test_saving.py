"""Searches are saved under a name, changed and deleted by nobody but their owner."""

from collections.abc import Callable
from types import SimpleNamespace
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from tests.search.conftest import open_search
from tongyan.accounts.models import Person
from tongyan.finding.services import saving
from tongyan.kernel.db import db
from tongyan.kernel.errors import Conflict, Invalid, NotFound
from tongyan.kernel.permissions import Actor
from tongyan.kernel.search import SearchRequest, Sort

SignIn = Callable[[Person], FlaskClient]
FRACTIONS = SearchRequest("分数 课件", filters={"subject": ["语文"], "grade": ["3", "4"]}, sort=Sort.NEWEST)


@pytest.fixture
def browser(cast: SimpleNamespace, sign_in: SignIn) -> FlaskClient:
    return sign_in(cast.neighbour)


def test_a_search_comes_back_as_it_was_saved(neighbour: Actor) -> None:
    saving.save_search(neighbour, " 分数\u200b  课件 ", FRACTIONS)
    (row,) = saving.list_saved(neighbour)
    assert (row.name, row.digest) == ("分数 课件", False)
    asked = saving.request_of(row)
    assert (asked.text, asked.kinds, asked.filters, asked.sort) == (
        "分数 课件", (), {"grade": ["3", "4"], "subject": ["语文"]}, Sort.NEWEST,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "长" * 65])
def test_a_name_has_one_to_64_characters(neighbour: Actor, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        saving.save_search(neighbour, name, FRACTIONS)
    assert refused.value.errors == {"name": ["saved.name"]}
    assert saving.list_saved(neighbour) == []


def test_nothing_is_saved_of_nothing(neighbour: Actor) -> None:
    with pytest.raises(Invalid, match=r"saved\.nothing"):
        saving.save_search(neighbour, "空", SearchRequest(" \x00 ", filters={"grade": ["3"]}))


def test_the_same_search_is_saved_once_whatever_the_order_of_its_filters(neighbour: Actor) -> None:
    saving.save_search(neighbour, "分数", FRACTIONS)
    again = SearchRequest(
        "分数  课件", filters={"grade": ["4", "3"], "subject": ["语文"], "type": []}, sort=Sort.NEWEST
    )
    with pytest.raises(Conflict) as refused:
        saving.save_search(neighbour, "又一个", again)
    assert (refused.value.code, refused.value.data) == ("saved.same", {"name": "分数"})


def test_two_searches_of_one_person_have_two_names(cast: SimpleNamespace, neighbour: Actor) -> None:
    saving.save_search(neighbour, "分数", FRACTIONS)
    with pytest.raises(Invalid) as refused:
        saving.save_search(neighbour, "分数", SearchRequest("分数"))
    assert refused.value.errors == {"name": ["saved.twin"]}
    other = saving.save_search(neighbour, "另一个", SearchRequest("分数"))
    with pytest.raises(Invalid):
        saving.change_saved(neighbour, other.id, "分数", digest=True)
    assert saving.change_saved(neighbour, other.id, "另一个", digest=True).digest


def test_names_of_others_do_not_matter(neighbour: Actor, cast: SimpleNamespace, actor: Callable[..., Actor]) -> None:
    saving.save_search(neighbour, "分数", FRACTIONS)
    assert saving.save_search(actor(cast.owner), "分数", FRACTIONS).name == "分数"


def test_nobody_saves_more_than_fifty(neighbour: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    assert saving.MOST == 50
    monkeypatch.setattr(saving, "MOST", 2)
    for number in range(2):
        saving.save_search(neighbour, f"第{number}个", SearchRequest(f"圆{number}"))
    with pytest.raises(Conflict) as refused:
        saving.save_search(neighbour, "第三个", SearchRequest("圆"))
    assert (refused.value.code, refused.value.data) == ("saved.too_many", {"limit": 2})


def test_a_saved_search_is_its_owners_alone(
    neighbour: Actor, cast: SimpleNamespace, actor: Callable[[Person], Actor]
) -> None:
    row_id = saving.save_search(neighbour, "分数", FRACTIONS).id
    for person in (cast.owner, cast.group_head, cast.admin):
        other = actor(person)
        assert saving.list_saved(other) == []
        for deed in (
            lambda other=other: saving.get_saved(other, row_id),
            lambda other=other: saving.change_saved(other, row_id, "改", digest=True),
            lambda other=other: saving.switch_digest(other, row_id, on=True),
            lambda other=other: saving.look_at_news(other, row_id),
            lambda other=other: saving.delete_saved(other, row_id),
        ):
            with pytest.raises(NotFound):
                deed()
    with pytest.raises(NotFound):
        saving.delete_saved(neighbour, uuid4())
    assert saving.delete_saved(neighbour, row_id) == "分数"
    assert saving.list_saved(neighbour) == []


def test_what_is_already_told_of_is_told_from_where_it_was(neighbour: Actor) -> None:
    row = saving.save_search(neighbour, "分数", FRACTIONS, digest=True)
    told_at = row.told_at
    assert saving.change_saved(neighbour, row.id, "分数课", digest=True).told_at == told_at
    assert saving.switch_digest(neighbour, row.id, on=False).told_at is None
    assert saving.switch_digest(neighbour, row.id, on=True).told_at > told_at


# pages


def test_the_search_in_the_url_is_saved_and_run_again(
    browser: FlaskClient, publish: Callable[..., object], indexed: Callable[[], int]
) -> None:
    publish("分数的意义", "课件")
    publish("分数练习", "课件", grade=4)
    indexed()
    assert "还没有保存的搜索" in browser.get("/search/saved").text

    answer = browser.post("/search/saved/new?q=分数&grade=3&sort=newest", data={"name": "三年级分数"})
    assert answer.status_code == 302
    where = urlsplit(answer.location)
    assert (where.path, parse_qs(where.query)) == ("/search", {"q": ["分数"], "grade": ["3"], "sort": ["newest"]})

    shown = browser.get("/search/saved").text
    for words in ("三年级分数", "共 1 个，最多可以保存 50 个", "分数 · 三年级 · 最新", "有新的就提醒我"):
        assert words in shown, words
    assert "三年级分数" in browser.get("/search").text
    assert open_search(browser, q="分数", grade="3", sort="newest").titles == ["分数的意义"]


def test_a_refused_form_keeps_what_was_filled_in(browser: FlaskClient) -> None:
    browser.post("/search/saved/new?q=圆", data={"name": "圆"})
    answer = browser.post("/search/saved/new?q=圆的面积&grade=6", data={"name": "圆", "digest": "y"})
    assert answer.status_code == 422
    assert "您已经有一个叫这个名称的" in answer.text
    assert 'value="圆"' in answer.text
    assert "checked" in answer.text
    twice = browser.post("/search/saved/new?q=圆", data={"name": "又一个"})
    assert (twice.status_code, "已经保存过了，叫“圆”" in twice.text) == (409, True)
    assert browser.post("/search/saved/new", data={"name": "空"}).status_code == 422


def test_a_school_far_away_is_not_named(cast: SimpleNamespace, browser: FlaskClient) -> None:
    browser.post(f"/search/saved/new?q=圆&school={cast.core.id}&school={cast.other.id}", data={"name": "圆"})
    shown = browser.get("/search/saved").text
    assert "清江实验小学" in shown
    assert "其他学校" in shown
    assert "外地小学" not in shown


def test_the_place_and_the_kinds_are_saved_too_and_said_in_words(
    cast: SimpleNamespace, browser: FlaskClient, neighbour: Actor
) -> None:
    query = f"q=圆&kind=resource&within=school:{cast.rural.id}&edition=nonsense"
    browser.post(f"/search/saved/new?{query}", data={"name": "乡村小学的圆"})
    db.session.rollback()  # a read begun earlier would not see it
    (row,) = saving.list_saved(neighbour)
    assert (row.kinds, row.within) == (["resource"], f"school:{cast.rural.id}")
    shown = browser.get("/search/saved").text
    assert "圆 · 资源 · 其他版本 · 在“清江乡村小学”里" in shown
    assert f"within=school:{cast.rural.id}" in unquote(shown)
    browser.post(f"/search/saved/new?q=圆&within=school:{cast.other.id}", data={"name": "外地的圆"})
    shown = browser.get("/search/saved").text
    assert "圆 · 那里已不对您开放" in shown
    assert "外地小学" not in shown


def test_a_saved_search_is_renamed_told_of_and_deleted(neighbour: Actor, browser: FlaskClient) -> None:
    row = saving.save_search(neighbour, "<圆>", SearchRequest("圆"))
    page = f"/search/saved/{row.id}"
    assert "&lt;圆&gt;" in browser.get(page).text
    assert browser.post(page, data={"name": "圆的面积", "digest": "y"}).location == "/search/saved"
    assert "早上提醒" in browser.get("/search/saved").text
    browser.post(f"{page}/digest", data={"on": "0"})
    assert "早上提醒" not in browser.get("/search/saved").text
    assert browser.post(f"{page}/delete").location == "/search/saved"
    assert "已删除“圆的面积”" in browser.get("/search/saved").text
    assert browser.get(page).status_code == 404
