"""Saved searches, what people opened last, and words of the same meaning."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tongyan.kernel.db import Base, Identified, Timestamped
from tongyan.kernel.search import Sort


class SavedSearch(Identified, Timestamped, Base):
    """A search that somebody wants to run again; whose `told_at` is set is looked up for news every morning."""

    __tablename__ = "saved_search"
    __table_args__ = (UniqueConstraint("person_id", "name"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(64))

    # what is searched
    text: Mapped[str] = mapped_column(String(200))
    kinds: Mapped[list[str]]
    filters: Mapped[dict[str, Any]]  # facet -> codes
    within: Mapped[str] = mapped_column(String(64), default="")  # the place searched in (see kernel.asking)
    sort: Mapped[Sort]

    # news: when they were looked up last, what is later than what is new, how many nobody has looked at
    told_at: Mapped[datetime | None] = mapped_column(index=True)
    known_until: Mapped[datetime | None]
    news: Mapped[int] = mapped_column(default=0)

    @property
    def digest(self) -> bool:
        """Say whether its owner is told of news."""
        return self.told_at is not None


class Opened(Base):
    """What somebody opened, and when last; seen by nobody else."""

    __tablename__ = "opened"
    __table_args__ = (Index("ix_opened_person_id_at", "person_id", "at"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), primary_key=True)  # as the search calls it
    thing_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class SynonymSet(Identified, Timestamped, Base):
    """Words of the same meaning: what is searched for by one is found by the others, too."""

    __tablename__ = "synonym_set"

    words: Mapped[list[str]]

    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}
