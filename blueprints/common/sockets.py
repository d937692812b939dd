"""Socket events: one wrapper that checks every event afresh.

Events pass by Flask's `before_request`, and Flask-SocketIO's session is a copy made at connect. So the wrapper reads
session, person and rights from the database for each event, and a sweep cuts sockets whose session is over.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from flask import Flask, current_app, request, session
from flask_socketio import disconnect, join_room
from flask_wtf.csrf import validate_csrf
from pydantic import BaseModel, ConfigDict, ValidationError
from socketio.exceptions import ConnectionRefusedError as Refused  # type: ignore[import-untyped]
from wtforms.validators import ValidationError as WrongToken

from blueprints.common.errors import invalid, payload
from tongyan.accounts import sessions
from tongyan.accounts.limits import digest
from tongyan.extensions import socketio
from tongyan.kernel import metrics
from tongyan.kernel.errors import NotFound, TongyanError, TooMany
from tongyan.kernel.permissions import Actor, user_key
from tongyan.org.actors import actor_for

log = structlog.get_logger()

M = TypeVar("M", bound="Payload")
SWEEP_SECONDS = 5  # a closed account receives nothing after that
PER_PERSON = 10
PER_SECOND, BURST = 30.0, 100.0
MAX_MESSAGE = 256 * 1024
STEP = 500  # sessions looked up at once


class Payload(BaseModel):
    """Base of every event's payload; an unknown field is refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Event(NamedTuple):
    """An event that browsers may send."""

    payload: type[Payload]
    handler: Callable[[Actor, Any], dict[str, Any] | None]


@dataclass(slots=True)
class Seat:
    """One connected socket: whose session it hangs on, and how much it may still send."""

    token_hash: str
    person_id: UUID
    left: float = BURST
    seen: float = field(default_factory=monotonic)

    def spend(self) -> bool:
        """Count one message; False when there were too many."""
        moment = monotonic()
        self.left = min(BURST, self.left + (moment - self.seen) * PER_SECOND) - 1
        self.seen = moment
        return self.left >= 0


EVENTS: dict[str, Event] = {}
_seats: dict[str, Seat] = {}
metrics.SOCKETS.set_function(_seats.__len__)


def on(
    name: str, model: type[M]
) -> Callable[[Callable[[Actor, M], dict[str, Any] | None]], Callable[[Actor, M], dict[str, Any] | None]]:
    """Register the handler of an event: it gets the actor and the parsed payload; its dict is acknowledged."""

    def register(handler: Callable[[Actor, M], dict[str, Any] | None]) -> Callable[[Actor, M], dict[str, Any] | None]:
        EVENTS[name] = Event(model, handler)
        socketio.on_event(name, lambda *arguments: _answer(name, arguments))
        return handler

    return register


def init_app(app: Flask) -> None:
    """Bind the socket server; only pages of our own address may connect."""
    socketio.init_app(
        app,
        cors_allowed_origins=[_origin(app.config["PUBLIC_URL"])],
        max_http_buffer_size=MAX_MESSAGE,
        message_queue=app.config["REDIS_URL"] or None,
        http_compression=False,
    )


@socketio.on("connect")
def connect(auth: Any = None) -> None:
    """Let a signed-in browser in, if one of our own pages asks with its CSRF token."""
    if request.headers.get("Origin", "") != _origin(current_app.config["PUBLIC_URL"]):
        raise Refused("forbidden")
    _require_token(auth)
    token_hash = digest(session.get("token", ""))
    with current_app.app_context():
        person_id = _person_of(token_hash)
    if sum(seat.person_id == person_id for seat in _seats.values()) >= PER_PERSON:
        raise Refused("too_many")
    _seats[_sid()] = Seat(token_hash, person_id)
    join_room(user_key(person_id))
    _watch(current_app._get_current_object())  # type: ignore[attr-defined] # the application behind the proxy


@socketio.on("disconnect")
def leave(_reason: str = "") -> None:
    """Forget a socket."""
    _seats.pop(_sid(), None)


@socketio.on("*")
def unknown(name: str, *_arguments: Any) -> dict[str, Any]:
    """Refuse what no feature has registered."""
    seat = _seats.get(_sid())
    if seat is not None and seat.spend():  # else a page could fill the log
        log.warning("unknown_event", name=str(name)[:64])
    return payload(NotFound())


def sweep() -> int:
    """Cut the sockets whose session is over; returns how many."""
    hashes = sorted({seat.token_hash for seat in _seats.values()})
    live: set[str] = set()
    for start in range(0, len(hashes), STEP):
        live.update(row.token_hash for row in sessions.find_live(hashes[start : start + STEP]))
    over = [sid for sid, seat in _seats.items() if seat.token_hash not in live]
    for sid in over:
        _cut(sid)
    return len(over)


def _answer(name: str, arguments: tuple[Any, ...]) -> dict[str, Any]:
    """Run one event for whoever sits at this socket now, and acknowledge it."""
    with current_app.app_context():
        try:
            event = EVENTS[name]
            actor = _actor()
            parsed = event.payload.model_validate(arguments[0] if arguments else {})
            return {"ok": True, **(event.handler(actor, parsed) or {})}
        except ValidationError as error:
            return payload(invalid(error))
        except TongyanError as error:
            return payload(error)
        except Exception:
            if current_app.testing:
                raise
            log.exception("event_failed", name=name)
            return payload(TongyanError("unexpected"))


def _actor() -> Actor:
    seat = _seats.get(_sid())
    if seat is None:
        raise TongyanError("signed_out")
    if not seat.spend():
        raise TooMany(seconds=1)
    row = sessions.resume_hash(seat.token_hash)
    if row is None:
        _cut(_sid())
        raise TongyanError("signed_out")
    return actor_for(row.person)


def _person_of(token_hash: str) -> UUID:
    row = sessions.resume_hash(token_hash)
    if row is None:
        raise Refused("signed_out")
    return row.person_id


def _require_token(auth: Any) -> None:
    if not current_app.config.get("WTF_CSRF_ENABLED", True):
        return
    try:
        validate_csrf(auth.get("csrf_token") if isinstance(auth, dict) else None)
    except WrongToken as error:
        raise Refused("forbidden") from error


def _cut(sid: str) -> None:
    _seats.pop(sid, None)
    with suppress(KeyError):  # it may have left by itself
        disconnect(sid, namespace="/")


def _sid() -> str:
    sid: str = request.sid  # type: ignore[attr-defined] # Flask-SocketIO adds it
    return sid


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _watch(app: Flask) -> None:
    """Start this process's sweep with its first socket (tests call `sweep` themselves)."""
    if app.testing or "socket_sweep" in app.extensions:
        return
    app.extensions["socket_sweep"] = socketio.start_background_task(_sweep_for_ever, app)


def _sweep_for_ever(app: Flask) -> None:
    while True:
        socketio.sleep(SWEEP_SECONDS)
        try:
            with app.app_context():
                sweep()
        except Exception:
            log.exception("socket_sweep_failed")
