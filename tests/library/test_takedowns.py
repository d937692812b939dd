"""Take-down requests: asked by whoever sees it, decided by the heads, lifted by them; the log stays."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import fresh, make_person, post, save
from tests.library.voices import published, state, told
from tongyan.accounts.models import Person
from tongyan.kernel import search_jobs
from tongyan.kernel.audit import AuditEntry
from tongyan.kernel.clock import now
from tongyan.kernel.db import db
from tongyan.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tongyan.kernel.permissions import Actor, group_key, school_key, user_key
from tongyan.library import services as library
from tongyan.library.models import PublicLink, Resource, ResourceState, TakeDown, TakeDownState

Acting = Callable[[Person], Actor]
SignIn = Callable[[Person], FlaskClient]
ANSWER = {"answer": "确实露出了学生的面容"}


def ask(actor: Acting, person: Person, resource: Resource) -> TakeDown:
    """Ask that a resource be closed, as one of the cast."""
    by = actor(person)
    return library.ask_take_down(by, resource, by.name, "", "第2页有学生的面容")


def deeds() -> list[str]:
    """Return what the trail says of take-downs."""
    db.session.rollback()
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.seq)).all()
    return [action for action in actions if "take_down" in action]


def test_whoever_sees_it_asks_and_the_heads_are_told(cast: SimpleNamespace, sign_in: SignIn) -> None:
    resource = published(cast)
    browser, address = sign_in(cast.neighbour), f"/library/{resource.id}/take-down"
    assert address in browser.get(f"/library/{resource.id}/voices").text
    assert "山行课件" in browser.get(address).text
    answer = browser.post(address, data={"reason": "第2页有学生的面容", "contact": "13800000000"})
    assert answer.location == f"/library/{resource.id}"
    assert (told(cast.head), told(cast.group_head)) == (["library.take_down"], ["library.take_down"])
    assert told(cast.owner) == []
    assert state(resource) is ResourceState.PUBLISHED

    for person in (cast.head, cast.group_head):
        web = sign_in(person)
        assert "有人请求下架" in web.get("/").text
        log = web.get("/library/take-downs").text
        assert "戊老师" in log
        assert "待处理" in log
    assert "有人请求下架" not in sign_in(cast.colleague).get("/").text
    asked = db.session.scalars(select(TakeDown)).one()
    page = sign_in(cast.head).get(f"/library/take-downs/{asked.id}").text
    for words in ("第2页有学生的面容", "13800000000"):
        assert words in page


def test_upheld_closes_it_to_all_but_owner_and_heads(
    cast: SimpleNamespace, actor: Acting, sign_in: SignIn, run_jobs: Callable[[], int]
) -> None:
    resource = published(cast)
    link = save(
        PublicLink(
            resource_id=resource.id, token_hash="x", created_by=cast.owner.id, expires_at=now() + timedelta(days=1)
        )
    )
    search_jobs.rebuild(lambda _: None)
    assert "山行课件" in sign_in(cast.colleague).get("/search?q=山行课件").text
    first, second = ask(actor, cast.neighbour, resource), ask(actor, cast.colleague, resource)

    assert sign_in(cast.head).post(f"/library/take-downs/{first.id}", data=ANSWER | {"uphold": "1"}).status_code == 302
    run_jobs()

    assert state(resource) is ResourceState.TAKEN_DOWN
    assert fresh(Resource, resource.id).audience == group_key(cast.group_a.id)
    assert {fresh(TakeDown, each.id).state for each in (first, second)} == {TakeDownState.UPHELD}
    assert fresh(PublicLink, link.id).revoked_at is not None
    for person in (cast.colleague, cast.neighbour, cast.outsider, cast.admin):
        assert sign_in(person).get(f"/library/{resource.id}").status_code == 404
    for person in (cast.owner, cast.head, cast.group_head):
        page = sign_in(person).get(f"/library/{resource.id}").text
        assert "确实露出了学生的面容" in page
        assert ("看看请求，或恢复" in page) is (person is not cast.owner)
    found = sign_in(cast.colleague).get("/search?q=山行课件").text
    assert f"/library/{resource.id}" not in found
    assert told(cast.owner) == ["library.taken_down"]
    assert told(cast.neighbour) == ["library.take_down_upheld"]
    assert told(cast.colleague) == ["library.take_down_upheld"]
    assert deeds() == ["library:take_down:ask", "library:take_down:ask", "library:resource:take_down"]


def test_what_is_taken_down_is_not_shared_again_by_any_way(cast: SimpleNamespace, actor: Acting) -> None:
    resource, owner = published(cast), actor(cast.owner)
    library.uphold_take_down(actor(cast.head), ask(actor, cast.neighbour, resource).id, "属实")
    audience = school_key(cast.core.id)
    with pytest.raises(Conflict, match="resource.taken_down"):
        library.share_resource(owner, resource.id, audience)
    library.trash_resource(owner, resource.id)
    assert library.restore_resource(owner, resource.id).state is ResourceState.TAKEN_DOWN
    with pytest.raises(Conflict, match="resource.taken_down"):
        library.share_resource(owner, resource.id, audience)


def test_lifted_it_is_open_again_to_whom_it_was(cast: SimpleNamespace, actor: Acting, sign_in: SignIn) -> None:
    resource = published(cast)
    asked = ask(actor, cast.neighbour, resource)
    library.uphold_take_down(actor(cast.head), asked.id, "属实")
    browser = sign_in(cast.group_head)
    assert "恢复" in browser.get(f"/library/take-downs/{asked.id}").text
    assert browser.post(f"/library/take-downs/{asked.id}/lift").status_code == 302
    assert state(resource) is ResourceState.PUBLISHED
    assert sign_in(cast.neighbour).get(f"/library/{resource.id}").status_code == 200
    assert told(cast.owner) == ["library.taken_down", "library.take_down_lifted"]
    assert "已恢复" in browser.get("/library/take-downs").text
    assert "丁总校长" in browser.get(f"/library/take-downs/{asked.id}").text
    assert deeds()[-1] == "library:take_down:lift"
    with pytest.raises(Conflict):
        library.lift_take_down(actor(cast.head), asked.id)


def test_what_lay_in_the_trash_meanwhile_becomes_a_draft_when_it_is_lifted(
    cast: SimpleNamespace, actor: Acting
) -> None:
    resource, owner = published(cast), actor(cast.owner)
    asked = ask(actor, cast.neighbour, resource)
    library.uphold_take_down(actor(cast.head), asked.id, "属实")
    library.trash_resource(owner, resource.id)
    library.restore_resource(owner, resource.id)
    library.lift_take_down(actor(cast.head), asked.id)
    assert state(resource) is ResourceState.DRAFT
    library.trash_resource(owner, resource.id)
    assert library.restore_resource(owner, resource.id).state is ResourceState.DRAFT


def test_declined_it_stays_and_who_asked_hears_why(cast: SimpleNamespace, actor: Acting, sign_in: SignIn) -> None:
    resource = published(cast)
    asked = ask(actor, cast.neighbour, resource)
    browser, address = sign_in(cast.head), f"/library/take-downs/{asked.id}"
    assert browser.post(address, data={"answer": "面容已打码", "decline": "1"}).status_code == 302
    assert state(resource) is ResourceState.PUBLISHED
    assert told(cast.neighbour) == ["library.take_down_declined"]
    assert told(cast.owner) == []
    assert "面容已打码" in browser.get(address).text
    assert "不同意下架" in browser.get("/library/take-downs").text
    assert browser.post(address, data={"answer": "再想想", "uphold": "1"}).status_code == 409
    assert "有人请求下架" not in browser.get("/").text
    assert deeds()[-1] == "library:take_down:decline"


@pytest.mark.parametrize("pressed", ["uphold", "decline"])
def test_both_decisions_say_why(cast: SimpleNamespace, actor: Acting, sign_in: SignIn, pressed: str) -> None:
    asked = ask(actor, cast.neighbour, published(cast))
    answer = sign_in(cast.head).post(f"/library/take-downs/{asked.id}", data={"answer": " ", pressed: "1"})
    assert (answer.status_code, "请写明理由" in answer.text) == (422, True)


def test_one_asks_once_until_it_is_decided(cast: SimpleNamespace, actor: Acting, sign_in: SignIn) -> None:
    resource = published(cast)
    asked = ask(actor, cast.neighbour, resource)
    address = f"/library/{resource.id}/take-down"
    answer = sign_in(cast.neighbour).post(address, data={"reason": "又一次"})
    assert (answer.status_code, "您已经请求过" in answer.text) == (409, True)
    library.decline_take_down(actor(cast.head), asked.id, "不属实")
    assert sign_in(cast.neighbour).post(address, data={"reason": "有新的理由"}).status_code == 302


def test_what_is_not_open_needs_no_closing(cast: SimpleNamespace, actor: Acting) -> None:
    draft = published(cast, state=ResourceState.DRAFT, audience=user_key(cast.owner.id))
    with pytest.raises(Conflict, match="take_down.not_open"):
        ask(actor, cast.owner, draft)
    with pytest.raises(NotFound):
        ask(actor, cast.neighbour, draft)


def test_somebody_with_a_link_asks_by_name(cast: SimpleNamespace, actor: Acting, sign_in: SignIn) -> None:
    resource = published(cast)
    for reason in ("有我孩子的照片", "还有一张"):
        asked = library.ask_take_down(None, resource, " 王家长 ", "13900000000", reason)
    assert (asked.person_id, asked.name) == (None, "王家长")
    page = sign_in(cast.head).get(f"/library/take-downs/{asked.id}").text
    assert "王家长" in page
    library.uphold_take_down(actor(cast.head), asked.id, "属实")
    assert told(cast.owner) == ["library.taken_down"]


@pytest.mark.parametrize(
    ("name", "contact", "reason", "wrong"),
    [
        ("", "", "有照片", "name"),
        ("长" * 65, "", "有照片", "name"),
        ("王家长", "1" * 255, "有照片", "contact"),
        ("王家长", "", "\n", "reason"),
        ("王家长", "", "长" * 2001, "reason"),
    ],
)
def test_a_request_says_who_and_why(cast: SimpleNamespace, name: str, contact: str, reason: str, wrong: str) -> None:
    with pytest.raises(Invalid) as refused:
        library.ask_take_down(None, published(cast), name, contact, reason)
    assert set(refused.value.errors) == {wrong}


def test_the_log_is_for_those_who_answer_for_it(cast: SimpleNamespace, actor: Acting, sign_in: SignIn) -> None:
    own_school = published(cast, audience=school_key(cast.core.id))
    asked = ask(actor, cast.colleague, own_school)
    assert "没有下架请求" in sign_in(cast.group_head).get("/library/take-downs").text
    assert "这一页没有内容" in sign_in(cast.head).get("/library/take-downs?page=9").text
    assert sign_in(cast.colleague).get("/library/take-downs").status_code == 404
    for person in (cast.owner, cast.colleague, cast.group_head, cast.outsider, cast.admin):
        for door in (
            lambda by: library.get_take_down(by, asked.id),
            lambda by: library.uphold_take_down(by, asked.id, "属实"),
            lambda by: library.decline_take_down(by, asked.id, "不属实"),
            lambda by: library.lift_take_down(by, asked.id),
        ):
            with pytest.raises(NotFound):
                door(actor(person))


def test_a_request_without_a_school_goes_to_the_head_of_the_audience(cast: SimpleNamespace, actor: Acting) -> None:
    resource = published(cast, school_id=None)
    ask(actor, cast.neighbour, resource)
    assert (told(cast.head), told(cast.group_head)) == ([], ["library.take_down"])


def test_a_review_under_way_ends_with_the_closing(cast: SimpleNamespace, actor: Acting) -> None:
    resource = published(cast, review_scope=group_key(cast.group_a.id))
    library.uphold_take_down(actor(cast.head), ask(actor, cast.neighbour, resource).id, "属实")
    assert fresh(Resource, resource.id).review_scope is None


def test_the_owner_edits_but_cannot_lift(cast: SimpleNamespace, actor: Acting) -> None:
    resource = published(cast)
    asked = ask(actor, cast.neighbour, resource)
    library.uphold_take_down(actor(cast.head), asked.id, "属实")
    assert library.get_editable(actor(cast.owner), resource.id).id == resource.id
    with pytest.raises(NotFound):
        library.lift_take_down(actor(cast.owner), asked.id)
    stranger = make_person("路人")
    post(stranger, cast.core)
    with pytest.raises((Forbidden, NotFound)):
        library.get_resource(actor(stranger), resource.id)
