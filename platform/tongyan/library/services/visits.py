"""Who looked, who took something away: each person once a day. All see numbers, who answers for it sees the terms."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, select

from tongyan.curriculum.terms import Term, term_of
from tongyan.kernel.clock import local, today
from tongyan.kernel.db import db, transaction
from tongyan.kernel.errors import Forbidden
from tongyan.kernel.inserting import insert_new
from tongyan.kernel.paging import exists
from tongyan.kernel.permissions import Actor, can, load
from tongyan.library.models import LessonUse, Resource, ResourceState, Visit, VisitKind
from tongyan.library.policy import Action
from tongyan.library.services import tallies

KEPT = timedelta(days=2 * 366)
COUNTERS = {VisitKind.VIEW: "views", VisitKind.DOWNLOAD: "downloads"}


def note_view(actor: Actor, resource: Resource) -> None:
    """Count that the actor looked at a resource (one statement when they did so today already)."""
    _note(actor, resource, VisitKind.VIEW)


def note_download(actor: Actor, resource: Resource) -> None:
    """Count that the actor took a file of a resource away."""
    _note(actor, resource, VisitKind.DOWNLOAD)


def note_copy(actor: Actor, resource: Resource) -> None:
    """Count that the actor made a copy of a resource (inside a transaction)."""
    if tallies.counts(actor, resource):
        tallies.add_up(resource.id, "copies")


def _note(actor: Actor, resource: Resource, kind: VisitKind) -> None:
    """Keep the visit of the day; only what is open to others is visited."""
    if resource.state is not ResourceState.PUBLISHED or not tallies.counts(actor, resource):
        return
    resource_id = resource.id  # a transaction begins afresh: the resource may have to be read again in it
    visit = {"resource_id": resource_id, "person_id": actor.person_id, "kind": kind, "on": today()}
    if exists(select(Visit.on).filter_by(**visit)):
        return
    with transaction():
        if insert_new(Visit, **visit):
            tallies.add_up(resource_id, COUNTERS[kind])


@dataclass(slots=True)
class TermCounts:
    """How a resource fared in a term."""

    term: Term
    views: int = 0
    downloads: int = 0
    uses: int = 0


def may_see_counts(actor: Actor, resource: Resource) -> bool:
    """Say whether the actor answers for a resource: its owner, whoever keeps it, the heads."""
    return can(actor, Action.RESOURCE_EDIT, resource) or can(actor, Action.RESOURCE_TAKE_DOWN, resource)


def counts_by_term(actor: Actor, resource_id: UUID) -> list[TermCounts]:
    """Return how a resource fared in each term, the latest first. Raises NotFound, Forbidden."""
    resource = load(actor, Resource, resource_id)
    if not may_see_counts(actor, resource):
        raise Forbidden
    found: Counter[tuple[Term, str]] = Counter()
    visits = select(Visit.on, Visit.kind, func.count()).where(Visit.resource_id == resource_id)
    for on, kind, number in db.session.execute(visits.group_by(Visit.on, Visit.kind)):
        found[term_of(on), COUNTERS[kind]] += number
    used = select(LessonUse.at).where(LessonUse.resource_id == resource_id, LessonUse.person_id != resource.owner_id)
    found.update((term_of(local(at).date()), "uses") for at in db.session.scalars(used))
    terms = {term: TermCounts(term) for term in sorted({term for term, _ in found}, reverse=True)}
    for (term, counter), number in found.items():
        setattr(terms[term], counter, number)
    return list(terms.values())


def forget_visits() -> None:
    """Forget visits of more than two years ago; the counters keep what they count."""
    with transaction() as session:
        session.execute(delete(Visit).where(Visit.on < today() - KEPT))
