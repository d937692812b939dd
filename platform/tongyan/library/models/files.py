"""The files of resources, what was made of each, and uploads under way."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tongyan.kernel.clock import now
from tongyan.kernel.db import Base, Identified, Timestamped

if TYPE_CHECKING:
    from tongyan.library.models.resources import Resource

SHA256 = String(64)


class FileState(StrEnum):
    """What can be done with a file: nothing yet, everything, download only, or nothing ever."""

    PROCESSING = "processing"
    READY = "ready"
    DOWNLOAD_ONLY = "download_only"
    REJECTED = "rejected"


class FileFamily(StrEnum):
    """How a file is shown."""

    DOCUMENT = "document"
    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"
    TEXT = "text"
    OTHER = "other"


class Step(StrEnum):
    """The steps of ingest, in their order."""

    STORE = "store"
    CHECK = "check"
    PREVIEW = "preview"
    PAGES = "pages"
    LIGHT = "light"
    TEXT = "text"
    OCR = "ocr"
    INDEX = "index"


class StepState(StrEnum):
    """How far a step is."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


class UploadState(StrEnum):
    """An upload is whole (`received`) or absent."""

    RECEIVING = "receiving"
    RECEIVED = "received"


class ResourceFile(Identified, Timestamped, Base):
    """One file of a resource; the bytes lie in the file store under their hash, the name lives here only."""

    __tablename__ = "resource_file"
    __table_args__ = (Index("ix_resource_file_resource_id_version_id", "resource_id", "version_id"),)

    resource_id: Mapped[UUID] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"))
    version_id: Mapped[UUID | None] = mapped_column(  # the version that held it; None: the resource holds it now
        ForeignKey("resource_version.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int] = mapped_column(default=0)
    name: Mapped[str] = mapped_column(String(255))
    path: Mapped[str] = mapped_column(String(1000), default="")
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str | None] = mapped_column(SHA256, index=True)

    # what the content turned out to be
    media_type: Mapped[str] = mapped_column(String(127), default="")
    family: Mapped[FileFamily] = mapped_column(default=FileFamily.OTHER)
    state: Mapped[FileState] = mapped_column(default=FileState.PROCESSING, index=True)
    error_code: Mapped[str | None] = mapped_column(String(64))
    page_count: Mapped[int | None]
    duration: Mapped[float | None]
    preview_sha256: Mapped[str | None] = mapped_column(SHA256, index=True)
    thumbnail_sha256: Mapped[str | None] = mapped_column(SHA256, index=True)

    light_sha256: Mapped[str | None] = mapped_column(SHA256, index=True)  # a film at 480 lines, for thin lines

    resource: Mapped["Resource"] = relationship(back_populates="files")
    steps: Mapped[list["FileStep"]] = relationship(cascade="all, delete-orphan", passive_deletes=True)
    pages: Mapped[list["PageImage"]] = relationship(
        order_by="PageImage.page", cascade="all, delete-orphan", passive_deletes=True
    )

    def step(self, step: Step) -> "FileStep | None":
        """Return the row of a step, if it has begun."""
        return next((row for row in self.steps if row.step is step), None)


class FileStep(Base):
    """One step of a file's ingest."""

    __tablename__ = "file_step"

    file_id: Mapped[UUID] = mapped_column(ForeignKey("resource_file.id", ondelete="CASCADE"), primary_key=True)
    step: Mapped[Step] = mapped_column(primary_key=True)
    state: Mapped[StepState] = mapped_column(default=StepState.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    error_code: Mapped[str | None] = mapped_column(String(64))
    changed_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class PageImage(Base):
    """The picture of a page; `page` counts from 1, a `mute` one shows something and holds no text."""

    __tablename__ = "page_image"

    file_id: Mapped[UUID] = mapped_column(ForeignKey("resource_file.id", ondelete="CASCADE"), primary_key=True)
    page: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(SHA256, index=True)
    width: Mapped[int]
    height: Mapped[int]
    mute: Mapped[bool] = mapped_column(default=False, server_default=false())


class FileText(Base):
    """The words of a page, slide or sheet; `page` counts from 1."""

    __tablename__ = "file_text"

    file_id: Mapped[UUID] = mapped_column(ForeignKey("resource_file.id", ondelete="CASCADE"), primary_key=True)
    page: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)


class FileBand(Base):
    """A part of the fingerprint of a file's words: files that share one are likely to say the same."""

    __tablename__ = "file_band"
    __table_args__ = (Index("ix_file_band_band_hash", "band", "hash"),)

    file_id: Mapped[UUID] = mapped_column(ForeignKey("resource_file.id", ondelete="CASCADE"), primary_key=True)
    band: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[int] = mapped_column(BigInteger)


class Upload(Identified, Base):
    """A file on its way to us; `received` is what we vouch for, whatever the part file holds beyond it."""

    __tablename__ = "upload"
    __table_args__ = (Index("ix_upload_person_id_state", "person_id", "state"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    school_id: Mapped[UUID | None] = mapped_column(ForeignKey("school.id"), index=True)
    name: Mapped[str] = mapped_column(String(255))
    path: Mapped[str] = mapped_column(String(1000), default="")
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str | None] = mapped_column(SHA256)
    received: Mapped[int] = mapped_column(BigInteger, default=0)
    state: Mapped[UploadState] = mapped_column(default=UploadState.RECEIVING)
    resource_id: Mapped[UUID | None] = mapped_column(ForeignKey("resource.id", ondelete="SET NULL"), index=True)
    node_id: Mapped[UUID | None] = mapped_column(ForeignKey("curriculum_node.id"))  # chosen before, as `kind`
    kind: Mapped[str | None] = mapped_column(String(32))
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("resource_file.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
