"""Opening resources to others, and closing them."""

from typing import Any
from uuid import UUID

from blueprints.api import bp
from blueprints.api.schemas import resources as schemas
from blueprints.api.schemas.base import list_of
from blueprints.api.showing import full
from blueprints.common.audiences import audience_options
from blueprints.common.web import current_actor
from tongyan.library import services as library

TAG = "sharing"


@bp.door("GET", "/audiences", TAG, gives=list_of(schemas.AudienceOption))
def list_audiences() -> dict[str, Any]:
    """List to whom one may open something, the narrowest first."""
    return {"items": [{"audience": key, "name": name} for key, name in audience_options(current_actor())]}


@bp.door("POST", "/resources/<uuid:resource_id>/share", TAG, body=schemas.Sharing, gives=schemas.Resource)
def share_resource(resource_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Open a resource to an audience; where a review comes first, it waits for that (`review_scope`)."""
    return full(library.share_resource(current_actor(), resource_id, **body))


@bp.door("POST", "/resources/<uuid:resource_id>/unshare", TAG, gives=schemas.Resource)
def unshare_resource(resource_id: UUID) -> dict[str, Any]:
    """Close a resource to all but its owner."""
    return full(library.unshare_resource(current_actor(), resource_id))
