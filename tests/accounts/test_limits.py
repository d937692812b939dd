"""How often one may fail to sign in."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.accounts.helpers import WRONG, audited, code_now, enter, is_in, make_factor_user, make_user
from tongyan.accounts import authentication
from tongyan.accounts.limits import Browser
from tongyan.kernel.clock import now
from tongyan.kernel.errors import Invalid, TooMany


def fail(app: Flask, person, times: int, ip: str = "10.0.0.1") -> list[int]:  # type: ignore[no-untyped-def]
    """Give a wrong password from fresh browsers at an address."""
    data = {"name": person.login, "password": WRONG}
    return [
        app.test_client().post("/sign-in", data=data, environ_base={"REMOTE_ADDR": ip}).status_code
        for _ in range(times)
    ]


def test_five_failures_from_one_address_close_the_account_there_for_five_minutes(app: Flask) -> None:
    person = make_user()
    with time_machine.travel(now(), tick=False) as clock:
        assert fail(app, person, 6) == [422] * 5 + [429]
        assert fail(app, person, 1, ip="10.0.0.2") == [422]
        clock.shift(timedelta(minutes=5, seconds=1))
        assert fail(app, person, 1) == [422]


def test_ten_failures_close_the_account_for_fifteen_minutes_wherever_they_come_from(app: Flask) -> None:
    person = make_user()
    with time_machine.travel(now(), tick=False) as clock:
        assert fail(app, person, 5, "10.0.0.1") + fail(app, person, 5, "10.0.0.2") == [422] * 10
        assert fail(app, person, 1, "10.0.0.3") == [429]
        stranger = app.test_client()
        answer = enter(stranger, person)
        assert answer.status_code == 429, "the right password does not help a stranger"
        assert answer.headers["Retry-After"] == "900"
        clock.shift(timedelta(minutes=15, seconds=1))
        enter(stranger, person)
        assert is_in(stranger)
    assert audited("sign_in.limited")


def test_a_known_browser_is_not_locked_out_by_strangers(app: Flask, client: FlaskClient) -> None:
    person = make_user()
    enter(client, person)
    client.post("/sign-out")
    fail(app, person, 10, "127.0.0.1")
    enter(client, person)
    assert is_in(client)


def test_a_known_browser_has_a_limit_of_its_own(client: FlaskClient) -> None:
    person = make_user()
    enter(client, person)
    client.post("/sign-out")
    assert [enter(client, person, WRONG).status_code for _ in range(11)] == [422] * 10 + [429]


def test_a_made_up_device_is_not_a_known_one(app: Flask) -> None:
    person, browser = make_user(), app.test_client()
    browser.set_cookie("device", "made-up")
    assert [enter(browser, person, WRONG).status_code for _ in range(6)] == [422] * 5 + [429]


def test_forwarded_addresses_are_not_believed(app: Flask) -> None:
    person = make_user()
    data = {"name": person.login, "password": WRONG}
    answers = [
        app.test_client().post("/sign-in", data=data, headers={"X-Forwarded-For": f"9.9.9.{number}"}).status_code
        for number in range(6)
    ]
    assert answers == [422] * 5 + [429]


def test_one_address_fails_three_hundred_times_an_hour(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tongyan.accounts.passwords.verify", lambda *_: False)  # the count matters, not the hashing
    place = Browser("10.1.1.1", "", "")
    for number in range(300):
        with pytest.raises(Invalid):
            authentication.check_password(f"nobody{number}", WRONG, place)
    with pytest.raises(TooMany):
        authentication.check_password("nobody-else", WRONG, place)


def test_unknown_names_are_limited_like_known_ones(app: Flask) -> None:
    data = {"name": "nobody", "password": WRONG}
    assert [app.test_client().post("/sign-in", data=data).status_code for _ in range(6)] == [422] * 5 + [429]


def test_successes_do_not_count(app: Flask) -> None:
    person = make_user()
    for _ in range(8):
        browser = app.test_client()
        enter(browser, person)
        assert is_in(browser)


def test_tries_at_the_same_time_do_not_slip_through_together(app: Flask) -> None:
    data = {"name": make_user().login, "password": WRONG}
    fail(app, make_user(), 1, "10.0.0.9")  # the trail has begun
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: app.test_client().post("/sign-in", data=data).status_code, range(12)))
    assert sorted(answers) == [422] * 5 + [429] * 7


def test_codes_are_limited_too(client: FlaskClient) -> None:
    person, key = make_factor_user()
    enter(client, person)
    assert [client.post("/sign-in/code", data={"code": "000000"}).status_code for _ in range(6)] == [422] * 5 + [429]
    assert client.post("/sign-in/code", data={"code": code_now(key)}).status_code == 429


@pytest.fixture
def _dengbao(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "PASSWORD_PROFILE", "dengbao")


@pytest.mark.usefixtures("_dengbao")
def test_the_strict_profile_allows_five_failures(app: Flask) -> None:
    person = make_user()
    fail(app, person, 3, "10.0.0.1")
    assert fail(app, person, 3, "10.0.0.2") == [422, 422, 429]
