"""Searches that the person keeps; they are run by `find`."""

from typing import Any
from uuid import UUID

from flask import Response

from blueprints.api import bp
from blueprints.api.doors import done
from blueprints.api.schemas import searches as schemas
from blueprints.api.schemas.base import list_of
from blueprints.common.web import current_actor
from tongyan.finding.models import SavedSearch
from tongyan.finding.services import saving
from tongyan.kernel.search import SearchRequest, Sort

TAG = "searches"


@bp.door("GET", "/searches", TAG, gives=list_of(schemas.SavedSearch))
def list_searches() -> dict[str, Any]:
    """List what the person keeps, those with news first."""
    return {"items": saving.list_saved(current_actor())}


@bp.door("POST", "/searches", TAG, body=schemas.Asked, gives=schemas.SavedSearch, status=201)
def keep_search(body: dict[str, Any]) -> SavedSearch:
    """Keep a search under a name."""
    asked = SearchRequest(
        text=body["text"],
        kinds=tuple(body["kinds"]),
        filters=body["filters"],
        within=body["within"],
        sort=Sort(body["sort"]),
    )
    return saving.save_search(current_actor(), body["name"], asked, digest=body["digest"])


@bp.door("PUT", "/searches/<uuid:saved_id>", TAG, body=schemas.SavedChange, gives=schemas.SavedSearch)
def change_search(saved_id: UUID, body: dict[str, Any]) -> SavedSearch:
    """Give a search another name, and say whether to tell of news every morning."""
    return saving.change_saved(current_actor(), saved_id, body["name"], digest=body["digest"])


@bp.door("DELETE", "/searches/<uuid:saved_id>", TAG, status=204)
def drop_search(saved_id: UUID) -> Response:
    """Forget a search."""
    saving.delete_saved(current_actor(), saved_id)
    return done()
