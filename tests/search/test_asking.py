"""The small language of the box, places to search in, what may have been meant, what could be dropped, and why."""

import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient

from tests.factories import save
from tests.search.conftest import open_search, suggested
from tongyan.accounts.models import Person
from tongyan.kernel.asking import understand
from tongyan.kernel.db import transaction
from tongyan.kernel.permissions import Actor, group_key, school_key
from tongyan.library import services as library
from tongyan.library.models import FileText, Resource, ResourceKind

SignIn = Callable[[Person], FlaskClient]
Acting = Callable[[Person], Actor]
Publish = Callable[..., Resource]
Indexed = Callable[[], int]


@pytest.fixture
def reader(cast: SimpleNamespace, sign_in: SignIn) -> FlaskClient:
    """Give the browser of a teacher of the other school of the group."""
    return sign_in(cast.neighbour)


@pytest.fixture
def shelf(cast: SimpleNamespace, publish: Publish, indexed: Indexed) -> SimpleNamespace:
    """Give three resources about circles."""
    shelf = SimpleNamespace(
        area=publish("圆的面积", "把圆剪拼成长方形", subject="数学", grade=6, kind=ResourceKind.COURSEWARE),
        edge=publish("圆的周长", "绕圆一周的长，与面积无关", subject="数学", grade=6, kind=ResourceKind.EXAM),
        poem=publish("荷叶圆圆", "荷叶圆圆的，绿绿的", subject="语文", grade=1, school_id=cast.rural.id),
    )
    indexed()
    return shelf


@pytest.mark.parametrize(
    ("asked", "titles"),
    [
        ("圆", {"圆的面积", "圆的周长", "荷叶圆圆"}),
        ("圆 -荷叶", {"圆的面积", "圆的周长"}),
        ('圆 -"绕圆一周"', {"圆的面积", "荷叶圆圆"}),
        ('"剪拼成长方形"', {"圆的面积"}),
        ("“长方形剪拼”", set()),
        ("标题：面积", {"圆的面积"}),
        ("面积", {"圆的面积", "圆的周长"}),
        ("学科:数学 圆", {"圆的面积", "圆的周长"}),
        ("圆 -学科:数学", {"荷叶圆圆"}),
        ("圆 年级:六 类型:试卷", {"圆的周长"}),
        ("圆 年级：1", {"荷叶圆圆"}),
        ("圆 学校:清江乡村", {"荷叶圆圆"}),
        ("学科:语文", {"荷叶圆圆"}),
        ("圆 类型:没有", set()),
        ("-圆", set()),
        ("acl:public school:x kind=resource", set()),
    ],
)
def test_the_language_of_the_box(shelf: SimpleNamespace, reader: FlaskClient, asked: str, titles: set[str]) -> None:
    assert set(open_search(reader, q=asked, kind="resource").titles) == titles


def test_schools_one_cannot_see_are_words_like_any_other(cast: SimpleNamespace, actor: Acting) -> None:
    assert understand(actor(cast.neighbour), "学校:外地小学", {}).filters == {}
    assert understand(actor(cast.neighbour), "学校:清江乡村", {}).filters == {"school": frozenset({str(cast.rural.id)})}


def test_nothing_found_says_what_could_be_dropped(shelf: SimpleNamespace, reader: FlaskClient) -> None:
    page = open_search(reader, q="圆", subject="语文", grade="6")

    assert page.total == 0
    assert "去掉“六年级”，有 1 个" in page.text
    assert "去掉“语文”，有 2 个" in page.text
    for link in re.findall(r'<a class="btn" href="(/search\?[^"]*)">\s*去掉', page.html):
        assert "找到 0 个" not in reader.get(link.replace("&amp;", "&")).text


@pytest.mark.parametrize(
    ("typed", "meant"), [("圆的面机", "圆的面积"), ("荷也圆圆", "荷叶圆圆"), ("圆的面积", None), ("方程", None)]
)
def test_what_may_have_been_meant_is_offered(
    shelf: SimpleNamespace, reader: FlaskClient, typed: str, meant: str | None
) -> None:
    found = re.search(r'class="meant">[^<]*<a href="([^"]*)">([^<]*)</a>', open_search(reader, q=typed).html)

    assert (found and found[2]) == meant
    assert not found or "荷叶圆圆" in reader.get(found[1]).text or "圆的面积" in reader.get(found[1]).text


def test_nothing_is_guessed_from_what_is_hidden(cast: SimpleNamespace, sign_in: SignIn, shelf: SimpleNamespace) -> None:
    assert 'class="meant"' not in open_search(sign_in(cast.outsider), q="荷也圆圆").html


def test_one_searches_inside_a_package(
    cast: SimpleNamespace, actor: Acting, sign_in: SignIn, shelf: SimpleNamespace
) -> None:
    owner = actor(cast.owner)
    package = library.create_package(owner, "圆的单元", "数学", 6)
    library.add_resources(owner, package.id, [shelf.area.id])
    browser = sign_in(cast.owner)
    page = open_search(browser, q="圆", within=f"package:{package.id}")

    assert (page.titles, page.total) == (["圆的面积"], 1)
    assert "只在“圆的单元”里面找" in page.text
    assert "“圆的单元”里面没有找到" in open_search(browser, q="荷叶", within=f"package:{package.id}").text
    hidden = sign_in(cast.outsider).get(f"/search?q=圆&within=package:{package.id}")
    missing = sign_in(cast.outsider).get("/search?q=圆&within=package:01a22eef-dee0-7834-8e36-ff837e4715cb")
    assert hidden.status_code == missing.status_code == 404
    for nonsense in ("package", "package:x", f"thing:{package.id}", f"package:{shelf.area.id}"):
        assert browser.get("/search", query_string={"q": "圆", "within": nonsense}).status_code == 404


