"""Forms of administrators: regions, schools, groups, postings and offices are tended through a browser."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import Select, select

from tests.factories import appoint, fresh, make_group, make_school, save
from tongyan.accounts.models import Person
from tongyan.kernel.clock import today
from tongyan.kernel.db import db
from tongyan.kernel.permissions import group_key
from tongyan.org.models import Group, Membership, Office, OfficeKind, Posting, PostingKind, Region, School

DAY = timedelta(days=1)

SignIn = Callable[[Person], FlaskClient]


def one(statement: Select[Any]) -> Any:
    """Return the only row, as it is now."""
    db.session.rollback()
    return db.session.scalars(statement).one()


def membership(cast: SimpleNamespace) -> Membership:
    return one(select(Membership).where(Membership.school_id == cast.rural.id))


# regions


def test_a_region_is_added_and_changed(browser: FlaskClient, cast: SimpleNamespace) -> None:
    assert browser.post("/admin/regions/new", data={"name": "清江市", "level": "city"}).status_code == 302
    region = one(select(Region))
    assert 'value="清江市"' in browser.get(f"/admin/regions/{region.id}").text
    change = {"name": "新清江市", "level": "city", "parent_id": "", "version": "1"}
    assert browser.post(f"/admin/regions/{region.id}", data=change).status_code == 302
    assert fresh(Region, region.id).name == "新清江市"
    stale = browser.post(f"/admin/regions/{region.id}", data=change | {"name": "旧清江市"})
    assert stale.status_code == 409
    assert "旧清江市" in stale.text  # what was typed is kept
    assert browser.post(f"/admin/regions/{region.id}", data=change | {"version": "x"}).status_code == 409


def test_a_region_that_breaks_a_rule_is_shown_again(region: Region, browser: FlaskClient) -> None:
    twin = browser.post("/admin/regions/new", data={"name": "清江市", "level": "city"})
    assert twin.status_code == 422
    assert "同一处已经有这个地区" in twin.text
    assert browser.get("/admin/regions/new").status_code == 200


# schools

SCHOOL = {"name": "山阳小学", "short_name": "山阳", "stages": ["primary", "junior"], "quota_bytes": "5", "version": "1"}


def test_a_school_is_added_changed_closed_and_opened_again(browser: FlaskClient, region: Region) -> None:
    assert browser.get("/admin/schools/new").status_code == 200
    made = browser.post("/admin/schools/new", data=SCHOOL | {"region_id": str(region.id)})
    school = one(select(School).where(School.name == "山阳小学"))
    assert made.location.endswith(f"/admin/schools/{school.id}")
    assert (school.stages, school.quota_bytes, school.legal_person) == (["primary", "junior"], 5 * 1024**3, False)
    page = f"/admin/schools/{school.id}"
    assert 'value="5"' in browser.get(f"{page}/edit").text
    assert browser.post(f"{page}/edit", data=SCHOOL | {"quota_bytes": "", "legal_person": "y"}).status_code == 302
    assert fresh(School, school.id).quota_bytes is None
    assert browser.post(f"{page}/edit", data=SCHOOL).status_code == 409
    assert browser.post(f"{page}/close", data={"version": "2"}).status_code == 302
    assert "恢复使用" in browser.get(page).text
    assert browser.post(f"{page}/reopen", data={"version": "2"}).status_code == 409
    assert browser.post(f"{page}/reopen", data={"version": "3"}).status_code == 302
    assert fresh(School, school.id).active


def test_a_school_that_breaks_a_rule_is_shown_again(browser: FlaskClient) -> None:
    answer = browser.post("/admin/schools/new", data=SCHOOL | {"stages": []})
    assert answer.status_code == 422
    assert "请至少选一个学段" in answer.text
    assert browser.post("/admin/schools/new", data=SCHOOL | {"quota_bytes": "-1"}).status_code == 422


# groups

GROUP = {"name": "山阳教育集团", "pairing": "core_new", "way": "trust", "founded_on": "2020-09-01", "version": "1"}


def test_a_group_is_founded_and_changed(browser: FlaskClient, cast: SimpleNamespace, region: Region) -> None:
    assert browser.get("/admin/groups/new").status_code == 200
    school = make_school("山阳小学")
    browser.post("/admin/groups/new", data=GROUP | {"core_school_id": str(school.id), "region_id": str(region.id)})
    group = one(select(Group).where(Group.name == "山阳教育集团"))
    page = f"/admin/groups/{group.id}"
    assert "山阳小学" in browser.get(page).text
    assert "山阳小学" in browser.get(f"{page}/edit").text
    change = GROUP | {"name": "新山阳教育集团"}
    assert browser.post(f"{page}/edit", data=change).status_code == 302
    assert browser.post(f"{page}/edit", data=change).status_code == 409
    assert fresh(Group, group.id).name == "新山阳教育集团"
    twin = browser.post("/admin/groups/new", data=GROUP | {"name": "清江教育集团"})
    assert (twin.status_code, "已经有同名的集团" in twin.text) == (422, True)


def test_a_seventh_member_is_warned_of(browser: FlaskClient) -> None:
    group = make_group("大联盟", *(make_school() for _ in range(6)))
    page = f"/admin/groups/{group.id}"
    assert browser.get(f"{page}/join").status_code == 200
    data = {"school_id": str(make_school("第七小学").id), "from_on": today().isoformat()}
    answer = browser.post(f"{page}/join", data=data, follow_redirects=True).text
    assert "“第七小学”已加入" in answer
    assert answer.count("集团现在有 7 所成员校") == 1
    assert "第七小学" not in browser.get(f"{page}/join").text, "who is in is not offered again"
    assert browser.post(f"{page}/join", data=data).status_code == 422
    few = {"school_id": str(make_school().id), "from_on": today().isoformat()}
    assert "现在有" not in browser.post(f"/admin/groups/{make_group().id}/join", data=few, follow_redirects=True).text


def test_leaving_names_what_is_lost_and_keeps_the_history(cast: SimpleNamespace, browser: FlaskClient) -> None:
    appoint(cast.neighbour, OfficeKind.LINE_HEAD, group_key(cast.group_a.id))
    page = f"/admin/memberships/{membership(cast).id}/leave"
    asked = browser.get(page).text
    assert "1 位老师看不到集团共享的资源" in asked
    assert "戊老师" in asked
    data = {"to_on": (today() - DAY).isoformat(), "reason": "成熟退出"}
    assert browser.post(page, data=data | {"reason": ""}).status_code == 422
    answer = browser.post(page, data=data, follow_redirects=True).text
    assert "成员变动（1）" in answer
    assert browser.post(page, data=data).status_code == 409


def test_the_end_of_a_group_names_what_is_lost(cast: SimpleNamespace, browser: FlaskClient) -> None:
    page = f"/admin/groups/{cast.group_a.id}/end"
    assert "2 所成员校的关系和 1 个集团职务一起结束" in browser.get(page).text
    data = {"to_on": (today() - DAY).isoformat(), "reason": "布局调整", "version": "1"}
    answer = browser.post(page, data=data, follow_redirects=True).text
    assert "这个集团的最后一天是" in answer
    assert "/join" not in answer
    assert browser.post(page, data=data).status_code == 409


# postings and offices


def test_somebody_is_found_and_posted_without_scripts(cast: SimpleNamespace, browser: FlaskClient) -> None:
    page = f"/admin/schools/{cast.rural.id}/postings/new"
    assert browser.get(page).status_code == 200
    form = {"person_q": "甲老", "kind": "exchange", "from_on": "2024-09-01", "to_on": "2024-12-31"}
    found = browser.post(page, data=form | {"find": "1"})
    assert found.status_code == 200
    assert f'value="{cast.owner.id}"' in found.text
    nobody = browser.post(page, data=form)
    assert (nobody.status_code, "请选一个人" in nobody.text) == (422, True)
    done = browser.post(page, data=form | {"person_id": str(cast.owner.id)}, follow_redirects=True).text
    assert "已安排“甲老师”任职" in done
    assert "不满一学年" in done
    twice = browser.post(page, data=form | {"person_id": str(cast.owner.id), "person_q": ""})
    assert twice.status_code == 422
    assert f'value="{cast.owner.id}"' in twice.text  # still chosen


def test_one_does_not_post_oneself(cast: SimpleNamespace, browser: FlaskClient) -> None:
    data = {"person_id": str(cast.admin.id), "kind": "home", "from_on": "2024-09-01"}
    answer = browser.post(f"/admin/schools/{cast.core.id}/postings/new", data=data)
    assert (answer.status_code, "不能给自己安排学校" in answer.text) == (409, True)
    assert browser.post(
        f"/admin/schools/{cast.core.id}/postings/new", data=data | {"person_id": "nonsense"}
    ).status_code == 422  # fmt: skip


def test_the_end_of_a_posting_names_the_offices_that_end_with_it(cast: SimpleNamespace, browser: FlaskClient) -> None:
    posting = one(select(Posting).where(Posting.person_id == cast.head.id))
    page = f"/admin/postings/{posting.id}/end"
    assert "执行校长" in browser.get(page).text
    data = {"to_on": (today() - DAY).isoformat()}
    assert browser.post(page, data={"to_on": ""}).status_code == 422
    assert browser.post(page, data=data).status_code == 302
    assert browser.post(page, data=data).status_code == 409
    assert fresh(Posting, posting.id).to_on == today() - DAY
    office = one(select(Office).where(Office.person_id == cast.head.id))
    assert office.to_on == today() - DAY


def test_the_end_of_a_short_exchange_is_warned_of(cast: SimpleNamespace, browser: FlaskClient) -> None:
    posting = save(
        Posting(person_id=cast.owner.id, school_id=cast.rural.id, kind=PostingKind.EXCHANGE, from_on=today())
    )
    answer = browser.post(
        f"/admin/postings/{posting.id}/end", data={"to_on": today().isoformat()}, follow_redirects=True
    )
    assert "不满一学年" in answer.text


def test_offices_are_given_and_ended_over_schools_groups_and_regions(
    cast: SimpleNamespace, region: Region, browser: FlaskClient
) -> None:
    for place, place_id, kind, back in (
        ("school", cast.core.id, "subject_lead", f"/admin/schools/{cast.core.id}"),
        ("group", cast.group_a.id, "line_head", f"/admin/groups/{cast.group_a.id}"),
        ("region", region.id, "district_officer", f"/admin/regions/{region.id}"),
    ):
        page = f"/admin/offices/{place}/{place_id}/new"
        assert browser.get(page).status_code == 200
        data = {"person_id": str(cast.colleague.id), "kind": kind, "from_on": today().isoformat(), "subject": "语文"}
        assert browser.post(page, data=data).location == back
        assert browser.post(page, data=data).status_code == 422  # the same office twice
        assert "乙老师" in browser.get(back).text
        office = one(select(Office).where(Office.person_id == cast.colleague.id, Office.kind == kind))
        end = f"/admin/offices/{office.id}/end"
        assert "乙老师" in browser.get(end).text
        assert browser.post(end, data={"to_on": (today() - DAY).isoformat()}).status_code == 422
        assert browser.post(end, data={"to_on": today().isoformat()}).location == back


def test_a_place_that_is_not_there_has_no_offices(cast: SimpleNamespace, browser: FlaskClient) -> None:
    assert browser.get(f"/admin/offices/school/{cast.group_a.id}/new").status_code == 404
    assert browser.get(f"/admin/offices/planet/{cast.group_a.id}/new").status_code == 404


def test_the_picker_answers_with_a_part_of_a_form(cast: SimpleNamespace, browser: FlaskClient) -> None:
    part = browser.get("/admin/pick-person?person_q=甲老", headers={"HX-Request": "true"}).text
    assert f'value="{cast.owner.id}"' in part
    assert "<html" not in part
    assert "没有找到这个人" in browser.get("/admin/pick-person?person_q=没有").text
    assert browser.get("/admin/pick-person?person_q=甲").text.strip() == ""
