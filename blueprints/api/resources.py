"""Resources: found by place and kind, shown, changed."""

from dataclasses import fields
from typing import Any
from uuid import UUID

from blueprints.api import bp
from blueprints.api.schemas import resources as schemas
from blueprints.api.schemas.base import page_of
from blueprints.api.showing import cards, full
from blueprints.common.web import current_actor
from tongyan.kernel.paging import Page
from tongyan.library import services as library
from tongyan.library.models import Resource
from tongyan.library.services import Filters, ResourceEdit

TAG = "resources"
PLACE = {"stage", "subject", "grade"}


@bp.door("GET", "/resources", TAG, query=schemas.ResourceQuery, gives=page_of(schemas.ResourceCard))
def list_resources(query: dict[str, Any]) -> Page[Any]:
    """List what is shared with one, or one's own."""
    page, size = query.pop("page"), query.pop("size")
    filters = Filters(school_id=query.pop("school"), node_id=query.pop("node"), **query)
    return cards(library.list_resources(current_actor(), filters, page, size))


@bp.door("GET", "/resources/<uuid:resource_id>", TAG, gives=schemas.Resource)
def show_resource(resource_id: UUID) -> dict[str, Any]:
    """Show a resource with all it says."""
    return full(library.get_resource(current_actor(), resource_id))


@bp.door("PATCH", "/resources/<uuid:resource_id>", TAG, body=schemas.ResourceChange, gives=schemas.Resource)
def change_resource(resource_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Change what is named, as long as nobody changed the resource since `version` (else 409)."""
    actor, version = current_actor(), body.pop("version")
    resource = library.get_editable(actor, resource_id)
    return full(library.edit_resource(actor, resource_id, changed(resource, body), version))


def changed(resource: Resource, changes: dict[str, Any]) -> ResourceEdit:
    """Return what the resource says now, with the changes."""
    said = {each.name: getattr(resource, each.name) for each in fields(ResourceEdit)}
    if PLACE & changes.keys() and "node_id" not in changes:
        said["node_id"] = None  # it would say again what is to be changed
    return ResourceEdit(**said | changes)


@bp.door("POST", "/resources/<uuid:resource_id>/trash", TAG, gives=schemas.Resource)
def trash_resource(resource_id: UUID) -> dict[str, Any]:
    """Put a resource into the trash, from which it can be brought back for 30 days."""
    return full(library.trash_resource(current_actor(), resource_id))


@bp.door("POST", "/resources/<uuid:resource_id>/restore", TAG, gives=schemas.Resource)
def restore_resource(resource_id: UUID) -> dict[str, Any]:
    """Bring a resource back from the trash, as a draft."""
    return full(library.restore_resource(current_actor(), resource_id))
