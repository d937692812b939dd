"""What a person opened last, as links: on the start page of the search and below its empty box."""

from typing import Any, NamedTuple

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.common.web import current_actor, signed_in
from blueprints.search import bp
from tongyan.finding.services import opened

LATEST = 8


class Page(NamedTuple):
    """Where a kind of thing is shown: the endpoint, the argument that names the thing, the icon of the kind."""

    endpoint: str
    argument: str
    icon: str


PAGES = {"resource": Page("library.show", "resource_id", "file-text")}


class Link(NamedTuple):
    """A thing that was opened."""

    title: str
    url: str
    icon: str


@bp.app_template_global()
def opened_last(limit: int = LATEST) -> list[Link]:
    """Return what whoever looks at the page opened last."""
    found = opened.recently_opened(current_actor(), limit, PAGES)
    return [Link(each.title, _address(each), PAGES[each.kind].icon) for each in found]


def _address(thing: opened.Recent) -> str:
    there = PAGES[thing.kind]
    named: dict[str, Any] = {there.argument: thing.id}
    return url_for(there.endpoint, **named)


@bp.post("/search/opened/forget")
@signed_in
def forget() -> ResponseReturnValue:
    """Forget what the person opened."""
    opened.forget_opened(current_actor())
    flash(_("打开记录已清空。"), "success")
    return redirect(url_for(".index"))
