"""Regions, schools, groups; who belongs to what, from when to when."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tongyan.accounts.models import Person
from tongyan.kernel.db import Base, Identified, Timestamped


class RegionLevel(StrEnum):
    """Levels of the authorities above a school."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWN = "town"


class Stage(StrEnum):
    """Stages that a school may run, several at once (九年一贯制 runs primary and junior)."""

    KINDERGARTEN = "kindergarten"
    PRIMARY = "primary"
    JUNIOR = "junior"
    SENIOR = "senior"
    VOCATIONAL = "vocational"
    SPECIAL = "special"


class Pairing(StrEnum):
    """Whom the core school leads (永州 2018)."""

    CORE_WEAK = "core_weak"
    CORE_RURAL = "core_rural"
    CORE_NEW = "core_new"


class Way(StrEnum):
    """How a group is run (永州 2018: 托管型, 联盟型, 协作型, 捆绑型)."""

    TRUST = "trust"
    ALLIANCE = "alliance"
    COOPERATION = "cooperation"
    BUNDLED = "bundled"


class PostingKind(StrEnum):
    """编制 school, a further school served, or an exchange (交流轮岗)."""

    HOME = "home"
    SERVING = "serving"
    EXCHANGE = "exchange"


class OfficeKind(StrEnum):
    """Offices that carry rights; the scope says over what."""

    DISTRICT_OFFICER = "district_officer"
    GROUP_HEAD = "group_head"
    LINE_HEAD = "line_head"
    PREP_LEAD = "prep_lead"
    RESEARCHER = "researcher"
    SCHOOL_HEAD = "school_head"
    SUBJECT_LEAD = "subject_lead"


class ImportState(StrEnum):
    """The life of a sheet of people: checked, being written as a whole, written, or refused as a whole."""

    CHECKED = "checked"
    IMPORTING = "importing"
    DONE = "done"
    FAILED = "failed"


class Region(Identified, Timestamped, Base):
    """A province, city, county or town."""

    __tablename__ = "region"

    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("region.id"), index=True)
    name: Mapped[str] = mapped_column(String(64))
    level: Mapped[RegionLevel]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}


class School(Identified, Timestamped, Base):
    """A school; whether it is a legal person of its own decides how it is assessed (山东 2021)."""

    __tablename__ = "school"

    name: Mapped[str] = mapped_column(String(128), unique=True)
    short_name: Mapped[str] = mapped_column(String(32))
    stages: Mapped[list[str]]
    legal_person: Mapped[bool] = mapped_column(default=True)
    owning_authority: Mapped[str] = mapped_column(String(128), default="")
    region_id: Mapped[UUID | None] = mapped_column(ForeignKey("region.id"), index=True)
    active: Mapped[bool] = mapped_column(default=True)
    quota_bytes: Mapped[int | None] = mapped_column(BigInteger)
    reviews_resources: Mapped[bool] = mapped_column(default=False)  # what is shared in it is looked at first
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    region: Mapped[Region | None] = relationship()


class Group(Identified, Timestamped, Base):
    """An education group (教育集团)."""

    __tablename__ = "group"

    name: Mapped[str] = mapped_column(String(128), unique=True)
    pairing: Mapped[Pairing]
    way: Mapped[Way]
    core_school_id: Mapped[UUID | None] = mapped_column(ForeignKey("school.id"), index=True)
    region_id: Mapped[UUID | None] = mapped_column(ForeignKey("region.id"), index=True)
    founded_on: Mapped[date]
    ended_on: Mapped[date | None]
    reviews_resources: Mapped[bool] = mapped_column(default=False)  # as in a school
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    core_school: Mapped[School | None] = relationship()


