"""Changing one's own password and address."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.accounts.helpers import NEW_PASSWORD, WRONG, audited, enter, is_in, make_factor_user, make_user, reload
from tests.factories import PASSWORD, make_person
from tests.sessions import open_session
from tongyan.accounts.models import Notice, OneTimeLink
from tongyan.accounts.recovery import start_reset
from tongyan.kernel import mail
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, transaction
from tongyan.org.actors import actor_for


def change(client: FlaskClient, current: str = PASSWORD, password: str = NEW_PASSWORD, again: str | None = None):  # type: ignore[no-untyped-def]
    """Fill in the form."""
    data = {"current": current, "password": password, "again": again or password}
    return client.post("/account/password", data=data)


def test_the_new_password_holds_and_the_old_one_does_not(client: FlaskClient, app: Flask) -> None:
    person = make_user()
    enter(client, person)
    assert change(client).status_code == 302
    assert is_in(client)
    assert enter(app.test_client(), person).status_code == 422
    assert enter(app.test_client(), person, NEW_PASSWORD).status_code == 302
    assert audited("credential.password")


def test_the_current_password_is_asked(client: FlaskClient) -> None:
    person = make_user()
    enter(client, person)
    before = reload(person).password
    answer = change(client, current=WRONG)
    assert answer.status_code == 422
    assert "当前密码不对" in answer.text
    assert reload(person).password == before


def test_guessing_the_current_password_is_limited(client: FlaskClient) -> None:
    enter(client, make_user())
    assert [change(client, current=WRONG).status_code for _ in range(11)] == [422] * 10 + [429]


@pytest.mark.parametrize(
    ("password", "again", "sentence"),
    [
        ("jiaoyanzu2026", None, "太容易猜到"),
        ("k3v9xq2", None, "至少要有 10 个字符"),
        (PASSWORD, None, "不能与原密码相同"),
        (NEW_PASSWORD, "something-else-entirely", "两次输入的密码不一样"),
    ],
)
def test_bad_passwords_are_named_at_their_field(client: FlaskClient, password: str, again: str, sentence: str) -> None:
    enter(client, make_user())
    answer = change(client, password=password, again=again)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert password not in answer.text


def test_all_other_sessions_end_and_this_one_gets_a_new_token(client: FlaskClient, app: Flask) -> None:
    person = make_user()
    enter(client, person)
    other, copy = open_session(app, person), app.test_client()
    copy.set_cookie("sid", client.get_cookie("sid").value)  # type: ignore[union-attr]
    change(client)
    assert (is_in(client), is_in(other), is_in(copy)) == (True, False, False)


def test_links_made_before_are_dead(client: FlaskClient) -> None:
    person, admin = make_user(), make_person(is_admin=True)
    link = start_reset(actor_for(admin), person.id)
    enter(client, person)
    change(client)
    assert client.get(f"/sign-in/link/{link.code}").status_code == 404
    db.session.rollback()
    assert db.session.query(OneTimeLink).count() == 0


def test_the_person_is_told_by_notice_and_letter(client: FlaskClient, run_jobs) -> None:  # type: ignore[no-untyped-def]
    person = make_user(email="wang@school.cn")
    enter(client, person)
    change(client)
    run_jobs()
    db.session.rollback()
    assert [notice.kind for notice in db.session.query(Notice)] == ["accounts.password"]
    (letter,) = mail.outbox().iterdir()
    assert b"To: wang@school.cn" in letter.read_bytes()


def test_a_second_factor_is_kept(client: FlaskClient) -> None:
    person, _ = make_factor_user()
    client = open_session(client.application, person)
    change(client)
    assert reload(person).tf_totp_secret is not None
    assert is_in(client)


def test_who_must_change_the_password_gets_nowhere_else(client: FlaskClient) -> None:
    person = make_user(must_change_password=True)
    enter(client, person)
    assert client.get("/account").location == "/account/password"
    assert client.get("/account", headers={"Accept": "application/json"}).status_code == 403
    assert client.post("/account/sessions/end-others").status_code == 403
    change(client)
    assert is_in(client)


def test_the_strict_profile_wants_a_new_password_after_ninety_days(
    client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = make_user()
    with time_machine.travel(now() + timedelta(days=91)):
        enter(client, person)
        assert is_in(client)
        monkeypatch.setitem(app.config, "PASSWORD_PROFILE", "dengbao")
        assert client.get("/account").location == "/account/password"


def test_a_changed_address_asks_for_the_password_and_is_told_at_the_old_one(client: FlaskClient, run_jobs) -> None:  # type: ignore[no-untyped-def]
    person = make_user(email="old@school.cn")
    enter(client, person)
    data = {"email": "New@School.cn", "phone": "+86 138 0000 0000"}
    assert client.post("/account/contact", data=data | {"current": WRONG}).status_code == 422
    assert reload(person).email == "old@school.cn"
    assert client.post("/account/contact", data=data | {"current": PASSWORD}).status_code == 302
    assert reload(person).email == "new@school.cn"
    run_jobs()
    letters = b"".join(letter.read_bytes() for letter in mail.outbox().iterdir())
    assert b"To: old@school.cn" in letters
    assert b"To: new@school.cn" in letters


@pytest.mark.parametrize("email", ["taken@school.cn", "no-address", "a@b", "x@y.cn\r\nBcc: z@y.cn", "两个@学校.cn"])
def test_bad_addresses_are_refused(client: FlaskClient, email: str) -> None:
    make_user(email="taken@school.cn")
    person = make_user()
    enter(client, person)
    answer = client.post("/account/contact", data={"email": email, "current": PASSWORD})
    assert answer.status_code == 422
    assert reload(person).email is None


def test_language_and_theme_are_kept(client: FlaskClient) -> None:
    person = make_user()
    enter(client, person)
    assert client.get("/account").text.count('action="/menu/preferences"') == 2, "in the menu and on the page"
    before = {"Referer": "http://localhost/account"}
    sent = client.post("/menu/preferences", data={"locale": "en", "theme": "dark"}, headers=before)
    assert (sent.status_code, sent.location) == (302, "/account")
    assert (reload(person).locale, reload(person).theme) == ("en", "dark")
    client.post("/menu/preferences", data={"locale": "xx", "theme": "dark"})
    assert reload(person).locale == "en"


def test_forms_change_nothing_they_do_not_show(client: FlaskClient) -> None:
    person = make_user()
    enter(client, person)
    extra = {"is_admin": "1", "name": "别人", "login": "admin", "active": ""}
    client.post("/menu/preferences", data={"locale": "en", "theme": "dark", **extra})
    client.post("/account/contact", data={"email": "", "phone": "1", "current": PASSWORD, **extra})
    now_ = reload(person)
    assert (now_.is_admin, now_.name, now_.active, now_.login) == (False, "王老师", True, person.login)


def test_a_closed_door_stays_closed_when_the_account_is_closed_meanwhile(client: FlaskClient) -> None:
    person = make_user()
    enter(client, person)
    with transaction():
        reload(person).active = False
    assert change(client).status_code == 401
