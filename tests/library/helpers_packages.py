"""What the tests of course packages share: resources, a package to put in order, and how a tree is looked at."""

from collections.abc import Callable, Sequence
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.factories import fresh, save
from tongyan.accounts.models import Person
from tongyan.kernel.clock import now
from tongyan.kernel.db import transaction
from tongyan.kernel.permissions import Actor, school_key
from tongyan.library import services as library
from tongyan.library.models import Licence, PackageItem, Resource, ResourceKind, ResourceState

Acting = Callable[[Person], Actor]
Make = Callable[..., Resource]
HTMX = {"HX-Request": "true"}
_number = count(1)


@pytest.fixture
def make(cast: SimpleNamespace) -> Make:
    """Save resources of the owner's, published to the school unless told otherwise."""

    def resource(title: str = "", **values: Any) -> Resource:
        row = Resource(
            title=title or f"资源{next(_number)}", kind=ResourceKind.COURSEWARE, owner_id=cast.owner.id,
            school_id=cast.core.id, audience=school_key(cast.core.id), state=ResourceState.PUBLISHED,
            licence=Licence.CC_BY, subject="语文", published_at=now(),
        )  # fmt: skip
        for name, value in values.items():
            setattr(row, name, value)
        saved: Resource = save(row)
        return saved

    return resource


@pytest.fixture
def package(owner: Actor) -> Resource:
    """Give an empty package of the owner's."""
    return library.create_package(owner, "第二单元", "语文", 3)


@pytest.fixture
def web(cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient]) -> FlaskClient:
    """Give the owner's browser."""
    return sign_in(cast.owner)


def publish(package: Resource, audience: str, **values: Any) -> Resource:
    """Open a package without asking."""
    with transaction() as session:
        row = session.get_one(Resource, package.id)
        row.state, row.audience, row.published_at = ResourceState.PUBLISHED, audience, now()
        for name, value in values.items():
            setattr(row, name, value)
    return row


def plant(owner: Actor, package: Resource, *names: str) -> list[PackageItem]:
    """Add headings at the top."""
    return [library.add_heading(owner, package.id, name) for name in names]


def outline(by: Actor, package: Resource) -> list[str]:
    """Return the tree as somebody sees it, "1.2 山行" a line."""
    tree = library.package_tree(by, fresh(Resource, package.id))
    return [f"{entry.number} {entry.item.title}" for entry in tree.walk()]


def titled(items: Sequence[PackageItem]) -> list[str]:
    """Return the titles of items."""
    return [item.title for item in items]
