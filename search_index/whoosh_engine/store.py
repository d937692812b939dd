"""Keeping an index: who asks sees the last commit; who writes commits whole or not at all."""

import errno
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import NamedTuple, TypeVar

import numpy as np
from whoosh.codec.whoosh3 import W3Segment

from search_index.documents import Document
from search_index.engine import IndexUnusable, Load
from search_index.whoosh_engine import merging, rebuilding, scoring, sums, table
from search_index.whoosh_engine.folder import Folder
from search_index.whoosh_engine.place import Place, State, Work
from search_index.whoosh_engine.schema import ID
from search_index.whoosh_engine.segment import Cache, Mask, Segment, Storage
from search_index.whoosh_engine.whole import wholes
from search_index.whoosh_engine.writer import Batch, Old, write_segment

CACHE_BYTES = 96 << 20
ATTEMPTS = 5  # to look at a state while others write


T = TypeVar("T")


class _Snapshot(NamedTuple):
    state: State
    views: list[scoring.View]


class Store:
    """An index in a place; safe for many processes and threads."""

    def __init__(self, root: Path, place: Place | None = None) -> None:
        self._place: Place = place or Folder(root)
        self._lock = RLock()
        self._cache = Cache(CACHE_BYTES)
        self._snapshot: _Snapshot | None = None
        self._segments: dict[str, Segment] = {}  # open, of the state that was read or written last

    # reading

    def count(self) -> int:
        """Return how many documents there are."""
        with self._reading() as views:
            return sum(int(view.live.sum()) for view in views)

    def ids(self) -> set[str]:
        """Return the ids of all documents."""
        with self._reading() as views:
            return {each for view in views for each in _ids_of(view)}

    def verify(self) -> None:
        """Compare every file with the checksum of its commit; others may read and write meanwhile."""
        checked: set[str] = set()
        with damage_is_unusable():
            self._settled(lambda state: _check(state, checked))

    def close(self) -> None:
        """Let go of the files."""
        self._forget()
        self._place.close()

    def _forget(self) -> None:
        with self._lock:
            self._snapshot = None
            self._segments = {}
            self._cache = Cache(CACHE_BYTES)

    @contextmanager
    def _reading(self) -> Iterator[list[scoring.View]]:
        """Give the newest state; whatever goes wrong with damaged files becomes IndexUnusable."""
        with self._lock:
            try:
                with damage_is_unusable():
                    yield self._newest().views
            except IndexUnusable:
                self._forget()
                raise

    def _newest(self) -> _Snapshot:
        self._snapshot = self._settled(self._opened)
        return self._snapshot

    def _opened(self, state: State) -> _Snapshot:
        if self._snapshot is not None and self._snapshot.state == state:
            return self._snapshot
        return _Snapshot(state, self._open(state))

    def _settled(self, look: Callable[[State], T]) -> T:
        """Look at the newest state. A commit may remove its files meanwhile; when that goes on, the writers wait."""
        for _ in range(ATTEMPTS):
            state = self._place.newest()
            try:
                return look(state)
            except (OSError, ValueError):
                if self._place.newest() == state:
                    raise  # nobody has removed what we looked at
        with self._place.writing() as work:
            return look(work.newest())

    def _open(self, state: State) -> list[scoring.View]:
        """Open what is new; what is known stays open. Deletions always come from the new table of contents."""
        entries = {each.segment_id(): each for each in table.read(state)}
        segments = list(self._open_segments(state, entries.values()).values())
        known = [view.segment for view in self._snapshot.views] if self._snapshot else []
        return [
            scoring.View(whole, np.concatenate([live_in(entries[each.name]) for each in whole.segments]))
            for whole in wholes(segments, known, self._cache)
        ]

    def _open_segments(self, state: State, entries: Iterable[W3Segment]) -> dict[str, Segment]:
        """Open segments, but those that are open; segments never change."""
        storage, known = Storage(str(state.build)), self._segments
        self._segments = {
            each.segment_id(): known.get(each.segment_id()) or Segment(storage, each, self._cache) for each in entries
        }
        return self._segments

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
        with self._place.writing() as work:
            work.note(ids)
            try:
                with damage_is_unusable():
                    state = work.newest()
            except IndexUnusable:
                if self._place.is_rebuilding():
                    return  # the rebuild asks for these ids again before it ends
                raise
            self.commit(work, state, ids, rebuilding.fill(Batch(), load(ids)))

    def commit(self, work: Work, state: State, ids: Collection[str], batch: Batch) -> State:
        """Replace what has these ids by a batch, in one commit."""
        storage = Storage(str(state.build))
        with self._lock, damage_is_unusable():  # other threads read the same open segments
            segments = table.read(state)
            opened = self._open_segments(state, segments)
            for each in segments:
                for document_id in ids:
                    for doc in opened[each.segment_id()].docs_of(document_id):
                        each.delete_document(doc)
            kept = [each for each in segments if each.doc_count()]
            swallowed = merging.overdue(kept)
            olds = [Old(opened[each.segment_id()], live_in(each)) for each in swallowed]
            new = write_segment(storage, olds, batch)
        rest = [each for each in kept if each not in swallowed]
        return work.commit(state, [*rest, *([new] if new else [])])

    def rebuild(self, ids: Iterable[str], load: Load, tell: Callable[[int], None] = lambda _done: None) -> int:
        """Build the index anew beside the old one and swap; takes up what a killed rebuild has left."""
        with self._place.rebuilding() as work:
            state = rebuilding.build(self, work, ids, load, tell)
            with self._place.writing() as last:
                rebuilding.finish(self, last, state, load)
        self._forget()
        return self.count()

    def held(self, state: State) -> set[str]:
        """Return the ids that a build holds."""
        with self._lock:
            return {each for view in self._open(state) for each in _ids_of(view)}

    def merge_is_due(self) -> bool:
        """Say whether there are segments that should be merged, but not while somebody waits for a change."""
        with damage_is_unusable():
            return bool(self._settled(lambda state: merging.due(table.read(state))))

    def merge(self) -> bool:
        """Merge what is due while others read and write; False when there was nothing, or others were faster."""
        with damage_is_unusable(), self._place.merging() as draft:
            if draft is None:
                return False
            state, chosen, olds = self._settled(_due)
            merged = write_segment(Storage(str(draft)), olds, Batch())
            if merged is None:
                return False
            self._place.offer(state, draft)
            with self._place.writing() as work:
                return _exchange(work, state, (chosen, olds, merged), draft)


