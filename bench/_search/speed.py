"""How fast 100,000 documents are searched, changed and built; tantivy does the same, in the same minutes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from random import Random
from statistics import median
from typing import Any

from bench import Row
from bench._search.asking import questions
from bench._search.built import Built, built, corpus, has_postgres
from bench._search.corpus import FACETS, Corpus
from bench._search.engines import POSTGRES, TANTIVY, WHOOSH, Cold, answer, cold, one_core, timed
from search_index import Document, Query

FIRST, ROUNDS = 50, 3
CHANGES, LAST, PEER_CHANGES = 1000, 100, 200
SECRETS = 300
PEER = "tantivy"
Times = dict[str, list[float]]


def rows(number: int) -> list[Row]:
    """Measure with so many documents."""
    given = corpus(number)
    asked = questions(given)
    names = [TANTIVY, WHOOSH, *([POSTGRES] if has_postgres() else [])]
    indexes = {name: built(name, number) for name in names}
    restarted = {name: cold(index.place, asked[:FIRST], given.folder) for name, index in indexes.items()}
    engines = {name: index.place.open() for name, index in indexes.items()}
    warm = in_turn(engines, given, asked)
    bare = in_turn(engines, given, asked, snippets=False)
    result = [*_of_whoosh(indexes, restarted, warm), *_ratio("with snippets", warm), *_ratio("ids and facets", bare)]
    if POSTGRES in engines:
        result += _of_postgres(indexes, restarted, warm)
    result += _changes(engines, given)
    again = in_turn({name: engines[name] for name in (TANTIVY, WHOOSH)}, given, asked)
    result.append(Row("search: p95 after 1,000 changes", p95(again[WHOOSH]), p95(again[TANTIVY]), PEER, limit=10.0))
    return [*result, _traces(engines[WHOOSH])]


def _of_whoosh(indexes: dict[str, Built], restarted: dict[str, Cold], warm: Times) -> list[Row]:
    ours, peer = restarted[WHOOSH], restarted[TANTIVY]
    speed, peer_speed = indexes[WHOOSH].speed, indexes[TANTIVY].speed
    return [
        Row("search: p50", median(warm[WHOOSH]), median(warm[TANTIVY]), PEER),
        Row("search: p95", p95(warm[WHOOSH]), p95(warm[TANTIVY]), PEER, limit=10.0),
        Row("search: first 50 after a restart, p95", p95(ours.first), p95(peer.first), PEER, limit=25.0),
        Row("search: opening", ours.opening, peer.opening, PEER, limit=1000.0),
        Row("search: memory", ours.memory / 1e6, peer.memory / 1e6, PEER, "MB", 600.0),
        Row("search: building", speed, peer_speed, PEER, "/s", 300.0, more_is_better=True),
    ]


def _ratio(what: str, times: Times) -> list[Row]:
    return [Row(f"search: p95 {what}, times tantivy's", p95(times[WHOOSH]) / p95(times[TANTIVY]), 1, PEER, "×", 2.0)]


def _of_postgres(indexes: dict[str, Built], restarted: dict[str, Cold], warm: Times) -> list[Row]:
    ours, peer = restarted[POSTGRES], restarted[TANTIVY]
    speed, peer_speed = indexes[POSTGRES].speed, indexes[TANTIVY].speed
    return [
        Row("postgres: p95", p95(warm[POSTGRES]), p95(warm[TANTIVY]), PEER, limit=150.0),
        Row("postgres: first 50 after a restart, p95", p95(ours.first), p95(peer.first), PEER, limit=150.0),
        Row("postgres: building", speed, peer_speed, PEER, "/s", 300.0, more_is_better=True),
    ]


def in_turn(engines: dict[str, Any], given: Corpus, asked: Sequence[Query], *, snippets: bool = True) -> Times:
    """Ask every engine the same, turn about and on one core: of each question the median of some rounds, when warm."""
    times: dict[str, list[list[float]]] = {name: [[] for _ in asked] for name in engines}
    with one_core():
        for each in range(ROUNDS + 1):
            for number, query in enumerate(asked):
                for name, engine in engines.items():
                    ask = partial(answer, engine, given.bodies) if snippets else engine.search
                    taken = timed(partial(ask, query))
                    if each:
                        times[name][number].append(taken)
    return {name: [median(taken) for taken in of_each] for name, of_each in times.items()}


def _changes(engines: dict[str, Any], given: Corpus) -> list[Row]:
    """Change one document after the other, each with a commit, and look how it is at the end."""
    chance = Random(3)  # noqa: S311 # not for secrets
    some = list(given.load(chance.sample(given.ids, CHANGES)))
    peer = [timed(partial(_change, engines[TANTIVY], each, n)) for n, each in enumerate(some[:PEER_CHANGES])][-LAST:]
    found = []
    for name in (name for name in engines if name != TANTIVY):
        times = list(_changing(engines[name], some))
        first, last = times[:LAST], times[-LAST:]
        print(
            f"{name}: first 100 changes p50 {median(first):.1f} p95 {p95(first):.1f}, worst of all {max(times):.0f} ms"
        )
        found += [
            Row(f"{name}: change, of the last 100 of 1,000, p50", median(last), median(peer), PEER, limit=20.0),
            Row(f"{name}: change, of the last 100 of 1,000, p95", p95(last), p95(peer), PEER, limit=200.0),
        ]
    return found


def _changing(engine: Any, documents: Sequence[Document]) -> Iterator[float]:
    """Give the time of each change; in between, as a job does, what is due is merged."""
    for number, document in enumerate(documents):
        yield timed(partial(_change, engine, document, number))
        if engine.merge_is_due():
            engine.merge()


def _change(engine: Any, document: Document, number: int) -> None:
    """Give a document a tag, and ask the engine something, so that the change is seen."""
    engine.put([replace(document, tags=(*document.tags, f"changed{number}"))])
    engine.count()


def _traces(engine: Any) -> Row:
    """Compare how long one waits, half of the time, for words that only hidden documents hold, and for no words."""
    secret = frozenset({"user:secret"})
    engine.put(Document(f"secret:{n}", "secret", "", body=f"hidden{n:04}", audience=secret) for n in range(SECRETS))
    times: Times = {"hidden": [], "absent": []}
    keys = frozenset({"public", "school:1", "group:1"})
    for number in range(SECRETS):
        for kind in times:
            query = Query(f"{kind}{number:04}", keys, facets=FACETS)
            times[kind].append(timed(partial(engine.search, query)))
    hidden, absent = median(times["hidden"]), median(times["absent"])
    return Row("search: a word of hidden documents", hidden, absent, "a word that is nowhere", limit=1.5 * absent)


def p95(times: Sequence[float]) -> float:
    """Return the 95th percentile."""
    return sorted(times)[int(len(times) * 0.95)]
