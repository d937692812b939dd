"""Resources to be found, and the people who look for them."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest

from tests.search.conftest import indexed, publish, publish_all
from tongyan.accounts.models import Person
from tongyan.finding.services.synonyms import forget_synonyms
from tongyan.kernel.permissions import Actor

__all__ = ["indexed", "publish", "publish_all"]  # fixtures of the search's tests


@pytest.fixture
def neighbour(cast: SimpleNamespace, actor: Callable[[Person], Actor]) -> Actor:
    """Give a teacher of the other school of the group."""
    return actor(cast.neighbour)


@pytest.fixture
def admin(cast: SimpleNamespace, actor: Callable[[Person], Actor]) -> Iterator[Actor]:
    """Give an administrator; this process knows of no synonyms before and after."""
    forget_synonyms()
    yield actor(cast.admin)
    forget_synonyms()
