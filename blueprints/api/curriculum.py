"""The curriculum as a tree: what lies below a node, and one node with the way to it."""

from typing import Any
from uuid import UUID

from blueprints.api import bp
from blueprints.api.schemas import places
from blueprints.api.schemas.base import list_of
from blueprints.common.web import current_actor
from tongyan.curriculum import services as curriculum
from tongyan.curriculum.services import View

TAG = "curriculum"
COLUMNS = tuple(places.Node().fields)


@bp.door("GET", "/curriculum", TAG, query=places.NodeQuery, gives=list_of(places.Node))
def list_nodes(query: dict[str, Any]) -> dict[str, Any]:
    """List what lies right below a node: the stages when none is named."""
    actor, parent = current_actor(), query["parent"]
    if parent is not None:
        curriculum.show_node(actor, parent)
    branches = curriculum.children(actor, parent, View(past=query["past"]))
    return {"items": [branch.node for branch in branches]}


@bp.door("GET", "/curriculum/<uuid:node_id>", TAG, gives=places.NodeLine)
def show_node(node_id: UUID) -> dict[str, Any]:
    """Show a node and the way to it."""
    node = curriculum.show_node(current_actor(), node_id)
    return {**{name: getattr(node, name) for name in COLUMNS}, "line": curriculum.node_line(node)}
