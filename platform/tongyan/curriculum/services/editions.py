"""Which editions a school uses: chosen per term and subject, in force until chosen anew; everybody's default filter."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ScalarSelect, delete, select, true
from sqlalchemy.orm import joinedload

from tongyan.curriculum.models import Level, Node, SchoolEdition
from tongyan.curriculum.policy import Action, may_choose
from tongyan.curriculum.terms import Term, term_of
from tongyan.kernel.audit import record
from tongyan.kernel.clock import today
from tongyan.kernel.db import db, transaction
from tongyan.kernel.errors import Forbidden, Invalid, NotFound
from tongyan.kernel.permissions import Actor, school_key
from tongyan.org.models import OfficeKind, School, Stage

# a school's stage is taught after the 六三 or the 五四 system
STAGES = {
    Stage.PRIMARY: ("primary", "primary54"),
    Stage.JUNIOR: ("junior", "junior54"),
    Stage.SENIOR: ("senior",),
    Stage.SPECIAL: ("special",),
}


class EditionChoice(NamedTuple):
    """An edition in use, for one grade or (None) for all that have no choice of their own."""

    stage: str
    subject: str
    grade: int | None
    edition_id: UUID


@dataclass(frozen=True, slots=True)
class SubjectRow:
    """A subject of a stage: the editions there are and those chosen, by grade (None: all grades)."""

    stage: Node
    subject: Node
    editions: Sequence[Node]
    chosen: dict[int | None, Node]


@dataclass(frozen=True, slots=True)
class EditionSheet:
    """All subjects of a school in a term; `since` is the term in which the choices shown were made."""

    school: School
    term: Term
    since: Term | None
    rows: Sequence[SubjectRow]
    editable: bool


def school_terms() -> list[Term]:
    """Return the terms one may choose for: the present one and the next; what was before is history."""
    present = term_of(today())
    return [present, present.next()]


def terms_chosen(actor: Actor, school_id: UUID) -> list[Term]:
    """Return the terms for which a school chose, the latest first. Raises NotFound."""
    _school(actor, school_id)
    made = select(SchoolEdition.term).where(SchoolEdition.school_id == school_id).distinct()
    return [Term(*map(int, text.split("-"))) for text in db.session.scalars(made.order_by(SchoolEdition.term.desc()))]


def edition_schools(actor: Actor) -> Sequence[School]:
    """Return the schools whose editions the actor may read, those one acts for first."""
    keys = [school_key(school_id) for school_id in actor.school_ids]
    headed = {grant.scope for grant in actor.offices if grant.kind == OfficeKind.SCHOOL_HEAD}
    ids = {UUID(key.removeprefix("school:")) for key in {*keys, *headed}}
    near = true() if actor.is_admin else School.id.in_(ids)
    schools = db.session.scalars(select(School).where(near, School.active).order_by(School.name)).all()
    return sorted(schools, key=lambda school: (school.id != actor.school_id, school.id not in ids))


def default_editions(actor: Actor) -> list[EditionChoice]:
    """Return what the school in whose name the actor acts uses today (empty: nothing chosen yet)."""
    if actor.school_id is None:
        return []
    rows, _ = _in_force(actor.school_id, term_of(today()))
    return [EditionChoice(row.stage, row.subject, row.grade, row.edition_node_id) for row in rows]


def _in_force(school_id: UUID, term: Term) -> tuple[Sequence[SchoolEdition], str | None]:
    """Return the choices of the last term that has any, up to the given one, and that term."""
    chosen = select(SchoolEdition).where(
        SchoolEdition.school_id == school_id, SchoolEdition.term == last_term(school_id, term)
    )
    rows = db.session.scalars(chosen.options(joinedload(SchoolEdition.edition))).all()
    return rows, rows[0].term if rows else None


def last_term(school_id: UUID, term: Term) -> ScalarSelect[str]:
    """Return the last term, up to the given one, for which a school chose, as a part of a statement."""
    mine = (SchoolEdition.school_id == school_id) & (SchoolEdition.term <= str(term))
    return select(SchoolEdition.term).where(mine).order_by(SchoolEdition.term.desc()).limit(1).scalar_subquery()


def edition_sheet(actor: Actor, school_id: UUID, term: Term) -> EditionSheet:
    """Return every subject of the school with its editions and choices. Raises NotFound."""
    school = _school(actor, school_id)
    rows, since = _in_force(school_id, term)
    chosen: dict[tuple[str, str], dict[int | None, Node]] = {}
    for row in rows:
        chosen.setdefault((row.stage, row.subject), {})[row.grade] = row.edition
    subjects = [
        SubjectRow(stage, subject, editions, chosen.get((subject.stage, subject.subject), {}))
        for stage, subject, editions in _offered(school)
    ]
    made_in = Term(*map(int, since.split("-"))) if since else None
    return EditionSheet(school, term, made_in, subjects, may_choose(actor, school) and term in school_terms())


def _school(actor: Actor, school_id: UUID) -> School:
    school = db.session.get(School, school_id)
    if school is None or not (actor.is_admin or school_id in actor.school_ids or may_choose(actor, school)):
        raise NotFound
    return school


def _offered(school: School) -> Iterable[tuple[Node, Node, Sequence[Node]]]:
    """Return stage, subject and editions of all that the school may teach."""
    stages = [code for stage in school.stages for code in STAGES.get(Stage(stage), ())]
    levels = (Level.STAGE, Level.SUBJECT, Level.EDITION)
    wanted = select(Node).where(Node.level.in_(levels), Node.stage.in_(stages), Node.retired_on.is_(None))
    below: dict[UUID | None, list[Node]] = {}
    for node in db.session.scalars(wanted.order_by(Node.position, Node.title)):
        below.setdefault(node.parent_id, []).append(node)
    for stage in below.get(None, []):
        for subject in below.get(stage.id, []):
            yield stage, subject, below.get(subject.id, [])


def choose_editions(
    actor: Actor, school_id: UUID, term: Term, chosen: dict[tuple[UUID, int | None], UUID]
) -> EditionSheet:
    """Set what a school uses from a term on: (subject node, grade or None) -> edition node.

    Raises NotFound, Forbidden (neither its head nor an administrator), Invalid (an edition of another subject, a term
    that is over or far ahead, nothing chosen).
    """
    with transaction() as session:
        school = _school(actor, school_id)
        if not may_choose(actor, school):
            raise Forbidden
        if term not in school_terms():
            raise Invalid("curriculum.term_unknown")
        if not chosen:  # would be read as "as before"
            raise Invalid("curriculum.editions_none")
        session.get(School, school_id, with_for_update=True)  # two heads at once: the later choice stands whole
        rows = list(_checked(school, term, chosen))
        here = (SchoolEdition.school_id == school_id) & (SchoolEdition.term == str(term))
        session.execute(delete(SchoolEdition).where(here))
        session.add_all(rows)
        named = {_name(row): str(row.edition_node_id) for row in rows}
        record(actor, Action.EDITIONS_CHOOSE, f"school:{school_id}", term=str(term), editions=named)
    return edition_sheet(actor, school_id, term)


def _name(row: SchoolEdition) -> str:
    return f"{row.stage}/{row.subject}/{row.grade or ''}"


def _checked(school: School, term: Term, chosen: dict[tuple[UUID, int | None], UUID]) -> Iterable[SchoolEdition]:
    offers = {subject.id: (stage, subject, editions) for stage, subject, editions in _offered(school)}
    for (subject_id, grade), edition_id in chosen.items():
        stage, subject, editions = offers.get(subject_id, (None, None, ()))
        grades = stage.data.get("grades", []) if stage else []
        known = edition_id in {edition.id for edition in editions} and (grade is None or grade in grades)
        if subject is None or not known:
            raise Invalid("curriculum.edition_unknown")
        yield SchoolEdition(
            school_id=school.id,
            term=str(term),
            stage=subject.stage,
            subject=subject.subject,
            grade=grade,
            edition_node_id=edition_id,
        )
