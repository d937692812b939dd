"""Versions before the present one, drafts of the next, copies and what became of their origins."""

from typing import Any
from uuid import UUID

from flask import Response

from blueprints.api import bp
from blueprints.api.doors import done
from blueprints.api.schemas import versions as schemas
from blueprints.api.schemas.base import list_of
from blueprints.api.schemas.resources import Resource
from blueprints.api.showing import card, full, shown_file
from blueprints.common.web import current_actor
from tongyan.library import services as library

TAG = "versions"
COLUMNS = ("number", "note", "fields", "person", "published_at", "replaced_at")


@bp.door("GET", "/resources/<uuid:resource_id>/versions", TAG, gives=list_of(schemas.Version))
def list_versions(resource_id: UUID) -> dict[str, Any]:
    """List the versions before the present one, the latest first."""
    actor = current_actor()
    found = library.versions(actor, library.get_resource(actor, resource_id))
    return {
        "items": [
            {**{name: getattr(each, name) for name in COLUMNS}, "files": [shown_file(file) for file in each.files]}
            for each in found
        ]
    }


@bp.door("POST", "/resources/<uuid:resource_id>/revise", TAG, gives=Resource)
def revise(resource_id: UUID) -> dict[str, Any]:
    """Begin the next version, or give the draft of it that there is: change it, upload to it, then share it."""
    return full(library.start_revision(current_actor(), resource_id))


@bp.door("POST", "/resources/<uuid:resource_id>/versions/<int:number>/restore", TAG, gives=Resource)
def restore_version(resource_id: UUID, number: int) -> dict[str, Any]:
    """Begin a next version that says and holds what an old one did."""
    return full(library.restore_version(current_actor(), resource_id, number))


@bp.door("POST", "/resources/<uuid:resource_id>/copy", TAG, gives=Resource, status=201)
def copy_resource(resource_id: UUID) -> dict[str, Any]:
    """Make a draft of one's own out of a resource, as far as its licence goes."""
    return full(library.copy_resource(current_actor(), resource_id))


@bp.door("GET", "/resources/<uuid:resource_id>/update", TAG, gives=schemas.Update)
def show_update(resource_id: UUID) -> dict[str, Any]:
    """Show the origin of a copy, when it has a newer version."""
    actor = current_actor()
    origin = library.update_for(actor, library.get_editable(actor, resource_id))
    return {"origin": card(origin) if origin else None}


@bp.door("POST", "/resources/<uuid:resource_id>/update/accept", TAG, gives=Resource)
def accept_update(resource_id: UUID) -> dict[str, Any]:
    """Take the new version of the origin over; what the copy was stays among its versions."""
    return full(library.accept_update(current_actor(), resource_id))


@bp.door("POST", "/resources/<uuid:resource_id>/update/decline", TAG, status=204)
def decline_update(resource_id: UUID) -> Response:
    """Keep the copy as it is until its origin changes again."""
    library.decline_update(current_actor(), resource_id)
    return done()
