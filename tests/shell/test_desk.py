"""The desk says what there is to do."""

from collections.abc import Callable
from types import SimpleNamespace

from flask.testing import FlaskClient

from tests.access.world import make_resource
from tongyan.accounts.models import Person

SignIn = Callable[[Person], FlaskClient]


def test_the_desk_shows_drafts_and_what_colleagues_shared(cast: SimpleNamespace, sign_in: SignIn) -> None:
    draft, shared = make_resource(cast, "own"), make_resource(cast, "other_school")
    page = sign_in(cast.owner).get("/").text
    assert draft.title in page.partition('id="recent"')[0]
    assert shared.title in page.partition('id="recent"')[2]
    assert cast.group_a.name in page


def test_an_empty_desk_says_what_to_begin_with(cast: SimpleNamespace, sign_in: SignIn) -> None:
    page = sign_in(cast.outsider).get("/").text
    assert "都做完了" in page
    assert "还没有同事分享资源" in page


def test_strangers_are_asked_to_sign_in(client: FlaskClient) -> None:
    assert client.get("/").headers["Location"].startswith("/sign-in")


def test_the_desk_asks_no_more_for_more_drafts(
    cast: SimpleNamespace, sign_in: SignIn, count_statements: Callable[[Callable[[], object]], int]
) -> None:
    client = sign_in(cast.owner)
    make_resource(cast, "own")
    few = count_statements(lambda: client.get("/"))
    for _ in range(3):
        make_resource(cast, "own")
    assert count_statements(lambda: client.get("/")) == few
