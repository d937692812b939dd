"""Searching by words."""

from typing import Any

from blueprints.api import bp
from blueprints.api.schemas.search import Found, SearchQuery
from blueprints.api.showing import card
from blueprints.common.web import asker, current_actor
from tongyan.extensions import limiter
from tongyan.kernel import search
from tongyan.kernel.search import SearchRequest, Sort

FACETS = ("subject", "grade", "edition", "type", "school", "licence")
KIND = "resource"


@bp.door("GET", "/search", "search", query=SearchQuery, gives=Found)
@limiter.limit("120/minute", key_func=asker)
def find(query: dict[str, Any]) -> dict[str, Any]:
    """Find resources by words in their titles, keywords and files."""
    asked = SearchRequest(
        text=query["q"].strip(),
        kinds=(KIND,),
        filters={name: query[name] for name in FACETS if query[name]},
        facets=FACETS,
        within=query["within"],
        sort=Sort(query["sort"]),
        page=query["page"],
        size=query["size"],
    )
    found = search.search(current_actor(), asked)
    return {
        "items": [
            {"kind": hit.kind, "thing": card(hit.thing), "title": hit.title, "text": hit.text, "place": hit.place}
            for hit in found.page.items
        ],
        "total": found.page.total,
        "number": found.page.number,
        "pages": found.page.pages,
        "size": found.page.size,
        "facets": found.facets,
        "without": found.without,
        "meant": found.meant,
        "degraded": found.degraded,
    }
