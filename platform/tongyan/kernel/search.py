"""Searching what features register: the index answers by audience keys, the database has the last word.

A feature registers a `Searchable` and, whenever a thing changed, enqueues `index_spec(...)` in the same transaction.
The index is a copy: it is rebuilt by a job whenever it is missing or damaged (`search_jobs`), and meanwhile titles
are searched in the database.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from itertools import accumulate
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, func, or_, select

from search_index import Document, Engine, IndexUnusable, Query
from search_index.engine import Sort
from search_index.folding import fold
from search_index.query import clean
from search_index.snippets import Part, Sought, excerpt, highlight, sought
from search_index.synonyms import NO_SYNONYMS, Synonyms
from search_index.whoosh_engine import WhooshEngine
from tongyan.kernel import settings
from tongyan.kernel.batches import batches
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, transaction
from tongyan.kernel.jobs import Job, JobSpec, JobState, enqueue
from tongyan.kernel.paging import MAX_PAGE, Page
from tongyan.kernel.permissions import Actor, visible

log = structlog.get_logger()

INDEX, REBUILD = "search.index", "search.rebuild"
PAGE_SIZE = 20
SUGGESTIONS = 8
ADMIN = "admin"  # the key of administrators; only what they see by their office names it
JUST_NOW = timedelta(minutes=2)
CHUNK = 200  # things that one job brings into the index
FRESH = 500  # changes under way that are checked one by one

__all__ = ["Sort"]


class Passage(NamedTuple):
    """A piece of a thing's text, and where it stands (for a link to it); the index knows all of them as one text."""

    text: str
    place: Any = None


def text_of(passages: Sequence[Passage]) -> str:
    """Return passages as one text."""
    return "\n".join(passage.text for passage in passages)


@dataclass(frozen=True, slots=True)
class Searchable:
    """A kind of thing that can be found. Its model has an `id` and a `title` (or says what it has in its place).

    `documents` gives what the index knows of some ids (fewer when some are gone), `all_ids` every id, `texts` the text
    of loaded things, from which snippets are cut, `options` are loader options for showing a hit. `visible` filters
    what an actor may find where that is not what the policy of the model shows them; `more` gives what the actor may
    read of some things besides, for showing a hit. `findable` filters out what is closed or put away, though some
    still see it.
    """

    kind: str
    model: Any
    documents: Callable[[Sequence[UUID]], list[Document]]
    all_ids: Callable[[], Iterable[UUID]]
    texts: Callable[[Sequence[Any]], Mapping[UUID, Sequence[Passage]]]
    options: tuple[Any, ...] = ()
    title_of: Callable[[Any], str] = attrgetter("title")
    title_column: Any = None
    visible: Callable[[Actor], ColumnElement[bool]] | None = None
    findable: tuple[ColumnElement[bool], ...] = ()
    more: Callable[[Actor, Sequence[Any]], Mapping[UUID, Any]] | None = None

    def found_by(self, actor: Actor) -> ColumnElement[bool]:
        """Return the filter of what the actor may find."""
        return self.visible(actor) if self.visible else visible(actor, self.model)

    def titles(self) -> Any:
        """Return the column of the titles."""
        return self.model.title if self.title_column is None else self.title_column


SEARCHABLES: dict[str, Searchable] = {}


def register_searchable(searchable: Searchable) -> None:
    """Register a kind (at import of the feature's `indexing`)."""
    SEARCHABLES[searchable.kind] = searchable


_synonyms: list[Callable[[], Synonyms]] = []


def register_synonyms(provider: Callable[[], Synonyms]) -> None:
    """Say who knows the words that mean the same (once per process)."""
    _synonyms[:] = [provider]


def synonyms() -> Synonyms:
    """Return the words that mean the same now."""
    return _synonyms[0]() if _synonyms else NO_SYNONYMS


def over_key(scope: str) -> str:
    """Return the key of the index for those in an office over a scope: staff of a region hold its audience, too."""
    return f"over:{scope}"


def at_key(school_id: UUID) -> str:
    """Return the key of the index for those who serve at a school: an office over it gives its audience, too."""
    return f"at:{school_id}"


