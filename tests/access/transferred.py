"""Transfers of one person, as things that addresses name."""

from datetime import timedelta
from io import BytesIO
from uuid import UUID

from tongyan.kernel.clock import now
from tongyan.kernel.files import file_store
from tongyan.kernel.sheets import write_rows
from tongyan.library.exchange.sheets import HEADERS
from tongyan.library.models import Transfer, TransferKind, TransferState

CHECKED = {"rows": [], "total": 1, "changed": 0, "bad": 1, "problems": [], "problem_count": 0}


def sheet_of(person_id: UUID) -> Transfer:
    """Return a sheet that was checked."""
    blob = file_store().put(BytesIO(write_rows("资源信息", HEADERS, [["没有这个编号"]])))
    return Transfer(
        person_id=person_id, kind=TransferKind.IMPORT_SHEET, state=TransferState.CHECKED, filename="信息表.xlsx",
        sha256=blob.sha256, report=CHECKED, expires_at=now() + timedelta(hours=1),
    )  # fmt: skip


def archive_of(person_id: UUID) -> Transfer:
    """Return an archive that was made."""
    blob = file_store().put(BytesIO(b"PK"))
    return Transfer(
        person_id=person_id, kind=TransferKind.EXPORT_FOLDERS, state=TransferState.DONE, filename="资源.zip",
        sha256=blob.sha256, size=2, report={"ids": [], "files": 0, "unfinished": 0, "closed": 0},
        expires_at=now() + timedelta(hours=1),
    )  # fmt: skip
