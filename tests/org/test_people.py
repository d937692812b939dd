"""People and administrators: found, brought in, changed, closed, given links, with their history."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.accounts.helpers import audited, make_factor_user, make_user, sessions_of
from tests.factories import appoint, fresh, make_person, make_school, post, save
from tests.org.sheets import cells_of, types_of
from tongyan.accounts.models import Person
from tongyan.kernel.clock import now, today
from tongyan.kernel.db import db
from tongyan.kernel.errors import Forbidden
from tongyan.kernel.permissions import Actor, region_key, school_key
from tongyan.org.models import OfficeKind, Posting, PostingKind, Region, RegionLevel
from tongyan.org.services import people as service
from tongyan.org.services.people import NewPerson, PeopleFilters


@pytest.fixture
def browser(cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient]) -> FlaskClient:
    return sign_in(cast.admin)


@pytest.fixture
def admin(cast: SimpleNamespace, actor: Callable[[Person], Actor]) -> Actor:
    return actor(cast.admin)


def page(browser: FlaskClient, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def names(admin: Actor, **filters: Any) -> set[str]:
    return {row.person.name for row in service.list_people(admin, PeopleFilters(**filters)).items}


# the list


@pytest.mark.parametrize("text", ["王小", "WangXM", "ｗａｎｇｘｍ", "139000", "xm@school"])
def test_people_are_found_by_name_login_phone_and_address(admin: Actor, text: str) -> None:
    make_person("王小美", "wangxm", phone="13900001111", email="xm@school.cn")
    assert names(admin, text=text) == {"王小美"}


def test_signs_of_patterns_are_taken_as_they_are(admin: Actor) -> None:
    assert names(admin, text="%") == set()


def test_people_are_narrowed_by_where_they_serve_today(admin: Actor, cast: SimpleNamespace) -> None:
    assert names(admin, school_id=cast.rural.id) == {"戊老师"}
    assert names(admin, school_id=cast.core.id) == {"甲老师", "乙老师", "丙校长", "丁总校长"}
    assert names(admin, unposted=True) == {"庚老师"}
    assert names(admin, admins=True) == {"管理员"}
    assert names(admin, unposted=True, admins=True) == {"管理员"}


def test_closed_accounts_have_their_own_list(admin: Actor, cast: SimpleNamespace) -> None:
    make_person("离职的人", active=False)
    assert names(admin, closed=True) == {"离职的人"}
    assert "离职的人" not in names(admin)


def test_the_list_is_sorted_and_paged_as_the_address_says(admin: Actor, browser: FlaskClient) -> None:
    for number in range(30):
        make_person("分页", f"page{number:02d}")
    found = service.list_people(admin, PeopleFilters(text="page", sort="-login"))
    assert (found.total, found.items[0].person.login) == (30, "page29")
    assert "第 2 页，共 2 页" in page(browser, "/admin/people?q=page&sort=login&page=2")
    part = browser.get("/admin/people?q=page", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "共 30 人" in part
    assert "<html" not in part


def test_a_list_without_finds_says_what_to_do(browser: FlaskClient) -> None:
    assert "没有符合条件的人" in page(browser, "/admin/people?q=没有这个人&school=nonsense")


def test_hostile_names_are_text_in_the_workbook(browser: FlaskClient, cast: SimpleNamespace) -> None:
    for number, name in enumerate(("=1+1", "＝cmd", "+1", "-1", "@SUM(A1)", "<script>alert(1)</script>")):
        post(make_person(name, f"hostile{number}", last_seen_at=now()), cast.core)
    content = browser.get("/admin/people/export.xlsx?q=hostile").data
    lines = cells_of(content)
    assert len(lines) == 7
    assert "f" not in types_of(content)
    assert all(not str(line[0]).startswith(("=", "＝", "+", "-", "@")) for line in lines)
    assert lines[1][4] == "清江实验小学"
    assert "<script>alert(1)" not in page(browser, "/admin/people?q=hostile")


# coming in


def person_named(login: str) -> Person:
    db.session.rollback()  # what was read before does not show what a request wrote
    return db.session.scalars(select(Person).where(Person.login == login)).one()


def new_person(**changes: Any) -> dict[str, Any]:
    return {"name": "新人", "login": "xinren", "kind": "home", "from_on": "2026-09-01"} | changes


def test_a_new_person_gets_account_posting_and_a_link_that_is_shown_once(
    browser: FlaskClient, client: FlaskClient, cast: SimpleNamespace
) -> None:
    answer = browser.post("/admin/people/new", data=new_person(school_id=cast.rural.id, email="x@school.cn"))
    shown = answer.get_data(as_text=True)
    person = person_named("xinren")
    posting = db.session.scalars(select(Posting).where(Posting.person_id == person.id)).one()
    link = shown.partition("/sign-in/link/")[2].partition('"')[0]
    assert answer.status_code == 200
    assert "只显示这一次" in shown
    assert client.get(f"/sign-in/link/{link}").status_code == 200
    assert (posting.school_id, posting.kind) == (cast.rural.id, PostingKind.HOME)
    assert link not in page(browser, f"/admin/people/{person.id}")
    assert [entry.action for entry in audited("person.create")] == ["person.create"]


def test_a_person_may_come_in_without_a_school(browser: FlaskClient) -> None:
    assert browser.post("/admin/people/new", data=new_person(school_id="")).status_code == 200
    person = person_named("xinren")
    assert "没有任职学校" in page(browser, f"/admin/people/{person.id}")


def test_a_school_that_was_chosen_elsewhere_is_chosen_already(browser: FlaskClient, cast: SimpleNamespace) -> None:
    assert f'selected value="{cast.rural.id}"' in page(browser, f"/admin/people/new?school={cast.rural.id}")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"login": "x"}, "2 到 32"),
        ({"login": ""}, "请填写这一项"),
        ({"email": "nobody"}, "不像一个邮箱"),
        ({"phone": "x"}, "手机号只能用"),
        ({"from_on": "never"}, "is-invalid"),
        ({"kind": "guest"}, "is-invalid"),
        ({"school_id": str(uuid4())}, "is-invalid"),
    ],
)
def test_what_was_filled_in_wrongly_is_said_at_its_field_and_nobody_is_made(
    browser: FlaskClient, changes: dict[str, str], words: str
) -> None:
    answer = browser.post("/admin/people/new", data=new_person(**changes))
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    assert db.session.scalar(select(Person).where(Person.name == "新人")) is None


def test_account_and_posting_stand_or_fall_together(admin: Actor) -> None:
    closed = make_school(active=False)
    with pytest.raises(Exception, match="school.closed"):
        service.admit(admin, NewPerson("新人", "xinren", school_id=closed.id))
    assert db.session.scalar(select(Person).where(Person.login == "xinren")) is None


def test_without_a_date_one_begins_today(admin: Actor, cast: SimpleNamespace) -> None:
    made = service.admit(admin, NewPerson("新人", "xinren", school_id=cast.core.id))
    posting = db.session.scalars(select(Posting).where(Posting.person_id == made.person.id)).one()
    assert posting.from_on == today()


# one person


def test_a_person_is_shown_with_all_they_were_and_are(browser: FlaskClient, cast: SimpleNamespace) -> None:
    region = save(Region(name="清江区", level=RegionLevel.COUNTY))
    appoint(cast.head, OfficeKind.RESEARCHER, region_key(region.id))
    appoint(cast.head, OfficeKind.SCHOOL_HEAD, school_key(uuid4()))
    shown = page(browser, f"/admin/people/{cast.head.id}")
    for words in ("清江实验小学", "编制所在校", "执行校长", "教研员", "清江区", "未激活"):
        assert words in shown
    former = page(browser, f"/admin/people/{cast.former.id}")
    assert "清江实验小学" in former
    assert "没有职务" in former


def test_an_account_is_changed_and_the_change_is_noted(browser: FlaskClient, cast: SimpleNamespace) -> None:
    path = f"/admin/people/{cast.owner.id}/edit"
    assert "甲老师" in page(browser, path)
    answer = browser.post(path, data={"name": "新名字", "email": "n@school.cn", "phone": "138", "is_admin": "y"})
    person = fresh(Person, cast.owner.id)
    assert answer.status_code == 302
    assert (person.name, person.email, person.phone, person.is_admin) == ("新名字", "n@school.cn", "138", True)
    assert len(audited("person.update")) == 1
    assert browser.post(path, data={"name": " ", "email": "bad"}).status_code == 422


def test_nobody_takes_their_own_administration_away(browser: FlaskClient, cast: SimpleNamespace) -> None:
    answer = browser.post(f"/admin/people/{cast.admin.id}/edit", data={"name": "管理员"})
    assert answer.status_code == 409
    assert fresh(Person, cast.admin.id).is_admin


def test_a_closed_account_is_out_at_once_and_can_be_opened_again(
    browser: FlaskClient, cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient]
) -> None:
    theirs = sign_in(cast.owner)
    assert theirs.get("/account").status_code == 200
    browser.post(f"/admin/people/{cast.owner.id}/disable")
    assert theirs.get("/account").status_code == 302
    assert "这个账号已停用" in page(browser, f"/admin/people/{cast.owner.id}")
    assert "已停用" in page(browser, "/admin/people?closed=1")
    browser.post(f"/admin/people/{cast.owner.id}/enable")
    assert fresh(Person, cast.owner.id).active
    assert len(audited("person.disable")) == len(audited("person.enable")) == 1


def test_nobody_closes_or_resets_themselves(browser: FlaskClient, cast: SimpleNamespace) -> None:
    shown = page(browser, f"/admin/people/{cast.admin.id}")
    for deed in ("disable", "link", "release-factor"):
        assert f"/{deed}" not in shown
        assert browser.post(f"/admin/people/{cast.admin.id}/{deed}").status_code == 403


def test_a_new_link_voids_the_one_before(browser: FlaskClient, client: FlaskClient, cast: SimpleNamespace) -> None:
    def link() -> str:
        shown = browser.post(f"/admin/people/{cast.owner.id}/link").get_data(as_text=True)
        return shown.partition("/sign-in/link/")[2].partition('"')[0]

    first, second = link(), link()
    assert client.get(f"/sign-in/link/{first}").status_code == 404
    assert client.get(f"/sign-in/link/{second}").status_code == 200
    assert len(audited("password.start_reset")) == 2


def test_all_sessions_of_a_person_are_ended(
    browser: FlaskClient, cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient]
) -> None:
    sign_in(cast.owner)
    browser.post(f"/admin/people/{cast.owner.id}/end-sessions")
    assert sessions_of(cast.owner) == []
    assert len(audited("sessions.end_all")) == 1


def test_a_lost_second_factor_is_removed_when_two_administrators_agree(
    browser: FlaskClient, sign_in: Callable[[Person], FlaskClient]
) -> None:
    person, _key = make_factor_user()
    second = sign_in(make_user("第二位管理员", is_admin=True))
    path = f"/admin/people/{person.id}"
    assert "动态口令丢了" in page(browser, path)

    browser.post(f"{path}/release-factor")
    assert fresh(Person, person.id).tf_totp_secret is not None
    assert "等另一位管理员同意" in page(browser, path)
    assert "同意移除动态口令" in page(second, path)

    answer = second.post(f"{path}/release-factor", follow_redirects=True)
    assert "动态口令已移除" in answer.get_data(as_text=True)
    assert fresh(Person, person.id).tf_totp_secret is None
    assert (len(audited("factor.ask_release")), len(audited("factor.release"))) == (1, 1)


def test_a_wish_to_remove_a_factor_is_over_after_three_days(browser: FlaskClient, admin: Actor) -> None:
    person, _key = make_factor_user()
    browser.post(f"/admin/people/{person.id}/release-factor")
    with time_machine.travel(now() + timedelta(hours=73)):
        assert service.get_dossier(admin, person.id).release_by is None


# who may


PATHS = ("", "/export.xlsx", "/new", "/{id}", "/{id}/edit")
DEEDS = ("/new", "/{id}/edit", "/{id}/disable", "/{id}/enable", "/{id}/link", "/{id}/release-factor")


@pytest.mark.parametrize("role", ["owner", "head", "group_head", "outsider"])
def test_for_all_but_administrators_the_pages_do_not_exist(
    cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient], role: str
) -> None:
    other = sign_in(getattr(cast, role))
    for path in PATHS:
        assert other.get("/admin/people" + path.format(id=cast.colleague.id)).status_code == 404
    for deed in (*DEEDS, "/{id}/end-sessions"):
        assert other.post("/admin/people" + deed.format(id=cast.colleague.id)).status_code == 404


@pytest.mark.parametrize("deed", ["disable", "enable", "link", "release-factor", "end-sessions"])
def test_a_person_that_is_missing_is_not_found(browser: FlaskClient, deed: str) -> None:
    assert browser.post(f"/admin/people/{uuid4()}/{deed}").status_code == 404
    assert browser.get(f"/admin/people/{uuid4()}").status_code == 404


def test_the_service_itself_asks_who_comes(cast: SimpleNamespace, actor: Callable[[Person], Actor]) -> None:
    head = actor(cast.head)
    for ask in (
        lambda: service.list_people(head, PeopleFilters()),
        lambda: service.get_dossier(head, cast.owner.id),
        lambda: service.admit(head, NewPerson("新人", "xinren")),
    ):
        with pytest.raises(Forbidden):
            ask()
