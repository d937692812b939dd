"""What people want to find again; the list itself is `list_resources` with `Filters(favourites=True)`."""

from uuid import UUID

from sqlalchemy import delete, select

from tongyan.kernel.db import db, transaction
from tongyan.kernel.inserting import insert_new
from tongyan.kernel.permissions import Actor, load
from tongyan.library.models import Favourite, Resource
from tongyan.library.services import tallies


def keep_favourite(actor: Actor, resource_id: UUID, *, wanted: bool) -> Resource:
    """Put a resource among the actor's favourites, or take it out. Raises NotFound."""
    with transaction() as session:
        resource = load(actor, Resource, resource_id)
        if wanted:
            insert_new(Favourite, person_id=actor.person_id, resource_id=resource_id)
        else:
            session.execute(delete(Favourite).filter_by(person_id=actor.person_id, resource_id=resource_id))
        tallies.recount_favourites(resource)
    return resource


def favourite_ids(actor: Actor) -> frozenset[UUID]:
    """Return which resources are the actor's favourites, for the stars in lists (one statement)."""
    mine = select(Favourite.resource_id).where(Favourite.person_id == actor.person_id)
    return frozenset(db.session.scalars(mine))
