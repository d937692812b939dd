"""Ratings, comments, favourites, mistakes, and the lessons for which resources are chosen."""

from typing import Any
from uuid import UUID

from flask import Response

from blueprints.api import bp
from blueprints.api.doors import done
from blueprints.api.schemas import voices as schemas
from blueprints.api.schemas.base import NumberQuery, list_of, page_of
from blueprints.api.showing import card
from blueprints.common.web import current_actor
from tongyan.kernel.paging import Page
from tongyan.library import services as library
from tongyan.library.models import CorrectionState
from tongyan.library.services import Mistake

TAG = "voices"


@bp.door("GET", "/resources/<uuid:resource_id>/ratings", TAG, query=NumberQuery, gives=page_of(schemas.Rating))
def list_ratings(resource_id: UUID, query: dict[str, Any]) -> Page[Any]:
    """List the ratings of a resource, the latest first."""
    return library.list_ratings(current_actor(), resource_id, query["page"])


@bp.door("PUT", "/resources/<uuid:resource_id>/rating", TAG, body=schemas.RatingChange, status=204)
def rate(resource_id: UUID, body: dict[str, Any]) -> Response:
    """Rate a resource, or rate it anew; never one's own."""
    library.rate(current_actor(), resource_id, **body)
    return done()


@bp.door("DELETE", "/resources/<uuid:resource_id>/rating", TAG, status=204)
def remove_rating(resource_id: UUID) -> Response:
    """Take one's rating back."""
    library.remove_rating(current_actor(), resource_id)
    return done()


@bp.door("GET", "/resources/<uuid:resource_id>/comments", TAG, query=NumberQuery, gives=page_of(schemas.Comment))
def list_comments(resource_id: UUID, query: dict[str, Any]) -> Page[Any]:
    """List what is said about a resource, the latest first."""
    return library.list_comments(current_actor(), resource_id, query["page"])


@bp.door("POST", "/resources/<uuid:resource_id>/comments", TAG, body=schemas.Text, gives=schemas.Comment, status=201)
def add_comment(resource_id: UUID, body: dict[str, Any]) -> Any:
    """Say something about a resource; @ and a name tell a colleague."""
    return library.add_comment(current_actor(), resource_id, body["text"])


@bp.door("DELETE", "/comments/<uuid:comment_id>", TAG, status=204)
def delete_comment(comment_id: UUID) -> Response:
    """Take a comment back."""
    library.delete_comment(current_actor(), comment_id)
    return done()


@bp.door("PUT", "/resources/<uuid:resource_id>/favourite", TAG, status=204)
def keep_favourite(resource_id: UUID) -> Response:
    """Put a resource among one's favourites."""
    library.keep_favourite(current_actor(), resource_id, wanted=True)
    return done()


@bp.door("DELETE", "/resources/<uuid:resource_id>/favourite", TAG, status=204)
def drop_favourite(resource_id: UUID) -> Response:
    """Take a resource out of one's favourites."""
    library.keep_favourite(current_actor(), resource_id, wanted=False)
    return done()


@bp.door("GET", "/resources/<uuid:resource_id>/corrections", TAG, gives=list_of(schemas.Correction))
def list_corrections(resource_id: UUID) -> dict[str, Any]:
    """List the mistakes that were found in a resource, those without an answer first."""
    resource = library.get_resource(current_actor(), resource_id)
    return {"items": [*library.open_corrections(resource), *library.past_corrections(resource)]}


@bp.door(
    "POST",
    "/resources/<uuid:resource_id>/corrections",
    TAG,
    body=schemas.Mistake,
    gives=schemas.Correction,
    status=201,
)
def report_correction(resource_id: UUID, body: dict[str, Any]) -> Any:
    """Tell the owner of a mistake."""
    return library.report_correction(current_actor(), resource_id, Mistake(**body))


@bp.door("POST", "/corrections/<uuid:correction_id>/answer", TAG, body=schemas.CorrectionAnswer, status=204)
def answer_correction(correction_id: UUID, body: dict[str, Any]) -> Response:
    """Say that a mistake is mended, or why it stays."""
    state = CorrectionState.DONE if body["done"] else CorrectionState.DECLINED
    library.answer_correction(current_actor(), correction_id, state, body["answer"])
    return done()


@bp.door("GET", "/resources/<uuid:resource_id>/uses", TAG, gives=list_of(schemas.Use))
def list_uses(resource_id: UUID) -> dict[str, Any]:
    """List the lessons for which colleagues chose a resource."""
    return {
        "items": [
            {"node": use.node, "number": use.number, "schools": sorted(use.schools), "people": sorted(use.people)}
            for use in library.uses_of(current_actor(), resource_id)
        ]
    }


@bp.door("POST", "/resources/<uuid:resource_id>/uses", TAG, body=schemas.UseChange, status=204)
def use_in_lesson(resource_id: UUID, body: dict[str, Any]) -> Response:
    """Choose a resource for a lesson of one's own, in its present version."""
    library.use_in_lesson(current_actor(), resource_id, body["node_id"])
    return done()


@bp.door("GET", "/uses", TAG, gives=list_of(schemas.Lesson))
def my_lessons() -> dict[str, Any]:
    """List what one chose, by lesson in the order of the books."""
    return {
        "items": [
            {
                "node": lesson.node,
                "book": lesson.book,
                "unit": lesson.unit,
                "chosen": [
                    {
                        "id": chosen.use.id,
                        "node_id": chosen.use.node_id,
                        "number": chosen.use.number,
                        "newer": chosen.newer,
                        "resource": card(chosen.resource) if chosen.resource else None,
                    }
                    for chosen in lesson.chosen
                ],
            }
            for lesson in library.my_lessons(current_actor())
        ]
    }


@bp.door("DELETE", "/uses/<uuid:use_id>", TAG, status=204)
def drop_use(use_id: UUID) -> Response:
    """Choose a resource no longer."""
    library.drop_use(current_actor(), use_id)
    return done()


@bp.door("POST", "/uses/<uuid:use_id>/accept", TAG, status=204)
def accept_version(use_id: UUID) -> Response:
    """Take note of a new version for one's lesson."""
    library.accept_version(current_actor(), use_id)
    return done()
