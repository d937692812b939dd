"""No list page asks the database more than eight times, whatever it shows.

Three are for who asks (the person, what they hold, what follows from that); a list, its filters and one's own marks
take five more. Only a library narrowed to a subject asks once more, for what the standards of that subject are.
"""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient

from tests.access.world import SEES, make_resource
from tongyan.accounts.models import Person
from tongyan.curriculum.seeding import import_seed
from tongyan.kernel import search_jobs

MOST = 8
NARROWED = "/library?subject=语文&grade=3"
LISTS = {
    "/library": "owner",
    "/library?mine=1": "owner",
    NARROWED: "owner",
    "/library/trash": "owner",
    "/search?q=资源": "owner",
    "/notices": "owner",
    "/curriculum": "owner",
    "/curriculum/changes": "admin",
    "/admin/regions": "admin",
    "/admin/schools": "admin",
    "/admin/groups": "admin",
    "/admin/people": "admin",
    "/admin/audit": "admin",
    "/admin/jobs": "admin",
}


@pytest.fixture
def world(cast: SimpleNamespace) -> SimpleNamespace:
    for relation in SEES:
        make_resource(cast, relation)
    search_jobs.rebuild(lambda _: None)
    return cast


@pytest.mark.parametrize(("url", "name"), LISTS.items())
def test_a_list_page_asks_eight_times_at_most(
    world: SimpleNamespace,
    sign_in: Callable[[Person], FlaskClient],
    count_statements: Callable[[Callable[[], object]], int],
    url: str,
    name: str,
) -> None:
    if url == "/curriculum":
        import_seed()
    client = sign_in(getattr(world, name))
    assert client.get(url).status_code == 200
    assert count_statements(lambda: client.get(url)) <= MOST + (url == NARROWED)
