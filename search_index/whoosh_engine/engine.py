"""The engine itself: questions to what `store` keeps."""

from search_index.engine import Explanation, Hits, Query
from search_index.query import Plan, parse, parse_alike, parse_start
from search_index.whoosh_engine import explaining, narrowing
from search_index.whoosh_engine.scoring import Finder
from search_index.whoosh_engine.store import Store


class WhooshEngine(Store):
    """An index in a folder (see `folder`), unless another place is given."""

    def search(self, query: Query) -> Hits:
        """Answer a question."""
        plan = parse(query.text, query.synonyms)
        if _is_empty(plan, query):
            return Hits(facets={name: {} for name in query.facets})
        with self._reading() as views:
            found = Finder(views, query).find(plan)
            masks = narrowing.filtered(views, found, query)
            total = narrowing.count(masks)
            places = narrowing.rank(views, masks, found.scores, query)
            return Hits(
                ids=tuple(views[place.segment].segment.id_of(place.doc) for place in places),
                total=total,
                facets={
                    name: narrowing.count_facet(views, narrowing.filtered(views, found, query, but=name), name)
                    for name in query.facets
                },
                without={} if total else narrowing.dropping(views, found, query),
                scores=tuple(place.score for place in places),
            )

    def suggest(self, query: Query) -> tuple[str, ...]:
        """Return ids whose title, tags or author fit what was typed so far."""
        return self._ids(query, parse_start(query.text))

    def alike(self, query: Query) -> tuple[str, ...]:
        """Return ids whose title looks or sounds like what was typed."""
        return self._ids(query, parse_alike(query.text))

    def explain(self, query: Query, document_id: str) -> Explanation | None:
        """Say why a thing has the score it has."""
        with self._reading() as views:
            return explaining.explain(views, query, parse(query.text, query.synonyms), document_id)

    def _ids(self, query: Query, plan: Plan) -> tuple[str, ...]:
        if not plan.groups:
            return ()
        with self._reading() as views:
            found = Finder(views, query).find(plan)
            places = narrowing.rank(views, narrowing.filtered(views, found, query), found.scores, query)
            return tuple(views[place.segment].segment.id_of(place.doc) for place in places)


def _is_empty(plan: Plan, query: Query) -> bool:
    """Say whether nothing was asked; who filters without words looks around."""
    return not plan.groups and (bool(plan.bans) or not (query.filters or query.within is not None))
