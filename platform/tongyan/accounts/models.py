"""People, their sessions, and what they are told."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from flask_security.core import UserMixin
from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, query_expression, relationship

from tongyan.kernel.db import Base, Identified, Timestamped


class Person(Identified, Timestamped, UserMixin, Base):  # type: ignore[misc] # Flask-Security ships no types
    """One account for one human being, whatever schools they serve."""

    __tablename__ = "person"

    name: Mapped[str] = mapped_column(String(64))
    login: Mapped[str] = mapped_column(String(64))
    login_key: Mapped[str] = mapped_column(String(64), unique=True)  # folded: look-alikes collide
    email: Mapped[str | None] = mapped_column(String(254), unique=True)  # type: ignore[assignment] # theirs is str
    phone: Mapped[str | None] = mapped_column(String(32))

    # how they sign in
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    password_changed_at: Mapped[datetime | None]
    tf_primary_method: Mapped[str | None] = mapped_column(String(16))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255))
    tf_last_counter: Mapped[int | None]  # the last code used: a code is good for one sign-in
    mf_recovery_codes: Mapped[list[str] | None]
    factor_release_by: Mapped[UUID | None]  # the administrator who asked to remove a lost factor; another must agree
    factor_release_at: Mapped[datetime | None]
    is_admin: Mapped[bool] = mapped_column(default=False)

    # how they like it
    locale: Mapped[str] = mapped_column(String(8), default="zh")
    theme: Mapped[str] = mapped_column(String(8), default="auto")
    acting_school_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("school.id", use_alter=True, name="fk_person_acting_school_id_school")
    )
    last_seen_at: Mapped[datetime | None]

    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}


class PersonSession(Identified, Base):
    """One signed-in browser; the cookie's token is stored hashed."""

    __tablename__ = "person_session"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    device_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    factor_at: Mapped[datetime | None]  # when the second factor was shown
    ip: Mapped[str] = mapped_column(String(45))
    user_agent: Mapped[str] = mapped_column(String(255))

    person: Mapped[Person] = relationship()
    unread: Mapped[int | None] = query_expression()  # notices; counted where a session is resumed


class KnownDevice(Base):
    """A browser in which the person has signed in: a stranger's failures do not lock it out."""

    __tablename__ = "known_device"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    device_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    last_seen_at: Mapped[datetime]


class Attempt(Identified, Base):
    """A try that failed, or is still being checked; `key` is a hash of what is limited (account, address, device)."""

    __tablename__ = "attempt"
    __table_args__ = (Index("ix_attempt_key_at", "key", "at"),)

    key: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(index=True)


class LinkPurpose(StrEnum):
    """What a one-time link lets its holder do."""

    ACTIVATION = "activation"
    RESET = "reset"


class OneTimeLink(Identified, Base):
    """A link that sets a password once; its secret is stored hashed, and any password change kills it."""

    __tablename__ = "one_time_link"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[LinkPurpose]
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    password_mark: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime]

    person: Mapped[Person] = relationship()


class Notice(Identified, Base):
    """Something a person should know; the sentence is made from `kind` and `data` where it is shown."""

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_person_id_read_at_created_at", "person_id", "read_at", "created_at"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(64))
    data: Mapped[dict[str, Any]]
    url: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class ApiToken(Identified, Base):
    """A personal access token for programs; stored hashed, shown once."""

    __tablename__ = "api_token"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(64))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    may_write: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()
