"""Walking the tree: branches, breadcrumbs, search, and what stands in the place of what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import aliased, joinedload

from tongyan.curriculum.models import Level, Node, NodeChange
from tongyan.curriculum.names import grade_name
from tongyan.curriculum.services.editions import EditionChoice
from tongyan.kernel.clock import today
from tongyan.kernel.db import db
from tongyan.kernel.paging import Page, select_page
from tongyan.kernel.permissions import Actor, load, visible

FOUND = 50
HISTORY = 30


@dataclass(frozen=True, slots=True)
class View:
    """What of the tree is shown: the editions of a school (None: all), and whether also what is not in use."""

    editions: Sequence[EditionChoice] | None = None
    past: bool = False


@dataclass(slots=True)
class Branch:
    """A node with the branches below it, as far as they were asked for."""

    node: Node
    branches: list["Branch"] = field(default_factory=list)


def in_force(on: date | None = None) -> ColumnElement[bool]:
    """Return the filter of what is in use on a date, today if none is given."""
    on = on or today()
    return and_(
        or_(Node.valid_from.is_(None), Node.valid_from <= on),
        or_(Node.valid_to.is_(None), Node.valid_to >= on),
        or_(Node.retired_on.is_(None), Node.retired_on > on),
    )


def shown(view: View) -> ColumnElement[bool]:
    """Return the filter of what a view shows."""
    wanted = true() if view.past else in_force()
    return wanted if view.editions is None else and_(wanted, _of_editions(view.editions))


def _of_editions(choices: Sequence[EditionChoice]) -> ColumnElement[bool]:
    """Return the filter of the chosen editions, what leads to them, and what lies below them for the chosen grades."""
    top = (Node.level == Level.STAGE) & Node.stage.in_({choice.stage for choice in choices})
    subjects = {(choice.stage, choice.subject) for choice in choices}
    second = [
        (Node.level == Level.SUBJECT) & (Node.stage == stage) & (Node.subject == name) for stage, name in subjects
    ]
    return or_(false(), top, *second, *(_of_edition(choice, choices) for choice in choices))


def _of_edition(choice: EditionChoice, choices: Iterable[EditionChoice]) -> ColumnElement[bool]:
    """Return the filter of an edition: for its grade, or for all that have no choice of their own."""
    inside = Node.path.contains(choice.edition_id.hex)
    if choice.grade is not None:
        return inside & or_(Node.grade == choice.grade, Node.level == Level.EDITION)
    subject = (choice.stage, choice.subject)
    own = {other.grade for other in choices if (other.stage, other.subject) == subject and other.grade is not None}
    return inside & or_(Node.grade.is_(None), Node.grade.not_in(own)) if own else inside


def children(actor: Actor, node_id: UUID | None, view: View | None = None, *, deep: bool = False) -> list[Branch]:
    """Return the branches below a node (at the root for None), with `deep` two levels of them (one statement)."""
    near = Node.parent_id == node_id
    if deep:
        above = select(Node.id).where(Node.parent_id == node_id)
        near = or_(near, Node.parent_id.in_(above))
    wanted = select(Node).where(near, visible(actor, Node), shown(view or View()))
    branches: dict[UUID | None, list[Branch]] = {}
    for node in db.session.scalars(wanted.order_by(Node.position, Node.title, Node.id)):
        branches.setdefault(node.parent_id, []).append(Branch(node))
    first = branches.get(node_id, [])
    for branch in first:
        branch.branches = branches.get(branch.node.id, [])
    return first


def all_below(actor: Actor, node: Node, view: View | None = None) -> list[Branch]:
    """Return all branches below a node, down to the lessons (one statement)."""
    inside = (Node.path.startswith(node.path)) & (Node.id != node.id)
    wanted = select(Node).where(inside, visible(actor, Node), shown(view or View()))
    branches = {
        each.id: Branch(each) for each in db.session.scalars(wanted.order_by(Node.position, Node.title, Node.id))
    }
    first = [branch for branch in branches.values() if branch.node.parent_id == node.id]
    for branch in branches.values():
        if branch.node.parent_id in branches:
            branches[branch.node.parent_id].branches.append(branch)
    return first


def search(actor: Actor, text: str, view: View) -> list[tuple[Node, str]]:
    """Return nodes whose title holds the text, each with the line that leads to it, the shortest titles first."""
    text = text.strip()
    if not text:
        return []
    found = select(Node).where(Node.title.icontains(text, autoescape=True), visible(actor, Node), shown(view))
    order = (func.length(Node.title), Node.stage, Node.subject, Node.grade, Node.path)
    return with_lines(db.session.scalars(found.order_by(*order).limit(FOUND)).all())


def with_lines(nodes: Sequence[Node]) -> list[tuple[Node, str]]:
    """Return nodes, each with the titles that lead to it (one statement)."""
    lines = _lines(nodes)
    return [(node, " / ".join(step.title for step in lines[node.id][:-1])) for node in nodes]


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


def place_name(node: Node) -> str:
    """Return a place in one line without walking the tree: 语文 统编版 三年级上册 第二单元."""
    book = f"{grade_name(node.grade)}{node.volume}" if node.level in {Level.UNIT, Level.LESSON} else ""
    upper = [node.subject, node.edition] if node.level not in {Level.STAGE, Level.SUBJECT} else []
    steps = [*(upper if node.level is not Level.EDITION else upper[:1]), book, node.title]
    return " ".join(step for step in steps if step)


def subject_names(_actor: Actor) -> list[str]:
    """Return the names of the subjects in use, in the order of the stages, each once."""
    stage = aliased(Node)
    names = select(Node.subject).join(stage, stage.id == Node.parent_id).where(Node.level == Level.SUBJECT, in_force())
    return list(dict.fromkeys(db.session.scalars(names.order_by(stage.position, Node.position))))


def possible_parents(actor: Actor, node: Node, text: str = "") -> list[tuple[Node, str]]:
    """Return where a node may be moved: nodes of its parent's level, those near it, or those of a title."""
    if node.parent_id is None:
        return []
    parent = db.session.get_one(Node, node.parent_id)
    others = select(Node).where(Node.level == parent.level, Node.id != parent.id, Node.retired_on.is_(None))
    return _nearest(actor, others, text, Node.parent_id == parent.parent_id)


