"""Personal access tokens: made, shown once, used, revoked; and what they never do."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.accounts.helpers import NEW_PASSWORD, WRONG, audited, make_factor_user, make_user
from tests.factories import PASSWORD, appoint, fresh, save
from tongyan.accounts import service, tokens
from tongyan.accounts.limits import digest
from tongyan.accounts.models import ApiToken, Notice, Person
from tongyan.accounts.tokens import NewToken
from tongyan.kernel.clock import now
from tongyan.kernel.db import db
from tongyan.kernel.errors import Conflict, Invalid, NotFound
from tongyan.kernel.permissions import SYSTEM, Actor, region_key
from tongyan.org.actors import actor_for
from tongyan.org.models import OfficeKind, Region, RegionLevel


def make_token(person: Person, *, may_write: bool = False, days: int = 30) -> NewToken:
    return tokens.create_token(actor_for(person), "同步程序", may_write=may_write, days=days)


def ask(app: Flask, plain: str, path: str = "/api/v1/me", method: str = "GET", **sent: Any) -> Any:
    """Send a request as a program does."""
    return app.test_client().open(path, method=method, headers={"Authorization": f"Bearer {plain}"}, **sent)


@pytest.fixture
def person(app: Flask) -> Person:
    return make_user()


@pytest.fixture
def web(person: Person, sign_in: Callable[[Person], FlaskClient]) -> FlaskClient:
    return sign_in(person)


def test_a_token_is_shown_once_and_kept_as_its_hash(web: FlaskClient, person: Person) -> None:
    fields = {"name": "同步程序", "days": "90", "may_write": "y", "current": PASSWORD}
    answer = web.post("/account/tokens/new", data=fields)
    row = db.session.scalars(select(ApiToken)).one()
    plain = answer.text.partition('id="token" value="')[2].partition('"')[0]
    assert plain.startswith("ty_")
    assert len(plain) >= 45  # 256 bits
    assert row.token_hash == digest(plain)
    assert (row.may_write, row.expires_at - row.created_at) == (True, timedelta(days=90))
    listed = web.get("/account/tokens").text
    assert "同步程序" in listed
    assert plain not in listed


def test_making_a_token_asks_for_the_password(web: FlaskClient) -> None:
    answer = web.post("/account/tokens/new", data={"name": "同步程序", "days": "90", "current": WRONG})
    assert answer.status_code == 422
    assert "当前密码不对" in answer.text
    assert db.session.scalars(select(ApiToken)).all() == []


def test_the_owner_is_told_and_the_trail_knows(person: Person, run_jobs: Callable[[], int]) -> None:
    made = make_token(person)
    assert [notice.kind for notice in db.session.scalars(select(Notice))] == ["accounts.token"]
    assert [entry.subject for entry in audited("token.create")] == [f"token:{made.row.id}"]
    assert made.plain not in str(audited("token.create")[0].data)
    run_jobs()  # the letter can be written


@pytest.mark.parametrize(("name", "days", "field"), [("", 30, "name"), ("长" * 65, 30, "name"), ("好", 0, "days")])
def test_bad_input_makes_no_token(person: Person, name: str, days: int, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        tokens.create_token(actor_for(person), name, may_write=False, days=days)
    assert list(refused.value.errors) == [field]


def test_no_token_lives_longer_than_a_year(person: Person, web: FlaskClient) -> None:
    with pytest.raises(Invalid):
        make_token(person, days=367)
    fields = {"name": "同步程序", "days": "3660", "current": PASSWORD}
    assert web.post("/account/tokens/new", data=fields).status_code == 422


def test_nobody_holds_more_than_twenty(person: Person) -> None:
    first = make_token(person)
    for _ in range(tokens.AT_ONCE - 1):
        make_token(person)
    with pytest.raises(Conflict):
        make_token(person)
    tokens.revoke_token(actor_for(person), first.row.id)
    make_token(person)


def test_revoking_ends_a_token_at_once(app: Flask, web: FlaskClient, person: Person) -> None:
    made = make_token(person)
    assert ask(app, made.plain).status_code == 200
    assert web.post(f"/account/tokens/{made.row.id}/revoke").status_code == 302
    assert ask(app, made.plain).status_code == 401
    assert "还没有访问令牌" in web.get("/account/tokens").text
    assert web.post(f"/account/tokens/{made.row.id}/revoke").status_code == 302  # once more does no harm
    assert len(audited("token.revoke")) == 1


def test_a_token_of_somebody_else_does_not_exist(
    cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient], actor: Callable[[Person], Actor]
) -> None:
    made = make_token(cast.owner)
    assert sign_in(cast.admin).post(f"/account/tokens/{made.row.id}/revoke").status_code == 404
    assert tokens.list_tokens(actor(cast.colleague)) == []
    with pytest.raises(NotFound):
        tokens.revoke_token(actor(cast.colleague), made.row.id)
    assert tokens.resume(made.plain) is not None


def test_a_token_ends_when_it_says(app: Flask, person: Person) -> None:
    made = make_token(person, days=1)
    with time_machine.travel(now() + timedelta(hours=23), tick=False):
        assert ask(app, made.plain).status_code == 200
    with time_machine.travel(now() + timedelta(hours=25), tick=False):
        assert ask(app, made.plain).status_code == 401
        assert tokens.list_tokens(actor_for(person)) == []


def test_a_closed_account_has_no_tokens(app: Flask, person: Person) -> None:
    made = make_token(person)
    service.disable_person(SYSTEM, person.id)
    assert ask(app, made.plain).status_code == 401


@pytest.mark.parametrize("plain", ["", "ty_", "ty_wrong", "\x00", "词", "x" * 5000])
def test_nonsense_opens_nothing(app: Flask, person: Person, plain: str) -> None:
    make_token(person)
    assert tokens.resume(plain) is None
    if plain.isascii() and plain.isprintable():
        assert ask(app, plain).status_code == 401


def test_its_last_use_is_noted_once_a_minute(app: Flask, person: Person) -> None:
    made = make_token(person)
    assert fresh(ApiToken, made.row.id).last_used_at is None
    ask(app, made.plain)
    first = fresh(ApiToken, made.row.id).last_used_at
    assert first is not None
    ask(app, made.plain)
    assert fresh(ApiToken, made.row.id).last_used_at == first
    with time_machine.travel(now() + timedelta(minutes=2)):
        ask(app, made.plain)
    assert fresh(ApiToken, made.row.id).last_used_at > first


def test_a_token_outlives_the_password_and_is_shown_after_its_change(
    app: Flask, web: FlaskClient, person: Person
) -> None:
    made = make_token(person)
    fields = {"current": PASSWORD, "password": NEW_PASSWORD, "again": NEW_PASSWORD}
    assert web.post("/account/password", data=fields).location == "/account/tokens"
    web.post("/account/sessions/end-others")
    assert ask(app, made.plain).status_code == 200


def test_who_has_no_token_is_not_led_to_the_list(web: FlaskClient) -> None:
    fields = {"current": PASSWORD, "password": NEW_PASSWORD, "again": NEW_PASSWORD}
    assert web.post("/account/password", data=fields).location == "/account"
    assert "还没有访问令牌" in web.get("/account/tokens").text


def test_who_must_change_the_password_uses_no_token(app: Flask) -> None:
    made = make_token(make_user(must_change_password=True))
    answer = ask(app, made.plain)
    assert (answer.status_code, answer.json["code"]) == (403, "account.step_owed")


def test_an_office_that_demands_a_second_factor_demands_it_of_tokens_too(app: Flask) -> None:
    county = save(Region(name="清江县", level=RegionLevel.COUNTY))
    bare = make_user()
    with_factor, _key = make_factor_user()
    for person in (bare, with_factor):
        appoint(person, OfficeKind.DISTRICT_OFFICER, region_key(county.id))
    assert ask(app, make_token(bare).plain).json["code"] == "account.step_owed"
    assert ask(app, make_token(with_factor).plain).status_code == 200


def test_an_expired_password_stops_downloads_too(app: Flask) -> None:
    made = make_token(make_user(must_change_password=True))
    file = "/files/01a21305-7994-7b03-977c-1769771282b2/preview.pdf"
    assert ask(app, made.plain, file).status_code == 403  # no redirect: a program fills in no form


@pytest.mark.parametrize("path", ["/library", "/account", "/account/tokens", "/search", "/"])
def test_pages_take_no_token(app: Flask, person: Person, path: str) -> None:
    answer = ask(app, make_token(person, may_write=True).plain, path)
    assert (answer.status_code, "/sign-in" in answer.location) == (302, True)


def test_a_cookie_does_not_count_where_programs_come_in(web: FlaskClient) -> None:
    assert web.get("/account").status_code == 200
    assert web.get("/api/v1/me").status_code == 401


def test_where_both_come_the_token_alone_counts(web: FlaskClient) -> None:
    assert web.get("/uploads/01a21305-7994-7b03-977c-1769771282b2").status_code == 404
    answer = web.get("/uploads/01a21305-7994-7b03-977c-1769771282b2", headers={"Authorization": "Bearer ty_wrong"})
    assert answer.status_code == 401


def test_a_token_uploads_without_the_token_of_our_pages(
    app: Flask, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    headers = {
        "Authorization": f"Bearer {make_token(person, may_write=True).plain}",
        "Tus-Resumable": "1.0.0",
        "Upload-Length": "3",
        "Upload-Metadata": "filename YS50eHQ=",
        "Content-Type": "application/offset+octet-stream",
    }
    assert app.test_client().post("/uploads", headers=headers, data=b"abc").status_code == 201
    del headers["Authorization"]
    assert app.test_client().post("/uploads", headers=headers, data=b"abc").status_code == 400


def test_a_token_that_only_reads_uploads_nothing(app: Flask, person: Person) -> None:
    headers = {
        "Authorization": f"Bearer {make_token(person).plain}",
        "Tus-Resumable": "1.0.0",
        "Upload-Length": "3",
        "Upload-Metadata": "filename YS50eHQ=",
    }
    answer = app.test_client().post("/uploads", headers=headers)
    assert (answer.status_code, answer.json["code"]) == (403, "token.read_only")
