"""Signing in and out."""

import argon2
import flask_security
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.accounts.helpers import WRONG, audited, enter, is_in, make_factor_user, make_user, reload, sessions_of
from tests.factories import PASSWORD, make_person
from tongyan.accounts import passwords
from tongyan.kernel.clock import now
from tongyan.kernel.db import transaction

LOCAL = ["/account", "/account?q=%E5%B1%B1%E8%A1%8C&page=2", "/account/sessions"]
HOSTILE = [
    "//evil.cn", "///evil.cn", "////evil.cn", "/\\evil.cn", "/\\/evil.cn", "\\\\evil.cn", "\\/evil.cn", "/\\\\evil.cn",
    "http://evil.cn", "https://evil.cn", "http:evil.cn", "https:evil.cn", "http:/evil.cn", "HTTP://evil.cn",
    "//EVIL.cn",
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "ftp://evil.cn", "file:///etc/passwd",
    "\t//evil.cn", "\n//evil.cn", "\r//evil.cn", " //evil.cn", "/\t/evil.cn", "/\n/evil.cn", "/\r/evil.cn",
    "/ /evil.cn",
    "/%2f%2fevil.cn", "/%2fevil.cn", "/%2F/evil.cn", "%2f%2fevil.cn", "/%5cevil.cn", "/%5Cevil.cn", "%5c%5cevil.cn",
    "/%09/evil.cn", "/%0a/evil.cn", "/%0d/evil.cn", "/%252f%252fevil.cn", "/x//evil.cn", "/x/%2f/evil.cn", "evil.cn",
    "evil.cn/library", "@evil.cn", "//user@evil.cn", "//localhost@evil.cn", "http://localhost@evil.cn",
    "http://localhost.evil.cn", "//evil.cn/..", "/..//evil.cn", "/.//evil.cn", "/%2e%2e//evil.cn", "?next=//evil.cn",
    "#//evil.cn", "//[::1]", "//0", "//%65vil.cn", "/\u200b/evil.cn\\", "\x00//evil.cn", "/\x0b/evil.cn",
    "／／evil.cn", "/x\r\nLocation: http://evil.cn", "//evil。cn", "mailto:x@evil.cn", "x:y", ":", "",
]  # fmt: skip


def test_the_right_password_signs_in(client: FlaskClient) -> None:
    person = make_user()
    answer = enter(client, person)
    assert (answer.status_code, answer.location) == (302, "/")
    assert is_in(client)
    assert audited("sign_in.done")[0].subject == f"user:{person.id}"


@pytest.mark.parametrize(
    "typed", ["Wang.Min", "WANG.MIN", " wang.min ", "ｗａｎｇ.min", "min@school.cn", "MIN@School.cn"]
)
def test_login_name_or_address_is_enough_in_any_case_or_width(client: FlaskClient, typed: str) -> None:
    make_user(login="wang.min", email="min@school.cn")
    client.post("/sign-in", data={"name": typed, "password": PASSWORD})
    assert is_in(client)


def test_passwords_are_taken_exactly_as_typed(client: FlaskClient) -> None:
    person = make_user()
    for near in (PASSWORD.upper(), f" {PASSWORD}", f"{PASSWORD} ", PASSWORD[:-1], f"{PASSWORD}{'x' * 200}"):
        assert enter(client, person, near).status_code == 422
    assert not is_in(client)


def test_a_wrong_password_and_an_unknown_name_answer_alike(client: FlaskClient) -> None:
    person = make_user()
    with time_machine.travel(now(), tick=False):  # the token of the form holds the second
        wrong = enter(client, person, WRONG)
        unknown = client.post("/sign-in", data={"name": "nobody", "password": WRONG})
    assert wrong.status_code == unknown.status_code == 422
    assert wrong.text.replace(person.login, "nobody") == unknown.text
    assert "登录名或密码不对" in wrong.text
    assert {entry.subject for entry in audited("sign_in.failed")} == {f"user:{person.id}", "sign-in"}


def test_a_closed_account_and_one_without_password_answer_like_a_wrong_password(client: FlaskClient) -> None:
    closed, new = make_user(active=False), make_person()
    answers = {enter(client, person).status_code for person in (closed, new)}
    assert answers == {422}
    assert not is_in(client)


