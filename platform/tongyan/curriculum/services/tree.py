"""Walking the tree: branches, breadcrumbs, search, picking."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, true
from sqlalchemy.orm import aliased

from tongyan.curriculum.models import Level, Node, NodeChange
from tongyan.curriculum.services.editions import EditionChoice
from tongyan.kernel.clock import today
from tongyan.kernel.db import db
from tongyan.kernel.permissions import Actor, load, visible

FOUND = 50
HISTORY = 30
Below = type[Node]


@dataclass(frozen=True, slots=True)
class View:
    """What of the tree is shown: the editions of a school (None: all), and whether also what is no longer in use."""

    editions: Sequence[EditionChoice] | None = None
    past: bool = False


@dataclass(slots=True)
class Branch:
    """A node with the branches below it (None while they are not loaded)."""

    node: Node
    leaf: bool
    branches: list["Branch"] | None = field(default=None)


def in_force(node: Below = Node) -> ColumnElement[bool]:
    """Return the filter of what is in use today."""
    on = today()
    return and_(
        or_(node.valid_from.is_(None), node.valid_from <= on),
        or_(node.valid_to.is_(None), node.valid_to >= on),
        or_(node.retired_on.is_(None), node.retired_on > on),
    )


def _shown(view: View, node: Below = Node) -> ColumnElement[bool]:
    wanted = true() if view.past else in_force(node)
    return wanted if view.editions is None else and_(wanted, _of_editions(view.editions, node))


def _of_editions(choices: Sequence[EditionChoice], node: Below) -> ColumnElement[bool]:
    """Return the filter of the chosen editions, what leads to them, and what lies below them for the chosen grades."""
    stages = node.stage.in_({choice.stage for choice in choices})
    top = (node.level == Level.STAGE) & stages
    subjects = [(node.stage == stage) & (node.subject == subject) for stage, subject in _subjects(choices)]
    second = (node.level == Level.SUBJECT) & or_(false_if_none(subjects))
    below = [_of_edition(choice, node) for choice in choices]
    return or_(top, second, false_if_none(below))


def _subjects(choices: Sequence[EditionChoice]) -> set[tuple[str, str]]:
    return {(choice.stage, choice.subject) for choice in choices}


def _of_edition(choice: EditionChoice, node: Below) -> ColumnElement[bool]:
    inside = node.path.contains(choice.edition_id.hex)
    if choice.grade is None:
        return inside
    return inside & or_(node.grade == choice.grade, node.level == Level.EDITION)


def false_if_none(conditions: Iterable[ColumnElement[bool]]) -> ColumnElement[bool]:
    """Return the conditions joined by OR, or what never holds when there are none."""
    return or_(Node.id.is_(None) & Node.id.is_not(None), *conditions)


def tree(actor: Actor, view: View, open_at: UUID | None = None) -> list[Branch]:
    """Return the top of the tree, opened down to a node (two statements). Raises NotFound."""
    opened = load(actor, Node, open_at).ancestor_ids() if open_at else []
    rows = db.session.execute(_level(actor, view, or_(Node.parent_id.is_(None), Node.parent_id.in_(opened)))).all()
    below: dict[UUID | None, list[Branch]] = {}
    for node, leaf in rows:
        below.setdefault(node.parent_id, []).append(Branch(node, leaf))
    for branch in [branch for branches in below.values() for branch in branches]:
        branch.branches = below.get(branch.node.id)
    return below.get(None, [])


def children(actor: Actor, node_id: UUID | None, view: View | None = None) -> list[Branch]:
    """Return the branches right below a node, at the root for None. Raises NotFound."""
    if node_id is not None:
        load(actor, Node, node_id)
    rows = db.session.execute(_level(actor, view or View(), Node.parent_id == node_id))
    return [Branch(node, leaf) for node, leaf in rows]


def _level(actor: Actor, view: View, where: ColumnElement[bool]) -> Select[Node, bool]:
    child = aliased(Node)
    leaf = ~exists().where(child.parent_id == Node.id, _shown(view, child))
    statement = select(Node, leaf).where(where, visible(actor, Node), _shown(view))
    return statement.order_by(Node.position, Node.title, Node.id)


def search(actor: Actor, text: str, view: View) -> list[tuple[Node, str]]:
    """Return nodes whose title holds the text, each with its line, the shortest titles first."""
    text = text.strip()
    if not text:
        return []
    found = select(Node).where(Node.title.icontains(text, autoescape=True), visible(actor, Node), _shown(view))
    nodes = db.session.scalars(found.order_by(Node.stage, Node.subject, Node.grade, Node.path)).all()
    nearest = sorted(nodes, key=lambda node: len(node.title))[:FOUND]
    lines = _lines(nearest)
    return [(node, " / ".join(step.title for step in lines[node.id])) for node in nearest]


def find_node(node_id: UUID) -> Node | None:
    """Return a node by its id, None when there is none (the curriculum is open to everybody)."""
    return db.session.get(Node, node_id)


def show_node(actor: Actor, node_id: UUID) -> Node:
    """Return a node. Raises NotFound."""
    return load(actor, Node, node_id)


def node_line(node: Node) -> Sequence[Node]:
    """Return the nodes from the stage down to this one, for breadcrumbs."""
    return _lines([node])[node.id]


def _lines(nodes: Sequence[Node]) -> dict[UUID, list[Node]]:
    wanted = {step for node in nodes for step in node.ancestor_ids()}
    above = {node.id: node for node in db.session.scalars(select(Node).where(Node.id.in_(wanted)))}
    return {node.id: [above[step] for step in node.ancestor_ids()] for node in nodes}


def history(actor: Actor, node_id: UUID) -> Sequence[NodeChange]:
    """Return what was done to a node, the latest first; only administrators see it."""
    mine = select(NodeChange).where(NodeChange.node_id == node_id, visible(actor, NodeChange))
    return db.session.scalars(mine.order_by(NodeChange.id.desc()).limit(HISTORY)).all()


@dataclass(frozen=True, slots=True)
class Pick:
    """One select of a cascade: what may be picked at this level, and what is."""

    level: Level
    options: Sequence[Node]
    chosen: Node | None


def pick(actor: Actor, node_id: UUID | None, view: View) -> list[Pick]:
    """Return the cascade down to a node and the level below it (two statements). Raises NotFound.

    What is chosen stays in its select even when it is out of use by now.
    """
    line = load(actor, Node, node_id).ancestor_ids() if node_id else []
    near = or_(Node.parent_id.is_(None), Node.parent_id.in_(line))
    wanted = and_(near, or_(_shown(view), Node.id.in_(line)))
    rows = db.session.scalars(select(Node).where(wanted).order_by(Node.position, Node.title, Node.id)).all()
    picks = []
    for parent, chosen in zip([None, *line], [*line, None], strict=True):
        options = [node for node in rows if node.parent_id == parent]
        if options:
            picks.append(Pick(options[0].level, options, next((node for node in options if node.id == chosen), None)))
    return picks
