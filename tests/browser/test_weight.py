"""What a first view sends over the school's line, and what it asks of anybody else: nothing."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from tests.browser.conftest import Guest

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("everywhere"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True, scope="session"),
]

ORDINARY, PREVIEWER = 300_000, 800_000
PAGES = ("/", "/library", "/library/upload", "/search?q=%E7%80%91%E5%B8%83", "/curriculum", "/notices", "/account")


def weight(guest: Guest, path: str) -> tuple[int, set[str]]:
    """Return how many bytes a first view takes, and in which forms they came."""
    session = guest.context.new_cdp_session(guest.page)
    sizes: list[int] = []
    codings: set[str] = set()

    def received(event: dict[str, Any]) -> None:
        if event["response"]["mimeType"] in {"text/html", "text/css", "text/javascript"}:
            codings.add(
                {key.lower(): value for key, value in event["response"]["headers"].items()}.get("content-encoding", "")
            )

    session.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    session.on("Network.responseReceived", received)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    guest.go(path)
    guest.page.wait_for_load_state("networkidle")
    session.detach()
    return sum(sizes), codings


@pytest.mark.parametrize("path", PAGES)
def test_an_ordinary_page_is_light(visit: Callable[..., Guest], path: str) -> None:
    size, codings = weight(visit("owner"), path)
    print(path, size)  # noqa: T201 # how near to the line
    assert 5_000 < size <= ORDINARY
    assert {"br", "gzip"} <= codings


def test_the_sign_in_page_is_light(visit: Callable[..., Guest]) -> None:
    assert weight(visit(), "/sign-in")[0] <= ORDINARY


def test_a_page_with_the_previewer_brings_it_compressed(visit: Callable[..., Guest], world: SimpleNamespace) -> None:
    size, _ = weight(visit("neighbour"), f"/library/{world.shared[0]}")
    print("previewer", size)  # noqa: T201 # how near to the line
    assert size <= PREVIEWER
