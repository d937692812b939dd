"""The fingerprints of files, kept in the database: what their pages say, in short."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, insert, select

from tongyan.kernel.db import db
from tongyan.library.fingerprint import bands, joined
from tongyan.library.models import FileBand, FileText


def page_texts(file_id: UUID) -> Sequence[str]:
    """Return what the pages of a file say, in their order."""
    return db.session.scalars(select(FileText.text).where(FileText.file_id == file_id).order_by(FileText.page)).all()


def remember(file_id: UUID) -> None:
    """Write the fingerprint of what a file says (inside a transaction), instead of any earlier one."""
    rows = [
        {"file_id": file_id, "band": band, "hash": number}
        for band, number in enumerate(bands(joined(page_texts(file_id))))
    ]
    db.session.execute(delete(FileBand).where(FileBand.file_id == file_id))
    if rows:
        db.session.execute(insert(FileBand), rows)
