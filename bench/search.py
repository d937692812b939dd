"""Searching 100,000 documents as a teacher who may see a fifth of them: rights, facets and one page of ids."""

import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate, islice
from pathlib import Path
from random import Random
from statistics import median
from typing import TypeVar

from bench import Row
from search_index import Document, Query
from search_index.analysis import analyse
from search_index.whoosh_engine import WhooshEngine

DOCUMENTS = 100_000
QUERIES = 400
SENTENCES = 30
PEER_SHARE = 5  # the peer gets every fifth document, which only helps it
PEER = "SQLite FTS5, a fifth of the documents, no facets"
SECRETS = 300
FACETS = ("subject", "grade", "type", "school")
START = datetime(2026, 9, 1, tzinfo=UTC)


T = TypeVar("T")


class Language:
    """Words, and sentences made of them, frequent and rare ones as in a real text (Zipf)."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        characters = [chr(code) for code in range(0x4E00, 0x4E00 + 6000)]
        chance.shuffle(characters)
        self.words = [self._join(characters, chance.choice((1, 2, 2, 2, 3))) for _ in range(40_000)]
        self._sentences = [self._join(self.words, 12) + "，" for _ in range(30_000)]

    def _join(self, parts: list[str], number: int) -> str:
        return "".join(self._chance.choices(parts, cum_weights=_zipf(len(parts)), k=number))

    def title(self) -> str:
        """Return some words."""
        return self._join(self.words, 4)

    def text(self) -> str:
        """Return known sentences and a few new ones, about 800 characters."""
        new = (self._join(self.words, 12) for _ in range(2))
        return "".join(self._chance.choices(self._sentences, k=SENTENCES)) + "，".join(new)


@cache
def _zipf(number: int) -> list[float]:
    return list(accumulate(1 / rank for rank in range(1, number + 1)))


def documents(language: Language, number: int) -> Iterator[Document]:
    """Give the documents, always the same."""
    chance = Random(11)  # noqa: S311 # not for secrets
    for each in range(number):
        school = chance.randrange(50)
        audience = chance.choice(
            (f"school:{school}", f"group:{school // 5}", f"group:{school // 5}", "public", f"user:{each % 1000}")
        )
        yield Document(
            id=f"resource:{each}",
            kind="resource",
            title=language.title(),
            author=f"老师{each % 1000}",
            tags=(language.words[each % 40_000],),
            body=language.text(),
            audience=frozenset({audience, f"user:{each % 1000}"}),
            facets=dict(
                zip(FACETS, (f"s{each % 12}", str(each % 9), f"t{each % 10}", f"school-{school}"), strict=True)
            ),
            date=START + timedelta(minutes=each),
        )


def run(number: int = DOCUMENTS) -> list[Row]:
    """Build the index and ask."""
    chance = Random(5)  # noqa: S311 # not for secrets
    language = Language(chance)
    with tempfile.TemporaryDirectory() as folder:
        engine = WhooshEngine(Path(folder))
        begun = time.perf_counter()
        engine.rebuild(documents(language, number), lambda _: ())
        speed = number / (time.perf_counter() - begun)
        asked = [_query(language, chance) for _ in range(QUERIES)]
        cold = _times(WhooshEngine(Path(folder)).search, asked)
        warm = _times(engine.search, [*asked, *asked])[QUERIES:]
        with closing(_peer(islice(documents(language, number), 0, None, PEER_SHARE))) as peer:
            bare = _times(lambda query: _ask_peer(peer, query), asked[: QUERIES // 4])
        changes = _times(lambda document: _change(engine, document), list(documents(language, 100)))
        hidden, absent = _traces(engine)
        size = sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file())
    print(f"index: {size / 1e6:.0f} MB, {speed:.0f} documents/s, worst change {max(changes):.0f} ms")
    return [
        Row("search: 100k documents, first time, p95", _p95(cold), _p95(bare), PEER, limit=60.0),
        Row("search: 100k documents, p95", _p95(warm), _p95(bare), PEER, limit=60.0),
        Row("search: one change visible, p95", _p95(changes), _p95(bare), "one question to the peer", limit=250.0),
        Row("search: a word of hidden documents", hidden, absent, "a word that is nowhere", limit=1.5 * absent),
    ]


def _query(language: Language, chance: Random) -> Query:
    school = chance.randrange(50)
    keys = frozenset({"public", f"user:{chance.randrange(1000)}", f"school:{school}", f"group:{school // 5}"})
    text = " ".join(
        chance.choice(language.words[: chance.choice((50, 1000, 20_000))])
        for _ in range(chance.choice((1, 1, 2, 3, 4)))
    )
    filters = {"subject": frozenset({"s1"})} if chance.random() < 0.3 else {}
    return Query(text, keys, filters, FACETS)


def _traces(engine: WhooshEngine) -> tuple[float, float]:
    """Return how long one waits, half of the time, for words that only hidden documents hold, and for no words."""
    secret = frozenset({"user:secret"})
    engine.put(Document(f"secret:{n}", "secret", "", body=f"hidden{n:04}", audience=secret) for n in range(SECRETS))
    times: dict[str, list[float]] = {"hidden": [], "absent": []}
    keys = frozenset({"public", "school:1", "group:0"})
    for number in range(SECRETS):
        for kind in times:
            times[kind] += _times(engine.search, [Query(f"{kind}{number:04}", keys, facets=FACETS)])
    return median(times["hidden"]), median(times["absent"])


def _change(engine: WhooshEngine, document: Document) -> None:
    engine.put([document])
    engine.count()


def _peer(given: Iterable[Document]) -> sqlite3.Connection:
    """Give the same pairs of characters to SQLite's full-text search, without rights for facets."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE page USING fts5(words, audience UNINDEXED, tokenize = 'unicode61')")
    rows = ((" ".join(analyse(f"{each.title} {each.body}").words), min(each.audience)) for each in given)
    connection.executemany("INSERT INTO page VALUES (?, ?)", rows)
    return connection


def _ask_peer(peer: sqlite3.Connection, query: Query) -> None:
    words = " OR ".join(f'"{word}"' for part in query.text.split() for word in analyse(part).words or [part])
    marks = ",".join("?" * len(query.keys))
    page = f"SELECT rowid FROM page WHERE words MATCH ? AND audience IN ({marks}) ORDER BY rank LIMIT 20"  # noqa: S608
    peer.execute(page, (words, *query.keys)).fetchall()


def _times(ask: Callable[[T], object], given: list[T]) -> list[float]:
    times = []
    for each in given:
        begun = time.perf_counter()
        ask(each)
        times.append((time.perf_counter() - begun) * 1000)
    return times


def _p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]
