"""The page of results, suggestions while one types, and to an administrator why something stands where it stands."""

from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.common.labels import kind_name
from blueprints.common.templates import url_with
from blueprints.common.web import asker, current_actor, fragment, page_arg, signed_in
from blueprints.search import bp
from blueprints.search.facets import FACETS, chips, facets, tabs, ways_out
from blueprints.search.pages import WITH_PAGE, address_of
from tongyan.extensions import limiter
from tongyan.finding.services.opened import recently_opened
from tongyan.kernel import search
from tongyan.kernel.search import SearchRequest, Sort
from tongyan.library import services as library

RECENT = 8
MAX_CHOSEN = 20  # codes of one facet in the URL
KIND = "kind"


def request_of_url() -> SearchRequest:
    """Return the search in the URL; nonsense counts as not said."""
    chosen = {name: request.args.getlist(name)[:MAX_CHOSEN] for name in FACETS}
    return SearchRequest(
        text=request.args.get("q", "").strip(),
        kinds=tuple(request.args.getlist(KIND)[:MAX_CHOSEN]),
        filters={name: codes for name, codes in chosen.items() if codes},
        facets=(KIND, *FACETS),
        within=request.args.get("within", ""),
        preferred=library.preferences(current_actor()),
        sort=request.args.get("sort", Sort.RELEVANCE, type=Sort),
        page=page_arg(),
    )


@bp.get("/search")
@limiter.limit("60/minute", key_func=asker)
@signed_in
def index() -> ResponseReturnValue:
    """Show what was found, or what one can search for."""
    actor = current_actor()
    if not request.args.get("q", "").strip() and not request.args.get("within"):
        return render_template("search/start.html", recent=library.list_resources(actor, size=RECENT).items)
    asked = request_of_url()
    found = search.search(actor, asked)
    shown = facets(found.facets, asked.filters)
    return render_template(
        "search/_found.html" if fragment() else "search/index.html",
        found=found,
        asked=asked,
        facets=shown,
        tabs=tabs(found.facets.get(KIND, {}), asked.kinds),
        chips=chips(shown, asked.filters),
        bare=url_with(**dict.fromkeys(FACETS)),
        ways_out=ways_out(found.without, shown, asked.filters, asked.kinds),
    )


@bp.get("/search/why/<kind>/<uuid:thing_id>")
@limiter.limit("60/minute", key_func=asker)
@signed_in
def why(kind: str, thing_id: UUID) -> ResponseReturnValue:
    """Explain to an administrator the place of a hit in the search of the URL."""
    explanation = search.explain(current_actor(), request_of_url(), f"{kind}:{thing_id}")
    return render_template("search/_why.html", explanation=explanation)


@bp.get("/search/suggest")
@limiter.limit("120/minute", key_func=asker)
@signed_in
def suggest() -> ResponseReturnValue:
    """Give what fits what was typed so far; before anything is typed, what the person opened last."""
    actor, text = current_actor(), request.args.get("q", "").strip()
    if text:
        return {"suggestions": [_suggestion(each.kind, each.id, each.title) for each in search.suggest(actor, text)]}
    opened = recently_opened(actor, RECENT, WITH_PAGE)
    return {"suggestions": [_entry(each.kind, each.title, address_of(each.kind, each.id)) for each in opened]}


def _suggestion(kind: str, thing_id: UUID, title: str) -> dict[str, str]:
    """Lead to a place itself; what has contents is searched for by its title, and so is a person."""
    return _entry(kind, title, None if kind == "resource" else address_of(kind, thing_id))


def _entry(kind: str, title: str, url: str | None) -> dict[str, str]:
    searched = url_for(".index", q=title) if kind == "resource" else url_for(".index", q=title, kind=kind)
    return {"text": title, "kind": kind_name(kind), "url": url or searched}
