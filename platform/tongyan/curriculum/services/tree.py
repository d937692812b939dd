"""Walking the tree."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from tongyan.curriculum.models import Level, Node
from tongyan.kernel.clock import today
from tongyan.kernel.db import db
from tongyan.kernel.permissions import Actor, load, visible

MAX_FOUND = 50


@dataclass(frozen=True, slots=True)
class Branch:
    """A node, the line above it, and what hangs below it."""

    node: Node | None
    line: Sequence[Node]
    children: Sequence[Node]


def branch(actor: Actor, node_id: UUID | None = None, *, old: bool = False, editions: Sequence[UUID] = ()) -> Branch:
    """Return a node with its children; `old` adds what is not taught now, `editions` narrows to the school's books.

    Raises NotFound.
    """
    node = load(actor, Node, node_id) if node_id else None
    children = select(Node).where(Node.parent_id == node_id, visible(actor, Node)).order_by(Node.position, Node.title)
    if not old:
        children = children.where(taught())
    rows = db.session.scalars(children).all()
    if editions and rows and rows[0].level is Level.EDITION:
        rows = [row for row in rows if row.id in editions] or rows
    return Branch(node, line_of(node) if node else (), rows)


def taught() -> ColumnElement[bool]:
    """Return the filter of what is taught today."""
    on = today()
    return (
        or_(Node.valid_from.is_(None), Node.valid_from <= on)
        & or_(Node.valid_to.is_(None), Node.valid_to >= on)
        & or_(Node.retired_at.is_(None), Node.retired_at > on)
    )


def line_of(node: Node) -> Sequence[Node]:
    """Return the nodes from the stage down to this one."""
    ids = [UUID(part) for part in node.path.strip("/").split("/")]
    above = {row.id: row for row in db.session.scalars(select(Node).where(Node.id.in_(ids)))}
    return [above[each] for each in ids if each in above]


def find_node(node_id: UUID) -> Node | None:
    """Return a node by id, None when there is none."""
    return db.session.get(Node, node_id)


def find_nodes(actor: Actor, text: str) -> Sequence[Node]:
    """Return nodes of volumes, units and lessons whose title holds the text, those taught now first."""
    levels = (Level.VOLUME, Level.UNIT, Level.LESSON)
    found = select(Node).where(visible(actor, Node), Node.level.in_(levels), taught())
    titled = found.where(Node.title.contains(text.strip(), autoescape=True))
    return db.session.scalars(titled.order_by(Node.subject, Node.grade, Node.path).limit(MAX_FOUND)).all()
