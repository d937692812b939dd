"""Excel import of people: check, look, confirm; then all of them or nobody.

The checked sheet lies in the file store, under its hash, and a row remembers it. What was true when the sheet was
checked may be so no longer when it is confirmed, so the job checks again, in the transaction that writes. A killed
worker leaves nobody, and the job begins anew; a second confirmation, or a second run of the job, finds the row done.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import BinaryIO, NamedTuple
from uuid import UUID

from sqlalchemy import delete, insert, select

from tongyan.accounts import newcomers
from tongyan.accounts.models import Person
from tongyan.accounts.policy import require_admin
from tongyan.accounts.recovery import Activation
from tongyan.kernel import audit
from tongyan.kernel.batches import batches
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, transaction
from tongyan.kernel.errors import Conflict, NotFound, TooLarge
from tongyan.kernel.files import file_store
from tongyan.kernel.ids import new_id
from tongyan.kernel.jobs import Job, JobFailed, JobSpec, JobState, enqueue
from tongyan.kernel.permissions import Actor
from tongyan.kernel.sheets import MAX_BYTES, Problem
from tongyan.org.actors import actor_for
from tongyan.org.models import ImportedPerson, ImportState, PeopleImport, Posting
from tongyan.org.services.people_sheet import Checked, Entry, check_sheet, read_sheet

JOB = "org.import_people"
KEPT = timedelta(hours=12)  # shorter than the day after which the store's sweep takes what nothing refers to
KEPT_DONE = timedelta(days=30)
SHOWN_ROWS, SHOWN_PROBLEMS = 50, 200
BATCH = 2000


def check_upload(actor: Actor, filename: str, stream: BinaryIO) -> PeopleImport:
    """Check a sheet and remember what was found; no account is made. Raises Forbidden, Invalid, TooLarge."""
    require_admin(actor)
    content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise TooLarge("sheet.too_large", limit=MAX_BYTES // 1024 // 1024)
    checked = check_sheet(read_sheet(BytesIO(content)))
    blob = file_store().put(BytesIO(content))
    with transaction() as session:
        sheet = PeopleImport(
            actor_id=actor.person_id, filename=filename[-255:], sha256=blob.sha256, expires_at=now() + KEPT
        )
        _remember(sheet, checked)
        session.add(sheet)
        session.flush()  # the audit names the id
        audit.record(actor, "people_import.check", _subject(sheet.id), rows=sheet.row_count, bad=sheet.bad_count)
    return sheet


def _remember(sheet: PeopleImport, checked: Checked) -> None:
    bad = checked.bad_rows
    good = [row for number, row in checked.rows if number not in bad]
    sheet.row_count, sheet.bad_count = len(bad | {number for number, _ in checked.rows}), len(bad)
    sheet.preview = {
        "rows": good[:SHOWN_ROWS],
        "problems": [problem._asdict() for problem in checked.problems[:SHOWN_PROBLEMS]],
        "problem_count": len(checked.problems),
        "pupils": checked.pupils,
    }


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the writing is; a job that is `stuck` waits for an administrator, and says why."""

    percent: int
    stuck: bool = False
    reason: str = ""


def get_import(actor: Actor, import_id: UUID) -> PeopleImport:
    """Return one of the actor's own imports. Raises Forbidden, NotFound."""
    require_admin(actor)
    sheet = db.session.get(PeopleImport, import_id)
    if sheet is None or sheet.actor_id != actor.person_id:
        raise NotFound
    return sheet


def progress_of(sheet: PeopleImport) -> Progress:
    """Return how far the job of an import is."""
    mine = select(Job).where(Job.key == _subject(sheet.id)).order_by(Job.created_at.desc()).limit(1)
    job = db.session.scalar(mine)
    if job is None:
        return Progress(0)
    return Progress(job.progress, job.state is JobState.PARKED, job.error_code or "")


def recent_imports(actor: Actor) -> Sequence[PeopleImport]:
    """Return the actor's latest imports, so that one can come back to them. Raises Forbidden."""
    require_admin(actor)
    own = select(PeopleImport).where(PeopleImport.actor_id == actor.person_id)
    return db.session.scalars(own.order_by(PeopleImport.created_at.desc(), PeopleImport.id).limit(10)).all()


def all_problems(actor: Actor, import_id: UUID) -> list[Problem]:
    """Return everything that is wrong with a sheet, as of now. Raises Forbidden, NotFound (also: no longer kept)."""
    return _check_again(get_import(actor, import_id)).problems


def _check_again(sheet: PeopleImport) -> Checked:
    with file_store().open(sheet.sha256) as stream:
        return check_sheet(read_sheet(stream))


