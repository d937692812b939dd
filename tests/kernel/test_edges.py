"""What the edges share: errors become answers, files carry their headers, live messages find their way."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from blueprints.common import assets, relay, templates
from blueprints.common.web import is_local
from tests.conftest import settings_for_tests
from tongyan.accounts.models import Person
from tongyan.app import create_app
from tongyan.extensions import socketio
from tongyan.kernel import live
from tongyan.kernel.db import db
from tongyan.kernel.live import LiveMessage, LiveOutbox

SignIn = Callable[[Person], FlaskClient]


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (OperationalError("SELECT 1", {}, Exception("away")), (503, "unavailable")),
        (IntegrityError("INSERT", {}, Exception("twice")), (409, "conflict")),
        (DataError("SELECT", {}, Exception("NUL")), (400, "bad_request")),
        (StaleDataError(), (409, "conflict.stale")),
    ],
)
def test_what_the_database_says_becomes_a_sentence(
    cast: SimpleNamespace, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, failure: Exception, told: tuple[int, str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise failure

    web = sign_in(cast.owner)
    monkeypatch.setattr("tongyan.library.services.list_resources", fail)

    answer = web.get("/library", headers={"Accept": "application/json"})

    assert (answer.status_code, answer.json["code"]) == told


def test_unexpected_failure_is_written_down_and_not_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(settings_for_tests(f"sqlite:///{tmp_path / 'x.db'}", tmp_path) | {"TESTING": False})

    def fail() -> None:
        raise LookupError("the secret of the machine")

    monkeypatch.setattr("tongyan.kernel.health.report", fail)
    answer = app.test_client().get("/readyz", headers={"Accept": "application/json"})

    assert (answer.status_code, answer.json["code"]) == (500, "unexpected")
    assert "secret" not in answer.text


def test_foreign_host_gets_no_page(client: FlaskClient) -> None:
    assert client.get("/sign-in", headers={"Host": "evil.example"}).status_code == 400


def test_too_large_form_is_said(client: FlaskClient, app: Flask) -> None:
    too_much = b"x" * (app.config["MAX_CONTENT_LENGTH"] + 1)
    answer = client.post("/sign-in", data=too_much, headers={"Accept": "application/json"})

    assert (answer.status_code, answer.json["code"]) == (413, "too_large")


def test_part_of_a_page_sends_strangers_to_the_sign_in(client: FlaskClient) -> None:
    answer = client.get("/library", headers={"HX-Request": "true"})

    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/sign-in")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("http://localhost/library?mine=1", "/sign-in?next=/library?mine%3D1"),
        ("http://localhost/nowhere", "/sign-in"),
        ("http://evil.example/library", "/sign-in"),
    ],
)
def test_whoever_signs_in_again_comes_back_to_the_page_they_were_on(
    client: FlaskClient, before: str, after: str
) -> None:
    answer = client.get("/library", headers={"HX-Request": "true", "Referer": before})

    assert answer.headers["HX-Redirect"] == after


@pytest.mark.parametrize("target", ["/library?a=1", "/"])
def test_ways_back_are_pages_of_ours(app: Flask, target: str) -> None:
    with app.test_request_context():
        assert is_local(target)


@pytest.mark.parametrize(
    "target", ["", "//evil", "/\\evil", "/%2f/evil", "/nowhere", "https://evil/", "/a b", "/%5cevil"]
)
def test_other_ways_back_are_none(app: Flask, target: str) -> None:
    with app.test_request_context():
        assert not is_local(target)


@pytest.mark.parametrize(
    ("size", "said"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KB"), (10 * 1024, "10 KB"), (5 << 20, "5.0 MB"), (5 << 50, "5120 TB")],
)
def test_sizes_are_said_as_people_say_them(size: int, said: str) -> None:
    assert templates.file_size(size) == said


def test_links_keep_their_filters_and_begin_anew_with_the_first_page(app: Flask) -> None:
    with app.test_request_context("/library?subject=语文&page=3&tag=a&tag=b"):
        assert templates.url_with(grade=3) == "/library?subject=%E8%AF%AD%E6%96%87&tag=a&tag=b&grade=3"
        assert templates.url_with(subject=None, tag=["c", "d"], page=2) == "/library?tag=c&tag=d&page=2"
        assert templates.url_with(subject="", tag=None) == "/library"


def test_built_files_may_be_kept_for_ever_and_icons_come_as_drawn(app: Flask, tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "assets" / "main-abc.css").write_text("body{}")
    (dist / "manifest.json").write_text(
        json.dumps({"src/x.ts": {"file": "assets/x.js", "css": ["assets/main-abc.css"]}})
    )
    (dist / "icons.json").write_text(json.dumps({"home": ["M0 0"]}))
    folder, app.static_folder = app.static_folder, str(tmp_path)
    try:
        with app.test_request_context():
            assert (assets.asset("src/x.ts"), assets.asset("src/none.ts")) == ("/static/dist/assets/x.js", "")
            assert assets.styles("src/x.ts") == ["/static/dist/assets/main-abc.css"]
            assert '<path d="M0 0"/>' in assets.icon("home")
        answer = app.test_client().get("/static/dist/assets/main-abc.css", buffered=True)
        assert answer.headers["Cache-Control"] == assets.FOR_EVER
    finally:
        app.static_folder = folder


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, str, object]]]:
    """Remember what the socket server sends."""
    told: list[tuple[str, str, object]] = []
    monkeypatch.setattr(socketio, "emit", lambda event, payload, to: told.append((to, event, payload)))
    monkeypatch.setattr(live, "_send", None)
    return told


def test_messages_of_other_processes_are_emptied_out_of_the_box(app: Flask, sent: list[object]) -> None:
    live.emit(LiveMessage("user:1", "ping", {"n": 1}))
    assert sent == []
    live.connect(relay.send)

    assert live.relay() == 1
    assert sent == [("user:1", "ping", {"n": 1})]
    assert live.relay() == 0
    live.emit(LiveMessage("user:2", "pong", {}))
    assert sent[1:] == [("user:2", "pong", {})]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(LiveOutbox)) == 0


def test_web_process_empties_the_box_again_and_again_whatever_happens(
    app: Flask, sent: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = iter([None, LookupError(), None])

    class Over(BaseException):
        """Ends the loop."""

    def relay_once() -> int:
        outcome = next(rounds, Over())
        if outcome is not None:
            raise outcome
        return 0

    monkeypatch.setattr(live, "relay", relay_once)
    monkeypatch.setattr(relay.gevent, "sleep", lambda _: None)
    monkeypatch.setattr(relay.gevent, "spawn", lambda loop, of: loop(of))
    with pytest.raises(Over):
        relay.serve(app)
    assert next(rounds, "all rounds were made") == "all rounds were made"

    monkeypatch.setitem(app.config, "REDIS_URL", "redis://localhost")
    relay.serve(app)  # every process reaches every browser by itself: no loop
