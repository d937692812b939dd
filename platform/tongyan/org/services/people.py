"""People as administrators see them: the list, one person with all they were and are, and how they come in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import joinedload

from tongyan.accounts import recovery, service
from tongyan.accounts.factors import release_asked_by
from tongyan.accounts.logins import login_key
from tongyan.accounts.models import Person
from tongyan.accounts.policy import require_admin
from tongyan.accounts.recovery import Activation
from tongyan.kernel.clock import today
from tongyan.kernel.db import db, transaction
from tongyan.kernel.paging import PAGE_SIZE, Page, select_page
from tongyan.kernel.permissions import Actor, load, visible
from tongyan.org.actors import live
from tongyan.org.listing import order
from tongyan.org.models import Office, Posting, PostingKind
from tongyan.org.scopes import place_names
from tongyan.org.services import postings

SORTS = {"name": Person.name, "login": Person.login_key, "seen": Person.last_seen_at, "made": Person.created_at}


@dataclass(frozen=True, slots=True)
class PeopleFilters:
    """What the list is narrowed to; `unposted` serve nowhere, though they should; `closed` may not sign in."""

    text: str = ""
    school_id: UUID | None = None
    unposted: bool = False
    admins: bool = False
    closed: bool = False
    sort: str = ""


class PersonRow(NamedTuple):
    """A line of the list: a person and where they serve today."""

    person: Person
    postings: Sequence[Posting]


def list_people(actor: Actor, filters: PeopleFilters, page: int = 1, size: int = PAGE_SIZE) -> Page[PersonRow]:
    """Return a page of people with where they serve today (three statements). Raises Forbidden."""
    require_admin(actor)
    statement = _narrowed(select(Person).where(visible(actor, Person)), filters)
    found = select_page(statement.order_by(*order(SORTS, filters.sort), Person.id), page, size)
    serving = _serving([person.id for person in found.items])
    rows = [PersonRow(person, serving.get(person.id, ())) for person in found.items]
    return Page(rows, found.total, found.number, found.size)


def _narrowed(statement: Select[Person], filters: PeopleFilters) -> Select[Person]:
    serves = and_(Posting.person_id == Person.id, live(Posting, today()))
    statement = statement.where(Person.active.is_(not filters.closed))
    if filters.text:
        named = (field.icontains(filters.text, autoescape=True) for field in (Person.name, Person.email, Person.phone))
        by_login = Person.login_key.contains(login_key(filters.text), autoescape=True)
        statement = statement.where(or_(by_login, *named))
    if filters.school_id:
        statement = statement.where(exists().where(serves, Posting.school_id == filters.school_id))
    if filters.unposted:
        statement = statement.where(~exists().where(serves), Person.is_admin.is_(filters.admins))
    if filters.admins:
        statement = statement.where(Person.is_admin)
    return statement


def _serving(person_ids: Sequence[UUID]) -> dict[UUID, list[Posting]]:
    statement = (
        select(Posting)
        .where(Posting.person_id.in_(person_ids), live(Posting, today()))
        .options(joinedload(Posting.school))
        .order_by(Posting.kind, Posting.from_on)
    )
    found: dict[UUID, list[Posting]] = {}
    for posting in db.session.scalars(statement):
        found.setdefault(posting.person_id, []).append(posting)
    return found


@dataclass(frozen=True, slots=True)
class Dossier:
    """A person with their whole history here, the latest first; `places` names the scopes of their offices."""

    person: Person
    postings: Sequence[Posting]
    offices: Sequence[Office]
    places: dict[str, str]
    release_by: Person | None  # the administrator who asked to remove the second factor


def get_dossier(actor: Actor, person_id: UUID) -> Dossier:
    """Return a person as administrators see them. Raises Forbidden, NotFound."""
    require_admin(actor)
    person = load(actor, Person, person_id)
    served = select(Posting).where(Posting.person_id == person.id).options(joinedload(Posting.school))
    held = select(Office).where(Office.person_id == person.id).order_by(Office.from_on.desc(), Office.id)
    offices = db.session.scalars(held).all()
    asked_by = release_asked_by(person)
    return Dossier(
        person=person,
        postings=db.session.scalars(served.order_by(Posting.from_on.desc(), Posting.id)).all(),
        offices=offices,
        places=place_names([office.scope for office in offices]),
        release_by=db.session.get(Person, asked_by) if asked_by else None,
    )


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody who comes in, and the school they begin at, if any."""

    name: str
    login: str
    email: str = ""
    phone: str = ""
    school_id: UUID | None = None
    kind: PostingKind = PostingKind.HOME
    from_on: date | None = None


class Admitted(NamedTuple):
    """A person who has just come in, and the link they are to be given (it is shown once)."""

    person: Person
    activation: Activation


def admit(actor: Actor, new: NewPerson) -> Admitted:
    """Make an account, post its person to a school, and make their link. Raises Forbidden, NotFound, Invalid."""
    with transaction():
        person = service.create_person(
            actor, name=new.name, login=new.login, email=new.email or None, phone=new.phone or None
        )
        if new.school_id is not None:
            postings.start_posting(actor, person.id, new.school_id, new.kind, new.from_on or today())
        return Admitted(person, recovery.start_reset(actor, person.id))


def new_link(actor: Actor, person_id: UUID) -> Admitted:
    """Make a new link for a person; earlier ones are void. Raises NotFound, Forbidden."""
    with transaction():
        activation = recovery.start_reset(actor, person_id)
        return Admitted(load(actor, Person, person_id), activation)
