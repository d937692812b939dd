"""The two movements below every use case of sharing: opening a resource to an audience, closing it again."""

from tongyan.kernel.clock import now
from tongyan.kernel.db import publish
from tongyan.kernel.permissions import user_key
from tongyan.library.events import ResourceChanged, ResourceShared
from tongyan.library.models import Resource, ResourceState


def open_to(resource: Resource, audience: str) -> None:
    """Publish a resource to an audience (inside a transaction)."""
    resource.audience, resource.state = audience, ResourceState.PUBLISHED
    resource.published_at = resource.published_at or now()
    resource.retired_at = None
    publish(ResourceShared(resource.id))


def close(resource: Resource, state: ResourceState) -> None:
    """Take a resource back from its audience (inside a transaction); what a review accepted is accepted no more."""
    if resource.state is ResourceState.PUBLISHED:
        resource.retired_at = now()
    resource.state, resource.audience, resource.published_at = state, user_key(resource.owner_id), None
    resource.standing = None
    publish(ResourceChanged(resource.id))
