"""Browsers that are signed in, for tests of everything but the sign-in itself."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from tongyan.accounts.limits import Browser
from tongyan.accounts.models import Person
from tongyan.accounts.sessions import start_session


class FreshClient(FlaskClient):
    """A browser whose every request has a context of its own, though the test holds one open."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Send a request."""
        with self.application.app_context():
            return super().open(*args, **kwargs)


def open_session(app: Flask, person: Person) -> FlaskClient:
    """Return a client whose cookie carries a real session of the person."""
    token = start_session(person, Browser("127.0.0.1", "pytest", "known"), factor=True)
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["token"] = token
    return client
