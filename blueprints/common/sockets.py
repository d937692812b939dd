"""Socket events: one wrapper that checks every event afresh."""

from flask import Flask

from tongyan.extensions import socketio


def init_app(app: Flask) -> None:
    """Bind the socket server."""
    socketio.init_app(app)
