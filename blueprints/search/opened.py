"""What a person opened last, as links: on the start page of the search and below its empty box."""

from typing import NamedTuple

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.common.web import current_actor, signed_in
from blueprints.search import bp
from blueprints.search.pages import WITH_PAGE, address_of, icon_of
from tongyan.finding.services import opened

LATEST = 8


class Link(NamedTuple):
    """A thing that was opened."""

    title: str
    url: str
    icon: str


@bp.app_template_global()
def opened_last(limit: int = LATEST) -> list[Link]:
    """Return what whoever looks at the page opened last."""
    found = opened.recently_opened(current_actor(), limit, WITH_PAGE)
    return [Link(each.title, address_of(each.kind, each.id) or "", icon_of(each.kind)) for each in found]


@bp.post("/search/opened/forget")
@signed_in
def forget() -> ResponseReturnValue:
    """Forget what the person opened."""
    opened.forget_opened(current_actor())
    flash(_("打开记录已清空。"), "success")
    return redirect(url_for(".index"))
