"""Socket events are checked one by one."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from time import monotonic
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask_socketio import SocketIOTestClient
from itsdangerous import URLSafeTimedSerializer

from blueprints.common import sockets
from tests.factories import make_person
from tests.sessions import open_session
from tongyan.accounts import service
from tongyan.accounts.models import Person
from tongyan.extensions import socketio
from tongyan.kernel.clock import now
from tongyan.kernel.db import db
from tongyan.kernel.errors import NotFound
from tongyan.kernel.permissions import Actor
from tongyan.org.actors import actor_for

ORIGIN = "http://localhost"
Connect = Callable[..., SocketIOTestClient]


class Ping(sockets.Payload):
    """What the event of these tests carries."""

    number: int = 0


def handle_ping(actor: Actor, ping: Ping) -> dict[str, Any]:
    """Say who asks; numbers below zero are hidden."""
    if ping.number < 0:
        raise NotFound
    return {"name": actor.name, "number": ping.number + 1}


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count the sockets of each test only: a browser may still hold some open in this process."""
    monkeypatch.setattr(sockets, "_seats", {})


@pytest.fixture
def connect(app: Flask) -> Iterator[Connect]:
    """Give sockets of signed-in people, with an event to send."""
    socketio.init_app(app, cors_allowed_origins=[ORIGIN])
    sockets.on("test:ping", Ping)(handle_ping)
    opened: list[SocketIOTestClient] = []

    def open_socket(person: Person | None, origin: str | None = ORIGIN, auth: Any = None) -> SocketIOTestClient:
        browser = open_session(app, person) if person else app.test_client()
        headers = {"Origin": origin} if origin is not None else {}
        client = socketio.test_client(app, flask_test_client=browser, headers=headers, auth=auth)
        opened.append(client)
        return client

    yield open_socket
    for client in opened:
        if client.is_connected():
            client.disconnect()
    sockets.EVENTS.pop("test:ping")
    sockets._seats.clear()


def ping(client: SocketIOTestClient, *payload: Any) -> dict[str, Any]:
    """Send the event and return its acknowledgement."""
    answer: dict[str, Any] = client.emit("test:ping", *payload, callback=True)
    return answer


def test_a_signed_in_browser_is_answered(connect: Connect) -> None:
    assert ping(connect(make_person("王老师")), {"number": 1}) == {"ok": True, "name": "王老师", "number": 2}


@pytest.mark.parametrize(
    "origin",
    [None, "", "null", "http://evil.cn", "https://localhost", "http://localhost.evil.cn", "http://localhost:1"],
)
def test_pages_of_other_places_may_not_connect(connect: Connect, origin: str | None) -> None:
    assert not connect(make_person(), origin).is_connected()


def test_strangers_may_not_connect(connect: Connect) -> None:
    assert not connect(None).is_connected()