def confirm(actor: Actor, import_id: UUID) -> PeopleImport:
    """Have a sheet without problems written; doing it twice does it once. Raises Forbidden, NotFound, Conflict."""
    with transaction():
        sheet = _locked(get_import(actor, import_id).id)
        if sheet.state in {ImportState.IMPORTING, ImportState.DONE}:
            return sheet
        if sheet.bad_count or sheet.state is ImportState.FAILED:
            raise Conflict("people_import.bad_rows", count=sheet.bad_count)
        if sheet.expires_at <= now():
            raise Conflict("people_import.expired")
        sheet.state, sheet.confirmed_at = ImportState.IMPORTING, now()
        enqueue(JobSpec(JOB, {"import_id": str(sheet.id)}, key=_subject(sheet.id), actor_id=actor.person_id))
        audit.record(actor, "people_import.confirm", _subject(sheet.id), rows=sheet.row_count, sha256=sheet.sha256)
    return sheet


def run(import_id: UUID, progress: Callable[[int], None]) -> None:
    """Write a confirmed sheet as a whole (the job). Raises JobFailed when nothing would help."""
    sheet = db.session.get(PeopleImport, import_id)
    if sheet is None or sheet.state is not ImportState.IMPORTING:
        return  # written by an earlier run that was thought dead
    try:
        stream = file_store().open(sheet.sha256)
    except NotFound as error:
        raise JobFailed("people_import.expired") from error
    progress(10)
    with stream:
        read = read_sheet(stream)
    progress(50)
    with transaction() as session:
        sheet = _locked(import_id)
        if sheet.state is not ImportState.IMPORTING:
            return
        person = session.get_one(Person, sheet.actor_id)
        if not (person.active and person.is_admin):
            raise JobFailed("people_import.not_admin")
        actor = actor_for(person)
        checked = check_sheet(read)
        if checked.problems:
            sheet.state = ImportState.FAILED
            _remember(sheet, checked)
            audit.record(actor, "people_import.fail", _subject(sheet.id), rows=sheet.row_count, bad=sheet.bad_count)
            return
        _write(actor, sheet, checked.entries)


def _write(actor: Actor, sheet: PeopleImport, entries: Sequence[Entry]) -> None:
    """Make accounts and postings; nobody's rights change by it, since nobody has signed in yet."""
    person_ids = newcomers.create_all(actor, [entry.newcomer for entry in entries])
    for some in batches(zip(person_ids, entries, strict=True), BATCH):
        posted = [
            {"id": new_id(), "person_id": person_id, "school_id": entry.school_id, "kind": entry.kind}
            | {"from_on": entry.from_on}
            for person_id, entry in some
        ]
        db.session.execute(insert(Posting), posted)
        came = [
            {"import_id": sheet.id, "row_number": entry.number, "person_id": person_id} for person_id, entry in some
        ]
        db.session.execute(insert(ImportedPerson), came)
    sheet.state, sheet.preview, sheet.row_count = ImportState.DONE, {}, len(entries)
    sheet.expires_at = now() + KEPT_DONE
    audit.record(actor, "people_import.done", _subject(sheet.id), people=len(entries), sha256=sheet.sha256)


class Handout(NamedTuple):
    """What one person is given: who it is for, and their link."""

    person: Person
    activation: Activation


def hand_out(actor: Actor, import_id: UUID) -> list[Handout]:
    """Make the links of all who have set no password yet, in the order of the sheet; earlier links are void.

    The links are stored hashed, so this answer is the only copy. Raises Forbidden, NotFound, Conflict (not written).
    """
    with transaction() as session:
        sheet = _locked(get_import(actor, import_id).id)
        if sheet.state is not ImportState.DONE:
            raise Conflict("people_import.not_done")
        waiting = (
            select(Person)
            .join(ImportedPerson, ImportedPerson.person_id == Person.id)
            .where(ImportedPerson.import_id == sheet.id, Person.active, Person.password.is_(None))
            .order_by(ImportedPerson.row_number)
        )
        people = session.scalars(waiting).all()
        links = newcomers.links_for(actor, people)
        sheet.links_at = now()
        audit.record(actor, "people_import.links", _subject(sheet.id), people=len(people))
    return [Handout(person, link) for person, link in zip(people, links, strict=True)]


def sweep() -> None:
    """Forget sheets that were not confirmed in time, and done ones after a month; their people stay."""
    with transaction() as session:
        over = delete(PeopleImport).where(PeopleImport.expires_at < now())
        session.execute(over.where(PeopleImport.state != ImportState.IMPORTING))


def _locked(import_id: UUID) -> PeopleImport:
    return db.session.get_one(PeopleImport, import_id, with_for_update=True, populate_existing=True)


def _subject(import_id: UUID) -> str:
    return f"people_import:{import_id}"
