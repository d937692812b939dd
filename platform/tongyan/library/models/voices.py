"""What colleagues say of a resource and do with it."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tongyan.accounts.models import Person
from tongyan.curriculum.models import Node
from tongyan.kernel.clock import now
from tongyan.kernel.db import Base, Identified, Timestamped
from tongyan.library.models.files import ResourceFile
from tongyan.library.models.resources import Resource


class VisitKind(StrEnum):
    """What somebody came for."""

    VIEW = "view"
    DOWNLOAD = "download"


class CorrectionState(StrEnum):
    """The life of a correction: it is the owner's task until it is done or declined."""

    OPEN = "open"
    DONE = "done"
    DECLINED = "declined"


class Visit(Base):
    """Who looked at a resource, or took it away, on which day; the owner's own visits are not kept."""

    __tablename__ = "resource_visit"
    __table_args__ = (Index("ix_resource_visit_person_id_on", "person_id", "on"),)

    resource_id: Mapped[UUID] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[VisitKind] = mapped_column(primary_key=True)
    on: Mapped[date] = mapped_column(primary_key=True)


class Favourite(Base):
    """A resource that somebody wants to find again."""

    __tablename__ = "favourite"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    resource_id: Mapped[UUID] = mapped_column(
        ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    at: Mapped[datetime] = mapped_column(default=now)


class LessonUse(Identified, Base):
    """A teacher chose a resource for a lesson of the curriculum that they teach."""

    __tablename__ = "lesson_use"
    __table_args__ = (UniqueConstraint("resource_id", "person_id", "node_id"),)

    resource_id: Mapped[UUID] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    node_id: Mapped[UUID] = mapped_column(ForeignKey("curriculum_node.id"), index=True)
    number: Mapped[int] = mapped_column(default=1)  # the version that was chosen
    at: Mapped[datetime] = mapped_column(default=now)

    resource: Mapped[Resource] = relationship()
    person: Mapped[Person] = relationship()
    node: Mapped[Node] = relationship()


class Rating(Timestamped, Base):
    """One to five stars and why; one by each person."""

    __tablename__ = "rating"
    __table_args__ = (CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),)

    resource_id: Mapped[UUID] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    stars: Mapped[int]
    reason: Mapped[str] = mapped_column(String(500))

    person: Mapped[Person] = relationship()


class Comment(Identified, Timestamped, Base):
    """What somebody says about a resource, or about one page of a file."""

    __tablename__ = "resource_comment"

    resource_id: Mapped[UUID] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str] = mapped_column(Text)
    mentions: Mapped[list[str]] = mapped_column(default=list)  # ids of the people who are named with @
    deleted_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()


class Correction(Identified, Timestamped, Base):
    """Something is wrong on a page ("第3页有错"): a task of the owner's."""

    __tablename__ = "correction"
    __table_args__ = (
        Index("ix_correction_resource_id_state", "resource_id", "state"),
        Index("ix_correction_state_created_at", "state", "created_at", "id"),
    )

    resource_id: Mapped[UUID] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"))
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("resource_file.id", ondelete="SET NULL"), index=True)
    page: Mapped[int | None]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[CorrectionState] = mapped_column(default=CorrectionState.OPEN)
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]

    resource: Mapped[Resource] = relationship()
    file: Mapped[ResourceFile | None] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=person_id)
