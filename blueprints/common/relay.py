"""How live messages leave this process: the web process sends them itself and empties the outbox of the others."""

from typing import Any

import gevent
import structlog
from flask import Flask

from tongyan.extensions import socketio
from tongyan.kernel import live

log = structlog.get_logger()
EVERY_SECONDS = 1.0


def send(room: str, event: str, payload: dict[str, Any]) -> None:
    """Send to every browser in the room."""
    socketio.emit(event, payload, to=room)


def serve(app: Flask) -> None:
    """Make this the process that holds the sockets (called once, when a web worker has started)."""
    live.connect(send)
    if not app.config["REDIS_URL"]:  # with Redis, every process reaches every browser by itself
        gevent.spawn(_empty_outbox, app)


def _empty_outbox(app: Flask) -> None:
    while True:
        gevent.sleep(EVERY_SECONDS)
        try:
            with app.app_context():
                live.relay()
        except Exception:
            log.exception("relay_failed")
