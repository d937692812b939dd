"""Resources: one record with files and a place in the curriculum, and what it said before."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tongyan.accounts.models import Person
from tongyan.curriculum.models import Node, StandardKind
from tongyan.kernel.clock import now
from tongyan.kernel.db import Base, Identified, Timestamped
from tongyan.library.models.files import FileState, ResourceFile
from tongyan.org.models import PrepGroup, School


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
    """A draft is its owner's alone; a published resource is open to its audience; one taken down is closed to it."""

    DRAFT = "draft"
    PUBLISHED = "published"
    TRASHED = "trashed"
    TAKEN_DOWN = "taken_down"


class Standing(StrEnum):
    """As what a review accepted it: 校本 or 集团共享."""

    SCHOOL = "school"
    GROUP = "group"


class Difficulty(StrEnum):
    """For whom the demands are made: 基础 提高 拓展."""

    BASIC = "basic"
    ADVANCED = "advanced"
    EXTENDED = "extended"


class ForWhom(StrEnum):
    """Who is meant to work with it: 教师 学生 家长."""

    TEACHER = "teacher"
    STUDENT = "student"
    PARENT = "parent"


class Resource(Identified, Timestamped, Base):
    """One record with one or more files and a place in the curriculum."""

    __tablename__ = "resource"
    __table_args__ = (
        # the list is read from the first alone, its count from the second, each with what the school can use
        Index("ix_resource_state_published_at", "state", "published_at", "id", "audience", "edition_id", "grade"),
        Index("ix_resource_audience_state", "audience", "state", "edition_id", "grade"),
        Index("ix_resource_node_id_state_kind", "node_id", "state", "audience", "kind"),
        Index("ix_resource_subject_grade_state", "subject", "grade", "state", "audience", "published_at"),
        Index("ix_resource_school_id_state", "school_id", "state", "audience", "published_at"),
        Index("ix_resource_state_title", "state", "title", "audience"),
        Index("ix_resource_licence_state", "licence", "state", "audience", "published_at"),
        Index("ix_resource_kind_state", "kind", "state", "audience", "published_at"),
        Index("ix_resource_owner_id_state_created_at", "owner_id", "state", "created_at"),
        Index("ix_resource_review_scope_subject", "review_scope", "subject"),
        Index("ix_resource_origin_id_state", "origin_id", "state", "published_at"),
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
    contributors: Mapped[list[dict[str, str]]] = mapped_column(default=list)  # "name" and "role", beside the owner
    prep_group_id: Mapped[UUID | None] = mapped_column(ForeignKey("prep_group.id", ondelete="SET NULL"), index=True)
    in_keeping: Mapped[bool] = mapped_column(default=False)  # the owner left the school, which keeps it

    # its place in the curriculum
    stage: Mapped[str | None] = mapped_column(String(32))
    subject: Mapped[str | None] = mapped_column(String(32))
    grade: Mapped[int | None]
    node_id: Mapped[UUID | None] = mapped_column(ForeignKey("curriculum_node.id"))
    edition_id: Mapped[UUID | None] = mapped_column(ForeignKey("curriculum_node.id"))  # what `node` says, for filters

    # for whom, and how it is used
    language: Mapped[str] = mapped_column(String(8), default="zh")
    for_whom: Mapped[list[str]] = mapped_column(default=list)  # values of ForWhom
    difficulty: Mapped[Difficulty | None]
    periods: Mapped[int | None]  # 建议课时

    # its versions, and what it comes from
    number: Mapped[int] = mapped_column(default=1)  # counts what was published, 1 the first
    note: Mapped[str] = mapped_column(String(500), default="")  # what is new in this version
    revises_id: Mapped[UUID | None] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), index=True)
    origin_id: Mapped[UUID | None] = mapped_column(ForeignKey("resource.id", ondelete="SET NULL"))
    origin_number: Mapped[int | None]  # the version of the origin that it holds, or that its owner declined
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("resource.id", ondelete="SET NULL"), index=True)

    # review
    standing: Mapped[Standing | None]
    review_scope: Mapped[str | None] = mapped_column(String(64))  # whose reviewers it waits for: "school:…", "group:…"

    reviewed_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    trashed_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]  # when it was last closed to its audience
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    owner: Mapped[Person] = relationship()
    school: Mapped[School | None] = relationship()
    node: Mapped[Node | None] = relationship(foreign_keys=node_id)
    prep_group: Mapped[PrepGroup | None] = relationship()
    origin: Mapped["Resource | None"] = relationship(foreign_keys=origin_id, remote_side="Resource.id")
    revises: Mapped["Resource | None"] = relationship(foreign_keys=revises_id, remote_side="Resource.id")
    replaces: Mapped["Resource | None"] = relationship(foreign_keys=replaces_id, remote_side="Resource.id")
    files: Mapped[list[ResourceFile]] = relationship(
        back_populates="resource",
        primaryjoin="and_(ResourceFile.resource_id == Resource.id, ResourceFile.version_id.is_(None))",
        order_by="ResourceFile.position, ResourceFile.id",
        cascade="all, delete-orphan",
    )
    versions: Mapped[list["ResourceVersion"]] = relationship(
        order_by="ResourceVersion.number.desc()", cascade="all, delete-orphan", passive_deletes=True
    )
    tally: Mapped["Tally | None"] = relationship(cascade="all, delete-orphan", passive_deletes=True)
    alignments: Mapped[list["Alignment"]] = relationship(
        order_by="Alignment.title", cascade="all, delete-orphan", passive_deletes=True
    )

    def put(self, node: Node | None, stage: str | None, subject: str | None, grade: int | None) -> None:
        """Give the resource its place; what the node says counts more than the rest."""
        self.node_id, self.edition_id = (node.id, node.edition_id) if node else (None, None)
        self.stage = (node and node.stage) or stage or None
        self.subject = (node and node.subject) or subject or None
        self.grade = (node and node.grade) or grade

    @property
    def domains(self) -> list[str]:
        """Return the 课标内容领域 that it is about."""
        return self._aligned(StandardKind.DOMAIN)

    @domains.setter
    def domains(self, titles: list[str]) -> None:
        self._align(StandardKind.DOMAIN, titles)

    @property
    def competencies(self) -> list[str]:
        """Return the 核心素养 that it fosters."""
        return self._aligned(StandardKind.COMPETENCY)

    @competencies.setter
    def competencies(self, titles: list[str]) -> None:
        self._align(StandardKind.COMPETENCY, titles)

    def _aligned(self, kind: StandardKind) -> list[str]:
        return sorted(row.title for row in self.alignments if row.kind is kind)

    def _align(self, kind: StandardKind, titles: list[str]) -> None:
        kept = [row for row in self.alignments if row.kind is not kind or row.title in titles]
        known = {row.title for row in kept if row.kind is kind}
        more = [Alignment(kind=kind, title=title) for title in dict.fromkeys(titles) if title not in known]
        self.alignments = kept + more

    @property
    def cover(self) -> ResourceFile | None:
        """Return the first file that has a thumbnail."""
        return next((file for file in self.files if file.thumbnail_sha256), None)

    @property
    def processing(self) -> bool:
        """Say whether a file is still being worked on."""
        return any(file.state is FileState.PROCESSING for file in self.files)


