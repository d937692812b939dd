"""To whom something is open: the names in an audience, and what an actor may choose from.

Names only: the words around them ("…及伙伴集团") are made at the edge, in `blueprints.common.audiences`.
"""

from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import or_, select

from tongyan.accounts.models import Person
from tongyan.kernel.clock import today
from tongyan.kernel.db import db
from tongyan.kernel.permissions import (
    PUBLIC,
    Actor,
    circle_key,
    group_key,
    parse_audience,
    partners_key,
    prep_group_key,
    region_key,
    school_key,
    user_key,
)
from tongyan.org.actors import live
from tongyan.org.geography import above
from tongyan.org.models import Partnership, PrepGroup, Region, RegionLevel, School
from tongyan.org.scopes import PLACES, place_names, scope_ids
from tongyan.org.services.circles import circle_names

NEAREST = (RegionLevel.COUNTY, RegionLevel.CITY)


class AudienceName(NamedTuple):
    """The names in an audience: several for 指定学校, and the place of a 备课组 in `of`."""

    kind: str
    names: tuple[str, ...] = ()
    of: str = ""


class AudienceChoice(NamedTuple):
    """An audience the actor may open something to."""

    audience: str
    kind: str
    name: AudienceName


def name_audiences(audiences: Iterable[str]) -> dict[str, AudienceName]:
    """Return the names in audiences of every kind (at most eight statements); what is gone or none is left out."""
    asked = {audience for audience in audiences if _is_one(audience)}
    named = {PUBLIC: AudienceName(PUBLIC)} if PUBLIC in asked else {}
    named |= _of_places(asked)
    named |= _of_people(scope_ids(asked, "user"))
    named |= _of_prep_groups(scope_ids(asked, "prepgroup"))
    named |= _of_circles(scope_ids(asked, "schools"))
    return named


def _is_one(audience: str) -> bool:
    try:
        parse_audience(audience)
    except ValueError:
        return False
    return True


def _of_places(asked: Collection[str]) -> dict[str, AudienceName]:
    partners = scope_ids(asked, "partners")
    places = {key for key in asked if key.partition(":")[0] in PLACES}
    found = place_names(places | set(map(group_key, partners)))
    named = {key: AudienceName(key.partition(":")[0], (found[key],)) for key in places & found.keys()}
    for group_id in partners:
        if name := found.get(group_key(group_id)):
            named[partners_key(group_id)] = AudienceName("partners", (name,))
    return named


def _of_people(ids: Collection[UUID]) -> dict[str, AudienceName]:
    if not ids:
        return {}
    rows = db.session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    return {user_key(person_id): AudienceName("user", (name,)) for person_id, name in rows}


def _of_prep_groups(ids: Collection[UUID]) -> dict[str, AudienceName]:
    if not ids:
        return {}
    rows = db.session.execute(
        select(PrepGroup.id, PrepGroup.name, PrepGroup.scope)
        .where(PrepGroup.id.in_(ids))
        .order_by(PrepGroup.name, PrepGroup.id)
    ).all()
    places = place_names({scope for _, _, scope in rows})
    return {
        prep_group_key(prep_group_id): AudienceName("prepgroup", (name,), places.get(scope, ""))
        for prep_group_id, name, scope in rows
    }


def _of_circles(ids: Collection[UUID]) -> dict[str, AudienceName]:
    found = circle_names(ids) if ids else {}
    return {circle_key(circle_id): AudienceName("schools", tuple(names)) for circle_id, names in found.items()}


def audience_choices(actor: Actor) -> list[AudienceChoice]:
    """Return all that the actor may open something to, the narrowest first; named schools are chosen separately."""
    keys = list(
        chain(
            sorted(key for key in actor.keys if key.startswith("prepgroup:")),
            map(school_key, sorted(actor.school_ids)),
            map(group_key, sorted(actor.group_ids)),
            map(partners_key, _with_partners(actor)),
            map(region_key, _nearest_regions(actor)),
        )
    )
    named = name_audiences(keys)
    return [AudienceChoice(key, named[key].kind, named[key]) for key in keys if key in named]


def _with_partners(actor: Actor) -> list[UUID]:
    """Return the actor's groups that have a partner today."""
    own = actor.group_ids
    if not own:
        return []
    pairs = select(Partnership.group_id, Partnership.partner_id).where(
        or_(Partnership.group_id.in_(own), Partnership.partner_id.in_(own)), live(Partnership, today())
    )
    return sorted(own & set(chain.from_iterable(map(tuple, db.session.execute(pairs)))))


def _nearest_regions(actor: Actor) -> Iterator[UUID]:
    """Give the counties in which the actor's schools lie, then the cities."""
    if not actor.school_ids:
        return
    lie = select(School.region_id).where(School.id.in_(actor.school_ids), School.region_id.is_not(None))
    near = select(Region.id, Region.level).where(Region.id.in_(above(lie)), Region.level.in_(NEAREST))
    rows = db.session.execute(near.order_by(Region.name, Region.id)).all()
    for level in NEAREST:
        yield from (region_id for region_id, each in rows if each is level)
