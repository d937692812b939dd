"""Reviews: what waits for one, deciding it, asking for one, taking back."""

from typing import Any
from uuid import UUID

from blueprints.api import bp
from blueprints.api.schemas import versions as schemas
from blueprints.api.schemas.base import list_of, page_of
from blueprints.api.schemas.resources import Resource
from blueprints.api.showing import full
from blueprints.common.web import current_actor
from tongyan.kernel.paging import Page
from tongyan.library import services as library

TAG = "reviews"


@bp.door("GET", "/reviews", TAG, query=schemas.ReviewQuery, gives=page_of(schemas.Review))
def list_reviews(query: dict[str, Any]) -> Page[Any]:
    """List what waits for one's decision, the oldest first."""
    return library.queue(current_actor(), query["subject"], query["page"]).page


@bp.door("GET", "/reviews/<uuid:review_id>", TAG, gives=schemas.Review)
def show_review(review_id: UUID) -> Any:
    """Show a review that waits for one."""
    return library.get_review(current_actor(), review_id)


@bp.door("POST", "/reviews/<uuid:review_id>/decide", TAG, body=schemas.Decision, gives=Resource)
def decide_review(review_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Approve what waits, or return it with a comment."""
    actor = current_actor()
    library.get_review(actor, review_id)  # one that waits for others is missing, whatever one sees of the resource
    return full(library.decide(actor, review_id, **body))


@bp.door("GET", "/resources/<uuid:resource_id>/reviews", TAG, gives=list_of(schemas.Review))
def list_history(resource_id: UUID) -> dict[str, Any]:
    """List the reviews of a resource of one's own, the latest first."""
    actor = current_actor()
    return {"items": library.history(actor, library.get_editable(actor, resource_id))}


@bp.door("POST", "/resources/<uuid:resource_id>/nominate", TAG, body=schemas.Note, gives=schemas.Review)
def nominate(resource_id: UUID, body: dict[str, Any]) -> Any:
    """Ask that a shared resource be accepted as 校本, or as 集团共享."""
    return library.nominate(current_actor(), resource_id, **body)


@bp.door("POST", "/resources/<uuid:resource_id>/withdraw", TAG, gives=Resource)
def withdraw(resource_id: UUID) -> dict[str, Any]:
    """Take a resource back from its review."""
    return full(library.withdraw(current_actor(), resource_id))
