"""Stars with a reason: one rating by each person, never of one's own."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import joinedload

from tongyan.kernel.db import db, transaction
from tongyan.kernel.errors import Invalid
from tongyan.kernel.paging import Page, select_page
from tongyan.kernel.permissions import Actor, load
from tongyan.library.models import Rating, Resource
from tongyan.library.names import clean_text
from tongyan.library.policy import Action
from tongyan.library.services import tallies

STARS = range(1, 6)
LEAST_REASON, MAX_REASON = 5, 500
FIRST = 5


def rate(actor: Actor, resource_id: UUID, stars: int, reason: str) -> None:
    """Rate a resource and say why, or change what one said. Raises NotFound, Forbidden (one's own), Invalid."""
    reason = clean_text(reason).strip()
    _check(stars, reason)
    with transaction() as session:
        resource = load(actor, Resource, resource_id, Action.RESOURCE_RATE)
        given = session.get(Rating, (resource_id, actor.person_id), with_for_update=True)
        if given is None:
            session.add(Rating(resource_id=resource_id, person_id=actor.person_id, stars=stars, reason=reason))
        else:
            given.stars, given.reason = stars, reason
        tallies.recount_ratings(resource)


def _check(stars: int, reason: str) -> None:
    errors: dict[str, list[str]] = {}
    if stars not in STARS:
        errors["stars"] = ["rating.stars"]
    if not LEAST_REASON <= len(reason) <= MAX_REASON:
        errors["reason"] = ["rating.reason"]
    if errors:
        raise Invalid(errors=errors)


def remove_rating(actor: Actor, resource_id: UUID) -> None:
    """Take one's rating back. Raises NotFound."""
    with transaction() as session:
        resource = load(actor, Resource, resource_id)
        session.execute(delete(Rating).filter_by(resource_id=resource_id, person_id=actor.person_id))
        tallies.recount_ratings(resource)


def own_rating(actor: Actor, resource_id: UUID) -> Rating | None:
    """Return what the actor said of a resource, if anything."""
    return db.session.get(Rating, (resource_id, actor.person_id))


def first_ratings(resource: Resource) -> Sequence[Rating]:
    """Return the latest ratings of a resource that the actor sees."""
    return db.session.scalars(_of(resource.id).limit(FIRST)).all()


def list_ratings(actor: Actor, resource_id: UUID, page: int = 1) -> Page[Rating]:
    """Return a page of a resource's ratings, the latest first. Raises NotFound."""
    load(actor, Resource, resource_id)
    return select_page(_of(resource_id), page)


def _of(resource_id: UUID) -> Select[Rating]:
    ratings = select(Rating).where(Rating.resource_id == resource_id).options(joinedload(Rating.person))
    return ratings.order_by(Rating.updated_at.desc(), Rating.person_id)
