"""Stock Whoosh 2.7.4 is the reference: it reads what we write, and we read what it writes, term by term."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest
from whoosh import fields, index
from whoosh.index import TOC

from search_index import Document, Engine, Query
from search_index.whoosh_engine import WhooshEngine, sums, table
from search_index.whoosh_engine.folder import STAMP
from search_index.whoosh_engine.merging import TIER
from search_index.whoosh_engine.place import State
from search_index.whoosh_engine.schema import ID, SCHEMA, TERM_FIELDS, TEXT, VERSION, Terms, take
from search_index.whoosh_engine.segment import Cache, Segment, Storage
from search_index.whoosh_engine.store import live_in
from search_index.whoosh_engine.writer import INDEX_NAME
from tests.search_index.conftest import PUBLIC, fill
from tests.search_index.opening import document

Lists = dict[tuple[str, bytes], list[tuple[str, float]]]  # (field, term) -> the ids of those who have it, its weights

CHARACTERS = "春眠不觉晓处处闻啼鸟夜来风雨声花落知多少床前明月光疑是地上霜举头望低思故乡"
QUERIES = ("春", "明月", "chunmian", "wysg", "风雨 花落", '"春眠"', "作者3", "标签1", "疑是 -明月", "Whoosh")


def documents(number: int) -> list[Document]:
    """Make some documents, always the same: a few common characters, a few rare words."""
    chance = Random(13)  # noqa: S311 # not for secrets

    def words(length: int) -> str:
        return "".join(chance.choices(CHARACTERS, k=length))

    return [
        document(
            each,
            words(6),
            words(chance.randrange(90)) + f" Whoosh w{each}",
            author=f"作者{each % 7}",
            tags=(f"标签{each % 3}",),
            audience=frozenset(chance.sample(["public", "school:1", "group:2"], 2)),
            facets={"subject": f"s{each % 4}", "grade": (str(each % 3), "9")},
        )
        for each in range(number)
    ]


def ours(build: Path) -> Lists:
    """Read all posting lists with our reader."""
    storage = Storage(str(build))
    found: Lists = {}
    for each in table.read(State(build, table.latest(build))):
        segment, live = Segment(storage, each, Cache(0)), live_in(each)
        for field in TERM_FIELDS:
            for term, (docs, weights) in segment.terms(field):
                having = zip(docs.tolist(), weights.tolist(), strict=True)
                kept = [(segment.id_of(doc), weight) for doc, weight in having if live[doc]]
                if kept:
                    found.setdefault((field, term), []).extend(kept)
    return {key: sorted(each) for key, each in found.items()}


def stock(build: Path) -> Lists:
    """Read all posting lists with Whoosh's own reader."""
    found: Lists = {}
    with index.open_dir(build, schema=SCHEMA).reader() as reader:
        for field, term in reader.all_terms():
            matcher = reader.postings(field, term)
            while matcher.is_active():
                document_id = reader.stored_fields(matcher.id())[ID]
                found.setdefault((field, term), []).append((document_id, matcher.weight()))
                matcher.next()
    return {key: sorted(each) for key, each in found.items()}


def build_of(folder: Path) -> Path:
    """Return the only build of an index."""
    (build,) = folder.glob("build-*")
    return build


class Given(Terms):
    """A field that Whoosh's own writer fills with terms that are weighted already."""

    def index(self, value: Mapping[str, float], **_: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Give them as Whoosh wants them."""
        for term, weight in value.items():
            yield term.encode("utf-8", "replace"), 1, float(weight), b""


def written_by_stock(root: Path, given: list[Document], segments: int) -> None:
    """Write the documents with Whoosh's own writer, and put beside its files what makes them an index of ours."""
    build = root / "build-stock"
    build.mkdir(parents=True)
    columns = {name: SCHEMA[name] for name in SCHEMA.names() if name not in TERM_FIELDS}
    schema = fields.Schema(**{name: Given(stored=name == ID) for name in TERM_FIELDS}, **columns)
    stock_index = index.create_in(build, schema, indexname=INDEX_NAME)
    for start in range(segments):
        writer = stock_index.writer(compound=False)
        for each in given[start::segments]:
            terms, record = take(each)
            writer.add_document(**terms, _stored_id=record.id, **record.numbers, **{TEXT: record.text})
        writer.commit(merge=False)
    storage = Storage(str(build))
    written = TOC.read(storage, INDEX_NAME, schema=SCHEMA)
    for each in written.segments:
        sums.write(storage, each)
    table.write(build, list(written.segments), written.generation + 1)
    (build / STAMP).write_text(str(VERSION))
    (root / "current").write_text(build.name)


def answers(engine: Engine) -> list[Any]:
    """Return what is answered, with scores and counts."""
    keys = (PUBLIC, frozenset({"school:1"}))
    asked = [Query(text, each, facets=("subject", "grade"), limit=500) for text in QUERIES for each in keys]
    return [(engine.search(query), engine.suggest(query)) for query in asked]


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """Give an engine whose files lie in a folder."""
    engine = WhooshEngine(tmp_path / "index")
    fill(engine)
    return engine


def test_stock_reads_what_we_write(engine: Engine, tmp_path: Path) -> None:
    given = documents(1200)  # more than a block of postings
    engine.put(given)
    engine.put(given[10:200])  # replaced
    engine.delete([each.id for each in given[300:320]])

    lists = ours(build_of(tmp_path / "index"))
    assert lists == stock(build_of(tmp_path / "index"))
    assert len(lists) > 2000
    assert max(map(len, lists.values())) == 1180


def test_stock_reads_what_we_merge(engine: Engine, tmp_path: Path) -> None:
    for each in documents(TIER * TIER):
        engine.put([each])
    engine.delete(["page:3", "page:17"])
    before = ours(build_of(tmp_path / "index"))
    while engine.merge():
        pass

    assert ours(build_of(tmp_path / "index")) == stock(build_of(tmp_path / "index")) == before


@pytest.mark.parametrize("segments", [1, 5])
def test_we_read_what_stock_writes(engine: Engine, tmp_path: Path, segments: int) -> None:
    given = documents(250)
    engine.put(given)
    written_by_stock(tmp_path / "stock", given, segments)
    reference = WhooshEngine(tmp_path / "stock")

    assert ours(tmp_path / "stock" / "build-stock") == stock(tmp_path / "stock" / "build-stock")
    assert ours(tmp_path / "stock" / "build-stock") == ours(build_of(tmp_path / "index"))
    assert answers(reference) == answers(engine)
    assert any(found.total > 100 for found, _ in answers(engine))
    reference.verify()


def test_we_merge_what_stock_writes(tmp_path: Path) -> None:
    given = documents(200)
    written_by_stock(tmp_path / "stock", given, 4 * TIER)
    engine = WhooshEngine(tmp_path / "stock")
    before = answers(engine), ours(build_of(tmp_path / "stock"))

    assert engine.merge()
    engine.delete(["page:unknown"])
    assert (answers(engine), ours(build_of(tmp_path / "stock"))) == before
    assert len(list(build_of(tmp_path / "stock").glob("*.trm"))) == 1
