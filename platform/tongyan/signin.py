"""Sign-in: Flask-Security bound to our people and sessions."""

from flask import Flask
from flask_login import LoginManager


def init_app(app: Flask) -> None:
    """Bind the sign-in."""
    LoginManager(app).user_loader(lambda _: None)
