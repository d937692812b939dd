"""What colleagues shared is found by words inside the files; what is hidden leaves no trace."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from tests.library import samples
from tongyan.accounts.models import Person
from tongyan.kernel.permissions import Actor, group_key
from tongyan.kernel.search import SearchRequest, search
from tongyan.library import services as library
from tongyan.library.models import Resource

Acting = Callable[[Person], Actor]


def titles(actor: Actor, text: str) -> list[str]:
    """Return the titles of what a search finds."""
    return [hit.thing.title for hit in search(actor, SearchRequest(text)).page.items]


@pytest.fixture
def slides(owner: Actor, cast: SimpleNamespace, shared: Callable[..., Resource]) -> Resource:
    """Share real slides with the group."""
    return shared(owner, group_key(cast.group_a.id), "山行.pptx", samples.pptx())


def test_words_inside_the_slides_are_found_by_the_group_only(
    slides: Resource, cast: SimpleNamespace, actor: Acting, run_jobs: Callable[[], int]
) -> None:
    run_jobs()

    for text in ("石径斜", "斜", "sx", samples.NOTES):
        assert titles(actor(cast.neighbour), text) == [slides.title]
        for stranger in (cast.outsider, cast.former, cast.admin):
            result = search(actor(stranger), SearchRequest(text, facets=("subject", "type")))
            assert (result.page.total, not any(result.facets.values())) == (0, True)


def test_what_was_taken_back_is_gone_before_the_index_knows(
    slides: Resource, owner: Actor, cast: SimpleNamespace, actor: Acting, run_jobs: Callable[[], int]
) -> None:
    run_jobs()

    library.unshare_resource(owner, slides.id)
    assert titles(actor(cast.neighbour), "石径斜") == []
    run_jobs()

    assert titles(actor(cast.neighbour), "石径斜") == []
    assert titles(owner, "石径斜") == [slides.title]
    library.trash_resource(owner, slides.id)
    run_jobs()
    assert titles(owner, "石径斜") == []
