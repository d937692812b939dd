"""Building an index anew beside the one that is searched, in pieces that survive a killed process."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from search_index.documents import Document
from search_index.engine import Load
from search_index.whoosh_engine import table
from search_index.whoosh_engine.place import State, Work
from search_index.whoosh_engine.segment import Storage
from search_index.whoosh_engine.writer import Batch, write_segment

if TYPE_CHECKING:
    from search_index.whoosh_engine.store import Store

PIECE = 200  # ids that are loaded together
BATCH_POSTINGS = 3_000_000  # of a segment, held in memory: about 350 MB; what a kill can lose
TOUCHED = 5_000  # ids that are looked at again in one commit


def build(store: "Store", work: Work, ids: Iterable[str], load: Load, tell: Callable[[int], None]) -> State:
    """Bring all ids into the unfinished build, but those it holds already."""
    state, held = _taken_up(store, work)
    wanted = list(dict.fromkeys(ids))  # only now: from here on, what comes new is noted
    todo = [each for each in wanted if each not in held]
    done = len(wanted) - len(todo)
    batch = Batch()
    for start in range(0, len(todo), PIECE):
        tell(done + start)
        fill(batch, load(todo[start : start + PIECE]))
        if batch.size >= BATCH_POSTINGS:
            state, batch = _append(work, state, batch), Batch()
    state = _append(work, state, batch)
    tell(len(wanted))
    gone = held.difference(wanted)
    return store.commit(work, state, gone, Batch()) if gone else state


def finish(store: "Store", work: Work, state: State, load: Load) -> None:
    """Look again at what was written meanwhile, while nobody else can write, and swap."""
    touched = sorted(work.touched())
    for start in range(0, len(touched), TOUCHED):
        part = touched[start : start + TOUCHED]
        batch = Batch()
        for piece in range(0, len(part), PIECE):
            fill(batch, load(part[piece : piece + PIECE]))
        state = store.commit(work, state, part, batch)
    work.swap(state)


def fill(batch: Batch, documents: Iterable[Document]) -> Batch:
    """Add documents; the last of an id counts."""
    for document in {document.id: document for document in documents}.values():
        batch.add(document)
    return batch


def _taken_up(store: "Store", work: Work) -> tuple[State, set[str]]:
    """Return the unfinished build and what it holds; one that is damaged is begun afresh."""
    try:
        state = work.begin()
        return state, store.held(state)
    except Exception:  # the format has no checksums: damage can raise anything
        return work.begin(afresh=True), set()


def _append(work: Work, state: State, batch: Batch) -> State:
    segment = write_segment(Storage(str(state.build)), (), batch)
    return work.commit(state, [*table.read(state), segment]) if segment else state
