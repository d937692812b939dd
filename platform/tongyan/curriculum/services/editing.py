"""Tending the tree. Every deed is kept with what it changed; any of them can be undone while nothing came after it."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal, select, update

from tongyan.curriculum.events import NodeChanged
from tongyan.curriculum.models import Level, Node, NodeChange, Verb
from tongyan.curriculum.names import read_names
from tongyan.curriculum.policy import Action
from tongyan.kernel.audit import record
from tongyan.kernel.batches import batches
from tongyan.kernel.clock import now, today
from tongyan.kernel.db import db, publish, transaction
from tongyan.kernel.errors import Conflict, Invalid
from tongyan.kernel.ids import new_id
from tongyan.kernel.permissions import Actor, load

MAX_TITLE = 200
MAX_KEY = {Level.STAGE: 32, Level.SUBJECT: 32, Level.EDITION: 64, Level.VOLUME: 64}  # such titles become keys
GAP = 1024.0
LEAST_GAP = 1e-6
# what each level says for all that lies below it: keys by which other records know the place; renaming keeps them
SAID = {
    Level.STAGE: ("stage",),
    Level.SUBJECT: ("subject",),
    Level.EDITION: ("edition",),
    Level.VOLUME: ("grade", "volume", "std", "valid_from", "valid_to"),
    Level.UNIT: (),
    Level.LESSON: (),
}


def add_node(actor: Actor, parent_id: UUID, title: str, valid_from: date | None = None) -> Node:
    """Add a child at the end; a volume called 三年级上册 knows its grade by that.

    Raises NotFound, Forbidden, Invalid (no title, or one that a sibling has), Conflict (nothing goes below a lesson,
    or below what is retired).
    """
    with transaction() as session:
        parent = load(actor, Node, parent_id, Action.NODE_EDIT)
        level = parent.level.below
        if level is None:
            raise Conflict("curriculum.too_deep")
        title = _title(title, level)
        _lock(parent.id)
        _refuse_retired(parent.id)
        _refuse_twin(parent.id, title)
        node = Node(id=new_id(), parent_id=parent.id, level=level, title=title, position=_end(parent.id), data={})
        node.path = f"{parent.path}{node.id.hex}/"
        node.valid_from = valid_from
        for name in _inherited(level):
            setattr(node, name, getattr(parent, name))
        _name(node)
        session.add(node)
        session.flush()  # the change refers to the row
        _note(actor, node, Verb.ADD, before={}, after={"title": title, "parent_id": str(parent.id)})
    return node


def rename_node(actor: Actor, node_id: UUID, title: str, seen: str | None = None) -> Node:
    """Give a node another title; `seen` is the one the editor saw.

    Raises NotFound, Forbidden, Invalid (no title, or one that a sibling has), Conflict (renamed meanwhile).
    """
    with transaction():
        node = load(actor, Node, node_id, Action.NODE_EDIT)
        title = _title(title, node.level)
        if seen is not None and seen != node.title:
            raise Conflict("conflict.stale")
        if title != node.title:
            _change(actor, node, Verb.RENAME, {"title": title})
    return node


def move_node(actor: Actor, node_id: UUID, parent_id: UUID | None = None, before_id: UUID | None = None) -> Node:
    """Put a node before a sibling (None: at the end), below another parent of the same kind if one is given.

    Raises NotFound, Forbidden, Invalid (a new sibling has its title), Conflict (the parent is of another level or
    retired).
    """
    with transaction():
        node = load(actor, Node, node_id, Action.NODE_EDIT)
        parent_id = parent_id or node.parent_id
        if parent_id is not None and load(actor, Node, parent_id).level.below is not node.level:
            raise Conflict("curriculum.wrong_parent")
        if parent_id == node.parent_id and before_id == _behind(node):
            return node  # it stands there already
        position = _position(node, parent_id, before_id)
        _change(actor, node, Verb.MOVE, {"parent_id": str(parent_id) if parent_id else None, "position": position})
    return node


def retire_node(actor: Actor, node_id: UUID, on: date | None = None) -> Node:
    """Take a node and all below it out of use from a date on; what points at them stays. Raises NotFound, Forbidden."""
    with transaction():
        node = load(actor, Node, node_id, Action.NODE_EDIT)
        if node.retired_on is None:
            _change(actor, node, Verb.RETIRE, {"retired_on": (on or today()).isoformat()})
    return node


def revive_node(actor: Actor, node_id: UUID) -> Node:
    """Bring a retired node back into use, with what was retired along with it.

    Raises NotFound, Forbidden, Invalid (a sibling has its title by now), Conflict (what is above it is retired).
    """
    with transaction():
        node = load(actor, Node, node_id, Action.NODE_EDIT)
        if node.retired_on is not None:
            _change(actor, node, Verb.REVIVE, {"retired_on": None})
    return node


def map_node(actor: Actor, old_id: UUID, successor_id: UUID | None) -> Node:
    """Say which node takes the place of an old one (None: none). Raises NotFound, Forbidden, Conflict."""
    with transaction():
        node = load(actor, Node, old_id, Action.NODE_EDIT)
        if successor_id is not None:
            _check_successor(node, load(actor, Node, successor_id))
        _change(actor, node, Verb.SUCCEED, {"successor_id": str(successor_id) if successor_id else None})
    return node


def undo_change(actor: Actor, change_id: UUID) -> Node:
    """Undo a deed.

    Raises NotFound, Forbidden, Invalid (a sibling has the old title by now), Conflict (undone already, changed again
    since, or what is above it is retired).
    """
    with transaction() as session:
        change = load(actor, NodeChange, change_id, Action.NODE_EDIT)
        session.refresh(change, with_for_update=True)  # two at once: the second finds it undone
        node = session.get_one(Node, change.node_id)
        if change.undone_at is not None:
            raise Conflict("curriculum.undone")
        if change.verb is Verb.ADD:
            _refuse_if_used(node)
            _apply(node, {"retired_on": today().isoformat()})
        else:
            if _values(node, change.after) != change.after:
                raise Conflict("curriculum.changed_since")
            _check(node, change.before)
            _apply(node, change.before, change.below)
        change.undone_at = now()
        record(actor, f"curriculum:node:{Verb.UNDO}", f"curriculum:{node.id}", title=node.title, verb=change.verb)
        publish(NodeChanged(node.id))
    return node


def _title(text: str, level: Level) -> str:
    title, limit = " ".join(text.split()), MAX_KEY.get(level, MAX_TITLE)
    if not title or len(title) > limit:
        raise Invalid(errors={"title": ["curriculum.title"]}, limit=limit)
    return title


def _lock(node_id: UUID | None) -> None:
    """Let no other transaction change the children of a node meanwhile."""
    if node_id is not None:
        db.session.get(Node, node_id, with_for_update=True)


def _check(node: Node, values: dict[str, Any]) -> None:
    """Refuse values with which a node would clash with a sibling, or be in use below what is not."""
    moved = values.get("parent_id")
    parent_id = UUID(moved) if moved else node.parent_id
    title, elsewhere = values.get("title", node.title), parent_id != node.parent_id
    revived = values.get("retired_on", "") is None
    if title != node.title:
        _lock(parent_id)
        _refuse_twin(parent_id, title, Node.id != node.id)
    elif elsewhere or revived:
        _lock(parent_id)
        _refuse_retired(parent_id)
        # a book and its revision bear the same title
        same_book = [Node.std == node.std] if node.level is Level.VOLUME else []
        _refuse_twin(parent_id, title, Node.id != node.id, *same_book)


def _refuse_twin(parent_id: UUID | None, title: str, *among: ColumnElement[bool]) -> None:
    """Refuse a title that a node in use has at the same place."""
    twin = select(Node.id).where(Node.parent_id == parent_id, Node.title == title, Node.retired_on.is_(None))
    if db.session.scalar(twin.where(*among).limit(1)):
        raise Invalid(errors={"title": ["curriculum.twin"]})


def _refuse_retired(parent_id: UUID | None) -> None:
    """Refuse what would be in use below a retired node."""
    parent = db.session.get(Node, parent_id) if parent_id else None
    if parent is not None and parent.retired_on is not None:
        raise Conflict("curriculum.parent_retired")


def _refuse_if_used(node: Node) -> None:
    below = select(Node.id).where(Node.parent_id == node.id, Node.retired_on.is_(None))
    if db.session.scalar(below.limit(1)):
        raise Conflict("curriculum.has_children")


def _check_successor(node: Node, successor: Node) -> None:
    if successor.id == node.id or successor.level is not node.level:
        raise Conflict("curriculum.wrong_successor")
    step: Node | None = successor
    while step is not None and step.successor_id is not None:
        if step.successor_id == node.id:
            raise Conflict("curriculum.successor_circle")
        step = db.session.get(Node, step.successor_id)


def _inherited(level: Level) -> list[str]:
    """Return what a node of that level takes from above."""
    levels = list(Level)
    return [name for upper in levels[: levels.index(level)] for name in SAID[upper]]


def _name(node: Node) -> None:
    """Set what a new node says for all below it, from its title."""
    if node.level in {Level.SUBJECT, Level.EDITION}:
        setattr(node, SAID[node.level][0], node.title)
    elif node.level is Level.VOLUME:
        said = read_names(node.title)
        node.grade, node.volume = said.grade, said.volume or node.title


def _end(parent_id: UUID | None) -> float:
    last = db.session.scalar(select(func.max(Node.position)).where(Node.parent_id == parent_id))
    return (last or 0.0) + GAP


def _position(node: Node, parent_id: UUID | None, before_id: UUID | None) -> float:
    """Return a number between the sibling and the one before it; numbers are spread anew when there is no room."""
    siblings = _siblings(node, parent_id)
    place = next((index for index, sibling in enumerate(siblings) if sibling.id == before_id), len(siblings))
    positions = [0.0, *(sibling.position for sibling in siblings)]
    if place == len(siblings):
        return positions[-1] + GAP
    if positions[place + 1] - positions[place] < LEAST_GAP:
        for index, sibling in enumerate(siblings, 1):
            sibling.position = positions[index] = index * GAP
    return (positions[place] + positions[place + 1]) / 2


def _behind(node: Node) -> UUID | None:
    """Return the sibling behind a node, None for the last."""
    place = (node.position, node.title, str(node.id))
    others = _siblings(node, node.parent_id)
    return next((each.id for each in others if (each.position, each.title, str(each.id)) > place), None)


def _siblings(node: Node, parent_id: UUID | None) -> Sequence[Node]:
    others = select(Node).where(Node.parent_id == parent_id, Node.id != node.id)
    return db.session.scalars(others.order_by(Node.position, Node.title, Node.id)).all()


def _change(actor: Actor, node: Node, verb: Verb, after: dict[str, Any]) -> None:
    _check(node, after)
    before = _values(node, after)
    below = _below(node) if "retired_on" in after else []
    _apply(node, after, below)
    _note(actor, node, verb, before=before, after=after, below=below)


def _note(
    actor: Actor, node: Node, verb: Verb, *, before: dict[str, Any], after: dict[str, Any], below: Sequence[str] = ()
) -> None:
    db.session.add(
        NodeChange(
            node_id=node.id,
            verb=verb,
            before=before,
            after=after,
            below=list(below),
            actor_id=actor.person_id,
            actor_name=actor.name,
        )
    )
    record(actor, f"curriculum:node:{verb}", f"curriculum:{node.id}", title=node.title, before=before, after=after)
    publish(NodeChanged(node.id))


def _values(node: Node, names: Iterable[str]) -> dict[str, Any]:
    """Return what a node says now, as JSON keeps it."""
    return {name: _plain(getattr(node, name)) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _apply(node: Node, values: dict[str, Any], below: Sequence[str] = ()) -> None:
    """Make a node say what was kept as JSON."""
    for name, value in values.items():
        if name == "parent_id":
            _put_below(node, UUID(value) if value else None)
        elif name == "retired_on":
            _set_retired(node, date.fromisoformat(value) if value else None, below)
        elif name == "successor_id":
            node.successor_id = UUID(value) if value else None
        else:
            setattr(node, name, value)


def _put_below(node: Node, parent_id: UUID | None) -> None:
    """Hang a node and all below it elsewhere: path and what comes from above change along."""
    if parent_id is None or parent_id == node.parent_id:
        return
    parent, old = db.session.get_one(Node, parent_id), node.path
    new = f"{parent.path}{node.id.hex}/"
    said = {name: getattr(parent, name) for name in _inherited(node.level)}
    node.parent_id = parent_id
    db.session.flush()  # the rows below are changed by one statement
    path = literal(new) + func.substr(Node.path, len(old) + 1)
    db.session.execute(
        update(Node).where(Node.path.startswith(old)).values(path=path, **said),
        execution_options={"synchronize_session": False},
    )
    db.session.expire_all()


def _below(node: Node) -> list[str]:
    """Return the descendants that share the node's fate: retired (or not) as it is."""
    same = Node.retired_on.is_(None) if node.retired_on is None else Node.retired_on == node.retired_on
    rows = db.session.scalars(select(Node.id).where(Node.path.startswith(node.path), Node.id != node.id, same))
    return [str(row) for row in rows]


def _set_retired(node: Node, on: date | None, below: Sequence[str]) -> None:
    node.retired_on = on
    for ids in batches(map(UUID, below), 500):
        db.session.execute(update(Node).where(Node.id.in_(ids)).values(retired_on=on))