class Membership(Identified, Timestamped, Base):
    """A school's time in a group; it ends, it is never deleted. `to_on` is the last day."""

    __tablename__ = "membership"
    __table_args__ = (
        CheckConstraint("to_on IS NULL OR to_on >= from_on", name="dates"),
        Index("ix_membership_school_id_group_id", "school_id", "group_id"),
    )

    group_id: Mapped[UUID] = mapped_column(ForeignKey("group.id"), index=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id"))
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(String(255), default="")
    end_reason: Mapped[str] = mapped_column(String(255), default="")

    group: Mapped[Group] = relationship()
    school: Mapped[School] = relationship()


class Posting(Identified, Timestamped, Base):
    """A person's time at a school; `to_on` is the last day."""

    __tablename__ = "posting"
    __table_args__ = (
        CheckConstraint("to_on IS NULL OR to_on >= from_on", name="dates"),
        Index("ix_posting_person_id_to_on", "person_id", "to_on"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id"), index=True)
    kind: Mapped[PostingKind]
    from_on: Mapped[date]
    to_on: Mapped[date | None]

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    school: Mapped[School] = relationship()


class Office(Identified, Timestamped, Base):
    """A person's time in an office over a scope ("school:…", "group:…", "region:…")."""

    __tablename__ = "office"
    __table_args__ = (CheckConstraint("to_on IS NULL OR to_on >= from_on", name="dates"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[OfficeKind]
    scope: Mapped[str] = mapped_column(String(64), index=True)
    subject: Mapped[str | None] = mapped_column(String(32))
    from_on: Mapped[date]
    to_on: Mapped[date | None]

    person: Mapped[Person] = relationship(foreign_keys=[person_id])


class PrepGroup(Identified, Timestamped, Base):
    """A 备课组 (or 教研组) of a school, or of a whole group: those who prepare one subject together."""

    __tablename__ = "prep_group"

    scope: Mapped[str] = mapped_column(String(64), index=True)  # "school:…" or "group:…"
    name: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str | None] = mapped_column(String(32))
    grade: Mapped[int | None]
    ended_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}


class PrepGroupMember(Identified, Timestamped, Base):
    """A person's time in a 备课组, as its leader (备课组长) or not; `to_on` is the last day."""

    __tablename__ = "prep_group_member"
    __table_args__ = (CheckConstraint("to_on IS NULL OR to_on >= from_on", name="dates"),)

    prep_group_id: Mapped[UUID] = mapped_column(ForeignKey("prep_group.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    lead: Mapped[bool] = mapped_column(default=False)
    from_on: Mapped[date]
    to_on: Mapped[date | None]

    prep_group: Mapped[PrepGroup] = relationship()
    person: Mapped[Person] = relationship()


class Partnership(Identified, Timestamped, Base):
    """Two groups that share with one another (伙伴集团), from one day to another; the smaller id comes first."""

    __tablename__ = "partnership"
    __table_args__ = (CheckConstraint("to_on IS NULL OR to_on >= from_on", name="dates"),)

    group_id: Mapped[UUID] = mapped_column(ForeignKey("group.id"), index=True)
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("group.id"), index=True)
    from_on: Mapped[date]
    to_on: Mapped[date | None]

    group: Mapped[Group] = relationship(foreign_keys=group_id)
    partner: Mapped[Group] = relationship(foreign_keys=partner_id)


class CircleSchool(Base):
    """A school among those that were named together (指定学校); equal sets of schools are one circle."""

    __tablename__ = "circle_school"

    circle_id: Mapped[UUID] = mapped_column(primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id"), primary_key=True, index=True)


class PeopleImport(Identified, Timestamped, Base):
    """A sheet of people between its check and its end; the sheet itself lies in the file store until `expires_at`."""

    __tablename__ = "people_import"

    actor_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    state: Mapped[ImportState] = mapped_column(default=ImportState.CHECKED)
    filename: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64))
    row_count: Mapped[int]
    bad_count: Mapped[int]
    preview: Mapped[dict[str, Any]]  # the first rows and problems; emptied once the people are there
    expires_at: Mapped[datetime] = mapped_column(index=True)
    confirmed_at: Mapped[datetime | None]
    links_at: Mapped[datetime | None]  # when the activation links were last made


class ImportedPerson(Base):
    """Who came in by which row of which sheet: the order in which activation links are handed out."""

    __tablename__ = "imported_person"

    import_id: Mapped[UUID] = mapped_column(ForeignKey("people_import.id", ondelete="CASCADE"), primary_key=True)
    row_number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
