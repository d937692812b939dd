"""Throwing away and bringing back; what lies in the trash for 30 days goes for good."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from tongyan.kernel.audit import record
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, publish, transaction
from tongyan.kernel.permissions import SYSTEM, Actor, load
from tongyan.library.events import ResourceRemoved
from tongyan.library.models import Resource, ResourceState
from tongyan.library.policy import Action
from tongyan.library.services.opening import close
from tongyan.library.services.reviewing import end_reviews
from tongyan.library.services.takedowns import is_taken_down

KEPT = timedelta(days=30)


def trash_resource(actor: Actor, resource_id: UUID) -> Resource:
    """Put a resource into the trash; nobody but its owner sees it any more. Raises NotFound, Forbidden."""
    with transaction():
        resource = load(actor, Resource, resource_id, Action.RESOURCE_TRASH)
        if resource.state is not ResourceState.TRASHED:
            record(actor, Action.RESOURCE_TRASH, f"resource:{resource.id}", title=resource.title)
            resource.trashed_at = now()
            end_reviews(resource)
            close(resource, ResourceState.TRASHED)
    return resource


def restore_resource(actor: Actor, resource_id: UUID) -> Resource:
    """Bring a resource back as a draft; what was taken down stays so. Raises NotFound, Forbidden."""
    with transaction():
        resource = load(actor, Resource, resource_id, Action.RESOURCE_TRASH)
        if resource.state is ResourceState.TRASHED:
            record(actor, "library:resource:restore", f"resource:{resource.id}", title=resource.title)
            resource.trashed_at = None
            close(resource, ResourceState.TAKEN_DOWN if is_taken_down(resource.id) else ResourceState.DRAFT)
    return resource


def empty_trash(limit: int = 200) -> int:
    """Delete what has been in the trash for 30 days and return how many resources that was."""
    old = select(Resource).where(Resource.state == ResourceState.TRASHED, Resource.trashed_at < now() - KEPT)
    with transaction() as session:
        resources = db.session.scalars(old.limit(limit)).all()
        for resource in resources:
            record(SYSTEM, "library:resource:purge", f"resource:{resource.id}", title=resource.title)
            publish(ResourceRemoved(resource.id))
            session.delete(resource)
    return len(resources)
