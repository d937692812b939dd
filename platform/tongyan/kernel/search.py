"""Searching what features register (`searchables`): the index answers by keys, the database has the last word.

The index is a copy: it is rebuilt by a job whenever it is missing or damaged (`search_jobs`), and meanwhile titles
are searched in the database.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import accumulate
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from search_index import IndexUnusable, Query
from search_index.engine import Explanation, Sort
from search_index.folding import fold
from search_index.query import clean, words_of
from search_index.snippets import Part, Sought, excerpt, highlight, sought
from search_index.spelling import correction
from tongyan.kernel.asking import Scope, scope_of, understand
from tongyan.kernel.batches import batches
from tongyan.kernel.clock import now
from tongyan.kernel.db import db
from tongyan.kernel.errors import NotFound
from tongyan.kernel.index import ask_for_rebuild, engine
from tongyan.kernel.jobs import Job, JobState
from tongyan.kernel.paging import MAX_PAGE, Page
from tongyan.kernel.permissions import Actor
from tongyan.kernel.searchables import INDEX, SEARCHABLES, Passage, Searchable, index_keys, synonyms, text_of

PAGE_SIZE = 20
SUGGESTIONS = 8
FEW = 3  # hits from which nobody meant something else
MEANT_WORDS = 4
FRESH = 500  # changes under way that are checked one by one
AT_ONCE = 10_000  # ids in one statement: no database is asked for more values than it takes

__all__ = ["Sort"]


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What somebody searches; `filters` maps a facet to the accepted codes."""

    text: str
    kinds: tuple[str, ...] = ()
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    facets: tuple[str, ...] = ()
    within: str = ""  # the place to search in (see `asking`)
    preferred: Mapping[str, frozenset[str]] = field(default_factory=dict)  # facet -> what is the searcher's own
    since: datetime | None = None  # only what is dated later
    sort: Sort = Sort.RELEVANCE
    page: int = 1
    size: int = PAGE_SIZE


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing that was found, with the parts of its title and text that fit."""

    kind: str
    thing: Any
    title: Sequence[Part]
    text: Sequence[Part]
    more: Any = None
    place: Any = None  # where the text stands


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One page of hits; `degraded` says that only titles were searched, for want of an index.

    `without` says, when nothing was found, how many there would be if one filter were dropped; `meant` is what may have
    been meant when next to nothing was found.
    """

    page: Page[Hit]
    facets: Mapping[str, Mapping[str, int]]
    scope: Scope | None = None
    without: Mapping[str, int] = field(default_factory=dict)
    meant: str | None = None
    degraded: bool = False


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A thing whose title fits what was typed so far."""

    kind: str
    id: UUID
    title: str


def search(actor: Actor, request: SearchRequest) -> SearchResult:
    """Search as an actor; nothing in the answer depends on what is hidden from them.

    Raises NotFound when the place to search in is hidden.
    """
    number = min(max(1, request.page), MAX_PAGE)
    scope = scope_of(actor, request.within)
    query = _query(actor, request, scope)
    try:
        found = engine().search(replace(query, offset=(number - 1) * request.size, limit=request.size))
        meant = _meant(actor, query) if found.total < FEW and number == 1 else None
    except IndexUnusable as reason:
        ask_for_rebuild(str(reason))
        restricted = scope if scope and scope.ids is not None else None
        return replace(_by_title(actor, query, number, request.size), scope=restricted)
    hits = _hits(actor, found.ids, query.text)
    total = found.total - (len(found.ids) - len(hits))
    return SearchResult(Page(hits, total, number, request.size), found.facets, scope, found.without, meant)


def _meant(actor: Actor, query: Query) -> str | None:
    """Return what may have been meant: words of titles that the actor may see, and that find something."""
    near = replace(query, filters={}, excluded={}, within=None, facets=(), offset=0)
    words = words_of(query.text).split()[:MEANT_WORDS]
    ids = {each: None for word in words for each in engine().alike(replace(near, text=word, limit=SUGGESTIONS))}
    found = _things(actor, list(ids), with_options=False)
    meant = correction(query.text, [SEARCHABLES[kind].title_of(thing) for kind, thing in found])
    return meant if meant and engine().search(replace(near, text=meant, limit=0)).total else None


def suggest(actor: Actor, text: str, limit: int = SUGGESTIONS) -> list[Suggestion]:
    """Return things whose titles fit what was typed so far; of people and places there are always some, if any fit."""
    query = _query(actor, SearchRequest(text), None)
    try:
        ids = [each for kinds in _by_sort() for each in engine().suggest(_among(query, kinds, limit * 3))]
    except IndexUnusable as reason:
        ask_for_rebuild(str(reason))
        found = [(hit.kind, hit.thing) for hit in _by_title(actor, query, 1, limit).page.items]
    else:
        found = _things(actor, ids, with_options=False)
    best: dict[tuple[str, str], Suggestion] = {}
    for kind, thing in found:
        title = SEARCHABLES[kind].title_of(thing)
        best.setdefault((kind, title), Suggestion(kind, thing.id, title))
    start = fold(clean(text)).strip()
    return sorted(_mixed(list(best.values()), limit), key=lambda each: not fold(each.title).startswith(start))


def _by_sort() -> tuple[frozenset[str], frozenset[str]]:
    """Return the kinds of things with contents, and those that are little more than their names."""
    names = frozenset(kind for kind, searchable in SEARCHABLES.items() if searchable.is_name)
    return frozenset(SEARCHABLES) - names, names


def _among(query: Query, kinds: frozenset[str], limit: int) -> Query:
    return replace(query, filters={"kind": kinds}, limit=limit)


def _mixed(found: Sequence[Suggestion], limit: int) -> list[Suggestion]:
    """Choose the best, half of them names if there are so many."""
    names = [each for each in found if SEARCHABLES[each.kind].is_name]
    others = [each for each in found if not SEARCHABLES[each.kind].is_name]
    room = max(limit - len(names), limit // 2)
    return [*others[:room], *names[: limit - len(others[:room])]]


def explain(actor: Actor, request: SearchRequest, document_id: str) -> Explanation | None:
    """Say to an administrator why something they found stands where it stands; None when it was not found.

    Raises NotFound, to others than administrators always.
    """
    if not actor.is_admin or not _things(actor, [document_id], with_options=False):
        raise NotFound
    try:
        return engine().explain(_query(actor, request, scope_of(actor, request.within)), document_id)
    except IndexUnusable as reason:
        ask_for_rebuild(str(reason))
        return None


def _query(actor: Actor, request: SearchRequest, scope: Scope | None) -> Query:
    asked = understand(actor, request.text, request.filters)
    if request.kinds:
        asked.filters["kind"] = frozenset(request.kinds)
    for name, codes in scope.filters.items() if scope else ():
        asked.filters[name] = asked.filters.get(name, codes) & codes
    return Query(
        asked.text,
        index_keys(actor),
        asked.filters,
        request.facets,
        excluded=asked.excluded,
        within=scope.ids if scope else None,
        hidden=_hidden(actor),
        preferred=request.preferred,
        synonyms=synonyms(),
        now=now(),
        since=request.since,
        sort=request.sort,
    )


def _hidden(actor: Actor) -> frozenset[str]:
    """Return what was just taken from the actor, as long as the index may not know: also counts must not show it."""
    under_way = select(Job.args).where(Job.kind == INDEX, Job.state != JobState.DONE)
    changed: dict[str, set[UUID]] = {}
    for args in db.session.scalars(under_way.order_by(Job.created_at.desc()).limit(FRESH)):
        changed.setdefault(args["kind"], set()).update(map(UUID, args["ids"]))
    hidden: set[str] = set()
    for kind, ids in changed.items():
        hidden.update(f"{kind}:{each}" for each in ids - _visible_ids(actor, kind, ids))
    return frozenset(hidden)


def _visible_ids(actor: Actor, kind: str, ids: set[UUID]) -> set[UUID]:
    if kind not in SEARCHABLES:
        return set()  # a newer release runs beside this one
    searchable = SEARCHABLES[kind]
    model, found = searchable.model, set[UUID]()
    for some in batches(ids, AT_ONCE):
        found.update(db.session.scalars(select(model.id).where(model.id.in_(some), searchable.found_by(actor))))
    return found


def _things(actor: Actor, ids: Sequence[str], with_options: bool = True) -> list[tuple[str, Any]]:
    """Load what was found, in its order, once more through the rules of the database."""
    wanted: dict[str, list[UUID]] = {}
    for each in ids:
        kind, _, thing_id = each.partition(":")
        wanted.setdefault(kind, []).append(UUID(thing_id))
    found: dict[str, Any] = {}
    for kind in wanted.keys() & SEARCHABLES.keys():
        searchable, thing_ids = SEARCHABLES[kind], wanted[kind]
        statement = select(searchable.model).where(searchable.model.id.in_(thing_ids), searchable.found_by(actor))
        options = searchable.options if with_options else ()
        for thing in db.session.scalars(statement.options(*options)).unique():
            found[f"{kind}:{thing.id}"] = thing
    return [(each.partition(":")[0], found[each]) for each in ids if each in found]


def _hits(actor: Actor, ids: Sequence[str], text: str) -> list[Hit]:
    found = _things(actor, ids)
    texts: dict[UUID, Sequence[Passage]] = {}
    for kind in {kind for kind, _ in found}:
        texts.update(SEARCHABLES[kind].texts([thing for each, thing in found if each == kind]))
    more, what = _more(actor, found), sought(text, synonyms())
    return [_hit(kind, thing, texts.get(thing.id, ()), what, more.get(thing.id)) for kind, thing in found]


def _hit(kind: str, thing: Any, passages: Sequence[Passage], what: Sought, more: Any) -> Hit:
    title = highlight(SEARCHABLES[kind].title_of(thing), what)
    body = text_of(passages)
    if not body:
        return Hit(kind, thing, title, [], more)
    cut = excerpt(body, what)
    return Hit(kind, thing, title, cut.parts, more, _place(passages, cut.matches))


def _place(passages: Sequence[Passage], matches: Sequence[int]) -> Any:
    """Return the place at which most matches stand, of several the first (a summary is no place)."""
    ends = list(accumulate(len(passage.text) + 1 for passage in passages))
    places = Counter(passages[bisect_right(ends, match)].place for match in matches)
    return max((place for place in places if place is not None), key=places.__getitem__, default=None)


def _more(actor: Actor, found: Sequence[tuple[str, Any]]) -> dict[UUID, Any]:
    """Return what kinds have to say of their things besides, to this actor."""
    said: dict[UUID, Any] = {}
    for kind in {kind for kind, _ in found}:
        if more := SEARCHABLES[kind].more:
            said.update(more(actor, [thing for each, thing in found if each == kind]))
    return said


def _by_title(actor: Actor, query: Query, number: int, size: int) -> SearchResult:
    """Search titles in the database, every word of the query, newest first; of the filters only the kinds count."""
    words, hits, total = words_of(query.text).split(), list[Hit](), 0
    what = sought(query.text)
    for searchable in SEARCHABLES.values() if words else ():
        if searchable.kind not in query.filters.get("kind", SEARCHABLES):
            continue
        matching = _titled(actor, searchable, words, query.within)
        total += db.session.scalar(select(func.count()).select_from(matching.subquery())) or 0
        page = matching.order_by(searchable.model.id.desc()).limit(size).offset((number - 1) * size)
        things = [(searchable.kind, each) for each in db.session.scalars(page.options(*searchable.options)).unique()]
        more = _more(actor, things)
        hits += [_hit(kind, thing, (), what, more.get(thing.id)) for kind, thing in things]
    return SearchResult(Page(hits[:size], total, number, size), {}, degraded=True)


def _titled(actor: Actor, searchable: Searchable, words: Sequence[str], within: Collection[str] | None) -> Select[Any]:
    fits = [searchable.titles().icontains(word, autoescape=True) for word in words]
    if within is not None:
        fits.append(searchable.model.id.in_(_ids_of(searchable.kind, within)))
    return select(searchable.model).where(searchable.found_by(actor), *fits)


def _ids_of(kind: str, documents: Collection[str]) -> list[UUID]:
    return [UUID(each.partition(":")[2]) for each in documents if each.startswith(f"{kind}:")]
