"""Accounts made, changed and closed by administrators."""

import pytest
from flask import Flask

from tests.accounts.helpers import audited, make_user, reload
from tests.factories import make_person
from tests.sessions import open_session
from tongyan.accounts import service
from tongyan.accounts.logins import login_key
from tongyan.accounts.models import Person
from tongyan.accounts.policy import allows, visible
from tongyan.kernel.clock import now
from tongyan.kernel.db import db
from tongyan.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tongyan.kernel.permissions import VIEW, Actor
from tongyan.org.actors import actor_for

LOOKALIKES = [
    "Admin", "ADMIN", "admin ", " admin", "ａｄｍｉｎ", "ad\u200bmin", "admin\u00ad", "аdmin", "αdmin", "admіn",
    "ádmin", "adm\u0131n", "\u202eadmin", "𝐚𝐝𝐦𝐢𝐧", "ⓐdmin", "a\u0301dmin", "admin\ufeff", "аԁmіn",
]  # fmt: skip


@pytest.fixture
def admin(app: Flask) -> Actor:
    """Give an administrator."""
    return actor_for(make_person("管理员", is_admin=True))


def test_an_administrator_creates_an_account_without_a_password(admin: Actor) -> None:
    person = service.create_person(admin, name=" 王小美 ", login="Wang.XM", email="XM@School.cn", phone="138 0000 0000")
    assert (person.name, person.login, person.login_key, person.email) == (
        "王小美", "Wang.XM", "wang.xm", "xm@school.cn",
    )  # fmt: skip
    assert person.password is None
    assert person.must_change_password
    assert audited("person.create")[0].subject == f"user:{person.id}"


def test_others_create_nobody(app: Flask) -> None:
    with pytest.raises(Forbidden):
        service.create_person(actor_for(make_person()), name="王", login="wang")


@pytest.mark.parametrize("login", LOOKALIKES)
def test_names_that_look_like_another_are_refused(admin: Actor, login: str) -> None:
    service.create_person(admin, name="甲", login="admin")
    assert login_key(login) == "admin"
    with pytest.raises(Invalid) as refusal:
        service.create_person(admin, name="乙", login=login)
    assert set(refusal.value.errors["login"]) <= {"login.taken", "login.characters"}


def test_the_name_of_a_closed_account_stays_reserved(admin: Actor) -> None:
    person = service.create_person(admin, name="甲", login="wang")
    service.disable_person(admin, person.id)
    with pytest.raises(Invalid) as refusal:
        service.create_person(admin, name="乙", login="wang")
    assert refusal.value.errors == {"login": ["login.taken"]}


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"login": "x"}, "login", "login.length"),
        ({"login": "x" * 33}, "login", "login.length"),
        ({"login": "\ufdfa" * 5}, "login", "login.length"),  # five signs that fold to seventy-five
        ({"login": "a@b.cn"}, "login", "login.characters"),
        ({"login": "a b"}, "login", "login.characters"),
        ({"login": "a\r\nb"}, "login", "login.characters"),
        ({"login": "../etc"}, "login", "login.characters"),
        ({"name": " "}, "name", "person.name"),
        ({"name": "长" * 65}, "name", "person.name"),
        ({"name": "王\u202e小"}, "name", "person.name"),
        ({"name": "王\r\n小"}, "name", "person.name"),
        ({"email": "no-address"}, "email", "email.form"),
        ({"email": "x@y.cn\nBcc: z@y.cn"}, "email", "email.form"),
        ({"email": "x" * 300 + "@y.cn"}, "email", "email.form"),
        ({"phone": "电话"}, "phone", "phone.form"),
        ({"phone": "1" * 40}, "phone", "phone.form"),
    ],
)
def test_bad_input_is_named_by_field(admin: Actor, values: dict[str, str], field: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        service.create_person(admin, **{"name": "王", "login": "wang", **values})  # type: ignore[arg-type]
    assert refusal.value.errors == {field: [code]}


@pytest.mark.parametrize("login", ["王小美", "wang.xm-2_3", "10001", "Ünal"])
def test_ordinary_names_are_fine(admin: Actor, login: str) -> None:
    assert service.create_person(admin, name="王", login=login).login == login


def test_two_people_cannot_have_one_address(admin: Actor) -> None:
    service.create_person(admin, name="甲", login="jia", email="a@b.cn")
    with pytest.raises(Invalid) as refusal:
        service.create_person(admin, name="乙", login="yi", email="A@B.cn")
    assert refusal.value.errors == {"email": ["email.taken"]}


def test_an_account_is_changed_by_an_administrator_only(admin: Actor) -> None:
    person, colleague = make_user(), make_person()
    values = {"name": "新名字", "email": "n@b.cn", "phone": None, "is_admin": False}
    with pytest.raises(NotFound):
        service.update_person(actor_for(colleague), person.id, **values)  # type: ignore[arg-type]
    service.update_person(admin, person.id, **values)  # type: ignore[arg-type]
    assert (reload(person).name, reload(person).email) == ("新名字", "n@b.cn")


def test_nobody_makes_or_unmakes_an_administrator_of_themselves(admin: Actor) -> None:
    with pytest.raises(Conflict):
        service.update_person(admin, admin.person_id, name="管理员", email=None, phone=None, is_admin=False)


def test_a_change_of_power_ends_the_sessions(admin: Actor, app: Flask) -> None:
    person = make_person()
    browser = open_session(app, person)
    service.update_person(admin, person.id, name="甲", email=None, phone=None, is_admin=True)
    assert browser.get("/account").status_code == 302


def test_nobody_closes_their_own_account(admin: Actor) -> None:
    with pytest.raises(Forbidden):
        service.disable_person(admin, admin.person_id)


def test_a_closed_account_can_be_opened_again(admin: Actor) -> None:
    person = make_user()
    service.disable_person(admin, person.id)
    assert not reload(person).active
    service.enable_person(admin, person.id)
    assert reload(person).active


def test_hostile_names_are_folded_quickly_and_to_something_short() -> None:
    start = now()
    assert len(login_key("ﷺ" * 100_000)) < 30_000
    assert (now() - start).total_seconds() < 0.1


def test_rule_and_filter_agree(admin: Actor) -> None:
    people = [make_person(), make_person(), db.session.get_one(Person, admin.person_id)]
    for person in people:
        actor = actor_for(person)
        seen = set(db.session.query(Person.id).filter(visible(actor)))
        assert {(other.id,) for other in people if allows(actor, VIEW, other)} <= seen
        assert all(allows(actor, VIEW, db.session.get_one(Person, row.id)) for row in seen)
