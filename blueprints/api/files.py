"""The files of a resource: what is known of them, and where they are. They come in by tus, at /uploads."""

from typing import Any
from uuid import UUID

from flask import Response

from blueprints.api import bp
from blueprints.api.doors import done
from blueprints.api.schemas import resources as schemas
from blueprints.api.schemas.base import list_of
from blueprints.api.showing import full, shown_file
from blueprints.common.web import current_actor
from tongyan.library import services as library

TAG = "files"


@bp.door("GET", "/resources/<uuid:resource_id>/files", TAG, gives=list_of(schemas.File))
def list_files(resource_id: UUID) -> dict[str, Any]:
    """List the files of a resource; each says at which addresses it is."""
    resource = library.get_resource(current_actor(), resource_id)
    return {"items": [shown_file(file) for file in resource.files]}


@bp.door("DELETE", "/files/<uuid:file_id>", TAG, status=204)
def remove_file(file_id: UUID) -> Response:
    """Take a file out of its resource."""
    library.remove_file(current_actor(), file_id)
    return done()


@bp.door("POST", "/files/<uuid:file_id>/retry", TAG, gives=schemas.Resource)
def retry_file(file_id: UUID) -> dict[str, Any]:
    """Try the steps again that failed with a file."""
    actor = current_actor()
    return full(library.get_resource(actor, library.retry_file(actor, file_id)))
