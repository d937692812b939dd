"""The group of everybody, and the lists of administrators, through a browser."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from tests.factories import appoint, make_group, make_person, make_school, post, save
from tongyan.accounts.models import Person
from tongyan.kernel.clock import today
from tongyan.kernel.db import transaction
from tongyan.kernel.permissions import group_key, region_key, school_key
from tongyan.org.models import Group, Membership, Office, OfficeKind, PostingKind, Region

DAY = timedelta(days=1)
LISTS = ("/admin/regions", "/admin/schools", "/admin/groups")
MOST_STATEMENTS = 6
NOTED = 3  # what the trail asks to note an export

SignIn = Callable[[Person], FlaskClient]


def sheet(answer: Any) -> list[list[Any]]:
    assert answer.mimetype.endswith("spreadsheetml.sheet")
    return [list(row) for row in load_workbook(BytesIO(answer.data)).worksheets[0].iter_rows(values_only=True)]


# one's group


def test_a_teacher_sees_members_heads_and_history_of_the_own_group(cast: SimpleNamespace, sign_in: SignIn) -> None:
    save(
        Membership(
            group_id=cast.group_a.id, school_id=make_school("老城小学").id, from_on=today() - 9 * DAY,
            to_on=today() - DAY, end_reason="成熟退出",
        )
    )  # fmt: skip
    page = sign_in(cast.owner).get("/group").text
    for text in (
        "清江教育集团",
        "核心校＋乡村校",
        "联盟型",
        "清江乡村小学",
        "丙校长",
        "丁总校长",
        "老城小学",
        "成熟退出",
    ):
        assert text in page
    assert "4 位老师" in page
    assert "外地" not in page


def test_an_outsider_learns_nothing_of_the_group(cast: SimpleNamespace, sign_in: SignIn) -> None:
    page = sign_in(cast.outsider).get("/group").text
    assert "外地教育集团" in page
    for text in ("清江", "丙校长", "丁总校长"):
        assert text not in page


def test_who_has_no_group_is_told_what_to_do(cast: SimpleNamespace, sign_in: SignIn) -> None:
    assert "您的学校还不在任何集团" in sign_in(cast.former).get("/group").text


def test_an_officer_sees_the_groups_of_the_region_and_empty_ones_too(
    cast: SimpleNamespace, region: Region, sign_in: SignIn
) -> None:
    save(Region(name="别处", level="city"))
    made = make_group("新集团")
    with transaction() as session:
        session.get_one(Group, made.id).region_id = region.id
    officer = make_person("张局长")
    appoint(officer, OfficeKind.DISTRICT_OFFICER, region_key(region.id))
    page = sign_in(officer).get("/group").text
    for text in ("清江教育集团", "清江乡村小学", "新集团", "还没有成员校"):
        assert text in page
    assert "外地教育集团" not in page


def test_what_is_still_to_come_is_not_shown_as_there(cast: SimpleNamespace, sign_in: SignIn) -> None:
    tomorrow = today() + DAY
    save(
        Membership(group_id=cast.group_a.id, school_id=make_school("明日小学").id, from_on=tomorrow),
        Office(
            person_id=make_person("明校长").id, kind=OfficeKind.SCHOOL_HEAD, scope=school_key(cast.rural.id),
            from_on=tomorrow,
        ),
    )  # fmt: skip
    page = sign_in(cast.owner).get("/group").text
    assert "明日小学" not in page
    assert "明校长" not in page


# the administrators' pages


def test_the_overview_counts_and_names_what_wants_attention(cast: SimpleNamespace, browser: FlaskClient) -> None:
    page = browser.get("/admin").text
    assert "没有执行校长的学校" in page
    assert "没有任职学校的人" in page  # the one who left
    assert "成员校超过 6 所的集团" not in page
    make_group("大联盟", *(make_school() for _ in range(7)))
    assert "成员校超过 6 所的集团" in browser.get("/admin").text


def test_an_overview_without_worries_says_so(app: object, sign_in: SignIn) -> None:
    page = sign_in(make_person("管理员", is_admin=True)).get("/admin").text
    assert "没有要处理的事" in page


@pytest.mark.parametrize("path", LISTS)
def test_an_empty_list_says_what_to_do(app: object, sign_in: SignIn, path: str) -> None:
    browser = sign_in(make_person("管理员", is_admin=True))
    assert f'href="{path}/new"' in browser.get(path).text
    assert "清除条件" in browser.get(f"{path}?q=没有").text


@pytest.mark.parametrize("path", LISTS)
def test_lists_ask_the_database_a_few_times_however_long_they_are(
    cast: SimpleNamespace, region: Region, browser: FlaskClient, count_statements: Callable[..., int], path: str
) -> None:
    make_group("大联盟", *(make_school(region_id=region.id) for _ in range(9)))
    for query in ("", "?q=小&sort=-name", "?page=2"):
        assert count_statements(lambda query=query: browser.get(path + query)) <= MOST_STATEMENTS
    assert count_statements(lambda: browser.get(f"{path}/export.xlsx")) <= MOST_STATEMENTS + NOTED


def test_other_pages_do_not_ask_more_for_longer_groups(
    cast: SimpleNamespace, browser: FlaskClient, sign_in: SignIn, count_statements: Callable[..., int]
) -> None:
    teacher = sign_in(cast.owner)
    calls = [
        lambda: teacher.get("/group"),
        lambda: browser.get(f"/admin/groups/{cast.group_a.id}"),
        lambda: browser.get(f"/admin/schools/{cast.core.id}"),
    ]
    before = [count_statements(call) for call in calls]
    for number in range(5):
        school, person = make_school(f"新{number}小学"), make_person(f"新{number}")
        save(Membership(group_id=cast.group_a.id, school_id=school.id, from_on=today()))
        post(person, school)
        post(person, cast.core, PostingKind.SERVING)
        appoint(person, OfficeKind.SCHOOL_HEAD, school_key(school.id))
        appoint(person, OfficeKind.LINE_HEAD, school_key(cast.core.id))
        appoint(person, OfficeKind.LINE_HEAD, group_key(cast.group_a.id))
    assert [count_statements(call) for call in calls] == before


@pytest.mark.parametrize(
    ("path", "hit", "miss"),
    [
        ("/admin/schools?q=乡村", "清江乡村小学", "外地小学"),
        ("/admin/groups?q=外地", "外地教育集团", "清江教育集团"),
        ("/admin/regions?q=清", "清江市", "还没有地区"),
    ],
)
def test_lists_are_searched_as_pages_fragments_and_workbooks(
    region: Region, browser: FlaskClient, path: str, hit: str, miss: str
) -> None:
    part = browser.get(path, headers={"HX-Request": "true"}).text
    assert "<html" not in part
    table, query = path.split("?")
    book = str(sheet(browser.get(f"{table}/export.xlsx?{query}")))
    for text in (browser.get(path).text, part, book):
        assert hit in text
        assert miss not in text


def test_a_workbook_link_keeps_the_filters_whatever_they_are_called(browser: FlaskClient) -> None:
    answer = browser.get("/admin/schools?endpoint=x&_external=1&q=清江")
    assert answer.status_code == 200
    assert "/admin/schools/export.xlsx?endpoint=x" in answer.text


def test_nonsense_in_filters_counts_as_no_filter(browser: FlaskClient) -> None:
    for path in ("schools?stage=x&region=y&sort=z&page=-1", "groups?way=x&pairing=y", "regions?level=x&page=999999"):
        assert browser.get(f"/admin/{path}").status_code == 200


def test_a_school_shows_its_people_and_gives_them_as_a_workbook(browser: FlaskClient, cast: SimpleNamespace) -> None:
    page = f"/admin/schools/{cast.core.id}"
    assert "丙校长" in browser.get(page).text
    part = browser.get(f"{page}?q=丙", headers={"HX-Request": "true"}).text
    assert "丙校长" in part
    assert "乙老师" not in part
    assert [row[0] for row in sheet(browser.get(f"{page}/export.xlsx?past=1"))] == ["姓名", "庚老师"]
    assert "还没有人在这里任职" in browser.get(f"/admin/schools/{make_school().id}").text
    assert "没有符合条件的人" in browser.get(f"{page}?q=没有").text


def test_to_others_the_pages_do_not_exist(cast: SimpleNamespace, sign_in: SignIn) -> None:
    for person in (cast.owner, cast.head, cast.group_head):
        browser = sign_in(person)
        for path in ("/admin", *LISTS, f"/admin/groups/{cast.group_a.id}", "/admin/pick-person?person_q=甲老"):
            assert browser.get(path).status_code == 404
