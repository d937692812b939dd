"""Keeping the index true: after every change, anew when it is damaged, and compared with the database every day."""

from collections.abc import Callable, Collection, Iterator
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from search_index import Document, IndexUnusable
from tongyan.kernel.batches import batches
from tongyan.kernel.db import release, transaction
from tongyan.kernel.index import MERGE, REBUILD, ask_for_rebuild, engine
from tongyan.kernel.jobs import Job, JobFailed, JobSpec, enqueue, enqueue_all, job, set_progress
from tongyan.kernel.searchables import CHUNK, INDEX, SEARCHABLES, index_specs

COMPARE, LOOK = "search.compare", "search.look"


@job(INDEX, lease=120)
def index(row: Job) -> None:
    """Bring the index up to date for some things; the newest state wins, since it is read under the writer's lock."""
    kind = row.args["kind"]
    if kind not in SEARCHABLES:
        raise JobFailed("search.kind_unknown", kind=kind)
    try:
        engine().replace([f"{kind}:{each}" for each in row.args["ids"]], load)
        _merge_later()
    except IndexUnusable as reason:
        if str(reason) == "unreachable":
            raise  # and try again: this change must get in
        ask_for_rebuild(str(reason), unless_since=timedelta(0))


def _merge_later() -> None:
    if engine().merge_is_due():
        with transaction():
            enqueue(JobSpec(MERGE, key=MERGE))


@job(MERGE, lease=600)
def merge(_row: Job) -> None:
    """Make fewer pieces of many: no change waits for it, and every search is a little faster."""
    try:
        while engine().merge():
            pass
    except IndexUnusable as reason:
        ask_for_rebuild(str(reason))


@job(LOOK, every=timedelta(hours=1), at_start=True)
def look(_row: Job) -> None:
    """See that the index can be used: nobody should have to search in vain before it is mended."""
    try:
        engine().count()
        _merge_later()
    except IndexUnusable as reason:
        ask_for_rebuild(str(reason))


@job(REBUILD, lease=300)
def rebuild_index(row: Job) -> None:
    """Build the index anew."""
    rebuild(lambda percent: set_progress(row.id, percent))


@job(COMPARE, lease=300, every=timedelta(days=1))
def compare(_row: Job) -> None:
    """Index what the index has missed, and forget what it should not have any more."""
    try:
        differing = check().differing
    except IndexUnusable as reason:
        ask_for_rebuild(str(reason))
        return
    for kind in SEARCHABLES:
        ids = [_uuid(each) for each in sorted(differing) if each.startswith(f"{kind}:")]
        with transaction():
            enqueue_all(index_specs(kind, ids))


class Checked(NamedTuple):
    """How many documents the index has, and which ids it should have or should not have."""

    documents: int
    differing: set[str]


def check() -> Checked:
    """Read the whole index and compare it with the database; raises IndexUnusable."""
    engine().verify()
    indexed = engine().ids()
    return Checked(len(indexed), indexed ^ set(_wanted()))


def rebuild(tell: Callable[[int], None]) -> int:
    """Build the index from the database; `tell` hears the percentage; returns the number of documents."""
    wanted: list[str] = []

    def ids() -> Iterator[str]:
        wanted.extend(_wanted())
        yield from wanted

    return engine().rebuild(ids(), load, lambda done: tell(done * 99 // max(1, len(wanted))))


def _wanted() -> Iterator[str]:
    """Give the ids of all that should be found."""
    release()
    for kind, searchable in SEARCHABLES.items():
        yield from (f"{kind}:{each}" for each in searchable.all_ids())


def load(ids: Collection[str]) -> Iterator[Document]:
    """Read what the index should know of these things now."""
    release()  # a read begun earlier would be stale
    by_kind: dict[str, list[UUID]] = {}
    for each in ids:
        by_kind.setdefault(each.partition(":")[0], []).append(_uuid(each))
    for kind, thing_ids in by_kind.items():
        for chunk in batches(thing_ids, CHUNK):
            yield from SEARCHABLES[kind].documents(chunk) if kind in SEARCHABLES else ()


def _uuid(document_id: str) -> UUID:
    return UUID(document_id.partition(":")[2])
