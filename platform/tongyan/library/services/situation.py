"""How things stand with one resource: review, next version, origin; what its page says above everything else."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from tongyan.kernel.db import db
from tongyan.kernel.permissions import Actor, can, visible
from tongyan.library.models import Resource, ResourceState, Review, ReviewState
from tongyan.library.policy import Action
from tongyan.library.services.copies import Family, family, update_for
from tongyan.library.services.reviewing import Level, due_levels, needs_revision, nomination
from tongyan.library.services.versions import revision_of


@dataclass(frozen=True, slots=True)
class Situation:
    """What the actor should know of a resource; only what concerns them is filled."""

    base: Resource | None  # what the draft will be the next version of
    revision: Resource | None  # the draft of its next version
    review: Review | None  # under way, or the last one when that sent the draft back
    update: Resource | None  # the origin, with a version that the copy does not hold
    family: Family
    nomination: Level | None
    frozen: bool  # changes only by a new version


def situation(actor: Actor, resource: Resource) -> Situation:
    """Return how things stand with a resource that the actor was given."""
    edits = can(actor, Action.RESOURCE_EDIT, resource)
    concerned = edits or can(actor, Action.RESOURCE_REVIEW, resource)
    return Situation(
        base=base_of(actor, resource),
        revision=revision_of(actor, resource) if edits else None,
        review=_review(resource) if concerned else None,
        update=update_for(actor, resource) if edits else None,
        family=family(actor, resource),
        nomination=nomination(resource) if edits else None,
        frozen=edits and needs_revision(resource),
    )


def base_of(actor: Actor, resource: Resource) -> Resource | None:
    """Return what the draft will be the next version of, if the actor sees it."""
    if resource.revises_id is None:
        return None
    return db.session.scalar(select(Resource).where(Resource.id == resource.revises_id, visible(actor, Resource)))


def _review(resource: Resource) -> Review | None:
    last = (
        select(Review).where(Review.resource_id == resource.id).order_by(Review.submitted_at.desc(), Review.id.desc())
    )
    review = db.session.scalar(last.options(joinedload(Review.reviewer)).limit(1))
    if review is None or review.state is ReviewState.PENDING:
        return review
    sent_back = review.state is ReviewState.RETURNED and resource.state is ResourceState.DRAFT
    return review if sent_back else None


def reviewed_audiences(resource: Resource, audiences: Iterable[str]) -> set[str]:
    """Return those of the audiences to whom the resource would be open only after a review."""
    return {audience for audience in audiences if ":" in audience and due_levels(resource, audience)}
