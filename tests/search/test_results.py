"""The page of results: what was found, where it fits, what one can narrow it to."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient

from tests.factories import make_school
from tests.library import samples
from tests.search.conftest import Page, open_search, statements, suggested
from tongyan.accounts.models import Person
from tongyan.kernel.clock import now
from tongyan.kernel.permissions import Actor, group_key, user_key
from tongyan.library.models import Resource, ResourceKind, ResourceState

SignIn = Callable[[Person], FlaskClient]
Publish = Callable[..., Resource]
Indexed = Callable[[], int]

FRAME = 3  # statements of every page: session, rights, unread notices


@pytest.fixture
def reader(cast: SimpleNamespace, sign_in: SignIn) -> FlaskClient:
    """Give the browser of a teacher of the other school of the group."""
    return sign_in(cast.neighbour)


def test_slides_are_found_by_the_other_school_by_their_words(
    cast: SimpleNamespace, owner: Actor, shared: Callable[..., Resource], indexed: Indexed, reader: FlaskClient
) -> None:
    resource = shared(owner, group_key(cast.group_a.id), "山行.pptx", samples.pptx())
    indexed()

    for text in ("石径斜", "斜", "sx", "shanxing", "徑斜", samples.NOTES, "山行", "三年级 石径斜"):
        page = open_search(reader, q=text)
        assert (page.titles, page.total) == (["山行"], 1), text
        assert f'href="/library/{resource.id}"' in page.html
    assert open_search(reader, q="石径斜").marks == ["石径斜"]


def test_title_and_text_are_marked_and_nothing_in_them_is_html(
    publish: Publish, indexed: Indexed, reader: FlaskClient
) -> None:
    publish("<b>圆</b>的面积", "无关" * 900 + "<script>圓的面積公式" + "无关" * 900)
    indexed()
    page = open_search(reader, q="圆 面积")

    assert "&lt;b&gt;<mark>圆</mark>&lt;/b&gt;的<mark>面积</mark>" in page.html
    assert "&lt;script&gt;<mark>圓</mark>的<mark>面積</mark>公式" in page.html
    assert "<script>圓" not in page.html


def test_facets_count_what_choosing_them_gives(
    cast: SimpleNamespace, publish: Publish, indexed: Indexed, reader: FlaskClient
) -> None:
    for number in range(12):
        publish(
            f"圆{number}", subject="语文" if number % 3 else "数学", grade=number % 4 + 1,
            kind=ResourceKind.EXAM if number % 2 else ResourceKind.COURSEWARE,
            school_id=cast.core.id if number % 5 else cast.rural.id,
        )  # fmt: skip
    indexed()
    page = open_search(reader, q="圆")

    assert page.total == 12
    assert page.counts["subject-数学"] == 4
    assert {"语文", "数学", "三年级", "试卷", "课件", "清江乡村小学"} <= set(page.text.split())
    for chosen in ({}, {"subject": "数学"}, {"subject": ["数学", "语文"], "grade": "1"}):
        shown = open_search(reader, q="圆", **chosen)
        for name, number in shown.counts.items():
            facet, _, code = name.partition("-")
            assert open_search(reader, q="圆", **chosen | {facet: code}).total == number, (chosen, name)


def test_filters_live_in_the_url_and_are_taken_out_by_links(
    publish: Publish, indexed: Indexed, reader: FlaskClient
) -> None:
    publish("圆一", subject="数学", grade=6)
    publish("圆二", subject="语文", grade=6)
    indexed()
    page = open_search(reader, q="圆", subject="数学", grade="6", sort="newest")

    assert page.titles == ["圆一"]
    assert 'href="/search?q=%E5%9C%86&amp;grade=6&amp;sort=newest"' in page.html  # without 数学
    assert 'href="/search?q=%E5%9C%86&amp;sort=newest"' in page.html  # without any
    assert page.html.count('aria-current="true"') == 3
    both = open_search(reader, q="圆", subject=["数学", "语文"])
    assert both.total == 2


def test_nonsense_in_the_url_counts_as_not_said(publish: Publish, indexed: Indexed, reader: FlaskClient) -> None:
    publish("圆")
    indexed()

    assert open_search(reader, q="圆", sort="x", page="x").total == 1
    for name, code in (("grade", "99"), ("grade", "x"), ("type", "x"), ("school", "x"), ("subject", "x")):
        page = open_search(reader, q="圆", **{name: code})
        assert page.total == 0
        assert "这些条件下没有找到" in page.text
        assert "去掉条件" in page.html


def test_a_part_of_the_page_is_sent_when_a_part_is_asked_for(
    publish: Publish, indexed: Indexed, reader: FlaskClient
) -> None:
    publish("圆")
    indexed()
    part = reader.get("/search?q=圆", headers={"HX-Request": "true"})

    assert Page(part.text).titles == ["圆"]
    assert "<html" not in part.text


def test_newest_first_and_paging(publish: Publish, indexed: Indexed, reader: FlaskClient) -> None:
    for number in range(23):
        publish(f"圆{number:02}", published_at=now() - timedelta(days=number))
    indexed()

    pages = [open_search(reader, q="圆", sort="newest", page=number) for number in (1, 2, 3)]
    assert [title for page in pages for title in page.titles] == [f"圆{number:02}" for number in range(23)]
    assert [page.total for page in pages] == [23, 23, 23]
    assert "第 1 页，共 2 页" in pages[0].text
    assert "这一页没有内容" in pages[2].text
    titles = [title for number in (1, 2) for title in open_search(reader, q="圆", page=number).titles]
    assert len(set(titles)) == 23


def test_without_a_query_the_page_says_what_one_can_search(
    publish: Publish, indexed: Indexed, reader: FlaskClient
) -> None:
    assert "还没有可以搜索的资源" in reader.get("/search").text
    publish("最近的圆")
    indexed()

    for path in ("/search", "/search?q=", "/search?q=%20"):
        page = reader.get(path).text
        assert "石径斜" in page
        assert "最近的圆" in page


def test_nothing_found_says_what_to_do(reader: FlaskClient, indexed: Indexed, publish: Publish) -> None:
    publish("圆")
    indexed()
    page = open_search(reader, q="没有这样的东西")

    assert page.total == 0
    assert "没有找到“没有这样的东西”" in page.text
    assert "少写几个字" in page.text


def test_own_drafts_are_found_and_marked_as_such(
    cast: SimpleNamespace, sign_in: SignIn, publish: Publish, indexed: Indexed, reader: FlaskClient
) -> None:
    publish("圆", audience=user_key(cast.owner.id), state=ResourceState.DRAFT, published_at=None, school_id=None)
    indexed()

    assert "草稿" in open_search(sign_in(cast.owner), q="圆").text
    assert open_search(reader, q="圆").total == 0


def test_suggestions_are_titles(publish: Publish, indexed: Indexed, reader: FlaskClient) -> None:
    for title, text in (("圆的面积", ""), ("认识圆", ""), ("方程", "圆"), ("圆的面积", "again")):
        publish(title, text)
    indexed()

    assert suggested(reader, "圆") == ["圆的面积", "认识圆"]
    assert suggested(reader, "ydmj") == ["圆的面积"]
    assert suggested(reader, "") == suggested(reader, "x" * 5000) == suggested(reader, "\x00") == []


def test_a_search_costs_few_statements(
    cast: SimpleNamespace, publish: Publish, indexed: Indexed, reader: FlaskClient
) -> None:
    for number in range(20):
        publish(f"圆{number}", "圆", school_id=make_school().id)
    indexed()
    open_search(reader, q="圆")

    with statements() as seen:
        assert len(open_search(reader, q="圆").titles) == 20
    assert len(seen) <= FRAME + 5, "\n\n".join(seen)


def test_visitors_are_asked_to_sign_in(client: FlaskClient) -> None:
    assert client.get("/search?q=圆").location.startswith("/sign-in")
    assert client.get("/search/suggest?q=圆", headers={"Accept": "application/json"}).status_code == 401
