"""Public links: for people without an account."""

from typing import Any
from uuid import UUID

from flask import Response, url_for

from blueprints.api import bp
from blueprints.api.doors import done
from blueprints.api.schemas import packages as schemas
from blueprints.api.schemas.base import list_of
from blueprints.api.showing import public_address
from blueprints.common.web import current_actor
from tongyan.library import services as library

TAG = "links"
COLUMNS = ("id", "created_at", "expires_at", "revoked_at", "opened")


@bp.door("GET", "/resources/<uuid:resource_id>/links", TAG, gives=list_of(schemas.Link))
def list_links(resource_id: UUID) -> dict[str, Any]:
    """List the links of a resource, the latest first."""
    actor = current_actor()
    return {"items": library.links_of(actor, library.get_resource(actor, resource_id))}


@bp.door("POST", "/resources/<uuid:resource_id>/links", TAG, body=schemas.NewLink, gives=schemas.Link, status=201)
def create_link(resource_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Make a link; this once its address is told."""
    made = library.create_link(current_actor(), resource_id, body["days"])
    address = public_address(url_for("library.linked", token=made.token))
    return {**{name: getattr(made.link, name) for name in COLUMNS}, "address": address}


@bp.door("DELETE", "/links/<uuid:link_id>", TAG, status=204)
def revoke_link(link_id: UUID) -> Response:
    """End a link at once."""
    library.revoke_link(current_actor(), link_id)
    return done()
