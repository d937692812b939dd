"""Keeping the tree: adding, renaming, retiring, and saying what takes an old node's place."""

from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from tongyan.curriculum.models import Level, Node
from tongyan.curriculum.policy import Action
from tongyan.kernel.audit import record
from tongyan.kernel.clock import today
from tongyan.kernel.db import db, transaction
from tongyan.kernel.errors import Conflict, Invalid
from tongyan.kernel.ids import new_id
from tongyan.kernel.permissions import Actor, load

LEVELS = list(Level)
MAX_TITLE = 200


def add_node(actor: Actor, parent_id: UUID, title: str) -> Node:
    """Add a child at the end. Raises NotFound, Forbidden, Invalid."""
    title = _title(title)
    with transaction() as session:
        parent = load(actor, Node, parent_id, Action.NODE_ADD)
        if parent.level is Level.LESSON:
            raise Conflict("curriculum.no_deeper")
        last = db.session.scalar(select(func.max(Node.position)).where(Node.parent_id == parent.id))
        node_id = new_id()
        node = Node(
            id=node_id, parent_id=parent.id, level=LEVELS[LEVELS.index(parent.level) + 1], title=title,
            position=(last or 0) + 1, path=f"{parent.path}{node_id}/", stage=parent.stage, subject=parent.subject,
            edition=parent.edition, grade=parent.grade, volume=parent.volume, std=parent.std, data={},
        )  # fmt: skip
        if node.level in {Level.SUBJECT, Level.EDITION, Level.VOLUME}:
            setattr(node, node.level.value, title)
        session.add(node)
        record(actor, Action.NODE_ADD, f"curriculum:{node_id}", title=title, parent=str(parent.id))
    return node


def rename_node(actor: Actor, node_id: UUID, title: str) -> Node:
    """Give a node another title; the old one stays in the trail. Raises NotFound, Forbidden, Invalid."""
    title = _title(title)
    with transaction():
        node = load(actor, Node, node_id, Action.NODE_EDIT)
        record(actor, Action.NODE_EDIT, f"curriculum:{node.id}", title=title, before=node.title)
        node.title = title
    return node


def retire_node(actor: Actor, node_id: UUID, on: date | None = None) -> Node:
    """Take a node out of use from a date on; what hangs on it stays. Raises NotFound, Forbidden."""
    return _set_retired(actor, node_id, on or today())


def restore_node(actor: Actor, node_id: UUID) -> Node:
    """Bring a retired node back. Raises NotFound, Forbidden."""
    return _set_retired(actor, node_id, None)


def _set_retired(actor: Actor, node_id: UUID, on: date | None) -> Node:
    with transaction():
        node = load(actor, Node, node_id, Action.NODE_RETIRE)
        node.retired_at = on
        record(actor, Action.NODE_RETIRE, f"curriculum:{node.id}", on=on.isoformat() if on else None)
    return node


def map_node(actor: Actor, old_id: UUID, new_id_: UUID | None) -> Node:
    """Say which node takes an old one's place (None: none does). Raises NotFound, Forbidden, Conflict."""
    with transaction():
        node = load(actor, Node, old_id, Action.NODE_EDIT)
        successor = load(actor, Node, new_id_, Action.NODE_EDIT) if new_id_ else None
        if successor is not None and (successor.level is not node.level or successor.id == node.id):
            raise Conflict("curriculum.other_level")
        node.successor_id = successor.id if successor else None
        record(actor, Action.NODE_EDIT, f"curriculum:{node.id}", successor=str(new_id_) if new_id_ else None)
    return node


def _title(text: str) -> str:
    title = " ".join(text.split())
    if not title or len(title) > MAX_TITLE:
        raise Invalid(errors={"title": ["curriculum.title"]})
    return title
