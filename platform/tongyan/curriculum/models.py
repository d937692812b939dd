"""The curriculum as one tree in one table, what was done to it, and which editions a school uses.

Every node carries what its ancestors say (stage, subject, edition, grade, volume, validity), so that lists and
filters need no walk up the tree.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Float, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tongyan.kernel.clock import now
from tongyan.kernel.db import Base, Identified, Timestamped


class Level(StrEnum):
    """The levels of the tree, from the root down."""

    STAGE = "stage"
    SUBJECT = "subject"
    EDITION = "edition"
    VOLUME = "volume"
    UNIT = "unit"
    LESSON = "lesson"

    @property
    def below(self) -> "Level | None":
        """Return the level of the children, None for a lesson."""
        levels = list(Level)
        place = levels.index(self) + 1
        return levels[place] if place < len(levels) else None


class Verb(StrEnum):
    """What can be done to a node."""

    ADD = "add"
    RENAME = "rename"
    MOVE = "move"
    RETIRE = "retire"
    REVIVE = "revive"
    SUCCEED = "succeed"
    UNDO = "undo"


class Node(Identified, Timestamped, Base):
    """A stage, subject, edition, volume, unit or lesson. Never deleted: resources point at it."""

    __tablename__ = "curriculum_node"
    __table_args__ = (
        Index("ix_curriculum_node_parent_id_position", "parent_id", "position"),
        Index("ix_curriculum_node_subject_grade_level", "subject", "grade", "level"),
    )

    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("curriculum_node.id"))
    level: Mapped[Level]
    title: Mapped[str] = mapped_column(String(200))
    position: Mapped[float] = mapped_column(Float)
    path: Mapped[str] = mapped_column(String(255), index=True)  # "/<hex id>/<hex id>/", itself included

    # what the ancestors say; "" and None above the level that says it
    stage: Mapped[str] = mapped_column(String(32), default="")
    subject: Mapped[str] = mapped_column(String(32), default="")
    edition: Mapped[str] = mapped_column(String(64), default="")
    grade: Mapped[int | None]
    volume: Mapped[str] = mapped_column(String(64), default="")
    std: Mapped[str] = mapped_column(String(8), default="")  # year of the curriculum standards the book follows

    # in use from the first to the last day; after `retired_on` it is kept for what still points at it
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    retired_on: Mapped[date | None]
    successor_id: Mapped[UUID | None] = mapped_column(ForeignKey("curriculum_node.id"))
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)  # publisher, ISBN, kind of book, sources

    def in_force(self, on: date) -> bool:
        """Say whether the node is in use on a date."""
        begun = self.valid_from is None or self.valid_from <= on
        ended = self.valid_to is not None and self.valid_to < on
        return begun and not ended and not self.retired(on)

    def retired(self, on: date) -> bool:
        """Say whether the node is retired on a date."""
        return self.retired_on is not None and self.retired_on <= on

    def ancestor_ids(self) -> list[UUID]:
        """Return the ids from the root down to the node itself."""
        return [UUID(part) for part in self.path.strip("/").split("/")]

    @property
    def edition_id(self) -> UUID | None:
        """Return the edition in which the node stands, None above it."""
        return dict(zip(Level, self.ancestor_ids(), strict=False)).get(Level.EDITION)


class NodeChange(Identified, Base):
    """One deed on a node, with what it changed, so that it can be undone."""

    __tablename__ = "curriculum_change"

    node_id: Mapped[UUID] = mapped_column(ForeignKey("curriculum_node.id"), index=True)
    verb: Mapped[Verb]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    below: Mapped[list[str]] = mapped_column(default=list)  # ids of descendants that were retired along
    actor_id: Mapped[UUID]
    actor_name: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(default=now)
    undone_at: Mapped[datetime | None]

    node: Mapped[Node] = relationship()


class StandardKind(StrEnum):
    """What the curriculum standards name: 核心素养, 课标内容领域."""

    COMPETENCY = "competency"
    DOMAIN = "domain"


class Standard(Identified, Timestamped, Base):
    """A competency or a domain of content of a subject, as the curriculum standards name it."""

    __tablename__ = "curriculum_standard"
    __table_args__ = (UniqueConstraint("std", "subject", "kind", "title"),)

    std: Mapped[str] = mapped_column(String(8))  # "2022" up to grade 9, "2017" above
    subject: Mapped[str] = mapped_column(String(32))
    kind: Mapped[StandardKind]
    title: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(String(500), default="")  # the themes of a domain
    position: Mapped[float] = mapped_column(Float)
    retired_on: Mapped[date | None]
    touched: Mapped[bool] = mapped_column(default=False)  # an administrator changed it: the seed leaves it alone


class SchoolEdition(Identified, Base):
    """The edition that a school uses for a subject, from a term ("2026-1") on, for one grade or for all of them."""

    __tablename__ = "school_edition"
    __table_args__ = (UniqueConstraint("school_id", "term", "stage", "subject", "grade"),)

    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id"))
    term: Mapped[str] = mapped_column(String(8))
    stage: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(32))
    grade: Mapped[int | None]
    edition_node_id: Mapped[UUID] = mapped_column(ForeignKey("curriculum_node.id"))

    edition: Mapped[Node] = relationship()
