"""Pages on which everybody walks the tree."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from babel.dates import format_skeleton
from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from blueprints.common.web import current_actor, signed_in
from blueprints.curriculum import bp
from tongyan.curriculum import services as curriculum
from tongyan.curriculum.models import Level, Node
from tongyan.curriculum.services import Branch, EditionChoice, View
from tongyan.kernel.clock import today
from tongyan.kernel.permissions import Actor
from tongyan.library import services as library

IN_A_BOOK = {Level.VOLUME, Level.UNIT, Level.LESSON}

bp.add_app_template_global(curriculum.place_name)


@bp.app_template_global()
def in_use(node: Node) -> bool:
    """Say whether a node is in use today."""
    return node.in_force(today())


@bp.app_template_global()
def validity(node: Node) -> str:
    """Return from when to when a node is in use, in words; nothing for what always is."""
    on = today()
    if node.retired_on is not None:
        text = _("已于 %(month)s停用") if node.retired(on) else _("将于 %(month)s停用")
        return str(text) % {"month": _month(node.retired_on)}
    if node.valid_to is not None:
        text = _("用到 %(month)s为止") if node.valid_to >= on else _("已停用，用到 %(month)s为止")
        return str(text) % {"month": _month(node.valid_to)}
    return str(_("%(month)s起使用")) % {"month": _month(node.valid_from)} if node.valid_from else ""


def _month(day: date) -> str:
    return format_skeleton("yMMM", day, locale=get_locale())


@bp.get("/curriculum", defaults={"node_id": None})
@bp.get("/curriculum/<uuid:node_id>")
@signed_in
def index(node_id: UUID | None) -> ResponseReturnValue:
    """Show a node and what hangs below it, or what a search in the tree finds."""
    actor = current_actor()
    own, view = view_of_request(actor)
    node = curriculum.show_node(actor, node_id) if node_id else None
    text = request.args.get("q", "").strip()
    branches = [] if text else curriculum.children(actor, node_id, view, deep=_deep(node, view))
    return render_template(
        "curriculum/index.html",
        **_node_values(node),
        **({} if text else _numbers(actor, node, branches)),
        branches=branches,
        found=curriculum.search(actor, text, view) if text else [],
        text=text,
        view=view,
        own=own,
    )


def view_of_request(actor: Actor) -> tuple[Sequence[EditionChoice], View]:
    """Return the editions of the actor's school, and what of the tree the request asks to see."""
    own = curriculum.default_editions(actor)
    return own, View(None if "all" in request.args or not own else own, "old" in request.args)


def _node_values(node: Node | None) -> dict[str, Any]:
    if node is None:
        return {"node": None, "line": [], "successor": None}
    return {
        "node": node,
        "line": curriculum.node_line(node),
        "successor": curriculum.find_node(node.successor_id) if node.successor_id else None,
    }


def _numbers(actor: Actor, node: Node | None, branches: Sequence[Branch]) -> dict[str, Any]:
    """Count what one may open: by kind within a book, as a sum above it."""
    if node is not None and node.level in IN_A_BOOK:
        cover = library.cover_below(actor, node)
        return {"cover": cover, "counts": Counter({key: each.total for key, each in cover.items()})}
    if node is not None and node.level is Level.EDITION:
        return {"counts": library.counts_below(actor, node)}
    counts = library.counts_above(actor, node)
    books = [branch.node for branch in branches if branch.node.level is Level.EDITION and branch.branches]
    return {"counts": counts | library.counts_below(actor, *books) if books else counts}


def _deep(node: Node | None, view: View) -> bool:
    """Say whether two levels fit on the page: stages with subjects, the books of one's editions, a book's contents."""
    if node is None or node.level is Level.VOLUME:
        return True
    return node.level is Level.SUBJECT and view.editions is not None
