"""Every route and every socket event, played by everybody with the things of every relation.

The table is `rows.py`. Who is refused learns nothing (what is hidden answers like what is missing) and changes nothing.
"""

import hashlib
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from blueprints.common.sockets import EVENTS
from tests import factories
from tests.access import rows
from tests.access.program_rows import PROGRAM_ROWS
from tests.access.rows import EVENT_ROWS, WITHOUT_TOKEN, Row
from tests.access.things import KINDS, Arguments, default_arguments, fill, missing
from tests.access.world import ACTORS, SEES
from tests.conftest import empty_folder, empty_tables
from tests.sessions import open_access, open_session
from tongyan.accounts import factors
from tongyan.accounts.models import Person
from tongyan.extensions import socketio
from tongyan.kernel.db import Base, db, transaction
from tongyan.kernel.errors import Forbidden, NotFound
from tongyan.programs import TOKEN_ONLY

ROWS = rows.ROWS | PROGRAM_ROWS
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}
SAFE = {"GET", "HEAD", "OPTIONS"}
AT_ONCE = ("/uploads", *TOKEN_ONLY)  # programs are told there and then that they are strangers
# what differs between answers and tells nothing: nonces, tokens, ids, the place in the rail, how much is unread
PASSING = re.compile(
    rb'aria-current="page"|'
    rb'aria-label="\xe9\x80\x9a\xe7\x9f\xa5[^"]*"|<span class="count"[^<]*</span>\s*|'  # the bell: deeds are told
    rb'nonce="[^"]+"|nonce-[\w-]+|(?:value|content)="[\w.-]{60,}"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
)
ALIVE = {"last_seen_at", "last_used_at"}  # being there is no change


class World(NamedTuple):
    """The application, its people, and where they stand."""

    app: Flask
    cast: SimpleNamespace
    defaults: Arguments

    def browser(self, name: str) -> FlaskClient:
        """Open a browser of a player, signed in unless anonymous."""
        if name == "anonymous":
            return self.app.test_client()
        return open_session(self.app, getattr(self.cast, name))

    def client(self, name: str, rule: Rule) -> FlaskClient:
        """Open what a player comes with: a browser, or a program where nothing but a token counts."""
        if name != "anonymous" and for_programs(rule):
            return open_access(self.app, getattr(self.cast, name))
        return self.browser(name)

    def rules(self, endpoint: str) -> list[Rule]:
        """Return the addresses of an endpoint."""
        return list(self.app.url_map.iter_rules(endpoint))

    def address(self, rule: Rule, thing: Arguments) -> str:
        """Build a rule's path for a thing."""
        built = rule.build(fill(rule.arguments, thing, self.defaults), append_unknown=False)
        assert built is not None, f"default_arguments in things.py lacks one of {sorted(rule.arguments)} of {rule}"
        return built[1]

    def fingerprint(self) -> dict[str, str]:
        """Return a hash of every table and of the names of all stored files."""
        db.session.rollback()
        files = sorted(str(path) for path in Path(self.app.config["DATA_DIR"]).rglob("*") if path.is_file())
        prints = {"files": str(files)}
        with db.engine.connect() as connection:
            for table in Base.metadata.sorted_tables:
                columns = [column for column in table.columns if column.name not in ALIVE]
                rows = sorted(map(repr, connection.execute(select(*columns))))
                prints[table.name] = hashlib.sha256("".join(rows).encode()).hexdigest()
        return prints


def for_programs(rule: Rule) -> bool:
    """Say whether a token decides at an address, and no cookie."""
    return rule.rule.startswith(TOKEN_ONLY)


@pytest.fixture(scope="module")
def world(built_app: Flask) -> Iterator[World]:
    """Give the world, made once: whoever is refused leaves it as it was."""
    with built_app.app_context():
        empty_tables()
        empty_folder(Path(built_app.config["DATA_DIR"]))
        cast = factories.make_cast()
        with transaction() as session:
            for person in (cast.admin, cast.group_head):  # their tokens count only with a second factor
                session.get_one(Person, person.id).tf_totp_secret = factors.new_secret()
        yield World(built_app, cast, default_arguments(cast))
        db.session.rollback()


