"""The page of results, and suggestions while one types."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from blueprints.common.web import asker, current_actor, fragment, page_arg, signed_in
from blueprints.search import bp
from blueprints.search.facets import FACETS, chips, facets
from tongyan.extensions import limiter
from tongyan.kernel import search
from tongyan.kernel.search import SearchRequest, Sort
from tongyan.library import services as library

RECENT = 8
MAX_CHOSEN = 20  # codes of one facet in the URL


def request_of_url() -> SearchRequest:
    """Return the search in the URL; nonsense counts as not said."""
    chosen = {name: request.args.getlist(name)[:MAX_CHOSEN] for name in FACETS}
    return SearchRequest(
        text=request.args.get("q", "").strip(),
        filters={name: codes for name, codes in chosen.items() if codes},
        facets=FACETS,
        sort=request.args.get("sort", Sort.RELEVANCE, type=Sort),
        page=page_arg(),
    )


@bp.get("/search")
@limiter.limit("60/minute", key_func=asker)
@signed_in
def index() -> ResponseReturnValue:
    """Show what was found, or what one can search for."""
    actor, asked = current_actor(), request_of_url()
    if not asked.text:
        return render_template("search/start.html", recent=library.list_resources(actor, size=RECENT).items)
    found = search.search(actor, asked)
    template = "search/_found.html" if fragment() else "search/index.html"
    shown = facets(found.facets, asked.filters)
    return render_template(template, found=found, asked=asked, facets=shown, chips=chips(shown, asked.filters))


@bp.get("/search/suggest")
@limiter.limit("120/minute", key_func=asker)
@signed_in
def suggest() -> ResponseReturnValue:
    """Give titles that fit what was typed so far."""
    return {"suggestions": search.suggest(current_actor(), request.args.get("q", ""))}