def test_one_searches_inside_a_school(cast: SimpleNamespace, shelf: SimpleNamespace, reader: FlaskClient) -> None:
    assert open_search(reader, q="圆", within=f"school:{cast.rural.id}").titles == ["荷叶圆圆"]
    assert reader.get(f"/search?q=圆&within=school:{cast.other.id}").status_code == 404


def test_a_hit_says_on_which_page_it_stands(
    cast: SimpleNamespace, publish: Publish, indexed: Indexed, reader: FlaskClient
) -> None:
    resource = publish("山行", "远上寒山石径斜")
    indexed()
    file = resource.files[0]

    page = open_search(reader, q="石径斜")
    assert f'href="/library/{resource.id}#leaf-{file.id}-1"' in page.html
    assert "第 1 页" in page.text
    assert "#leaf-" not in open_search(reader, q="sx").html


def test_administrators_are_told_why(
    cast: SimpleNamespace, sign_in: SignIn, publish: Publish, indexed: Indexed, reader: FlaskClient
) -> None:
    resource = publish("圆的面积", "圆", audience="public")
    hidden = publish("圆", audience=group_key(cast.group_b.id))
    indexed()
    admin = sign_in(cast.admin)

    assert "为什么排在这里" in open_search(admin, q="圆 面积").text
    assert "为什么排在这里" not in open_search(reader, q="圆 面积").text
    told = admin.get(f"/search/why/resource/{resource.id}?q=圆 面积").text
    assert {"面积", "圆", "新近", "合计"} <= set(re.sub("<[^>]*>", " ", told).split())
    assert "它不再符合" in admin.get(f"/search/why/resource/{resource.id}?q=方程").text
    assert admin.get(f"/search/why/resource/{hidden.id}?q=圆").status_code == 404
    assert admin.get(f"/search/why/nonsense/{resource.id}?q=圆").status_code == 404
    assert reader.get(f"/search/why/resource/{resource.id}?q=圆").status_code == 404


def test_ones_own_subject_and_grade_come_first(
    cast: SimpleNamespace, sign_in: SignIn, publish: Publish, indexed: Indexed
) -> None:
    publish("练习甲", subject="数学", grade=5)
    publish("练习乙", subject="语文", grade=2)
    publish("自己的", by=cast.neighbour, subject="数学", grade=5, audience=school_key(cast.rural.id))
    publish("别人的", by=cast.colleague, subject="语文", grade=2, audience=school_key(cast.core.id))
    indexed()

    assert open_search(sign_in(cast.neighbour), q="练习").titles[0] == "练习甲"
    assert open_search(sign_in(cast.colleague), q="练习").titles[0] == "练习乙"


def test_people_and_places_are_suggested_beside_titles(
    cast: SimpleNamespace, publish_all: Callable[..., list[Resource]], indexed: Indexed, reader: FlaskClient
) -> None:
    publish_all({f"清江的秋天{number}": "" for number in range(12)})
    indexed()

    found = suggested(reader, "清江")
    assert len(found) == 8
    assert cast.rural.name in found
    assert any(each.startswith("清江的秋天") for each in found)


def test_without_an_index_one_still_searches_inside_a_package_only(
    cast: SimpleNamespace, actor: Acting, sign_in: SignIn, publish: Publish
) -> None:
    inside, _ = publish("圆的面积"), publish("圆的周长")
    owner = actor(cast.owner)
    package = library.create_package(owner, "圆的单元", "数学", 6)
    library.add_resources(owner, package.id, [inside.id])
    page = open_search(sign_in(cast.owner), q='"圆的" -方程 学科:数学', within=f"package:{package.id}")

    assert "搜索索引正在重建" in page.text
    assert (page.titles, page.total) == (["圆的面积"], 1)
    assert "只在“圆的单元”里面找" in page.text


def test_of_several_pages_that_are_shown_the_one_with_most_of_it_is_named(
    cast: SimpleNamespace, publish: Publish, indexed: Indexed, reader: FlaskClient
) -> None:
    file = publish("登鹳雀楼", "眼前是白日、群山与黄河").files[0]
    save(FileText(file_id=file.id, page=2, text="白日依山尽，黄河入海流。"))
    indexed()

    assert f"#leaf-{file.id}-2" in open_search(reader, q="黄河入海流").html
    assert f"#leaf-{file.id}-1" in open_search(reader, q="群山").html


def test_a_text_without_pages_names_none(
    cast: SimpleNamespace, publish: Publish, indexed: Indexed, reader: FlaskClient
) -> None:
    resource = publish("山行", "远上寒山石径斜")
    with transaction():
        resource.files[0].page_count = 4  # a .docx of four pages, its words read as one text
    indexed()

    page = open_search(reader, q="石径斜")
    assert page.marks == ["石径斜"]
    assert "#leaf-" not in page.html
