"""Transfers of one person: what is asked for, how far it is, what came of it, and when it is forgotten.

A transfer is a row that a job works off; its bytes lie in the file store for some days. What takes part in it is
decided when it is asked for, when the job begins, and once more when the result is handed out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, select

from tongyan.accounts.models import Person
from tongyan.kernel.audit import record
from tongyan.kernel.batches import batches
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, transaction
from tongyan.kernel.errors import Conflict, NotFound, TooMany
from tongyan.kernel.files import file_store
from tongyan.kernel.jobs import Job, JobFailed, JobSpec, JobState, enqueue
from tongyan.kernel.permissions import Actor, load, visible
from tongyan.library.models import Resource, Transfer, TransferKind, TransferState
from tongyan.library.services.files import Served
from tongyan.org.actors import actor_for

JOB = "library.transfer"
KEPT_CHECKED = timedelta(hours=24)
KEPT_DONE = timedelta(days=7)
MAX_OPEN = 5  # of one person, waiting or running
SHOWN = 50
BATCH = 500
EXPORTS = {TransferKind.EXPORT_CARTRIDGE, TransferKind.EXPORT_FOLDERS}
IMPORTS = {TransferKind.IMPORT_ARCHIVE, TransferKind.IMPORT_SHEET}
UNDER_WAY = {TransferState.WAITING, TransferState.RUNNING}
MEDIA_TYPES = {TransferKind.EXPORT_FOLDERS: "application/zip", TransferKind.EXPORT_CARTRIDGE: "application/zip"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How far a transfer is; one that is `stuck` will not go on by itself, and `code` says why."""

    percent: int
    under_way: bool
    stuck: bool = False
    code: str = ""


def my_transfers(actor: Actor) -> Sequence[Transfer]:
    """Return the actor's transfers, the latest first."""
    mine = select(Transfer).where(Transfer.person_id == actor.person_id)
    return db.session.scalars(mine.order_by(Transfer.created_at.desc(), Transfer.id.desc()).limit(SHOWN)).all()


def get_transfer(actor: Actor, transfer_id: UUID) -> Transfer:
    """Return an own transfer. Raises NotFound."""
    return load(actor, Transfer, transfer_id)


def outcomes(transfers: Sequence[Transfer]) -> dict[UUID, Outcome]:
    """Return how far transfers are (one statement)."""
    keys = {subject(transfer.id): transfer.id for transfer in transfers if transfer.state in UNDER_WAY}
    parked = select(Job.key, Job.error_code).where(Job.key.in_(keys), Job.state == JobState.PARKED)
    found = db.session.execute(parked) if keys else ()
    stuck = {keys[key or ""]: code or "job.failed" for key, code in found}
    return {transfer.id: _outcome(transfer, stuck.get(transfer.id)) for transfer in transfers}


def _outcome(transfer: Transfer, code: str | None) -> Outcome:
    if code is not None:
        return Outcome(transfer.progress, under_way=False, stuck=True, code=code)
    if transfer.state is TransferState.FAILED:
        return Outcome(transfer.progress, under_way=False, stuck=True, code=transfer.error_code or "job.failed")
    return Outcome(transfer.progress, under_way=transfer.state in UNDER_WAY)


def check_open(actor: Actor) -> None:
    """Raise TooMany when enough of the actor's transfers are under way."""
    mine = select(func.count()).where(Transfer.person_id == actor.person_id, Transfer.state.in_(UNDER_WAY))
    if (db.session.scalar(mine) or 0) >= MAX_OPEN:
        raise TooMany("transfer.too_many_open", limit=MAX_OPEN, seconds=60)


def begin(transfer: Transfer) -> None:
    """Have a transfer worked off (inside a transaction)."""
    transfer.state, transfer.progress, transfer.error_code = TransferState.WAITING, 0, None
    transfer.expires_at = now() + KEPT_DONE
    db.session.flush()  # the job names the id
    spec = JobSpec(JOB, {"transfer_id": str(transfer.id)}, key=subject(transfer.id), actor_id=transfer.person_id)
    enqueue(spec)


