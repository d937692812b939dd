"""备课组, schools and 伙伴集团 through a browser."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import LONG_AGO, fresh, make_person, make_school, post, save
from tests.org.test_actor_keys import prepare
from tests.org.test_tending import GROUP, SCHOOL, one
from tongyan.accounts.models import Person
from tongyan.curriculum.models import Level, Node
from tongyan.kernel.clock import today
from tongyan.kernel.ids import new_id
from tongyan.kernel.permissions import group_key, school_key
from tongyan.org.models import Group, Office, OfficeKind, Partnership, Posting, PrepGroup, PrepGroupMember, School

DAY = timedelta(days=1)
SignIn = Callable[[Person], FlaskClient]


def make_subject(title: str) -> None:
    """Put a subject into the curriculum."""
    stage, subject = new_id(), new_id()
    top = {"level": Level.STAGE, "title": "小学", "path": f"/{stage.hex}/"}
    below = {"level": Level.SUBJECT, "title": title, "path": f"/{stage.hex}/{subject.hex}/", "subject": title}
    save(Node(id=stage, position=1.0, stage="primary", **top))
    save(Node(id=subject, position=1.0, stage="primary", parent_id=stage, **below))


# a school as its colleagues see it


def test_a_teacher_finds_the_school_and_its_prep_groups(cast: SimpleNamespace, sign_in: SignIn) -> None:
    prepare(school_key(cast.core.id), cast.owner, lead=True)
    browser, home = sign_in(cast.owner), f"/schools/{cast.core.id}"
    assert home in browser.get("/group").text
    page = browser.get(home).text
    for text in ("清江实验小学", "丙校长", "清江教育集团", "三年级语文备课组", "我在组里", "组长：甲老师"):
        assert text in page
    assert "新建备课组" not in page
    assert "新建备课组" in sign_in(cast.head).get(home).text


def test_colleagues_of_the_group_see_the_school_without_its_prep_groups(cast: SimpleNamespace, sign_in: SignIn) -> None:
    prepare(school_key(cast.core.id))
    page = sign_in(cast.neighbour).get(f"/schools/{cast.core.id}").text
    assert "丙校长" in page
    assert "备课组" not in page
    assert sign_in(cast.outsider).get(f"/schools/{cast.core.id}").status_code == 404


def test_who_heads_a_school_from_tomorrow_does_not_head_it_yet(cast: SimpleNamespace, sign_in: SignIn) -> None:
    person = make_person("明校长")
    save(
        Office(person_id=person.id, kind=OfficeKind.SCHOOL_HEAD, scope=school_key(cast.core.id), from_on=today() + DAY)
    )
    assert "明校长" not in sign_in(cast.owner).get(f"/schools/{cast.core.id}").text


def test_a_school_outside_of_any_group_has_its_page(app: object, sign_in: SignIn) -> None:
    school, teacher = make_school("孤零小学", active=True), make_person("孤老师")
    post(teacher, school)
    browser = sign_in(teacher)
    assert f"/schools/{school.id}" in browser.get("/group").text
    assert "还没有备课组" in browser.get(f"/schools/{school.id}").text


def test_the_group_shows_its_prep_groups_to_its_people(cast: SimpleNamespace, sign_in: SignIn) -> None:
    prepare(group_key(cast.group_a.id), cast.neighbour)
    page = sign_in(cast.neighbour).get("/group").text
    assert "三年级语文备课组" in page
    assert "新建备课组" not in page
    assert "新建备课组" in sign_in(cast.group_head).get("/group").text
    assert "三年级语文备课组" not in sign_in(cast.outsider).get("/group").text


# made, changed, ended


def test_a_head_makes_changes_and_ends_one(cast: SimpleNamespace, sign_in: SignIn) -> None:
    make_subject("语文")
    browser, form = sign_in(cast.head), f"/prep-groups/new/school/{cast.core.id}"
    assert ">语文<" in browser.get(form).text
    assert browser.post(form, data={"name": "", "subject": "语文"}).status_code == 422
    assert browser.post(form, data={"name": "组", "subject": "武术"}).status_code == 422
    data = {"name": "三年级语文备课组", "subject": "语文", "grade": "3"}
    made = browser.post(form, data=data)
    group = one(select(PrepGroup))
    assert (group.name, group.subject, group.grade, group.scope) == (
        "三年级语文备课组", "语文", 3, school_key(cast.core.id),
    )  # fmt: skip
    page = f"/prep-groups/{group.id}"
    assert made.location == page
    twin = browser.post(form, data=data)
    assert (twin.status_code, "已经有同名的备课组" in twin.text) == (422, True)
    assert "组里还没有人" in browser.get(page).text
    assert 'value="三年级语文备课组"' in browser.get(f"{page}/edit").text
    change = data | {"name": "语文组", "grade": "", "version": "1"}
    assert browser.post(f"{page}/edit", data=change).location == page
    assert (fresh(PrepGroup, group.id).name, fresh(PrepGroup, group.id).grade) == ("语文组", None)
    assert browser.post(f"{page}/edit", data=change).status_code == 409
    assert "成员不再看到" in browser.get(f"{page}/end").text
    assert browser.post(f"{page}/end", data={"to_on": "", "version": "2"}).status_code == 422
    assert browser.post(f"{page}/end", data={"to_on": (today() - DAY).isoformat(), "version": "2"}).location == page
    ended = browser.get(page).text
    assert "这个备课组的最后一天是" in ended
    assert "添加成员" not in ended
    assert browser.post(f"{page}/end", data={"to_on": today().isoformat(), "version": "3"}).status_code == 409


def test_a_subject_that_the_curriculum_does_not_know_stays(cast: SimpleNamespace, sign_in: SignIn) -> None:
    group, browser = prepare(school_key(cast.core.id)), sign_in(cast.head)
    data = {"name": "语文组", "subject": "语文", "grade": "3", "version": "1"}
    assert browser.post(f"/prep-groups/{group.id}/edit", data=data).status_code == 302
    with_none = data | {"subject": "", "version": "2"}
    assert browser.post(f"/prep-groups/{group.id}/edit", data=with_none).status_code == 302
    assert fresh(PrepGroup, group.id).subject is None
    assert browser.get(f"/prep-groups/{group.id}/edit").status_code == 200
    assert "不分学科" in browser.get(f"/prep-groups/{group.id}").text


def test_a_lead_is_offered_the_own_subject_first(cast: SimpleNamespace, sign_in: SignIn) -> None:
    make_subject("数学")
    scope = school_key(cast.core.id)
    save(
        Office(person_id=cast.colleague.id, kind=OfficeKind.SUBJECT_LEAD, scope=scope, subject="语文", from_on=LONG_AGO)
    )
    form = sign_in(cast.colleague).get(f"/prep-groups/new/school/{cast.core.id}").text
    assert "数学" not in form
    assert form.index(">语文<") < form.index("不分学科")


def test_one_of_a_group_leads_back_to_the_group(cast: SimpleNamespace, sign_in: SignIn) -> None:
    group = prepare(group_key(cast.group_a.id))
    assert "清江教育集团" in sign_in(cast.neighbour).get(f"/prep-groups/{group.id}").text
    assert 'href="/group"' in sign_in(cast.group_head).get(f"/prep-groups/new/group/{cast.group_a.id}").text


# members


def test_the_leader_takes_somebody_in_without_scripts(cast: SimpleNamespace, sign_in: SignIn) -> None:
    group = prepare(school_key(cast.core.id), cast.owner, lead=True)
    browser, page = sign_in(cast.owner), f"/prep-groups/{group.id}"
    form = browser.get(f"{page}/members/new").text
    assert "担任组长" not in form, "that is for the head to say"
    data = {"person_q": "乙老", "from_on": today().isoformat()}
    found = browser.post(f"{page}/members/new", data=data | {"find": "1"})
    assert (found.status_code, f'value="{cast.colleague.id}"' in found.text) == (200, True)
    nobody = browser.post(f"{page}/members/new", data=data)
    assert (nobody.status_code, "请选一个人" in nobody.text) == (422, True)
    stranger = browser.post(f"{page}/members/new", data=data | {"person_id": str(cast.neighbour.id)})
    assert (stranger.status_code, "那天不在这里任职" in stranger.text) == (422, True)
    early = browser.post(
        f"{page}/members/new", data=data | {"person_id": str(cast.colleague.id), "from_on": "2019-01-01"}
    )
    assert (early.status_code, f'value="{cast.colleague.id}"' in early.text) == (422, True)  # still chosen
    done = browser.post(
        f"{page}/members/new", data=data | {"person_id": str(cast.colleague.id)}, follow_redirects=True
    ).text
    assert "“乙老师”已加入" in done
    assert browser.post(
        f"{page}/members/new", data=data | {"person_id": str(cast.head.id), "lead": "y"}
    ).status_code == 403  # fmt: skip


def test_the_picker_answers_with_a_part_of_a_form(cast: SimpleNamespace, sign_in: SignIn) -> None:
    group = prepare(school_key(cast.core.id), cast.owner, lead=True)
    pick = f"/prep-groups/{group.id}/pick-person?person_q="
    browser = sign_in(cast.owner)
    part = browser.get(f"{pick}乙老", headers={"HX-Request": "true"}).text
    assert f'value="{cast.colleague.id}"' in part
    assert cast.colleague.login not in part
    assert "<html" not in part
    assert "在任、还不在组里" in browser.get(f"{pick}戊老师").text


def test_a_member_is_named_leader_and_leaves(cast: SimpleNamespace, sign_in: SignIn) -> None:
    group = prepare(school_key(cast.core.id), cast.owner)
    member = one(select(PrepGroupMember))
    browser, page = sign_in(cast.head), f"/prep-groups/{group.id}"
    named = browser.post(f"/prep-members/{member.id}/lead", data={"lead": "1"}, follow_redirects=True).text
    assert "“甲老师”现在是组长" in named
    assert "成员变动（1）" in named
    leads = one(select(PrepGroupMember).where(PrepGroupMember.lead))
    assert "不再是组长" in browser.post(f"/prep-members/{leads.id}/lead", follow_redirects=True).text
    leave = f"/prep-members/{leads.id}/end"
    assert "甲老师" in browser.get(leave).text
    assert browser.post(leave, data={"to_on": (today() - DAY).isoformat()}).status_code == 422
    assert browser.post(leave, data={"to_on": today().isoformat()}).location == page
    assert fresh(PrepGroupMember, leads.id).to_on == today()


def test_members_see_who_is_in_it_and_no_buttons(cast: SimpleNamespace, sign_in: SignIn) -> None:
    group = prepare(school_key(cast.core.id), cast.owner, cast.former)
    page = sign_in(cast.owner).get(f"/prep-groups/{group.id}").text
    assert "现在不在这里任职" in page
    for text in ("添加成员", "移出", "设为组长", "结束备课组"):
        assert text not in page


def test_the_end_of_a_posting_names_the_prep_groups_that_are_left(cast: SimpleNamespace, browser: FlaskClient) -> None:
    prepare(school_key(cast.core.id), cast.owner)
    posting = one(select(Posting).where(Posting.person_id == cast.owner.id))
    assert "三年级语文备课组" in browser.get(f"/admin/postings/{posting.id}/end").text


# the administrators' pages


def test_administrators_find_prep_groups_on_the_pages_of_school_and_group(
    cast: SimpleNamespace, browser: FlaskClient
) -> None:
    prepare(school_key(cast.core.id))
    prepare(group_key(cast.group_a.id))
    for page in (f"/admin/schools/{cast.core.id}", f"/admin/groups/{cast.group_a.id}"):
        assert "三年级语文备课组" in browser.get(page).text
    assert browser.get(f"/schools/{cast.core.id}").status_code == 200


def test_groups_are_joined_and_parted(cast: SimpleNamespace, browser: FlaskClient, sign_in: SignIn) -> None:
    page = f"/admin/groups/{cast.group_a.id}"
    assert "外地教育集团" in browser.get(f"{page}/partners/new").text
    data = {"partner_id": str(cast.group_b.id), "from_on": (today() - DAY).isoformat()}
    assert browser.post(f"{page}/partners/new", data=data).location == page
    twice = browser.post(f"{page}/partners/new", data=data)
    assert (twice.status_code, "已经是伙伴集团" in twice.text) == (422, True)
    for path in (page, f"/admin/groups/{cast.group_b.id}"):
        assert "伙伴集团" in browser.get(path).text
    assert "外地教育集团" in browser.get(page).text
    assert "外地教育集团" in sign_in(cast.owner).get("/group").text
    assert "清江教育集团" in sign_in(cast.outsider).get("/group").text
    end = f"/admin/partnerships/{one(select(Partnership)).id}/end"
    assert "外地教育集团" in browser.get(end).text
    assert browser.post(end, data={"to_on": "2019-01-01"}).status_code == 422
    loss = browser.get(f"{page}/end").text
    assert "1 个伙伴集团关系也一起结束" in loss
    data = {"to_on": (today() - DAY).isoformat()}
    for each in (cast.group_a, cast.group_b):
        back = browser.post(f"{end}?from={each.id}", data=data | {"to_on": today().isoformat()}).location
        assert back == f"/admin/groups/{each.id}"
    assert browser.post(end, data=data).status_code == 302
    assert browser.post(end, data=data).status_code == 409
    assert "外地教育集团" not in sign_in(cast.owner).get("/group").text


def test_administrators_set_review_and_quota_in_the_forms(cast: SimpleNamespace, browser: FlaskClient) -> None:
    page = f"/admin/schools/{cast.core.id}"
    data = SCHOOL | {"quota_bytes": "20", "reviews_resources": "y", "name": "清江实验小学"}
    assert browser.post(f"{page}/edit", data=data).status_code == 302
    school = fresh(School, cast.core.id)
    assert (school.quota_bytes, school.reviews_resources) == (20 * 1024**3, True)
    assert "20 GB" in browser.get(page).text
    group = f"/admin/groups/{cast.group_a.id}"
    assert browser.post(f"{group}/edit", data=GROUP | {"reviews_resources": "y"}).status_code == 302
    assert fresh(Group, cast.group_a.id).reviews_resources
    assert browser.post(f"{group}/edit", data=GROUP | {"version": "2"}).status_code == 302
    assert not fresh(Group, cast.group_a.id).reviews_resources


def test_a_page_asks_no_more_for_more_members(
    cast: SimpleNamespace, sign_in: SignIn, count_statements: Callable[..., int]
) -> None:
    group = prepare(school_key(cast.core.id), cast.owner, lead=True)
    browser = sign_in(cast.owner)
    before = count_statements(lambda: browser.get(f"/prep-groups/{group.id}"))
    for number in range(5):
        person = make_person(f"新{number}")
        post(person, cast.core)
        save(PrepGroupMember(prep_group_id=group.id, person_id=person.id, from_on=LONG_AGO))
    assert count_statements(lambda: browser.get(f"/prep-groups/{group.id}")) == before
