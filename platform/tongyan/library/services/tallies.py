"""The counters of a resource. They are a row of their own, changed by plain updates: counting is no edit.

What is kept (favourites, uses, ratings) is counted anew at every change; what is forgotten in time (visits) is
added up. What the owner and administrators do does not count. The search hears of it by the hour, not by the click.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import InstrumentedAttribute

from tongyan.accounts.models import Person
from tongyan.kernel.db import db, transaction
from tongyan.kernel.inserting import insert_new
from tongyan.kernel.jobs import enqueue_all
from tongyan.kernel.permissions import Actor
from tongyan.kernel.searchables import index_specs
from tongyan.library.models import Favourite, LessonUse, Rating, Resource, Tally

SEARCHED = {"copies", "favourites", "rating_count", "rating_sum", "uses"}  # what the search knows, see `worth`
BARE = {"synchronize_session": False}


def counts(actor: Actor, resource: Resource) -> bool:
    """Say whether what the actor does with a resource counts."""
    return not actor.is_admin and actor.person_id != resource.owner_id


def add_up(resource_id: UUID, counter: str) -> None:
    """Count one more (inside a transaction)."""
    _change(resource_id, {counter: getattr(Tally, counter) + 1})


def recount_favourites(resource: Resource) -> None:
    """Count anew who keeps a resource (inside a transaction)."""
    _recount(resource.id, favourites=_number(Favourite, resource))


def recount_uses(resource: Resource) -> None:
    """Count anew for how many lessons a resource was chosen (inside a transaction)."""
    _recount(resource.id, uses=_number(LessonUse, resource))


def recount_ratings(resource: Resource) -> None:
    """Count anew how a resource is rated (inside a transaction)."""
    given = Rating.resource_id == resource.id
    stars, number = func.coalesce(func.sum(Rating.stars), 0), func.count()
    _recount(
        resource.id,
        rating_sum=select(stars).where(given).scalar_subquery(),
        rating_count=select(number).where(given).scalar_subquery(),
    )


def _number(model: type[Favourite | LessonUse], resource: Resource) -> Any:
    theirs = _of_others(model.person_id, resource)
    return select(func.count()).where(model.resource_id == resource.id, theirs).scalar_subquery()


def _of_others(person_id: InstrumentedAttribute[UUID], resource: Resource) -> ColumnElement[bool]:
    return (person_id != resource.owner_id) & person_id.not_in(select(Person.id).where(Person.is_admin))


def _recount(resource_id: UUID, **counted: Any) -> None:
    db.session.flush()  # what is counted must be there
    insert_new(Tally, resource_id=resource_id)
    # locked before it is counted: whoever waits here counts what the one before wrote
    db.session.execute(select(Tally.resource_id).where(Tally.resource_id == resource_id).with_for_update())
    _update(resource_id, counted)


def _change(resource_id: UUID, values: dict[str, Any]) -> None:
    insert_new(Tally, resource_id=resource_id)
    _update(resource_id, values)


def _update(resource_id: UUID, values: dict[str, Any]) -> None:
    told = {} if SEARCHED.isdisjoint(values) else {"unindexed": True}
    statement = update(Tally).where(Tally.resource_id == resource_id).values(values | told)
    db.session.execute(statement, execution_options=BARE)


def follow_tallies() -> None:
    """Let the index know of what fared otherwise since it was last told."""
    with transaction() as session:
        changed = update(Tally).where(Tally.unindexed).values(unindexed=False).returning(Tally.resource_id)
        ids = session.scalars(changed, execution_options=BARE).all()
        enqueue_all(index_specs("resource", ids))
