"""Every page that there is, as everybody, in both themes and at four widths."""

from collections.abc import Callable
from itertools import product
from types import SimpleNamespace

import pytest
from flask import Flask, url_for
from werkzeug.routing import Rule

from tests.browser.conftest import WIDE, Guest, Site
from tests.browser.looking import overflows, too_small, violations
from tests.browser.world import arguments

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("everywhere"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True, scope="session"),
]

# what programs fetch: arguments are not worth making up
NOT_PAGES = (
    "api.",
    "api-docs.",
    "oai.",
    "static",
    "library.file_",
    "library.lesson_",
    "library.linked_file",
    "library.linked_page",
    "library.upload_",
)
ROLES = ("", "owner", "colleague", "group_head", "admin")


def rules_of(app: Flask) -> list[Rule]:
    """Return every address that can be opened."""
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    return [rule for rule in rules if not rule.endpoint.startswith(NOT_PAGES)]


def addresses(app: Flask, world: SimpleNamespace) -> list[tuple[str, str]]:
    """Return every address with its arguments filled in, all that are worth a look."""
    known = arguments(world)
    unknown = {str(rule): missing for rule in rules_of(app) if (missing := rule.arguments - known.keys())}
    assert not unknown, f"tell `arguments` in tests/browser/world.py what these may be: {unknown}"
    with app.test_request_context():
        return [
            (str(rule), url_for(rule.endpoint, **dict(zip(rule.arguments, values, strict=True))))
            for rule in rules_of(app)
            for values in product(*(known[name] for name in rule.arguments))
        ]


def open_to(guest: Guest, path: str) -> tuple[bool, bool]:
    """Say whether the address answers the guest, and whether it answers with a whole page."""
    answer = guest.context.request.get(guest.site.url + path, max_redirects=0)
    whole = (
        answer.status == 200 and "<html" in answer.text() if "text/html" in answer.headers["content-type"] else False
    )
    return answer.status < 400, whole


def look_at(guest: Guest, path: str) -> list[str]:
    """Return everything that is wrong with a page."""
    page = guest.page
    page.set_viewport_size(WIDE)
    guest.go(path)
    if page.locator("main [data-island]").count():
        page.wait_for_load_state("networkidle")
    found = [*violations(page), *overflows(page), *too_small(page)]
    return [f"{path} {text}" for text in found]


def test_every_page_is_open_to_all_eyes_and_hands(
    site: Site, world: SimpleNamespace, visit: Callable[..., Guest]
) -> None:
    wrong: list[str] = []
    answered: set[str] = set()
    seen: set[str] = set()
    for role in ROLES:
        guest = visit(role, reduced_motion="reduce")
        # the lesson tries whatever it must not do, and the browser says so
        guest.expect("/scorm/", "policy: connect-src")
        for rule, path in addresses(site.app, world):
            answers, whole = open_to(guest, path)
            if answers:
                answered.add(rule)
            if whole and path not in seen:
                seen.add(path)
                wrong += look_at(guest, path)
    assert not wrong, "\n".join(wrong)
    never = [str(rule) for rule in rules_of(site.app) if str(rule) not in answered]
    assert not never, f"these answered nobody; give them arguments that exist: {never}"
    assert len(seen) > 20


@pytest.mark.parametrize("role", ["", "owner"])
def test_a_missing_page_looks_as_good(visit: Callable[..., Guest], role: str) -> None:
    guest = visit(role, reduced_motion="reduce")
    guest.expect("404")
    assert look_at(guest, "/nowhere") == []


def test_the_open_person_menu_is_accessible(visit: Callable[..., Guest]) -> None:
    page = visit("owner", reduced_motion="reduce").go("/")
    page.locator("summary.bar-button").click()
    page.get_by_text("以哪所学校的名义").wait_for()
    assert [*violations(page), *too_small(page)] == []
