"""The second factor."""

import base64
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.accounts.helpers import WRONG, audited, code_now, enter, is_in, key_of, make_factor_user, make_user, reload
from tests.factories import PASSWORD, appoint, make_group, make_person
from tests.sessions import open_session
from tongyan.accounts import factors
from tongyan.kernel.clock import now
from tongyan.kernel.errors import NotFound
from tongyan.kernel.permissions import group_key
from tongyan.org.actors import actor_for
from tongyan.org.models import OfficeKind


def offered_key(client: FlaskClient) -> str:
    """Return the key that the enrolment page offers this browser."""
    client.get("/account/factor")
    with client.session_transaction() as cookie:
        return key_of(cookie["factor"])


def enrol(client: FlaskClient, **changes: Any) -> Any:
    """Fill in the enrolment page."""
    data = {"code": code_now(offered_key(client)), "current": PASSWORD} | changes
    return client.post("/account/factor", data=data)


def codes_in(text: str) -> list[str]:
    """Return the recovery codes on a page."""
    return re.findall(r"<code>([0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4})</code>", text)


def give_code(client: FlaskClient, code: str) -> int:
    """Fill in the page that asks for the second factor."""
    return int(client.post("/sign-in/code", data={"code": code}).status_code)


def test_the_page_shows_a_picture_and_the_key_to_type(client: FlaskClient) -> None:
    enter(client, make_user())
    page = client.get("/account/factor").text
    picture = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', page)
    assert picture
    assert b"<svg" in base64.b64decode(picture[1])
    assert picture[0] in client.get("/account/factor").text, "the key stays until it is enrolled"


def test_enrolling_gives_ten_recovery_codes_once(client: FlaskClient) -> None:
    person = make_user()
    enter(client, person)
    answer = enrol(client)
    codes = codes_in(answer.text)
    assert len(set(codes)) == 10
    assert codes_in(client.get("/account/factor").text) == []
    stored = reload(person)
    assert stored.tf_totp_secret
    assert not any(code.replace("-", "") in str(stored.mf_recovery_codes) for code in codes)
    assert audited("credential.factor_added")


@pytest.mark.parametrize("changes", [{"code": "000000"}, {"code": "12345"}, {"code": "x" * 999}, {"current": WRONG}])
def test_enrolling_needs_a_right_code_and_the_password(client: FlaskClient, changes: dict[str, str]) -> None:
    person = make_user()
    enter(client, person)
    assert enrol(client, **changes).status_code == 422
    assert reload(person).tf_totp_secret is None


def test_enrolling_ends_the_other_sessions(client: FlaskClient, app: Flask) -> None:
    person = make_user()
    enter(client, person)
    other = open_session(app, person)
    enrol(client)
    assert (is_in(client), is_in(other)) == (True, False)


def test_password_and_code_sign_in(client: FlaskClient) -> None:
    person, key = make_factor_user()
    enter(client, person)
    assert give_code(client, "000000") == 422
    assert not is_in(client)
    assert give_code(client, code_now(key)) == 302
    assert is_in(client)


def test_a_code_is_good_for_once(client: FlaskClient, app: Flask) -> None:
    person, key = make_factor_user()
    with time_machine.travel(now(), tick=False):
        code = code_now(key)
        enter(client, person)
        assert give_code(client, code) == 302
        other = app.test_client()
        enter(other, person)
        assert give_code(other, code) == 422
    assert not is_in(other)


def test_a_code_is_good_for_once_even_when_used_twice_at_the_same_time(app: Flask) -> None:
    person, key = make_factor_user()
    browsers = [app.test_client() for _ in range(4)]
    for browser in browsers:
        enter(browser, person)
    code = code_now(key)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda browser: give_code(browser, code), browsers))
    assert sorted(answers) == [302, 422, 422, 422]


def test_a_code_of_another_minute_is_no_good(client: FlaskClient) -> None:
    person, key = make_factor_user()
    with time_machine.travel(now(), tick=False) as clock:
        code = code_now(key)
        clock.shift(timedelta(seconds=95))
        enter(client, person)
        assert give_code(client, code) == 422


def test_the_half_done_sign_in_lasts_ten_minutes(client: FlaskClient) -> None:
    person, key = make_factor_user()
    with time_machine.travel(now(), tick=False) as clock:
        enter(client, person)
        clock.shift(timedelta(minutes=11))
        assert client.post("/sign-in/code", data={"code": code_now(key)}).location == "/sign-in"
        assert not is_in(client)


