"""Archives and sheets on their way out of the library or into it."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from tongyan.kernel.db import Base, Identified, Timestamped
from tongyan.library.models.files import SHA256


class TransferKind(StrEnum):
    """What is made or taken in; a cartridge is an IMS Common Cartridge 1.3."""

    EXPORT_CARTRIDGE = "export_cartridge"
    EXPORT_FOLDERS = "export_folders"
    IMPORT_ARCHIVE = "import_archive"
    IMPORT_SHEET = "import_sheet"


class TransferState(StrEnum):
    """The life of a transfer; `checked` waits for the person to confirm what an import would do."""

    WAITING = "waiting"
    CHECKED = "checked"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Transfer(Identified, Timestamped, Base):
    """One export or import of one person; its bytes lie in the file store until `expires_at`."""

    __tablename__ = "transfer"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    school_id: Mapped[UUID | None] = mapped_column(ForeignKey("school.id"))
    kind: Mapped[TransferKind]
    state: Mapped[TransferState] = mapped_column(default=TransferState.WAITING)
    filename: Mapped[str] = mapped_column(String(255), default="")
    sha256: Mapped[str | None] = mapped_column(SHA256, index=True)  # what was brought, or what was made
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    progress: Mapped[int] = mapped_column(default=0)  # per cent
    error_code: Mapped[str | None] = mapped_column(String(64))
    args: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what is to be transferred
    report: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what became of it
    expires_at: Mapped[datetime] = mapped_column(index=True)