def possible_successors(actor: Actor, node: Node, text: str = "") -> list[tuple[Node, str]]:
    """Return what may take the place of a node: nodes of its level, those near it, or those of a title."""
    others = select(Node).where(Node.level == node.level, Node.id != node.id, Node.retired_on.is_(None))
    names = ["stage", "subject", "grade", "volume"]
    near = [getattr(Node, name) == getattr(node, name) for name in names]
    if node.level in {Level.UNIT, Level.LESSON}:  # the same edition's other book, not the next page
        near += [Node.edition == node.edition, Node.parent_id != node.parent_id]
    return _nearest(actor, others, text, and_(*near))


def _nearest(actor: Actor, others: Select[Node], text: str, near: ColumnElement[bool]) -> list[tuple[Node, str]]:
    words = text.split()
    wanted = and_(*(Node.title.icontains(word, autoescape=True) for word in words)) if words else near
    found = others.where(wanted, visible(actor, Node)).order_by(
        Node.stage, Node.subject, Node.edition, Node.grade, Node.parent_id, Node.position
    )
    return with_lines(db.session.scalars(found.limit(FOUND)).all())


def history(actor: Actor, node_id: UUID) -> Sequence[NodeChange]:
    """Return what was done to a node, the latest first; only administrators see it."""
    mine = select(NodeChange).where(NodeChange.node_id == node_id, visible(actor, NodeChange))
    return db.session.scalars(mine.order_by(NodeChange.id.desc()).limit(HISTORY)).all()


def changes(actor: Actor, page: int = 1) -> Page[NodeChange]:
    """Return all that was done to the tree, the latest first; only administrators see it."""
    done = select(NodeChange).where(visible(actor, NodeChange)).options(joinedload(NodeChange.node))
    return select_page(done.order_by(NodeChange.id.desc()), page)
