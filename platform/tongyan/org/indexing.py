"""What the search knows of schools, groups and people: their names, and what all who see them may read beside these."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from search_index.documents import Document
from tongyan.accounts.addressing import addressed
from tongyan.accounts.models import Person
from tongyan.kernel.clock import today
from tongyan.kernel.db import db
from tongyan.kernel.permissions import user_key
from tongyan.kernel.searchables import ADMIN, Passage, Searchable, register_searchable
from tongyan.org.actors import live
from tongyan.org.models import Group, Office, Posting, School, Stage
from tongyan.org.policy import known_people
from tongyan.org.scopes import parse_scope, scope_ids
from tongyan.org.services.staff import services_of
from tongyan.org.sight import Keys, Sight
from tongyan.org.words import OFFICES, STAGES

SCHOOL, GROUP, PERSON = "school", "group", "person"


def schools(ids: Sequence[UUID]) -> list[Document]:
    """Return the documents of these schools."""
    sight = Sight(ids, ())
    return [_school(sight.schools[each], sight) for each in ids if each in sight.schools]


def _school(school: School, sight: Sight) -> Document:
    audience = sight.of_school(school.id)
    groups = [each for each in sight.groups_of[school.id] if sight.covers(sight.of_group(each), audience)]
    return Document(
        id=f"{SCHOOL}:{school.id}",
        kind=SCHOOL,
        title=school.name,
        tags=(school.short_name,),
        about=(
            *(STAGES[Stage(stage)] for stage in school.stages),
            *sight.region_names(school.region_id),
            *(sight.groups[each].name for each in groups),
        ),
        audience=audience | {ADMIN},
        facets={"school": str(school.id), "stage": tuple(school.stages)},
    )


def groups(ids: Sequence[UUID]) -> list[Document]:
    """Return the documents of these groups."""
    sight = Sight((), ids)
    return [_group(sight.groups[each], sight) for each in ids if each in sight.groups]


def _group(group: Group, sight: Sight) -> Document:
    members = [sight.schools[each] for each in sight.members_of[group.id]]
    return Document(
        id=f"{GROUP}:{group.id}",
        kind=GROUP,
        title=group.name,
        about=(*sight.region_names(group.region_id), *(name for each in members for name in _names(each))),
        audience=sight.of_group(group.id) | {ADMIN},
    )


def _names(school: School) -> tuple[str, ...]:
    return (school.name, school.short_name)


class _Service(NamedTuple):
    """Something that a person is: who sees that, and how one searches for it."""

    audience: Keys
    words: tuple[str, ...]
    school: str = ""
    subject: str = ""


def people(ids: Sequence[UUID]) -> list[Document]:
    """Return the documents of these people; who is nothing here today, or may not sign in, is found by their name."""
    found = db.session.scalars(select(Person).where(Person.id.in_(ids))).all()
    open_ = [person.id for person in found if person.active]
    posted = _posted(open_)
    offices = _in_office(open_)
    scopes = [office.scope for there in offices.values() for office in there]
    served = {school_id for there in posted.values() for school_id in there}
    sight = Sight(served | scope_ids(scopes, SCHOOL), scope_ids(scopes, GROUP))
    services = {
        person.id: [
            *(_posting(each, sight) for each in posted[person.id]),
            *(_office(each, sight) for each in offices[person.id]),
        ]
        for person in found
    }
    return [_person(person, services[person.id], sight) for person in found]


def _posted(person_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    rows = select(Posting.person_id, Posting.school_id).join(Posting.school)
    there = rows.where(Posting.person_id.in_(person_ids), live(Posting, today()), School.active)
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for person_id, school_id in db.session.execute(there.order_by(Posting.id)):
        found[person_id].append(school_id)
    return found


def _in_office(person_ids: Sequence[UUID]) -> dict[UUID, list[Office]]:
    there = select(Office).where(Office.person_id.in_(person_ids), live(Office, today()))
    found: dict[UUID, list[Office]] = defaultdict(list)
    for office in db.session.scalars(there.order_by(Office.id)):
        found[office.person_id].append(office)
    return found


def _posting(school_id: UUID, sight: Sight) -> _Service:
    return _Service(sight.of_school(school_id), _names(sight.schools[school_id]), str(school_id))


def _office(office: Office, sight: Sight) -> _Service:
    kind, place_id = parse_scope(office.scope) or ("", None)
    school = sight.schools.get(place_id) if kind == SCHOOL and place_id else None
    group = sight.groups.get(place_id) if kind == GROUP and place_id else None
    names = _names(school) if school else (group.name,) if group else ()
    subject = office.subject or ""
    words = (OFFICES[office.kind], subject, *names, *(sight.region_names(place_id) if kind == "region" else ()))
    return _Service(sight.of_office(office.scope), words, str(school.id) if school else "", subject)


def _person(person: Person, services: Sequence[_Service], sight: Sight) -> Document:
    """Write down what all who find somebody may read; what only some of them see is left out."""
    seen_by = frozenset[str]().union(*(service.audience for service in services))
    told = [service for service in services if sight.covers(service.audience, seen_by)]
    own = {user_key(person.id)} if person.active else set()
    facets = {name: tuple(dict.fromkeys(getattr(each, name) for each in told)) for name in ("school", "subject")}
    return Document(
        id=f"{PERSON}:{person.id}",
        kind=PERSON,
        title=person.name,
        tags=(address,) if (address := addressed(person.name)) else (),
        about=tuple(dict.fromkeys(word for service in told for word in service.words if word)),
        audience=seen_by | own | {ADMIN},
        facets={name: codes for name, given in facets.items() if (codes := tuple(filter(None, given)))},
    )


def _ids(model: Any) -> Callable[[], Iterable[UUID]]:
    return lambda: db.session.scalars(select(model.id).order_by(model.id))


def _no_texts(_things: Sequence[Any]) -> Mapping[UUID, Sequence[Passage]]:
    return {}


def _named(kind: str, model: Any, documents: Callable[[Sequence[UUID]], list[Document]], **more: Any) -> None:
    register_searchable(
        Searchable(
            kind,
            model,
            documents,
            _ids(model),
            _no_texts,
            is_name=True,
            title_of=attrgetter("name"),
            title_column=model.name,
            **more,
        )
    )


_named(SCHOOL, School, schools, options=(joinedload(School.region),))
_named(GROUP, Group, groups, options=(joinedload(Group.core_school),))
_named(PERSON, Person, people, visible=known_people, more=services_of)
