"""Where the kinds of things that are found have a page of their own."""

from typing import Any, NamedTuple
from uuid import UUID

from flask import url_for


class Page(NamedTuple):
    """The icon of a kind; the endpoint that shows such a thing, and the argument that names it."""

    icon: str
    endpoint: str = ""
    argument: str = ""


PAGES = {
    "resource": Page("file-text", "library.show", "resource_id"),
    "person": Page("user"),  # which page there is, depends on who looks
    "school": Page("school", "org.school_home", "school_id"),
    "group": Page("building-community"),
    "node": Page("books", "curriculum.index", "node_id"),
}
WITH_PAGE = tuple(kind for kind, page in PAGES.items() if page.endpoint)


def icon_of(kind: str) -> str:
    """Return the icon of a kind."""
    return PAGES[kind].icon if kind in PAGES else "search"


def address_of(kind: str, thing_id: UUID) -> str | None:
    """Return the address of a thing's own page; None when its kind has none."""
    page = PAGES.get(kind)
    if page is None or not page.endpoint:
        return None
    named: dict[str, Any] = {page.argument: thing_id}
    return url_for(page.endpoint, **named)
