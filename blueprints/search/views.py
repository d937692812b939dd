"""The page of results, and suggestions while one types."""

from flask.typing import ResponseReturnValue

from blueprints.common.web import signed_in
from blueprints.search import bp


@bp.get("/search")
@signed_in
def index() -> ResponseReturnValue:
    """Show what was found."""
    return ""


@bp.get("/search/suggest")
@signed_in
def suggest() -> ResponseReturnValue:
    """Give titles that fit what was typed so far."""
    return {"suggestions": []}
