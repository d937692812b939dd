"""Programs that come with a token, and resources for them."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.library.conftest import bring, ingested, owner, shared
from tests.sessions import open_access
from tongyan.accounts.models import Person
from tongyan.kernel.permissions import group_key
from tongyan.library.models import Resource
from tongyan.org.actors import actor_for

__all__ = ["bring", "ingested", "owner", "shared"]  # fixtures of the library's tests


@pytest.fixture
def program(app: Flask) -> Callable[..., FlaskClient]:
    """Give programs that act for a person."""

    def come(person: Person, *, may_write: bool = True) -> FlaskClient:
        return open_access(app, person, may_write=may_write)

    return come


@pytest.fixture
def own(cast: SimpleNamespace, program: Callable[..., FlaskClient]) -> FlaskClient:
    """Give the owner's program."""
    return program(cast.owner)


@pytest.fixture
def lesson(cast: SimpleNamespace, shared: Callable[..., Resource]) -> Resource:
    """Give a resource that the owner shared with the group."""
    return shared(actor_for(cast.owner), group_key(cast.group_a.id))
