"""How much there is for each place of the curriculum, and what is missing; counts only what the actor may open."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, union_all

from tongyan.curriculum.models import Level, Node
from tongyan.curriculum.services import Branch
from tongyan.kernel.db import db
from tongyan.kernel.permissions import Actor
from tongyan.library.models import Resource, ResourceKind
from tongyan.library.policy import published_to

UPPER = (Level.STAGE, Level.SUBJECT)
WANTED = (ResourceKind.COURSEWARE, ResourceKind.LESSON_PLAN)  # what every lesson needs

Kinds = Counter[ResourceKind]


@dataclass(slots=True)
class Cover:
    """What there is at a place and below it, by kind; and in how many of its lessons there is any of a kind."""

    kinds: Kinds = field(default_factory=Counter)
    lessons: int = 0
    covered: Kinds = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """Return how many resources there are."""
        return self.kinds.total()

    @property
    def there(self) -> list[tuple[ResourceKind, int]]:
        """Return the kinds of which there is any, in their usual order, with their numbers."""
        return [(kind, self.kinds[kind]) for kind in ResourceKind if self.kinds[kind]]

    @property
    def missing(self) -> list[ResourceKind]:
        """Return what every lesson needs and this place has none of."""
        return [kind for kind in WANTED if not self.kinds[kind]]


def counts_above(actor: Actor, node: Node | None) -> Counter[UUID]:
    """Return how many resources the actor would find in each stage, subject and edition below a node (None: in all).

    Counted by the edition that every resource names, not by its place: from one index alone (one statement).
    """
    named = select(Resource.edition_id.label("id"), func.count().label("number")).where(
        published_to(actor), Resource.edition_id.is_not(None)
    )
    upper = select(Node.id).where(Node.level.in_(UPPER))
    placed = select(Resource.node_id.label("id"), func.count().label("number")).where(
        published_to(actor), Resource.node_id.in_(upper)
    )
    counted = union_all(named.group_by(Resource.edition_id), placed.group_by(Resource.node_id)).subquery()
    rows = select(Node.path, counted.c.number).join(counted, counted.c.id == Node.id)
    if node is not None:
        rows = rows.where(Node.path.startswith(node.path))
    return _rolled_up((path, number) for path, number in db.session.execute(rows))


def counts_below(actor: Actor, *nodes: Node) -> Counter[UUID]:
    """Return how many resources the actor would find at each of some nodes and all below them (one statement)."""
    # counted per node, from the index that begins with it: as a join SQLite reads the whole library
    here = select(func.count()).where(Resource.node_id == Node.id, published_to(actor)).scalar_subquery()
    rows = db.session.execute(select(Node.path, here).where(_within(nodes)))
    return _rolled_up((path, number or 0) for path, number in rows)


def _within(nodes: Iterable[Node]) -> ColumnElement[bool]:
    return or_(False, *(Node.path.startswith(node.path) for node in nodes))


def _rolled_up(rows: Iterable[tuple[str, int]]) -> Counter[UUID]:
    found: Counter[UUID] = Counter()
    for path, number in rows:
        for step in _steps(path):
            found[step] += number
    return found


def _steps(path: str) -> list[UUID]:
    return [UUID(step) for step in path.strip("/").split("/")]


def cover_below(actor: Actor, *nodes: Node) -> Mapping[UUID, Cover]:
    """Return what there is at some nodes and all below them, by kind (two statements)."""
    rows = db.session.execute(select(Node.id, Node.path).where(_within(nodes)))
    paths = {node_id: path for node_id, path in rows}  # noqa: C416 # a row is no pair for dict()
    at = _kinds_at(actor, list(paths))
    found: defaultdict[UUID, Cover] = defaultdict(Cover)
    for node_id, kinds in at.items():
        for step in _steps(paths[node_id]):
            found[step].kinds.update(kinds)
    return found


def _kinds_at(actor: Actor, node_ids: Sequence[UUID]) -> Mapping[UUID, Kinds]:
    wanted = select(Resource.node_id, Resource.kind, func.count()).where(
        Resource.node_id.in_(node_ids), published_to(actor)
    )
    found: defaultdict[UUID, Kinds] = defaultdict(Counter)
    for node_id, kind, number in db.session.execute(wanted.group_by(Resource.node_id, Resource.kind)):
        found[node_id][kind] = number  # type: ignore[index] # it was asked for
    return found


def count_lessons(branches: Iterable[Branch], cover: Mapping[UUID, Cover]) -> int:
    """Note at each branch how many lessons lie below it and for how many there is any of a kind; return their sum.

    What has nothing below it counts as a lesson: some books name no more than their units.
    """
    return sum(_count(branch, cover) for branch in branches)


def _count(branch: Branch, cover: Mapping[UUID, Cover]) -> int:
    here = cover[branch.node.id]
    if not branch.branches:
        here.lessons, here.covered = 1, Counter(dict.fromkeys(+here.kinds, 1))
        return 1
    here.lessons, here.covered = count_lessons(branch.branches, cover), Counter()
    for below in branch.branches:
        here.covered.update(cover[below.node.id].covered)
    return here.lessons
