"""What a leaving teacher shared stays with the school, in the hands of its head, until they come back."""

from uuid import UUID

from sqlalchemy import exists, select, update

from tongyan.kernel.clock import today
from tongyan.kernel.db import transaction
from tongyan.library.models import Resource, ResourceState
from tongyan.org.actors import live
from tongyan.org.models import Posting


def settle(person_id: UUID | None = None) -> int:
    """Hand over what was shared by those who left their school, hand back to those who are there; all, or one's.

    Returns how many resources changed hands. Runs after every change of a posting, and daily: postings end by date.
    """
    there = exists(
        select(Posting.id).where(
            Posting.person_id == Resource.owner_id, Posting.school_id == Resource.school_id, live(Posting, today())
        )
    )
    whose = Resource.school_id.is_not(None) & (Resource.state == ResourceState.PUBLISHED)
    if person_id is not None:
        whose &= Resource.owner_id == person_id
    with transaction() as session:
        changed = 0
        for kept in (True, False):
            strayed = whose & (there if not kept else ~there) & (Resource.in_keeping != kept)
            values = {"in_keeping": kept, "updated_at": Resource.updated_at}
            done = session.execute(update(Resource).where(strayed).values(values), execution_options=UNSYNCHRONIZED)
            changed += done.rowcount  # type: ignore[attr-defined] # an UPDATE has one
    return changed


UNSYNCHRONIZED = {"synchronize_session": False}
