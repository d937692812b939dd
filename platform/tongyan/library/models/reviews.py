"""Reviews on the way to a wider audience, requests to take a resource down, and links for people without an account."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tongyan.accounts.models import Person
from tongyan.kernel.clock import now
from tongyan.kernel.db import Base, Identified
from tongyan.library.models.resources import Resource, Standing


class ReviewState(StrEnum):
    """The life of a review; `withdrawn` is 撤回 by the owner."""

    PENDING = "pending"
    APPROVED = "approved"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


class TakeDownState(StrEnum):
    """The life of a request to take something down."""

    OPEN = "open"
    UPHELD = "upheld"
    DECLINED = "declined"


class Review(Identified, Base):
    """One look of one level (校审, 集团审) at a resource that wants to be open to `audience`."""

    __tablename__ = "review"
    __table_args__ = (Index("ix_review_scope_state_subject", "scope", "state", "subject"),)

    resource_id: Mapped[UUID] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), index=True)
    level: Mapped[Standing]
    scope: Mapped[str] = mapped_column(String(64))  # whose reviewers decide: "school:…", "group:…"
    audience: Mapped[str] = mapped_column(String(64))  # to whom it shall be open in the end
    subject: Mapped[str | None] = mapped_column(String(32))
    state: Mapped[ReviewState] = mapped_column(default=ReviewState.PENDING)
    note: Mapped[str] = mapped_column(String(500), default="")  # what the owner said
    submitted_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    submitted_at: Mapped[datetime] = mapped_column(default=now)
    reviewer_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    comment: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[datetime | None]

    resource: Mapped[Resource] = relationship()
    submitter: Mapped[Person] = relationship(foreign_keys=submitted_by)
    reviewer: Mapped[Person | None] = relationship(foreign_keys=reviewer_id)


class TakeDown(Identified, Base):
    """A request that a resource be closed, by a colleague or by somebody with a public link."""

    __tablename__ = "take_down"

    resource_id: Mapped[UUID] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(String(64))
    contact: Mapped[str] = mapped_column(String(254), default="")
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[TakeDownState] = mapped_column(default=TakeDownState.OPEN, index=True)
    answer: Mapped[str] = mapped_column(Text, default="")
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    lifted_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    lifted_at: Mapped[datetime | None]  # when what was taken down was opened again
    created_at: Mapped[datetime] = mapped_column(default=now)

    resource: Mapped[Resource] = relationship()
    decider: Mapped[Person | None] = relationship(foreign_keys=decided_by)
    lifter: Mapped[Person | None] = relationship(foreign_keys=lifted_by)


class PublicLink(Identified, Base):
    """A link that opens a resource to whoever has it, until it ends; its token is stored hashed."""

    __tablename__ = "public_link"

    resource_id: Mapped[UUID] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    opened: Mapped[int] = mapped_column(default=0)  # how often

    resource: Mapped[Resource] = relationship()
    creator: Mapped[Person] = relationship()