class Alignment(Base):
    """What of the curriculum standards a resource is about, by its title; a table, so that lists are narrowed by it."""

    __tablename__ = "resource_alignment"
    __table_args__ = (Index("ix_resource_alignment_kind_title", "kind", "title", "resource_id"),)

    resource_id: Mapped[UUID] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[StandardKind] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(64), primary_key=True)


class ResourceVersion(Identified, Base):
    """What a resource said and held before its present version."""

    __tablename__ = "resource_version"
    __table_args__ = (UniqueConstraint("resource_id", "number"),)

    resource_id: Mapped[UUID] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"))
    number: Mapped[int]
    note: Mapped[str] = mapped_column(String(500), default="")
    fields: Mapped[dict[str, Any]]  # the columns that say something, as JSON
    items: Mapped[list[dict[str, Any]]] = mapped_column(default=list)  # the tree of a course package
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))  # who replaced it
    published_at: Mapped[datetime | None]
    replaced_at: Mapped[datetime] = mapped_column(default=now)

    person: Mapped[Person] = relationship()
    files: Mapped[list[ResourceFile]] = relationship(
        primaryjoin="ResourceFile.version_id == ResourceVersion.id",
        order_by="ResourceFile.position, ResourceFile.id",
        passive_deletes=True,
    )


class Tally(Base):
    """How a resource fared with others than its owner; a row of its own, so that counting is no edit."""

    __tablename__ = "resource_tally"

    resource_id: Mapped[UUID] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True)
    views: Mapped[int] = mapped_column(default=0)  # persons, each once a day
    downloads: Mapped[int] = mapped_column(default=0)
    uses: Mapped[int] = mapped_column(default=0)  # lessons
    copies: Mapped[int] = mapped_column(default=0)
    favourites: Mapped[int] = mapped_column(default=0)
    rating_sum: Mapped[int] = mapped_column(default=0)
    rating_count: Mapped[int] = mapped_column(default=0)
    unindexed: Mapped[bool] = mapped_column(default=False, server_default=false(), index=True)  # since it changed

    @property
    def stars(self) -> float | None:
        """Return the mean rating, None without one."""
        return self.rating_sum / self.rating_count if self.rating_count else None


class PackageItem(Identified, Base):
    """A place in the tree of a course package: a heading, or a resource under its own title."""

    __tablename__ = "package_item"
    __table_args__ = (Index("ix_package_item_package_id_position", "package_id", "position"),)

    package_id: Mapped[UUID] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("package_item.id", ondelete="CASCADE"), index=True)
    position: Mapped[float] = mapped_column(default=0.0)  # among its siblings
    title: Mapped[str] = mapped_column(String(200))
    note: Mapped[str] = mapped_column(String(500), default="")
    target_id: Mapped[UUID | None] = mapped_column(ForeignKey("resource.id", ondelete="SET NULL"), index=True)

    target: Mapped[Resource | None] = relationship(foreign_keys=target_id)