def confirm_transfer(actor: Actor, transfer_id: UUID) -> Transfer:
    """Have a checked import carried out; doing it twice does it once. Raises NotFound, Conflict, TooMany."""
    with transaction():
        transfer = locked(load(actor, Transfer, transfer_id).id)
        if transfer.kind not in IMPORTS:
            raise NotFound
        if transfer.state is not TransferState.CHECKED:
            return transfer
        if transfer.expires_at <= now():
            raise Conflict("transfer.expired")
        check_open(actor)
        begin(transfer)
        record(actor, "library:transfer:import", subject(transfer.id), name=transfer.filename, kind=transfer.kind)
    return transfer


def take_up(transfer_id: UUID) -> tuple[Transfer, Actor] | None:
    """Begin to work off a transfer; None when it is over or was removed. Raises JobFailed for one who may no more."""
    with transaction() as session:
        transfer = session.get(Transfer, transfer_id, with_for_update=True, populate_existing=True)
        if transfer is None or transfer.state not in UNDER_WAY:
            return None
        person = session.get_one(Person, transfer.person_id)
        if not person.active:
            raise JobFailed("transfer.not_active")
        transfer.state = TransferState.RUNNING
        actor = actor_for(person)
    return transfer, actor


def tell_progress(transfer_id: UUID, percent: int) -> bool:
    """Note how far a transfer is; False when its owner removed it meanwhile."""
    with transaction() as session:
        transfer = session.get(Transfer, transfer_id, with_for_update=True, populate_existing=True)
        if transfer is not None:
            transfer.progress = percent
    return transfer is not None


def give_up(transfer_id: UUID, code: str) -> None:
    """Close a transfer with the reason why nothing came of it."""
    with transaction():
        transfer = locked(transfer_id)
        transfer.state, transfer.error_code = TransferState.FAILED, code


def locked(transfer_id: UUID) -> Transfer:
    """Return a transfer for writing, as it is now; raises NotFound when it was removed."""
    transfer = db.session.get(Transfer, transfer_id, with_for_update=True, populate_existing=True)
    if transfer is None:
        raise NotFound
    return transfer


def deliver(actor: Actor, transfer_id: UUID) -> Served:
    """Return the finished archive. Raises NotFound, Conflict when not all of it is open to the actor any more."""
    with transaction():
        transfer = load(actor, Transfer, transfer_id)
        if transfer.kind not in EXPORTS or transfer.state is not TransferState.DONE or transfer.sha256 is None:
            raise NotFound
        if transfer.expires_at <= now():
            raise Conflict("transfer.expired")
        closed = _closed(actor, [UUID(text) for text in transfer.report["ids"]])
        if closed:
            raise Conflict("transfer.rights_changed", count=closed)
        record(actor, "library:transfer:download", subject(transfer.id), name=transfer.filename)
    path = file_store().path(transfer.sha256)
    return Served(path, transfer.sha256, transfer.filename, MEDIA_TYPES[transfer.kind], inline=False)


def _closed(actor: Actor, ids: Sequence[UUID]) -> int:
    """Return how many of the resources the actor may no longer read."""
    opened = 0
    for some in batches(ids, BATCH):
        seen = select(func.count()).select_from(Resource).where(Resource.id.in_(some), visible(actor, Resource))
        opened += db.session.scalar(seen) or 0
    return len(ids) - opened


def remove_transfer(actor: Actor, transfer_id: UUID) -> None:
    """Forget a transfer; what is under way stops, what was imported stays. Raises NotFound."""
    with transaction() as session:
        session.delete(load(actor, Transfer, transfer_id))


def drop_expired() -> None:
    """Forget transfers whose time is over; the store's sweep then lets go of their bytes."""
    over = delete(Transfer).where(Transfer.expires_at < now(), Transfer.state != TransferState.RUNNING)
    with transaction() as session:
        session.execute(over)
        lost = delete(Transfer).where(Transfer.expires_at < now() - KEPT_DONE)  # its job was parked long ago
        session.execute(lost)


def subject(transfer_id: UUID) -> str:
    """Return what a transfer is called in the trail, and the key of its job."""
    return f"transfer:{transfer_id}"
