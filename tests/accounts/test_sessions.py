"""Sessions: how long they last, how many there are, who ends them."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.accounts.helpers import audited, enter, is_in, make_user, reload, sessions_of
from tests.factories import make_person
from tests.sessions import open_session
from tongyan.accounts import service, sessions
from tongyan.accounts.jobs import sweep
from tongyan.accounts.limits import digest
from tongyan.accounts.models import KnownDevice, Person, PersonSession
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, transaction
from tongyan.kernel.errors import NotFound
from tongyan.kernel.jobs import Job
from tongyan.org.actors import actor_for


@pytest.mark.parametrize(("is_admin", "idle"), [(False, 30), (True, 15)])
def test_an_idle_session_ends(app: Flask, is_admin: bool, idle: int) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        browser = open_session(app, make_person(is_admin=is_admin))
        clock.shift(timedelta(minutes=idle) - timedelta(seconds=1))
        assert is_in(browser)
        clock.shift(timedelta(minutes=idle, seconds=1))
        assert not is_in(browser)


@pytest.mark.parametrize(("is_admin", "hours"), [(False, 12), (True, 8)])
def test_a_session_ends_after_the_day_however_busy(app: Flask, is_admin: bool, hours: int) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        browser = open_session(app, make_person(is_admin=is_admin))
        for _ in range(hours * 5):
            clock.shift(timedelta(minutes=11, seconds=59))
            assert is_in(browser)
        clock.shift(timedelta(minutes=2))
        assert not is_in(browser)


def test_a_session_is_checked_by_one_statement(app: Flask) -> None:
    token_hash = make_session_hash(app)
    seen: list[str] = []
    db.session.rollback()
    with db.engine.connect() as connection:
        engine = connection.engine

    def note(_c: object, _cur: object, statement: str, *_: object) -> None:
        seen.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    row = sessions.resume_hash(token_hash)
    sa.event.remove(engine, "before_cursor_execute", note)
    assert row is not None
    assert row.person.active
    assert len([statement for statement in seen if statement.lstrip().upper().startswith("SELECT")]) == 1


def make_session_hash(app: Flask) -> str:
    """Return the stored hash of a new session's token."""
    person = make_person()
    open_session(app, person)
    return sessions_of(person)[0].token_hash


def test_only_the_hash_of_the_token_is_stored(client: FlaskClient) -> None:
    person = make_user()
    enter(client, person)
    with client.session_transaction() as cookie:
        token = cookie["token"]
    (row,) = sessions_of(person)
    assert len(token) >= 43
    assert token not in (row.token_hash, row.device_hash)


def test_a_sixth_session_ends_the_one_used_longest_ago(app: Flask) -> None:
    person = make_person()
    with time_machine.travel(now(), tick=False) as clock:
        browsers = []
        for _ in range(6):
            browsers.append(open_session(app, person))
            clock.shift(1)
        assert [is_in(browser) for browser in browsers] == [False, True, True, True, True, True]


def test_a_person_sees_their_devices_and_signs_out_the_others(app: Flask) -> None:
    person, stranger = make_person(), make_person()
    here, there, elsewhere = open_session(app, person), open_session(app, person), open_session(app, stranger)
    page = here.get("/account/sessions").text
    assert page.count('title="pytest"') == 2
    assert "这台设备" in page
    here.post("/account/sessions/end-others")
    assert (is_in(here), is_in(there), is_in(elsewhere)) == (True, False, True)
    assert audited("sessions.end_others")


def test_one_device_can_be_signed_out_but_never_that_of_another_person(app: Flask) -> None:
    person, stranger = make_person(), make_person()
    here, there, elsewhere = open_session(app, person), open_session(app, person), open_session(app, stranger)
    mine, foreign = row_of(there, person), row_of(elsewhere, stranger)
    assert here.post(f"/account/sessions/{foreign.id}/end").status_code == 404
    here.post(f"/account/sessions/{mine.id}/end")
    assert (is_in(here), is_in(there), is_in(elsewhere)) == (True, False, True)


def row_of(browser: FlaskClient, person: Person) -> PersonSession:
    """Return the row behind a browser's cookie."""
    with browser.session_transaction() as cookie:
        token_hash = digest(cookie["token"])
    return next(row for row in sessions_of(person) if row.token_hash == token_hash)


def test_closing_an_account_ends_its_sessions_at_once(app: Flask) -> None:
    person, admin = make_person(), make_person(is_admin=True)
    browser = open_session(app, person)
    service.disable_person(actor_for(admin), person.id)
    assert not is_in(browser)
    assert sessions_of(person) == []


def test_a_session_of_a_closed_account_is_dead_even_if_its_row_stands(app: Flask) -> None:
    person = make_person()
    browser = open_session(app, person)
    with transaction():
        reload(person).active = False
    assert not is_in(browser)


def test_an_administrator_ends_somebodys_sessions(app: Flask) -> None:
    person, admin, colleague = make_person(), make_person(is_admin=True), make_person()
    browser = open_session(app, person)
    with pytest.raises(NotFound):
        sessions.end_sessions_of(actor_for(colleague), person.id)
    sessions.end_sessions_of(actor_for(admin), person.id)
    assert not is_in(browser)
    assert audited("sessions.end_all")


def test_what_is_over_is_swept(app: Flask) -> None:
    person = make_person()
    open_session(app, person)
    with time_machine.travel(now() + timedelta(hours=13)):
        sweep(Job())
    assert sessions_of(person) == []


def test_a_browser_is_known_as_long_as_its_cookie_lasts(client: FlaskClient) -> None:
    person = make_user()
    enter(client, person)
    for days, left in ((179, 1), (181, 0)):
        with time_machine.travel(now() + timedelta(days=days)):
            sweep(Job())
        assert db.session.scalar(sa.select(sa.func.count()).select_from(KnownDevice)) == left


def test_strangers_see_no_account_page(client: FlaskClient) -> None:
    for path in ("/account", "/account/sessions", "/account/password", "/account/factor", "/account/contact"):
        assert client.get(path).location == f"/sign-in?next={path}".replace("?next=/", "?next=/")
    assert client.post("/account/sessions/end-others").status_code == 401