def test_a_recovery_code_is_good_for_once(client: FlaskClient, app: Flask) -> None:
    person = make_user()
    enter(client, person)
    first, second, *_ = codes_in(enrol(client).text)
    for code, status in ((first, 302), (first, 422), (second.upper().replace("-", " "), 302)):
        browser = app.test_client()
        enter(browser, person)
        assert give_code(browser, code) == status
    assert len(reload(person).mf_recovery_codes or []) == 8


def test_new_recovery_codes_void_the_old(client: FlaskClient, app: Flask) -> None:
    person = make_user()
    enter(client, person)
    old = codes_in(enrol(client).text)[0]
    assert client.post("/account/factor/codes", data={"current": WRONG}).status_code == 422
    assert len(codes_in(client.post("/account/factor/codes", data={"current": PASSWORD}).text)) == 10
    browser = app.test_client()
    enter(browser, person)
    assert give_code(browser, old) == 422


def test_a_teacher_may_do_without_again(client: FlaskClient) -> None:
    person = make_user()
    enter(client, person)
    enrol(client)
    assert client.post("/account/factor/remove", data={"current": WRONG}).status_code == 422
    assert client.post("/account/factor/remove", data={"current": PASSWORD}).status_code == 302
    assert reload(person).tf_totp_secret is None


def make_group_head() -> Any:
    """Create somebody whose office demands a second factor."""
    person = make_user()
    appoint(person, OfficeKind.GROUP_HEAD, group_key(make_group().id))
    return person


def test_offices_must_enrol_before_anything_else(client: FlaskClient) -> None:
    for person in (make_group_head(), make_user(is_admin=True)):
        enter(client, person)
        assert client.get("/account").location == "/account/factor"
        assert client.get("/account", headers={"Accept": "application/json"}).status_code == 403
        enrol(client)
        assert is_in(client)
        client.post("/sign-out")


def test_whoever_owes_a_step_gets_no_page_in_place_of_a_part_and_may_choose_the_language(client: FlaskClient) -> None:
    person = make_group_head()
    enter(client, person)
    assert client.get("/menu/schools", headers={"HX-Request": "true"}).status_code == 403
    assert client.post("/menu/preferences", data={"locale": "en"}).status_code == 302
    assert reload(person).locale == "en"


def test_offices_cannot_do_without(client: FlaskClient) -> None:
    person = make_group_head()
    enter(client, person)
    enrol(client)
    assert client.post("/account/factor/remove", data={"current": PASSWORD}).status_code == 409
    assert reload(person).tf_totp_secret is not None


def test_an_office_given_during_a_session_demands_the_factor_at_once(client: FlaskClient) -> None:
    person = make_user()
    enter(client, person)
    assert is_in(client)
    appoint(person, OfficeKind.DISTRICT_OFFICER, group_key(make_group().id))
    assert client.get("/account").location == "/account/factor"


def test_a_demo_shows_its_offices_without(client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "DEMO", True)
    enter(client, make_group_head())
    assert is_in(client)


def test_the_strictest_profile_demands_it_of_all(
    client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "PASSWORD_PROFILE", "dengbao3")
    enter(client, make_user())
    assert client.get("/account").location == "/account/factor"


def test_a_lost_factor_is_released_by_two_administrators(app: Flask) -> None:
    person, _ = make_factor_user()
    first, second = (actor_for(make_person(is_admin=True)) for _ in range(2))
    browser = open_session(app, person)
    assert not factors.release(first, person.id)
    assert not factors.release(first, person.id), "the same one twice is not two"
    assert reload(person).tf_totp_secret is not None
    assert factors.release(second, person.id)
    assert reload(person).tf_totp_secret is None
    assert not is_in(browser)
    assert len(audited("factor.ask_release")) == 2
    assert len(audited("factor.release")) == 1


def test_a_release_waits_three_days_for_the_second_administrator(app: Flask) -> None:
    person, _ = make_factor_user()
    first, second = (actor_for(make_person(is_admin=True)) for _ in range(2))
    factors.release(first, person.id)
    with time_machine.travel(now() + timedelta(hours=73)):
        assert not factors.release(second, person.id)


def test_colleagues_release_nobody(app: Flask) -> None:
    person, _ = make_factor_user()
    with pytest.raises(NotFound):
        factors.release(actor_for(make_person()), person.id)


def test_secrets_survive_a_new_key_of_the_application(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    person, key = make_factor_user()
    monkeypatch.setitem(app.config, "SECRET_KEY_FALLBACKS", [app.config["SECRET_KEY"]])
    monkeypatch.setitem(app.config, "SECRET_KEY", "another-secret-that-is-long-enough-for-the-rule")
    assert factors.use_code(person.id, code_now(key))
    monkeypatch.setitem(app.config, "SECRET_KEY_FALLBACKS", [])
    fresh_secret = factors.new_secret()
    assert key_of(fresh_secret)
