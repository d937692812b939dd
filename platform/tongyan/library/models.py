"""Resources, their files, what was made of each file, and uploads under way."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tongyan.accounts.models import Person
from tongyan.curriculum.models import Node
from tongyan.kernel.clock import now
from tongyan.kernel.db import Base, Identified, Timestamped
from tongyan.org.models import School

SHA256 = String(64)


class ResourceKind(StrEnum):
    """What a resource is for: 教案 课件 微课 学案 习题 试卷 素材 课堂实录 说课 课程包."""

    LESSON_PLAN = "lesson_plan"
    COURSEWARE = "courseware"
    MICRO_LESSON = "micro_lesson"
    STUDY_GUIDE = "study_guide"
    EXERCISE = "exercise"
    EXAM = "exam"
    MATERIAL = "material"
    RECORDING = "recording"
    LESSON_TALK = "lesson_talk"
    PACKAGE = "package"


class Licence(StrEnum):
    """What others may do with it; `school` and `reserved` are 校内使用 and 保留所有权利."""

    CC_BY = "cc-by"
    CC_BY_SA = "cc-by-sa"
    CC_BY_NC = "cc-by-nc"
    CC_BY_NC_SA = "cc-by-nc-sa"
    CC0 = "cc0"
    SCHOOL = "school"
    RESERVED = "reserved"


class ResourceState(StrEnum):
    """A draft is its owner's alone; a published resource is open to its audience."""

    DRAFT = "draft"
    PUBLISHED = "published"
    TRASHED = "trashed"


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
    TEXT = "text"
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


class Resource(Identified, Timestamped, Base):
    """One record with one or more files and a place in the curriculum."""

    __tablename__ = "resource"
    __table_args__ = (
        # the list is read from the first alone, its count from the second, each with what the school can use
        Index("ix_resource_state_published_at", "state", "published_at", "id", "audience", "edition_id", "grade"),
        Index("ix_resource_audience_state", "audience", "state", "edition_id", "grade"),
        Index("ix_resource_node_id_state", "node_id", "state", "audience"),
        Index("ix_resource_subject_grade_state", "subject", "grade", "state", "audience", "published_at"),
        Index("ix_resource_school_id_state", "school_id", "state", "audience", "published_at"),
        Index("ix_resource_state_title", "state", "title", "audience"),
        Index("ix_resource_licence_state", "licence", "state", "audience", "published_at"),
        Index("ix_resource_kind_state", "kind", "state", "audience", "published_at"),
        Index("ix_resource_owner_id_state_created_at", "owner_id", "state", "created_at"),
    )

    title: Mapped[str] = mapped_column(String(200))
    kind: Mapped[ResourceKind]
    summary: Mapped[str] = mapped_column(Text, default="")
    keywords: Mapped[list[str]] = mapped_column(default=list)

    # whose it is, and who sees it
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    school_id: Mapped[UUID | None] = mapped_column(ForeignKey("school.id"))
    audience: Mapped[str] = mapped_column(String(64))
    state: Mapped[ResourceState] = mapped_column(default=ResourceState.DRAFT)
    licence: Mapped[Licence | None]
    source: Mapped[str] = mapped_column(String(500), default="")

    # its place in the curriculum
    stage: Mapped[str | None] = mapped_column(String(32))
    subject: Mapped[str | None] = mapped_column(String(32))
    grade: Mapped[int | None]
    node_id: Mapped[UUID | None] = mapped_column(ForeignKey("curriculum_node.id"))
    edition_id: Mapped[UUID | None] = mapped_column(ForeignKey("curriculum_node.id"))  # what `node` says, for filters

    published_at: Mapped[datetime | None]
    trashed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    owner: Mapped[Person] = relationship()
    school: Mapped[School | None] = relationship()
    node: Mapped[Node | None] = relationship(foreign_keys=node_id)
    files: Mapped[list["ResourceFile"]] = relationship(
        back_populates="resource", order_by="ResourceFile.position, ResourceFile.id", cascade="all, delete-orphan"
    )

    def put(self, node: Node | None, stage: str | None, subject: str | None, grade: int | None) -> None:
        """Give the resource its place; what the node says counts more than the rest."""
        self.node_id, self.edition_id = (node.id, node.edition_id) if node else (None, None)
        self.stage = (node and node.stage) or stage or None
        self.subject = (node and node.subject) or subject or None
        self.grade = (node and node.grade) or grade

    @property
    def cover(self) -> "ResourceFile | None":
        """Return the first file that has a thumbnail."""
        return next((file for file in self.files if file.thumbnail_sha256), None)

    @property
    def processing(self) -> bool:
        """Say whether a file is still being worked on."""
        return any(file.state is FileState.PROCESSING for file in self.files)


class ResourceFile(Identified, Timestamped, Base):
    """One file of a resource; the bytes lie in the file store under their hash, the name lives here only."""

    __tablename__ = "resource_file"

    resource_id: Mapped[UUID] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), index=True)
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

    resource: Mapped[Resource] = relationship(back_populates="files")
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
    """The picture of a page; `page` counts from 1."""

    __tablename__ = "page_image"

    file_id: Mapped[UUID] = mapped_column(ForeignKey("resource_file.id", ondelete="CASCADE"), primary_key=True)
    page: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(SHA256, index=True)
    width: Mapped[int]
    height: Mapped[int]


class FileText(Base):
    """The words of a page, slide or sheet; `page` counts from 1."""

    __tablename__ = "file_text"

    file_id: Mapped[UUID] = mapped_column(ForeignKey("resource_file.id", ondelete="CASCADE"), primary_key=True)
    page: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)


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
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("resource_file.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
