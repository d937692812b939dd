"""Browsers that are signed in and programs with a token, for tests of everything but the sign-in itself."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from flask import Flask
from flask.testing import FlaskClient

from tests.factories import save
from tongyan.accounts.limits import Browser, digest
from tongyan.accounts.models import ApiToken, Person
from tongyan.accounts.sessions import start_session
from tongyan.kernel.clock import now


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


def open_access(app: Flask, person: Person, *, may_write: bool = True) -> FlaskClient:
    """Return a client that shows a token of the person with every request, as a program does."""
    plain, moment = f"ty_{uuid4().hex}", now()
    save(
        ApiToken(
            person_id=person.id, name="程序", token_hash=digest(plain), may_write=may_write, created_at=moment,
            expires_at=moment + timedelta(days=1),
        )
    )  # fmt: skip
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {plain}"
    return client