def _check(state: State, checked: set[str]) -> None:
    """Check the segments of a state that were not checked yet; segments never change."""
    for each in table.read(state):
        if each.segment_id() not in checked:
            sums.check(Storage(str(state.build)), each)
            checked.add(each.segment_id())


def _due(state: State) -> tuple[State, list[W3Segment], list[Old]]:
    """Open what should be merged, for oneself: a long merge must keep nobody from reading."""
    storage = Storage(str(state.build))
    chosen = merging.due(table.read(state))
    return state, chosen, [Old(Segment(storage, each, Cache(0)), live_in(each)) for each in chosen]


def _exchange(work: Work, then: State, done: tuple[list[W3Segment], list[Old], W3Segment], draft: Path) -> bool:
    """Put a merged segment into the place of the old ones; what was deleted in these meanwhile is deleted in it."""
    chosen, olds, merged = done
    state = work.newest()
    if state.build != then.build:
        return False
    now = {each.segment_id(): each for each in table.read(state)}
    base = 0
    for each, old in zip(chosen, olds, strict=True):
        current = now.pop(each.segment_id(), None)  # one that is gone is all deleted, or written elsewhere
        dead = old.live & ~live_in(current) if current else old.live
        for doc in np.flatnonzero(dead).tolist():
            merged.delete_document(base + int(old.live[:doc].sum()))
        base += int(old.live.sum())
    if merged.doc_count():
        work.adopt(state, draft)
    work.commit(state, [*now.values(), *([merged] if merged.doc_count() else [])])
    return True


@contextmanager
def damage_is_unusable() -> Iterator[None]:
    """Turn whatever damaged files raise (the format has no checksums) into IndexUnusable, but not a full disk."""
    try:
        yield
    except IndexUnusable:
        raise
    except Exception as damage:
        if isinstance(damage, OSError) and damage.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise IndexUnusable("damaged") from damage


def _ids_of(view: scoring.View) -> Iterator[str]:
    for term, postings in view.segment.terms(ID):
        if view.live[postings.docs[0]]:
            yield term.decode()


def live_in(segment: W3Segment) -> Mask:
    """Return which documents of a segment are not deleted."""
    live: Mask = np.ones(segment.doc_count_all(), np.bool_)
    live[list(segment.deleted_docs())] = False
    return live
