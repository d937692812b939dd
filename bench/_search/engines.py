"""The engines that are measured, opened by name in any process; and one that is opened afresh, as after a restart."""

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from bench._search.corpus import Bodies
from search_index import Query
from search_index.postgres_engine import PostgresEngine
from search_index.snippets import excerpt, sought
from search_index.whoosh_engine import WhooshEngine

WHOOSH, POSTGRES, TANTIVY = "whoosh", "postgres", "tantivy"


class Place(NamedTuple):
    """An index: of which engine, in which folder, in which database."""

    engine: str
    folder: Path
    dsn: str = ""

    def open(self) -> Any:
        """Open it."""
        if self.engine == TANTIVY:
            from bench._search.peers import Tantivy  # noqa: PLC0415 # installed for measurements only

            return Tantivy(self.folder)
        return PostgresEngine(self.folder, self.dsn) if self.engine == POSTGRES else WhooshEngine(self.folder)


class Cold(NamedTuple):
    """What a process needed that only opened an index and asked; times in milliseconds, memory in bytes."""

    opening: float
    first: list[float]
    memory: int


def cold(place: Place, asked: Sequence[Query], texts: Path) -> Cold:
    """Open an index in a new process and ask."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_cold, place, asked, texts).result()


def _cold(place: Place, asked: Sequence[Query], texts: Path) -> Cold:
    bodies = Bodies(texts)
    with one_core():
        begun = time.perf_counter()
        engine = place.open()
        engine.count()
        opening = (time.perf_counter() - begun) * 1000
        first = [timed(partial(answer, engine, bodies, query)) for query in asked]
    return Cold(opening, first, _memory())


def answer(engine: Any, bodies: Bodies, query: Query) -> int:
    """Ask, and cut a snippet of every hit, as the page of results does; return how many were found."""
    found, what = engine.search(query), sought(query.text)
    for each in found.ids:
        excerpt(bodies.of(each), what)
    total: int = found.total
    return total


def timed(work: Callable[[], object]) -> float:
    """Return the milliseconds of a call."""
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


@contextmanager
def one_core() -> Iterator[None]:
    """Stay on one core for the block."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def _memory() -> int:
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":" in line)
    return int(status["VmHWM"].split()[0]) * 1024
