"""The people of a school, and finding somebody to post or appoint."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, cast, func, null, or_, select, union_all
from sqlalchemy.orm import contains_eager

from tongyan.accounts.logins import login_key
from tongyan.accounts.models import Person
from tongyan.accounts.policy import require_admin
from tongyan.kernel.clock import today
from tongyan.kernel.db import db
from tongyan.kernel.paging import PAGE_SIZE, Page, select_page
from tongyan.kernel.permissions import Actor, visible
from tongyan.org import periods
from tongyan.org.actors import live
from tongyan.org.listing import order
from tongyan.org.models import Office, OfficeKind, Posting, PostingKind, School
from tongyan.org.names import clean

SORTS = {"name": Person.name, "from": Posting.from_on, "to": Posting.to_on, "kind": Posting.kind}
LEAST_LETTERS = 2
MOST_FOUND = 10


@dataclass(frozen=True, slots=True)
class StaffFilters:
    """What a school's list is narrowed to; `past` are those who left."""

    text: str = ""
    kind: PostingKind | None = None
    past: bool = False
    sort: str = ""


def list_staff(
    actor: Actor, school_id: UUID, filters: StaffFilters, page: int = 1, size: int = PAGE_SIZE
) -> Page[Posting]:
    """Return a page of a school's postings, today's and coming ones or past ones, with their people."""
    lasting = periods.overlaps(Posting, today(), None)
    statement = (
        select(Posting)
        .join(Posting.person)
        .where(Posting.school_id == school_id, visible(actor, Posting), ~lasting if filters.past else lasting)
        .options(contains_eager(Posting.person))
        .order_by(*order(SORTS, filters.sort), Posting.id)
    )
    if filters.text:
        named = (name.icontains(filters.text, autoescape=True) for name in (Person.name, Person.login))
        statement = statement.where(or_(*named))
    if filters.kind:
        statement = statement.where(Posting.kind == filters.kind)
    return select_page(statement, page, size)


class Services(NamedTuple):
    """What a person is here today, as far as the reader sees it: the schools, and offices with their subjects."""

    schools: list[tuple[UUID, str]]
    offices: list[tuple[OfficeKind, str | None]]


def services_of(actor: Actor, people: Sequence[Person]) -> dict[UUID, Services]:
    """Return what people are today, where the actor sees that (one statement)."""
    ids = [person.id for person in people]
    posted = (
        select(Posting.person_id, School.id, School.short_name, null())
        .join(Posting.school)
        .where(Posting.person_id.in_(ids), visible(actor, Posting), live(Posting, today()), School.active)
    )
    in_office = select(Office.person_id, cast(null(), School.id.type), cast(Office.kind, String), Office.subject)
    in_office = in_office.where(Office.person_id.in_(ids), visible(actor, Office), live(Office, today()))
    found = {person_id: Services([], []) for person_id in ids}
    for person_id, school_id, said, subject in db.session.execute(union_all(posted, in_office)):
        if school_id is None:
            found[person_id].offices.append((OfficeKind(said), subject))
        else:
            found[person_id].schools.append((school_id, said))
    return found


class Found(NamedTuple):
    """Somebody who may be meant; namesakes are told apart by login and schools."""

    id: UUID
    name: str
    login: str
    schools: str | None


def find_people(actor: Actor, text: str) -> Sequence[Found]:
    """Return open accounts by a part of name or login, at most ten, the closest first; nobody for a single letter."""
    require_admin(actor)
    return closest(text)


def closest(text: str, *within: ColumnElement[bool]) -> Sequence[Found]:
    """Return whom a part of name or login may mean among some people; who may ask is for the caller to say."""
    text = clean(text)
    if len(text) < LEAST_LETTERS:
        return []
    found = (
        people()
        .where(*within, or_(*(column.icontains(text, autoescape=True) for column in (Person.name, Person.login))))
        .order_by(Person.login_key != login_key(text), Person.name != text, Person.name, Person.login)
    )
    return [Found(*row) for row in db.session.execute(found.limit(MOST_FOUND))]


def find_person(actor: Actor, person_id: UUID | None) -> Found | None:
    """Return the person who was chosen, if there is one."""
    require_admin(actor)
    row = db.session.execute(people().where(Person.id == person_id)).one_or_none()
    return Found(*row) if row else None


def people() -> Select[UUID, str, str, str | None]:
    """Return the select of open accounts with the schools they serve today."""
    schools = (
        select(func.aggregate_strings(School.short_name, "、"))
        .join(Posting, Posting.school_id == School.id)
        .where(Posting.person_id == Person.id, live(Posting, today()))
        .correlate(Person)
        .scalar_subquery()
    )
    return select(Person.id, Person.name, Person.login, schools).where(Person.active)