def named(app: Flask) -> set[str]:
    """Return what needs a row: every method of every endpoint; HEAD and OPTIONS come with GET and by themselves."""
    names = set()
    for rule in app.url_map.iter_rules():
        methods = set(rule.methods or ())
        implied = {"HEAD"} if "GET" in methods else set()
        if rule.provide_automatic_options is not False and methods != {"OPTIONS"}:
            implied |= {"OPTIONS"}
        names |= {f"{method} {rule.endpoint}" for method in methods - implied}
    return names


def test_every_route_has_its_row(world: World) -> None:
    there = named(world.app)
    new, gone = sorted(there - set(ROWS)), sorted(set(ROWS) - there)
    assert not new, f"who may use {new}? Add them to ROWS in tests/access/rows.py (its first lines say how)"
    assert not gone, f"take {gone} out of ROWS in tests/access/rows.py: there is no such route"


@pytest.mark.parametrize("name", ROWS)
def test_route_lets_in_exactly_those_of_its_row(world: World, name: str) -> None:
    method, endpoint = name.split(" ", 1)
    for rule in world.rules(endpoint):
        if method in (rule.methods or ()):
            Door(world, method, rule, ROWS[name]).play()


class Door:
    """One method of one address, with everybody before it."""

    def __init__(self, world: World, method: str, rule: Rule, row: Row) -> None:
        self._world, self._rule, self._row = world, rule, row
        self._methods = ["GET", "HEAD"] if method == "GET" else [method]
        self._kind = KINDS[row.kind] if row.kind else None
        self._browsers = {player: world.client(player, rule) for player in ACTORS}
        self._missing = missing(self._make("own"))
        self._nothing: dict[tuple[str, str], TestResponse] = {}

    def play(self) -> None:
        """Let everybody knock with the thing of every relation: first those who must be refused."""
        for relation in SEES if self._kind else [""]:
            thing = self._make(relation)
            let_in, before = self._let_in(relation), self._world.fingerprint()
            for player in [player for player in ACTORS if player not in let_in]:
                for method in self._methods:
                    self._expect_refusal(player, method, thing, relation)
            assert changed(before, self._world.fingerprint()) == []
            for player in [player for player in ACTORS if player in let_in]:
                for method in self._methods:
                    answer = self._knock(player, method, thing)
                    assert answer.status_code in self._row.ok, (player, relation, answer.status, answer.location)
                if self._methods[0] not in SAFE:
                    thing = self._make(relation)  # the next one shall find it untouched

    def _make(self, relation: str) -> Arguments:
        return self._kind.make(self._world.cast, relation) if self._kind else {}

    def _sees(self, relation: str) -> Collection[str]:
        return self._kind.sees[relation] if self._kind else self._row.sees

    def _let_in(self, relation: str) -> Collection[str]:
        if self._row.may is not None:
            return self._row.may[relation]
        return self._sees(relation) if self._kind else self._row.who

    def _knock(self, player: str, method: str, thing: Arguments) -> TestResponse:
        row, browser = self._row, self._browsers[player]
        data = row.data(self._world.cast) if callable(row.data) else row.data
        path = self._world.address(self._rule, thing)
        body = "json" if for_programs(self._rule) else "data"
        sent = {"query_string" if method in SAFE else body: data}
        answer = browser.open(path, method=method, headers=dict(row.headers), buffered=True, **sent)
        with browser.session_transaction() as cookie:
            cookie.pop("_flashes", None)  # what was said of one thing must not show on the page of the next
        return answer

    def _expect_refusal(self, player: str, method: str, thing: Arguments, relation: str) -> None:
        """Strangers are asked to sign in, who sees the thing may not, for all others it does not exist."""
        answer = self._knock(player, method, thing)
        if player in self._sees(relation):
            assert answer.status_code == Forbidden.status, (player, relation, answer.status)
            return
        asked = 302 if method in {"GET", "HEAD"} and not self._rule.rule.startswith(AT_ONCE) else 401
        status = asked if player == "anonymous" else NotFound.status
        assert answer.status_code == status, (player, relation, answer.status)
        assert told(answer) == told(self._nothing_there(player, method)), f"{player} can tell hidden from missing"

    def _nothing_there(self, player: str, method: str) -> TestResponse:
        """Return the answer for a thing, or a page, that does not exist (a stranger is asked to sign in anyway)."""
        if (player, method) not in self._nothing:
            if self._kind or player == "anonymous":
                answer = self._knock(player, method, self._missing)
            else:
                answer = self._browsers[player].open("/there-is-no-such-page", method=method, buffered=True)
            self._nothing[player, method] = answer
        return self._nothing[player, method]


