"""The engine itself: who asks sees the last commit; who writes commits whole or not at all."""

import errno
import os
import shutil
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import NamedTuple

import numpy as np
from whoosh.codec.whoosh3 import W3Segment
from whoosh.index import TOC

from search_index.documents import Document
from search_index.engine import Hits, IndexUnusable, Load, Query
from search_index.query import Plan, parse, parse_start
from search_index.whoosh_engine import scoring, sums
from search_index.whoosh_engine.folder import STAMP, Folder
from search_index.whoosh_engine.schema import ID, SCHEMA
from search_index.whoosh_engine.segment import Cache, Mask, Segment, Storage
from search_index.whoosh_engine.writer import INDEX_NAME, Batch, Old, write_segment

CACHE_BYTES = 96 << 20
BATCH_POSTINGS = 6_000_000  # of a rebuild, held in memory: about 400 MB
TIER, LARGEST_MERGE = 8, 4_096  # segments of like size that become one; documents of a segment that is still merged


class _Snapshot(NamedTuple):
    build: Path
    generation: int
    views: list[scoring.View]


class WhooshEngine:
    """An index in a folder (see `Folder`); safe for many processes and threads."""

    def __init__(self, root: Path) -> None:
        self._folder = Folder(root)
        self._lock = RLock()
        self._cache = Cache(CACHE_BYTES)
        self._snapshot: _Snapshot | None = None

    # reading

    def search(self, query: Query) -> Hits:
        """Answer a question."""
        plan = parse(query.text)
        if not plan.groups:
            return Hits(facets={name: {} for name in query.facets})
        with self._reading() as views:
            found = scoring.find(views, query, plan)
            masks = scoring.filtered(views, found, query.filters)
            return Hits(
                ids=self._page(views, masks, found, query),
                total=sum(int(mask.sum()) for mask in masks),
                facets={name: self._facet(views, found, query, name) for name in query.facets},
            )

    def suggest(self, query: Query) -> tuple[str, ...]:
        """Return ids whose title, tags or author fit what was typed so far."""
        plan: Plan = parse_start(query.text)
        if not plan.groups:
            return ()
        with self._reading() as views:
            found = scoring.find(views, query, plan)
            return self._page(views, scoring.filtered(views, found, query.filters), found, query)

    def count(self) -> int:
        """Return how many documents there are."""
        with self._reading() as views:
            return sum(int(view.live.sum()) for view in views)

    def ids(self) -> set[str]:
        """Return the ids of all documents."""
        with self._reading() as views:
            return {
                term.decode()
                for view in views
                for term, postings in view.segment.terms(ID)
                if view.live[postings.docs[0]]
            }

    def close(self) -> None:
        """Let go of the files."""
        with self._lock:
            self._snapshot = None
            self._cache = Cache(CACHE_BYTES)

    def _page(
        self, views: list[scoring.View], masks: list[Mask], found: scoring.Found, query: Query
    ) -> tuple[str, ...]:
        places = scoring.rank(views, masks, found.scores, query)
        return tuple(views[number].segment.id_of(doc) for number, doc in places)

    def _facet(self, views: list[scoring.View], found: scoring.Found, query: Query, name: str) -> dict[str, int]:
        others = {key: values for key, values in query.filters.items() if key != name}
        return scoring.count_facet(views, scoring.filtered(views, found, others), name)

    @contextmanager
    def _reading(self) -> Iterator[list[scoring.View]]:
        """Give the newest state; whatever goes wrong with damaged files becomes IndexUnusable."""
        with self._lock:
            try:
                with _damage_is_unusable():
                    yield self._newest().views
            except IndexUnusable:
                self.close()
                raise

    def _newest(self) -> _Snapshot:
        build = self._folder.current()
        for attempt in range(10):
            generation = TOC._latest_generation(Storage(str(build)), INDEX_NAME)
            known = self._snapshot
            if known is not None and (known.build, known.generation) == (build, generation):
                return known
            try:
                self._snapshot = self._open(build, generation)
            except FileNotFoundError:  # a commit removed what we were about to open; look again
                if attempt == 9 or generation < 0:
                    raise
                build = self._folder.current()
        raise IndexUnusable("damaged")

    def _open(self, build: Path, generation: int) -> _Snapshot:
        """Open what is new; what is known stays open. Deletions always come from the new table of contents."""
        storage = Storage(str(build))
        toc = TOC.read(storage, INDEX_NAME, gen=generation, schema=SCHEMA)
        known = {view.segment.name: view.segment for view in (self._snapshot.views if self._snapshot else ())}
        views = []
        for each in toc.segments:
            segment = known.get(each.segment_id()) or Segment(storage, each, self._cache)
            views.append(scoring.View(segment, _live(each)))
        return _Snapshot(build, generation, views)

    # writing

    def put(self, documents: Iterable[Document]) -> None:
        """Add documents, or replace those of the same id."""
        given = list(documents)
        self.replace([document.id for document in given], lambda _: given)

    def delete(self, ids: Collection[str]) -> None:
        """Forget documents."""
        self.replace(ids, lambda _: ())

    def replace(self, ids: Collection[str], load: Load) -> None:
        """Make the index agree with what `load` gives for these ids."""
        if not ids:
            return
        with self._folder.writing():
            self._folder.note(list(ids))
            try:
                build = self._folder.current()
            except IndexUnusable:
                if self._folder.is_rebuilding():
                    return  # the rebuild asks for these ids again before it ends
                raise
            batch = _batch_of(load(ids))
            with self._lock, _damage_is_unusable():  # other threads read the same open segments
                self._commit(build, ids, batch)

    def rebuild(self, documents: Iterable[Document], load: Load) -> int:
        """Build the index anew beside the old one and swap."""
        with self._folder.rebuilding():
            build = self._folder.new_build()
            batch = Batch()
            for document in _once(documents):
                batch.add(document)
                if batch.size >= BATCH_POSTINGS:
                    self._append(build, batch)
                    batch = Batch()
            self._append(build, batch)
            with self._folder.writing():
                touched = self._folder.touched()
                if touched:
                    changed = _batch_of(load(touched))
                    with self._lock:
                        self._commit(build, touched, changed)
                self._folder.swap(build)
        self.close()
        return self.count()

    def verify(self) -> None:
        """Compare every file with the checksum of its commit."""
        with self._folder.writing(), _damage_is_unusable():
            storage = Storage(str(self._folder.current()))
            for each in TOC.read(storage, INDEX_NAME, schema=SCHEMA).segments:
                sums.check(storage, each)

    def _append(self, build: Path, batch: Batch) -> None:
        storage = Storage(str(build))
        toc = TOC.read(storage, INDEX_NAME, schema=SCHEMA)
        segment = write_segment(storage, (), batch)
        _finish(storage, toc, [*toc.segments, *([segment] if segment else [])])

    def _commit(self, build: Path, ids: Collection[str], batch: Batch) -> None:
        storage = Storage(str(build))
        toc = TOC.read(storage, INDEX_NAME, schema=SCHEMA)
        opened = {each.segment_id(): self._segment(storage, each) for each in toc.segments}
        for each in toc.segments:
            for document_id in ids:
                for doc in opened[each.segment_id()].docs_of(document_id):
                    each.delete_document(doc)
        kept = [each for each in toc.segments if each.doc_count()]
        merged = _merge_with(kept, len(batch.records))
        olds = [Old(opened[each.segment_id()], _live(each)) for each in merged]
        segment = write_segment(storage, olds, batch)
        rest = [each for each in kept if each not in merged]
        _finish(storage, toc, [*rest, *([segment] if segment else [])])

    def _segment(self, storage: Storage, each: W3Segment) -> Segment:
        """Return a segment that is open already, if it is; segments never change."""
        with self._lock:
            for view in self._snapshot.views if self._snapshot else ():
                if view.segment.name == each.segment_id():
                    return view.segment
            return Segment(storage, each, self._cache)


