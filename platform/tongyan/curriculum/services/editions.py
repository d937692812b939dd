"""Which books a school uses: the default filter wherever the curriculum is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from tongyan.curriculum.models import Level, Node, SchoolEdition, Term
from tongyan.curriculum.policy import Action, may_pick
from tongyan.kernel.audit import record
from tongyan.kernel.db import db, transaction
from tongyan.kernel.errors import Conflict, Forbidden, NotFound
from tongyan.kernel.permissions import Actor, load
from tongyan.org.models import School


@dataclass(frozen=True, slots=True)
class Choice:
    """A subject of a stage, the editions there are, and the one picked per term."""

    stage: Node
    subject: Node
    editions: Sequence[Node]
    picked: dict[Term, UUID]


def default_editions(actor: Actor) -> Sequence[UUID]:
    """Return the editions of the acting school."""
    mine = select(SchoolEdition.edition_id).where(SchoolEdition.school_id == actor.school_id)
    return list(dict.fromkeys(db.session.scalars(mine))) if actor.school_id else []


def editions_of(actor: Actor, school_id: UUID) -> Sequence[Choice]:
    """Return every subject of the school's stages with its editions and choices. Raises NotFound."""
    school = db.session.get(School, school_id)
    if school is None or not (actor.is_admin or school_id in actor.school_ids):
        raise NotFound
    picked: dict[tuple[str, str], dict[Term, UUID]] = {}
    for row in db.session.scalars(select(SchoolEdition).where(SchoolEdition.school_id == school_id)):
        picked.setdefault((row.stage, row.subject), {})[row.term] = row.edition_id
    rows = db.session.scalars(
        select(Node)
        .where(Node.level.in_((Level.STAGE, Level.SUBJECT, Level.EDITION)), Node.stage.in_(school.stages))
        .order_by(Node.position)
    ).all()
    below: dict[UUID | None, list[Node]] = {}
    for row in rows:
        below.setdefault(row.parent_id, []).append(row)
    return [
        Choice(stage, subject, below.get(subject.id, []), picked.get((subject.stage, subject.subject), {}))
        for stage in below.get(None, [])
        for subject in below.get(stage.id, [])
    ]


def pick_edition(actor: Actor, school_id: UUID, term: Term, edition_id: UUID) -> None:
    """Have a school use an edition for its subject in a term. Raises NotFound, Forbidden, Conflict."""
    if not (actor.is_admin or school_id in actor.school_ids):
        raise NotFound
    if not may_pick(actor, school_id):
        raise Forbidden
    with transaction() as session:
        edition = load(actor, Node, edition_id)
        if edition.level is not Level.EDITION:
            raise Conflict("curriculum.other_level")
        one = select(SchoolEdition).where(
            SchoolEdition.school_id == school_id, SchoolEdition.stage == edition.stage,
            SchoolEdition.subject == edition.subject, SchoolEdition.term == term,
        )  # fmt: skip
        row = session.scalar(one) or SchoolEdition(
            school_id=school_id, stage=edition.stage, subject=edition.subject, term=term
        )
        row.edition_id = edition.id
        session.add(row)
        record(actor, Action.EDITION_PICK, f"school:{school_id}", edition=str(edition.id), term=term.value)