def index_keys(actor: Actor) -> frozenset[str]:
    """Return what opens documents of the index to an actor: their audiences, and what only the index asks for."""
    over = (over_key(grant.scope) for grant in actor.offices)
    return actor.keys | {*over, *map(at_key, actor.school_ids), *({ADMIN} if actor.is_admin else ())}


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What somebody searches; `filters` maps a facet to the accepted codes."""

    text: str
    kinds: tuple[str, ...] = ()
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    facets: tuple[str, ...] = ()
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
    """One page of hits; `degraded` says that only titles were searched, for want of an index."""

    page: Page[Hit]
    facets: Mapping[str, Mapping[str, int]]
    degraded: bool = False


def index_spec(kind: str, ids: Iterable[UUID]) -> JobSpec:
    """Return the job that brings the index up to date for these things.

    It has no key: a job already queued may be running by the time this transaction commits, and would miss it.
    """
    return JobSpec(INDEX, {"kind": kind, "ids": [str(each) for each in ids]})


def index_specs(kind: str, ids: Iterable[UUID]) -> Iterator[JobSpec]:
    """Give the jobs for many things: no job may grow with what there is."""
    for some in batches(ids, CHUNK):
        yield index_spec(kind, some)


def merged(specs: Iterable[JobSpec]) -> Iterator[JobSpec]:
    """Give jobs as they are, but as few as possible for all that is to be indexed."""
    changed: dict[str, dict[str, None]] = {}
    for spec in specs:
        if spec.kind == INDEX:
            changed.setdefault(spec.args["kind"], {}).update(dict.fromkeys(spec.args["ids"]))
        else:
            yield spec
    for kind, ids in changed.items():
        yield from index_specs(kind, map(UUID, ids))


def search(actor: Actor, request: SearchRequest) -> SearchResult:
    """Search as an actor; nothing in the answer depends on what is hidden from them."""
    number = min(max(1, request.page), MAX_PAGE)
    query = _query(actor, request.text, request.filters, request.kinds)
    try:
        found = engine().search(
            Query(
                **query,
                facets=request.facets,
                since=request.since,
                sort=request.sort,
                offset=(number - 1) * request.size,
                limit=request.size,
            )
        )
    except IndexUnusable as reason:
        ask_for_rebuild(str(reason))
        return _by_title(actor, request, number)
    hits = _hits(actor, found.ids, request.text)
    total = found.total - (len(found.ids) - len(hits))
    return SearchResult(Page(hits, total, number, request.size), found.facets)


def suggest(actor: Actor, text: str, limit: int = SUGGESTIONS) -> list[str]:
    """Return titles that fit what was typed so far."""
    try:
        ids = engine().suggest(Query(**_query(actor, text, {}, ()), limit=limit * 3))
    except IndexUnusable as reason:
        ask_for_rebuild(str(reason))
        by_title = _by_title(actor, SearchRequest(text, size=limit), 1).page.items
        return [SEARCHABLES[hit.kind].title_of(hit.thing) for hit in by_title]
    found = _things(actor, ids, with_options=False)
    titles = dict.fromkeys(SEARCHABLES[kind].title_of(thing) for kind, thing in found)
    start = fold(clean(text)).strip()
    return sorted(titles, key=lambda title: not fold(title).startswith(start))[:limit]


def engine() -> Engine:
    """Return the engine of this application."""
    return _engine_at(settings.get("INDEX_DIR"))


@cache
def _engine_at(folder: str) -> WhooshEngine:
    return WhooshEngine(Path(folder))


def ask_for_rebuild(reason: str, unless_since: timedelta = JUST_NOW) -> None:
    """Enqueue a rebuild, unless one is under way or has just ended (it would not help to do it again)."""
    log.warning("search_index_unusable", reason=reason, exc_info=reason != "missing")  # a new installation has none
    with transaction() as session:
        under_way = Job.state.in_([JobState.QUEUED, JobState.RUNNING])
        enough = select(Job.id).where(Job.kind == REBUILD, or_(under_way, Job.ended_at > now() - unless_since))
        if session.scalar(enough.limit(1)) is None:
            enqueue(JobSpec(REBUILD))


def _query(actor: Actor, text: str, filters: Mapping[str, Sequence[str]], kinds: Sequence[str]) -> dict[str, Any]:
    accepted = {name: frozenset(values) for name, values in filters.items() if values}
    if kinds:
        accepted["kind"] = frozenset(kinds)
    return {
        "text": text,
        "keys": index_keys(actor),
        "filters": accepted,
        "hidden": _hidden(actor),
        "synonyms": synonyms(),
    }


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
    model = searchable.model
    return set(db.session.scalars(select(model.id).where(model.id.in_(ids), searchable.found_by(actor))))


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
    return Hit(kind, thing, title, cut.parts, more, _place(passages, cut.place))


def _place(passages: Sequence[Passage], offset: int | None) -> Any:
    """Return the place of the passage in which an offset of the whole text lies."""
    if offset is None:
        return None
    ends = accumulate(len(passage.text) + 1 for passage in passages)
    return next((passage.place for passage, end in zip(passages, ends, strict=True) if offset < end), None)


def _more(actor: Actor, found: Sequence[tuple[str, Any]]) -> dict[UUID, Any]:
    """Return what kinds have to say of their things besides, to this actor."""
    said: dict[UUID, Any] = {}
    for kind in {kind for kind, _ in found}:
        if more := SEARCHABLES[kind].more:
            said.update(more(actor, [thing for each, thing in found if each == kind]))
    return said


def _by_title(actor: Actor, request: SearchRequest, number: int) -> SearchResult:
    """Search titles in the database, every word of the query, newest first."""
    words = clean(request.text).split()
    hits: list[Hit] = []
    total = 0
    for searchable in SEARCHABLES.values() if words else ():
        if request.kinds and searchable.kind not in request.kinds:
            continue
        model = searchable.model
        fits: list[ColumnElement[bool]] = [searchable.titles().icontains(word, autoescape=True) for word in words]
        matching = select(model).where(searchable.found_by(actor), *fits)
        total += db.session.scalar(select(func.count()).select_from(matching.subquery())) or 0
        page = matching.order_by(model.id.desc()).limit(request.size).offset((number - 1) * request.size)
        things = [(searchable.kind, each) for each in db.session.scalars(page.options(*searchable.options)).unique()]
        more, what = _more(actor, things), sought(request.text)
        hits += [_hit(kind, thing, (), what, more.get(thing.id)) for kind, thing in things]
    return SearchResult(Page(hits[: request.size], total, number, request.size), {}, degraded=True)
