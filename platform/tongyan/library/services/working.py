"""The job of every transfer: who it is for is read afresh, then its kind decides."""

from collections.abc import Callable
from uuid import UUID

from tongyan.kernel.errors import NotFound, StorageFull, TongyanError
from tongyan.kernel.permissions import Actor
from tongyan.library.errors import Locked
from tongyan.library.models import Transfer, TransferKind
from tongyan.library.services.exports import run_export
from tongyan.library.services.imports import run_import
from tongyan.library.services.sheet_imports import run_sheet
from tongyan.library.services.transfers import give_up, take_up, tell_progress

Tell = Callable[[int], None]

RUNS: dict[TransferKind, Callable[[Actor, Transfer, Tell], None]] = {
    TransferKind.EXPORT_CARTRIDGE: run_export,
    TransferKind.EXPORT_FOLDERS: run_export,
    TransferKind.IMPORT_ARCHIVE: run_import,
    TransferKind.IMPORT_SHEET: run_sheet,
}


class _Removed(Exception):
    """The transfer was removed by its owner: there is nobody to work for."""


def run_transfer(transfer_id: UUID, tell: Tell) -> None:
    """Work off a transfer; `tell` renews the job's lease. What can be understood by its owner is not tried again."""
    taken = take_up(transfer_id)
    if taken is None:
        return
    transfer, actor = taken
    try:
        RUNS[transfer.kind](actor, transfer, _teller(transfer_id, tell))
    except _Removed:
        return
    except (Locked, StorageFull):
        raise  # another run, or a full disk: later it may work
    except TongyanError as error:
        _close(transfer_id, error.code)


def _close(transfer_id: UUID, code: str) -> None:
    try:
        give_up(transfer_id, code)
    except NotFound:
        return  # removed in the same moment


def _teller(transfer_id: UUID, tell: Tell) -> Tell:
    """Return what notes progress, at most once for each per cent."""
    last = -1

    def note(percent: int) -> None:
        nonlocal last
        if percent == last:
            return
        last = percent
        if not tell_progress(transfer_id, percent):
            raise _Removed
        tell(percent)

    return note
