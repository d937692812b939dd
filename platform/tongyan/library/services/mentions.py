"""@姓名 in a comment: who may be meant are people to whom the resource is open."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select

from tongyan.accounts.models import Person
from tongyan.kernel.clock import today
from tongyan.kernel.db import db
from tongyan.kernel.errors import Invalid
from tongyan.kernel.permissions import PUBLIC, VIEW, Actor, can, load
from tongyan.library.models import Comment, Resource
from tongyan.library.names import clean_text
from tongyan.library.policy import Action
from tongyan.org.actors import actor_for, live
from tongyan.org.models import Posting, School
from tongyan.org.services.reach import colleagues_of, people_of

MAX_MENTIONS, MAX_NAME, MOST_FOUND = 20, 64, 8
SCHOOL = re.compile(r"[（(]([^（）()]+)[）)]")


class Mentionable(NamedTuple):
    """Somebody who may be mentioned; namesakes are told apart by their schools."""

    id: UUID
    name: str
    schools: str | None
    written: str = ""  # what stands in the text after "@"


def suggest(actor: Actor, resource_id: UUID, text: str) -> Sequence[Mentionable]:
    """Return who may be meant by the beginning of a name. Raises NotFound, Forbidden."""
    resource = load(actor, Resource, resource_id, Action.RESOURCE_COMMENT)
    text = clean_text(text).strip()
    if not text:
        return []
    named = _people(actor, resource, offered=True).where(Person.name.istartswith(text, autoescape=True))
    rows = db.session.execute(named.order_by(Person.name, Person.login).limit(MOST_FOUND)).all()
    namesakes = {name for _, name, _ in rows if [row.name for row in rows].count(name) > 1}
    return [Mentionable(*row, written=_written(row.name, row.schools, row.name in namesakes)) for row in rows]


def _written(name: str, schools: str | None, doubled: bool) -> str:
    return f"{name}（{schools.partition('、')[0]}）" if doubled and schools else name


def mentioned(actor: Actor, resource: Resource, text: str) -> list[UUID]:
    """Return who is meant in a text, each once; raises Invalid when a name could be that of several."""
    places = _places(text)
    names = {name for place in places for name in _beginnings(place)}
    known: dict[str, list[Mentionable]] = {}
    for row in db.session.execute(_people(actor, resource).where(Person.name.in_(names))) if names else ():
        known.setdefault(row.name, []).append(Mentionable(*row))
    found = (_meant(place, known) for place in places)
    return list(dict.fromkeys(person.id for person in found if person and _sees(person.id, resource)))


def _places(text: str) -> list[str]:
    """Return what follows each "@"."""
    return [rest[: 2 * MAX_NAME] for rest in text.split("@")[1:]][:MAX_MENTIONS]


def _beginnings(place: str) -> Iterator[str]:
    """Give what may be the name at the beginning of a text, the longest first; a Latin word is not cut in two."""
    line = place.partition("\n")[0][: MAX_NAME + 1]
    for end in range(min(len(line), MAX_NAME), 0, -1):
        if not (line[end - 1 : end + 1].isascii() and line[end - 1 : end + 1].isalnum() and end < len(line)):
            yield line[:end]


def _meant(place: str, known: dict[str, list[Mentionable]]) -> Mentionable | None:
    name = next((name for name in _beginnings(place) if name in known), None)
    if name is None:
        return None
    school = SCHOOL.match(place[len(name) :])
    people = known[name]
    if school is not None:
        people = [person for person in people if school[1] in (person.schools or "").split("、")] or people
    if len(people) > 1:
        ways = "、".join("@" + _written(name, person.schools, doubled=True) for person in people)
        raise Invalid(errors={"text": ["comment.namesakes"]}, name=name, ways=ways)
    return people[0]


def _people(actor: Actor, resource: Resource, *, offered: bool = False) -> Select[UUID, str, str | None]:
    schools = (
        select(func.aggregate_strings(School.short_name, "、"))
        .join(Posting, Posting.school_id == School.id)
        .where(Posting.person_id == Person.id, live(Posting, today()))
        .correlate(Person)
        .scalar_subquery()
        .label("schools")
    )
    return select(Person.id, Person.name, schools).where(_near(actor, resource, offered), Person.id != actor.person_id)


def _near(actor: Actor, resource: Resource, offered: bool) -> ColumnElement[bool]:
    """Return the filter of who may be meant: who sees it; where that is everybody, one's colleagues only.

    Else a beginning of a name would open the list of all accounts; in a region whole names do, but none is offered.
    The owner, and those who said something, are always among them.
    """
    said = select(Comment.person_id).where(Comment.resource_id == resource.id)
    part = Person.active & ((Person.id == resource.owner_id) | Person.id.in_(said))
    reached = people_of(resource.audience)
    wide = resource.audience == PUBLIC or (offered and resource.audience.startswith("region:"))
    return part | (reached & colleagues_of(actor) if wide else reached)


def _sees(person_id: UUID, resource: Resource) -> bool:
    return can(actor_for(db.session.get_one(Person, person_id)), VIEW, resource)
