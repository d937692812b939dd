"""第3页有错: a mistake that somebody found is a task of whoever keeps the resource, until it is mended or declined."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload

from tongyan.kernel.audit import record
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, publish, transaction
from tongyan.kernel.errors import Conflict, Invalid, NotFound
from tongyan.kernel.ids import new_id
from tongyan.kernel.permissions import Actor, load
from tongyan.library.events import CorrectionAnswered, CorrectionReported
from tongyan.library.models import Correction, CorrectionState, Resource, ResourceFile, ResourceState
from tongyan.library.names import clean_lines
from tongyan.library.policy import Action, kept_by

MAX_TEXT, MAX_PAGES = 1000, 2000
MOST_OPEN, MOST_PAST = 50, 50


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong, and where: on a page of a file, in a file, or in the resource as a whole."""

    text: str
    file_id: UUID | None = None
    page: int | None = None


def report_correction(actor: Actor, resource_id: UUID, mistake: Mistake) -> Correction:
    """Tell whoever keeps a resource of a mistake. Raises NotFound, Forbidden, Invalid."""
    text = clean_lines(mistake.text)
    if not 0 < len(text) <= MAX_TEXT:
        raise Invalid(errors={"text": ["correction.text"]})
    with transaction() as session:
        resource = load(actor, Resource, resource_id, Action.RESOURCE_COMMENT)
        _check_place(resource, mistake)
        correction = Correction(
            id=new_id(),
            resource_id=resource_id,
            file_id=mistake.file_id,
            page=mistake.page,
            person_id=actor.person_id,
            text=text,
        )
        session.add(correction)
        publish(CorrectionReported(correction.id))
    return correction


def _check_place(resource: Resource, mistake: Mistake) -> None:
    files: dict[UUID | None, ResourceFile] = {file.id: file for file in resource.files}
    if mistake.file_id is not None and mistake.file_id not in files:
        raise Invalid(errors={"file": ["field.invalid"]})
    last = (files[mistake.file_id].page_count if mistake.file_id else None) or MAX_PAGES
    if mistake.page is not None and not 1 <= mistake.page <= last:
        raise Invalid(errors={"page": ["correction.page"]}, last=last)


def answer_correction(actor: Actor, correction_id: UUID, state: CorrectionState, answer: str = "") -> UUID:
    """Say that a mistake is mended, or why it stays; return the resource's id.

    Raises NotFound, Forbidden, Conflict when it is answered already, Invalid when a refusal says no reason.
    """
    answer = clean_lines(answer)
    if len(answer) > MAX_TEXT or (state is CorrectionState.DECLINED and not answer):
        raise Invalid(errors={"answer": ["correction.answer"]})
    with transaction() as session:
        correction = session.get(Correction, correction_id, with_for_update=True)
        if correction is None:
            raise NotFound
        resource = load(actor, Resource, correction.resource_id, Action.RESOURCE_EDIT)
        if correction.state is not CorrectionState.OPEN:
            raise Conflict("correction.answered")
        correction.state, correction.answer = state, answer
        correction.answered_by, correction.answered_at = actor.person_id, now()
        record(actor, "library:correction:answer", f"resource:{resource.id}", title=resource.title, state=state.value)
        publish(CorrectionAnswered(correction.id))
    return correction.resource_id


def get_correction(actor: Actor, correction_id: UUID) -> Correction:
    """Return a mistake that the actor may answer. Raises NotFound, Forbidden."""
    correction = db.session.get(Correction, correction_id)
    if correction is None:
        raise NotFound
    load(actor, Resource, correction.resource_id, Action.RESOURCE_EDIT)
    return correction


def open_corrections(resource: Resource) -> Sequence[Correction]:
    """Return the mistakes of a resource that nobody answered yet, in the order of the pages."""
    found = _of(resource).where(Correction.state == CorrectionState.OPEN)
    return db.session.scalars(found.order_by(Correction.page, Correction.created_at).limit(MOST_OPEN)).all()


def past_corrections(resource: Resource) -> Sequence[Correction]:
    """Return the answered mistakes of a resource, the latest first."""
    found = _of(resource).where(Correction.state != CorrectionState.OPEN)
    return db.session.scalars(found.order_by(Correction.answered_at.desc()).limit(MOST_PAST)).all()


def _of(resource: Resource) -> Select[Correction]:
    statement = select(Correction).where(Correction.resource_id == resource.id)
    return statement.options(joinedload(Correction.person), joinedload(Correction.file))


def corrections_to_do(actor: Actor, limit: int) -> Sequence[Correction]:
    """Return the mistakes that wait for the actor, the oldest first."""
    waiting = select(Correction).join(Correction.resource).options(contains_eager(Correction.resource))
    mine = waiting.where(
        Correction.state == CorrectionState.OPEN, kept_by(actor), Resource.state == ResourceState.PUBLISHED
    )
    return db.session.scalars(mine.order_by(Correction.created_at, Correction.id).limit(limit)).all()