def test_connecting_needs_the_token_of_our_page(connect: Connect, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    person = make_person()
    for auth in (None, {}, {"csrf_token": "x"}, "x", ["x"], {"csrf_token": {"a": 1}}):
        assert not connect(person, auth=auth).is_connected()


def test_the_token_of_our_page_opens_the_socket(connect: Connect, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    browser = open_session(app, make_person())
    with browser.session_transaction() as cookie:
        cookie["csrf_token"] = "x" * 40
    token = URLSafeTimedSerializer(app.config["SECRET_KEY"], salt="wtf-csrf-token").dumps("x" * 40)
    client = socketio.test_client(
        app, flask_test_client=browser, headers={"Origin": ORIGIN}, auth={"csrf_token": token}
    )
    assert client.is_connected()


def test_a_socket_that_left_is_forgotten(connect: Connect) -> None:
    connect(make_person()).disconnect()
    assert sockets._seats == {}


def test_an_unexpected_error_is_not_told(connect: Connect, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    client = connect(make_person())
    monkeypatch.setitem(app.config, "TESTING", False)
    monkeypatch.setitem(sockets.EVENTS, "test:ping", sockets.Event(Ping, lambda *_: {}["secret"]))
    answer = ping(client)
    assert (answer["ok"], answer["code"]) == (False, "unexpected")
    assert "secret" not in str(answer)


def test_a_domain_error_becomes_an_acknowledgement(connect: Connect) -> None:
    answer = ping(connect(make_person()), {"number": -1})
    assert (answer["ok"], answer["code"], answer["errors"]) == (False, "not_found", {})


@pytest.mark.parametrize("payload", [{"number": "1"}, {"number": 1, "more": 2}, {"number": None}, [1], "x", 7])
def test_wrong_payloads_and_unknown_fields_are_refused(connect: Connect, payload: Any) -> None:
    assert ping(connect(make_person()), payload)["code"] == "invalid"


def test_unknown_events_are_refused(connect: Connect) -> None:
    answer = connect(make_person()).emit("no:such", {"x": 1}, callback=True)
    assert answer["code"] == "not_found"


def test_a_page_cannot_fill_the_log_with_unknown_events(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(sockets.log, "warning", lambda event, **_: said.append(event))
    monkeypatch.setattr(sockets, "monotonic", lambda: 0.0)
    client = connect(make_person())
    for seat in sockets._seats.values():
        seat.left, seat.seen = 3.0, 0.0
    for _ in range(10):
        client.emit("no:such", callback=True)
    assert said == ["unknown_event"] * 3


def test_messages_to_a_person_arrive_in_their_room_only(connect: Connect) -> None:
    person, stranger = make_person(), make_person()
    mine, theirs = connect(person), connect(stranger)
    socketio.emit("notice", {"n": 1}, to=f"user:{person.id}")
    assert [message["name"] for message in mine.get_received()] == ["notice"]
    assert theirs.get_received() == []


def test_rights_are_read_afresh_for_every_event(connect: Connect, app: Flask) -> None:
    person = make_person("旧名")
    client = connect(person)
    admin = actor_for(make_person(is_admin=True))
    ping(client)
    service.update_person(admin, person.id, name="新名", email=None, phone=None, is_admin=False)
    assert ping(client)["name"] == "新名"


def test_the_next_event_after_the_account_is_closed_is_refused_and_the_socket_cut(connect: Connect) -> None:
    person = make_person()
    client = connect(person)
    service.disable_person(actor_for(make_person(is_admin=True)), person.id)
    assert ping(client)["code"] == "signed_out"
    assert not client.is_connected()


def test_the_sweep_cuts_sockets_whose_session_is_over(connect: Connect) -> None:
    gone, kept = make_person(), make_person()
    first, second = connect(gone), connect(kept)
    service.disable_person(actor_for(make_person(is_admin=True)), gone.id)
    db.session.rollback()
    assert sockets.sweep() == 1
    assert (first.is_connected(), second.is_connected()) == (False, True)


def test_an_idle_socket_is_cut_with_its_session(connect: Connect) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        client = connect(make_person())
        clock.shift(timedelta(minutes=31))
        db.session.rollback()
        assert sockets.sweep() == 1
        assert not client.is_connected()


def test_ten_sockets_a_person(connect: Connect, app: Flask) -> None:
    person = make_person()
    browser = open_session(app, person)
    clients = [socketio.test_client(app, flask_test_client=browser, headers={"Origin": ORIGIN}) for _ in range(11)]
    assert [client.is_connected() for client in clients] == [True] * 10 + [False]


def test_too_many_messages_are_refused(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    client, moment = connect(make_person()), monotonic()
    monkeypatch.setattr(sockets, "monotonic", lambda: moment)  # all of them in one moment, however slow the machine
    codes = [ping(client).get("code") for _ in range(125)]
    assert codes[:100] == [None] * 100
    assert "too_many" in codes


def test_the_sweep_begins_with_the_first_socket_and_outlives_a_failure(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds: list[str] = []

    class Over(BaseException):
        """Ends the loop."""

    def sweep() -> int:
        rounds.append("swept")
        raise LookupError if len(rounds) == 1 else Over

    monkeypatch.setattr(app, "testing", False)
    monkeypatch.setattr(sockets, "sweep", sweep)
    monkeypatch.setattr(socketio, "sleep", lambda _: None)
    monkeypatch.setattr(socketio, "start_background_task", lambda loop, of: rounds.append("begun") or loop)
    sockets._watch(app)
    sockets._watch(app)
    assert rounds == ["begun"]
    rounds.clear()
    with pytest.raises(Over):
        app.extensions.pop("socket_sweep")(app)
    assert rounds == ["swept", "swept"]