def test_an_unknown_name_costs_the_same_hash_as_a_wrong_password(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, checked = make_user(), []
    check = flask_security.verify_password
    monkeypatch.setattr(
        flask_security,
        "verify_password",
        lambda *given: checked.append(argon2.extract_parameters(given[1])) or check(*given),
    )
    for name in (person.login, "nobody"):
        client.post("/sign-in", data={"name": name, "password": WRONG})
    known, unknown = checked
    assert known == unknown


def test_passwords_are_not_written_into_the_trail(client: FlaskClient) -> None:
    client.post("/sign-in", data={"name": "typed-my-secret-here", "password": WRONG})
    assert "typed-my-secret-here" not in str([entry.data for entry in audited("sign_in.failed")])


def test_an_old_hash_is_brought_up_to_date(client: FlaskClient) -> None:
    weak = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ"
    person = make_user()
    with transaction():
        reload(person).password = argon2.PasswordHasher(1, 8, 1).hash(PASSWORD)
    assert reload(person).password.startswith(weak[:20])
    enter(client, person)
    assert "m=47104,t=1,p=1" in (reload(person).password or "")
    assert not passwords.outdated(reload(person))


@pytest.mark.parametrize("target", LOCAL)
def test_next_leads_to_a_page_of_ours(client: FlaskClient, target: str) -> None:
    assert enter(client, make_user(), next=target).location == target


def test_next_never_leads_away(app: Flask) -> None:
    person = make_user()
    assert len(HOSTILE) > 60
    for target in HOSTILE:
        assert enter(app.test_client(), person, next=target).location == "/", target


def test_signing_out_kills_the_session_and_clears_the_browser(client: FlaskClient, app: Flask) -> None:
    person = make_user()
    enter(client, person)
    copy = app.test_client()
    copy.set_cookie("sid", client.get_cookie("sid").value)  # type: ignore[union-attr]
    assert is_in(copy)
    answer = client.post("/sign-out")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert not is_in(client)
    assert not is_in(copy)
    assert sessions_of(person) == []


def test_signing_out_needs_a_post(client: FlaskClient) -> None:
    enter(client, make_user())
    assert client.get("/sign-out").status_code == 405
    assert is_in(client)


def test_signing_in_again_rotates_the_token_and_the_old_one_is_dead(client: FlaskClient, app: Flask) -> None:
    person = make_user()
    enter(client, person)
    old = client.get_cookie("sid").value  # type: ignore[union-attr]
    enter(client, person)
    stale = app.test_client()
    stale.set_cookie("sid", old)
    assert not is_in(stale)
    assert is_in(client)
    assert len(sessions_of(person)) == 1


def test_a_cookie_set_before_signing_in_does_not_become_the_session(client: FlaskClient, app: Flask) -> None:
    client.get("/sign-in")
    before = client.get_cookie("sid")
    enter(client, make_user())
    assert before is None or before.value != client.get_cookie("sid").value  # type: ignore[union-attr]


def test_forms_without_the_token_of_our_page_are_refused(client: FlaskClient, app: Flask, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    assert enter(client, make_user()).status_code == 400
    assert not is_in(client)


def test_the_cookie_is_http_only_and_lax(client: FlaskClient) -> None:
    cookies = enter(client, make_user()).headers.getlist("Set-Cookie")
    assert {cookie.split("=")[0] for cookie in cookies} == {"sid", "device"}
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie


def test_signed_in_people_are_not_asked_again(client: FlaskClient) -> None:
    enter(client, make_user())
    assert client.get("/sign-in?next=/account").location == "/account"


def test_no_other_door_is_open(app: Flask) -> None:
    rules = {rule.rule for rule in app.url_map.iter_rules()}
    assert not rules & {"/login", "/logout", "/register", "/reset", "/change", "/verify", "/tf-setup", "/us-signin"}
    assert {name for name in app.blueprints if "security" in name} == set()
    assert not {"users", "roles"} & set(app.cli.commands)


def test_tokens_and_remember_cookies_of_the_libraries_sign_nobody_in(client: FlaskClient, app: Flask) -> None:
    person = make_user()
    with app.test_request_context():
        from flask_login.utils import encode_cookie  # noqa: PLC0415

        remember, token = encode_cookie(person.fs_uniquifier), person.get_auth_token()
    client.set_cookie("remember_token", remember)
    assert not is_in(client)
    client.delete_cookie("remember_token")
    assert client.get("/account", headers={"Authentication-Token": str(token)}).status_code == 302
    assert client.get(f"/account?auth_token={token}").status_code == 302


def test_the_password_alone_opens_nothing_when_there_is_a_second_factor(client: FlaskClient) -> None:
    person, _ = make_factor_user()
    assert enter(client, person).location == "/sign-in/code"
    assert not is_in(client)
    assert sessions_of(person) == []