def told(answer: TestResponse) -> tuple[int, bytes, list[tuple[str, str]]]:
    """Return all that an answer tells: status, body and headers, without what differs from one answer to the next."""
    passing = {"Date", "Set-Cookie", "Content-Length"}
    headers = [(name, PASSING.sub(b"", value.encode()).decode()) for name, value in answer.headers]
    return answer.status_code, PASSING.sub(b"", answer.data), [pair for pair in headers if pair[0] not in passing]


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Name the tables that differ."""
    return [name for name in after if before[name] != after[name]]


def test_other_methods_are_not_allowed_and_change_nothing(world: World) -> None:
    browser, before = world.browser("owner"), world.fingerprint()
    for rule in world.app.url_map.iter_rules():
        path = world.address(rule, {})
        allowed = set(world.app.url_map.bind("localhost").allowed_methods(path))
        for method in METHODS - allowed:
            answer = browser.open(path, method=method, buffered=True)
            assert (answer.status_code, set(answer.headers["Allow"].split(", "))) == (405, allowed), (method, path)
    assert changed(before, world.fingerprint()) == []


def test_options_tell_the_same_of_every_thing_and_change_nothing(world: World) -> None:
    browsers = [world.browser(player) for player in ("anonymous", "outsider")]
    before = world.fingerprint()
    for browser in browsers:
        for rule in world.app.url_map.iter_rules():
            assert browser.options(world.address(rule, {})).status_code in {200, 204}, rule
    assert changed(before, world.fingerprint()) == []


def test_whatever_changes_something_needs_the_token_of_our_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(world.app.config, "WTF_CSRF_ENABLED", True)
    browser = world.browser("owner")
    before = world.fingerprint()
    for name in sorted(set(ROWS) - WITHOUT_TOKEN):
        method, endpoint = name.split(" ", 1)
        for rule in world.rules(endpoint):
            if method in SAFE or method not in (rule.methods or ()):
                continue
            for token in ("", "forged"):
                answer = browser.open(world.address(rule, {}), method=method, headers={"X-CSRF-Token": token})
                refused = 401 if for_programs(rule) else 400  # to the former the browser's cookie says nothing
                assert answer.status_code == refused, (name, token, answer.status)
    assert changed(before, world.fingerprint()) == []


def test_every_socket_event_has_its_row() -> None:
    new, gone = sorted(set(EVENTS) - set(EVENT_ROWS)), sorted(set(EVENT_ROWS) - set(EVENTS))
    assert not new, f"who may send {new}? Add them to EVENT_ROWS in tests/access/rows.py"
    assert not gone, f"take {gone} out of EVENT_ROWS in tests/access/rows.py: there is no such event"


def test_every_account_connects_and_strangers_do_not(world: World) -> None:
    assert {player for player in ACTORS if sit_down(world, player).is_connected()} == set(ACTORS) - {"anonymous"}


def test_socket_events_show_things_to_exactly_those_who_see_them(world: World) -> None:
    for name, row in EVENT_ROWS.items():
        kind = KINDS[row.kind] if row.kind else None
        for relation in SEES if kind else [""]:
            made = kind.make(world.cast, relation) if kind else {}
            for player in ACTORS[1:]:
                socket = sit_down(world, player)
                hit, miss = (
                    socket.emit(name, filled(row.payload, ids), callback=True) for ids in (made, missing(made))
                )
                if kind is None or player in kind.sees[relation]:
                    assert hit["ok"] is True, (name, player, relation, hit)
                else:
                    assert hit == miss, (name, player, relation)
                    assert hit["code"] == "not_found", (name, player, relation)


def filled(payload: Any, ids: Arguments) -> dict[str, Any]:
    """Return the payload with the id of the thing in its place."""
    first = next((str(value) for value in ids.values() if isinstance(value, UUID)), "")
    return {key: first if value == "{id}" else value for key, value in payload.items()}


def sit_down(world: World, player: str) -> Any:
    """Connect a player's browser to the socket server."""
    origin = world.app.config["PUBLIC_URL"]
    socketio.init_app(world.app, cors_allowed_origins=[origin])
    return socketio.test_client(world.app, flask_test_client=world.browser(player), headers={"Origin": origin})
