"""Pages of the curriculum."""

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from blueprints.common.web import current_actor, signed_in
from blueprints.curriculum import bp
from tongyan.curriculum import services as curriculum
from tongyan.curriculum.services import View
from tongyan.kernel.clock import today


@bp.get("/curriculum", defaults={"node_id": None})
@bp.get("/curriculum/<uuid:node_id>")
@signed_in
def index(node_id: UUID | None) -> ResponseReturnValue:
    """Show a node and what hangs below it, or what a search in the tree finds."""
    actor = current_actor()
    text = request.args.get("q", "").strip()
    own = curriculum.default_editions(actor)
    view = View(None if "all" in request.args or not own else own, "old" in request.args)
    node = curriculum.show_node(actor, node_id) if node_id else None
    return render_template(
        "curriculum/index.html",
        node=node,
        line=curriculum.node_line(node) if node else [],
        children=curriculum.children(actor, node_id, view),
        found=curriculum.search(actor, text, view) if text else [],
        text=text,
        today=today(),
    )