@contextmanager
def _damage_is_unusable() -> Iterator[None]:
    """Turn whatever damaged files raise (the format has no checksums) into IndexUnusable, but not a full disk."""
    try:
        yield
    except IndexUnusable:
        raise
    except Exception as damage:
        if isinstance(damage, OSError) and damage.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise IndexUnusable("damaged") from damage


def _batch_of(documents: Iterable[Document]) -> Batch:
    batch = Batch()
    for document in {document.id: document for document in documents}.values():
        batch.add(document)
    return batch


def _once(documents: Iterable[Document]) -> Iterator[Document]:
    seen: set[str] = set()
    for document in documents:
        if document.id not in seen:
            seen.add(document.id)
            yield document


def _live(segment: W3Segment) -> Mask:
    live: Mask = np.ones(segment.doc_count_all(), np.bool_)
    live[list(segment.deleted_docs())] = False
    return live


def _merge_with(segments: list[W3Segment], added: int) -> list[W3Segment]:
    """Choose the segments that a new one swallows: a whole tier as soon as it is full, then perhaps the next."""
    chosen: list[W3Segment] = []
    bound = TIER
    while bound <= LARGEST_MERGE:
        tier = [each for each in segments if each.doc_count() < bound and each not in chosen]
        size = added + sum(each.doc_count() for each in chosen)
        if len(tier) < TIER - 1 and not (chosen and size >= bound):
            break
        if len(tier) >= TIER - 1:
            chosen += tier
        bound *= TIER
    return chosen


def _finish(storage: Storage, toc: TOC, segments: list[W3Segment]) -> None:
    """Commit: from the rename of the table of contents on, the new state is there."""
    generation = toc.generation + 1
    TOC(SCHEMA, segments, generation).write(storage, INDEX_NAME)
    names = {each.segment_id() for each in segments}
    table = TOC._filename(INDEX_NAME, generation)
    for name in os.listdir(storage.folder):
        path = Path(storage.folder) / name
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif name not in {table, STAMP} and name.partition(".")[0] not in names:
            path.unlink(missing_ok=True)
