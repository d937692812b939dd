"""用于我的课: which lessons a resource was chosen for, and one's own choices in the order of the books."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import contains_eager, joinedload

from tongyan.curriculum.models import Level, Node
from tongyan.curriculum.services import find_node
from tongyan.kernel.clock import today
from tongyan.kernel.db import db, transaction
from tongyan.kernel.errors import Conflict, Invalid, NotFound
from tongyan.kernel.ids import new_id
from tongyan.kernel.inserting import insert_new
from tongyan.kernel.permissions import Actor, load, visible
from tongyan.library.models import LessonUse, Resource, ResourceState
from tongyan.library.services import tallies
from tongyan.org.actors import live
from tongyan.org.models import Posting, PostingKind, School

LESSONS = {Level.UNIT, Level.LESSON}
CLOSED = (ResourceState.TRASHED, ResourceState.TAKEN_DOWN)
MOST = 500


def use_in_lesson(actor: Actor, resource_id: UUID, node_id: UUID | None) -> None:
    """Choose a resource for a lesson of one's own, in its present version. Raises NotFound, Conflict, Invalid."""
    node = find_node(node_id) if node_id else None
    if node is None or node.level not in LESSONS:
        raise Invalid(errors={"node": ["use.lesson"]})
    with transaction() as session:
        resource = load(actor, Resource, resource_id)
        if resource.state in CLOSED:
            raise Conflict("use.closed")
        chosen = {"resource_id": resource_id, "person_id": actor.person_id, "node_id": node_id}
        if not insert_new(LessonUse, id=new_id(), **chosen, number=resource.number):
            session.scalars(select(LessonUse).filter_by(**chosen)).one().number = resource.number
        tallies.recount_uses(resource)


def drop_use(actor: Actor, use_id: UUID) -> None:
    """Choose a resource no longer; that works as well when it is open no more. Raises NotFound."""
    with transaction() as session:
        use = _own(actor, use_id)
        session.delete(use)
        tallies.recount_uses(use.resource)


def accept_version(actor: Actor, use_id: UUID) -> None:
    """Take note of a resource's new version for one's lesson. Raises NotFound."""
    with transaction():
        use = _own(actor, use_id)
        use.number = load(actor, Resource, use.resource_id).number


def _own(actor: Actor, use_id: UUID) -> LessonUse:
    use = db.session.get(LessonUse, use_id)
    if use is None or use.person_id != actor.person_id:
        raise NotFound
    return use


@dataclass(slots=True)
class UsedIn:
    """A lesson for which a resource was chosen, how often, and where; people only of the reader's own schools."""

    node: Node
    number: int = 0
    schools: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)


def uses_of(actor: Actor, resource_id: UUID) -> Sequence[UsedIn]:
    """Return the lessons for which others than its owner chose a resource, in the order of the books. Raises NotFound.

    That a school uses it helps others to judge it; who prepares what in another school is that school's affair, so
    names are told among colleagues only.
    """
    resource = load(actor, Resource, resource_id)
    others = (LessonUse.resource_id == resource_id) & (LessonUse.person_id != resource.owner_id)
    uses = select(LessonUse).where(others).order_by(LessonUse.at).limit(MOST)
    rows = db.session.scalars(uses.options(joinedload(LessonUse.person), joinedload(LessonUse.node))).all()
    schools = _schools({use.person_id for use in rows})
    found: dict[UUID, UsedIn] = {}
    for use in rows:
        lesson = found.setdefault(use.node_id, UsedIn(use.node))
        there = schools.get(use.person_id, [])
        lesson.number += 1
        lesson.schools.update(school.short_name for school in there[:1])
        if use.person_id == actor.person_id or any(school.id in actor.school_ids for school in there):
            lesson.people.add(use.person.name)
    places = _places(lesson.node for lesson in found.values())
    return sorted(found.values(), key=lambda lesson: places[lesson.node.id].order)


def _schools(people: set[UUID]) -> dict[UUID, list[School]]:
    """Return where people are posted today, their home school first."""
    posted = select(Posting).join(Posting.school).options(contains_eager(Posting.school))
    there = posted.where(Posting.person_id.in_(people), live(Posting, today()), School.active)
    found: dict[UUID, list[School]] = {}
    for posting in db.session.scalars(there.order_by(Posting.kind != PostingKind.HOME, School.name)):
        found.setdefault(posting.person_id, []).append(posting.school)
    return found


@dataclass(frozen=True, slots=True)
class Chosen:
    """One's choice; without a resource when that is not open (any more)."""

    use: LessonUse
    resource: Resource | None

    @property
    def newer(self) -> bool:
        """Say whether there is a version after the one that was chosen."""
        return self.resource is not None and self.resource.number > self.use.number


@dataclass(slots=True)
class Lesson:
    """A lesson with what one chose for it, below its book and unit."""

    node: Node
    book: str
    unit: str
    chosen: list[Chosen] = field(default_factory=list)


def my_lessons(actor: Actor) -> Sequence[Lesson]:
    """Return what the actor chose, by lesson in the order of the books."""
    open_ = and_(Resource.id == LessonUse.resource_id, visible(actor, Resource), Resource.state.not_in(CLOSED))
    uses = (
        select(LessonUse, Resource)
        .join(LessonUse.node)
        .outerjoin(Resource, open_)
        .where(LessonUse.person_id == actor.person_id)
        .options(contains_eager(LessonUse.node), joinedload(Resource.owner), joinedload(Resource.school))
        .order_by(LessonUse.at.desc())
        .limit(MOST)
    )
    rows = db.session.execute(uses).all()
    places = _places(use.node for use, _ in rows)
    lessons: dict[UUID, Lesson] = {}
    for use, resource in sorted(rows, key=lambda row: places[row[0].node_id].order):
        place = places[use.node_id]
        lesson = lessons.setdefault(use.node_id, Lesson(use.node, place.book, place.unit))
        lesson.chosen.append(Chosen(use, resource))
    return list(lessons.values())


@dataclass(frozen=True, slots=True)
class _Place:
    order: tuple[tuple[float, str], ...]
    book: str
    unit: str


def _places(nodes: Iterable[Node]) -> dict[UUID, _Place]:
    """Return where lessons stand in the tree (one statement)."""
    asked = {node.id: node for node in nodes}
    steps = {step for node in asked.values() for step in node.ancestor_ids()}
    above = {node.id: node for node in db.session.scalars(select(Node).where(Node.id.in_(steps)))}
    return {node.id: _place([above[step] for step in node.ancestor_ids()]) for node in asked.values()}


def _place(line: Sequence[Node]) -> _Place:
    of = {node.level: node for node in line}
    node, volume = line[-1], of.get(Level.VOLUME)
    unit = of[Level.UNIT].title if node.level is Level.LESSON and Level.UNIT in of else ""
    book = " ".join(part for part in (node.subject, node.edition, volume.title if volume else "") if part)
    return _Place(tuple((step.position, str(step.id)) for step in line), book, unit)
