"""What fits the books of a school: the default filter of lists, and the places that a resource may be given."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, func, not_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from tongyan.curriculum.models import Level, Node, SchoolEdition
from tongyan.curriculum.services.editions import default_editions, last_term
from tongyan.curriculum.services.tree import View, shown
from tongyan.curriculum.terms import term_of
from tongyan.kernel.clock import today
from tongyan.kernel.db import db
from tongyan.kernel.permissions import Actor, visible

FIRST_SENIOR_GRADE = 10


@dataclass(frozen=True, slots=True)
class EditionFit:
    """The editions that a school does not use, of the subjects for which it chose: for any grade, and by grade."""

    foreign: frozenset[UUID]
    by_grade: dict[int, frozenset[UUID]] = field(default_factory=dict)

    def fits(
        self, edition: InstrumentedAttribute[UUID | None], grade: InstrumentedAttribute[int | None]
    ) -> ColumnElement[bool]:
        """Return the filter of what the school can use; what names no edition always fits."""
        wrong: list[ColumnElement[bool]] = [edition.in_(self.foreign)] if self.foreign else []
        wrong += [(func.coalesce(grade, 0) == number) & edition.in_(ids) for number, ids in self.by_grade.items()]
        return or_(edition.is_(None), not_(or_(false(), *wrong)))


def edition_fit(actor: Actor) -> EditionFit | None:
    """Return what fits the books of the school in whose name the actor acts; None: it chose none (one statement)."""
    if actor.school_id is None:
        return None
    chosen, other = aliased(Node), aliased(Node)
    mine = (SchoolEdition.school_id == actor.school_id) & (
        SchoolEdition.term == last_term(actor.school_id, term_of(today()))
    )
    rows = (
        select(SchoolEdition.grade, SchoolEdition.edition_node_id, chosen.parent_id, other.id)
        .join(chosen, chosen.id == SchoolEdition.edition_node_id)
        .join(other, other.parent_id == chosen.parent_id)
        .where(mine)
    )
    subjects: dict[UUID | None, _Subject] = {}
    for grade, edition_id, subject_id, other_id in db.session.execute(rows):
        subject = subjects.setdefault(subject_id, _Subject({}, set()))
        subject.chosen[grade] = edition_id
        subject.editions.add(other_id)
    return _fit(list(subjects.values()))


class _Subject(NamedTuple):
    chosen: dict[int | None, UUID]
    editions: set[UUID]

    def foreign(self, grade: int | None) -> set[UUID]:
        """Return the editions that are not used in a grade (None: in any grade)."""
        if grade is None:
            used = set(self.chosen.values()) if None in self.chosen else self.editions
        else:
            wanted = self.chosen.get(grade, self.chosen.get(None))
            used = {wanted} if wanted else self.editions
        return self.editions - used


def _fit(subjects: Sequence[_Subject]) -> EditionFit | None:
    if not subjects:
        return None
    foreign = frozenset().union(*(subject.foreign(None) for subject in subjects))
    special = [subject for subject in subjects if set(subject.chosen) != {None}]
    by_grade = {
        grade: frozenset().union(*(subject.foreign(grade) for subject in special)) - foreign
        for grade in (range(1, FIRST_SENIOR_GRADE + 3) if special else ())
    }
    return EditionFit(foreign, {grade: ids for grade, ids in by_grade.items() if ids})


class Spot(NamedTuple):
    """A place that may be chosen; `depth` is 0 for a volume, 1 for a unit, 2 for a lesson."""

    node: Node
    depth: int


@dataclass(frozen=True, slots=True)
class Shelf:
    """A volume with the places in it, in the order of the book."""

    volume: Node
    spots: Sequence[Spot]


def places(actor: Actor, subject: str | None, grade: int | None, keep: UUID | None = None) -> list[Shelf]:
    """Return where a resource of a subject and grade can stand: the books in use, of the school's edition if chosen.

    The place `keep` stays among them even when its book is out of use.
    """
    if not subject or grade is None:
        return []
    choices = [choice for choice in default_editions(actor) if choice.subject == subject]
    levels = (Level.VOLUME, Level.UNIT, Level.LESSON)
    graded = Node.grade == grade
    if grade >= FIRST_SENIOR_GRADE:  # books of the senior stage are numbered, not graded
        graded = or_(graded, Node.grade.is_(None) & (Node.stage == "senior"))
    here = and_(Node.level.in_(levels), Node.subject == subject, graded, visible(actor, Node))
    shelves = _shelves(here & shown(View(choices))) if choices else []
    if not shelves:
        shelves = _shelves(here & shown(View()))
    if keep is not None and not any(spot.node.id == keep for shelf in shelves for spot in shelf.spots):
        kept = db.session.get(Node, keep)
        volume = dict(zip(Level, kept.ancestor_ids(), strict=False)).get(Level.VOLUME) if kept else None
        if volume is not None:
            shelves += _shelves(here & Node.path.contains(volume.hex))
    return shelves


def _shelves(wanted: ColumnElement[bool]) -> list[Shelf]:
    below: dict[UUID | None, list[Node]] = {}
    for node in db.session.scalars(select(Node).where(wanted).order_by(Node.position, Node.title, Node.id)):
        below.setdefault(None if node.level is Level.VOLUME else node.parent_id, []).append(node)
    volumes = sorted(below.get(None, []), key=lambda volume: (volume.stage, volume.path[:-33]))
    return [Shelf(volume, list(_spots(volume, 0, below))) for volume in volumes if "kind" not in volume.data]


def _spots(node: Node, depth: int, below: dict[UUID | None, list[Node]]) -> Iterable[Spot]:
    yield Spot(node, depth)
    for child in below.get(node.id, []):
        yield from _spots(child, depth + 1, below)
