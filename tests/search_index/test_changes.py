"""After any sequence of changes the index answers like a plain list of documents, to everybody, at once."""

from collections.abc import Callable
from random import Random
from threading import Thread

import pytest

from search_index import Document, Engine, Query
from tests.search_index.conftest import PUBLIC, Home, ask, document, fill

KEYS = ("public", "school:1", "school:2", "group:1", "user:1")
WORDS = ["山行", "远上寒山", "石径斜", "白云", "人家", "停车", "坐爱", "枫林", "霜叶", "二月花"]


class Model:
    """The plain list: what the index must answer like."""

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}

    def found(self, word: str, keys: frozenset[str]) -> set[str]:
        """Return the ids of what holds the word and is open to the keys."""
        return {
            each.id for each in self.documents.values() if word in f"{each.title}|{each.body}" and keys & each.audience
        }


def some_document(chance: Random, number: int) -> Document:
    """Make a document of a few words for a few keys, perhaps for nobody."""
    words = chance.sample(WORDS, 3)
    audience = frozenset(chance.sample(KEYS, chance.randrange(3)))
    return document(number, words[0], f"{words[1]}，{words[2]}", audience=audience, facets={"subject": words[0]})


def change(chance: Random, engine: Engine, model: Model) -> None:
    """Do one of the deeds of an engine, and the same to the list."""
    numbers = chance.sample(range(40), chance.choice((1, 1, 2, 12)))
    match chance.choice(("put", "put", "put", "delete", "replace", "rebuild")):
        case "put":
            given = [some_document(chance, number) for number in numbers]
            engine.put(given)
            model.documents.update({each.id: each for each in given})
        case "delete":
            engine.delete([f"page:{number}" for number in numbers])
            for number in numbers:
                model.documents.pop(f"page:{number}", None)
        case "replace":
            kept = [some_document(chance, number) for number in numbers[::2]]
            engine.replace([f"page:{number}" for number in numbers], lambda _: kept)
            for number in numbers:
                model.documents.pop(f"page:{number}", None)
            model.documents.update({each.id: each for each in kept})
        case "rebuild":
            assert fill(engine, model.documents.values()) == len(model.documents)


def agree(engine: Engine, model: Model, keys: frozenset[str]) -> None:
    """Compare answers, counts and facets."""
    assert engine.ids() == set(model.documents)
    assert engine.count() == len(model.documents)
    for word in WORDS:
        found = engine.search(Query(word, keys, facets=("subject",), limit=100))
        wanted = model.found(word, keys)
        assert len(found.ids) == len(set(found.ids)) == found.total
        assert set(found.ids) == wanted, word
        counts: dict[str, int] = {}
        for each in wanted:
            title = model.documents[each].title
            counts[title] = counts.get(title, 0) + 1
        assert found.facets["subject"] == counts


@pytest.mark.parametrize("seed", range(6))
def test_random_changes_are_seen_by_every_engine(home: Home, seed: int) -> None:
    chance, model = Random(seed), Model()  # noqa: S311 # not for secrets
    writer, reader = home.open(), home.open()
    fill(writer)

    for step in range(60):
        change(chance, chance.choice((writer, reader)), model)
        if step % 5 == 0:
            agree(reader, model, frozenset(chance.sample(KEYS, chance.randrange(1, 4))))
    agree(writer, model, frozenset(KEYS))
    agree(home.open(), model, PUBLIC)
    writer.verify()


def test_a_narrower_audience_counts_at_once_in_every_reader(home: Home) -> None:
    writer, reader = home.open(), home.open()
    fill(writer)
    for number in range(30):
        writer.put([document(number, "山行", audience=frozenset({"school:1"}))])
        assert ask(reader, "山行", "school:1") == [str(number)]
        writer.put([document(number, "山行", audience=frozenset({"user:1"}))])
        assert ask(reader, "山行", "school:1") == []
        assert ask(reader, "山行", "user:1") == [str(number)]
        writer.delete([f"page:{number}"])
        assert ask(reader, "山行", "user:1") == []


def test_deleting_everything_leaves_an_empty_index(engine: Engine) -> None:
    engine.put([document(1, "山行")])
    engine.delete(["page:1", "page:unknown"])
    engine.delete([])

    assert (engine.count(), engine.ids(), ask(engine, "山行")) == (0, set(), [])


def test_what_nobody_may_see_changes_nothing(engine: Engine) -> None:
    engine.put(document(number, "山行", "远上寒山" * number, facets={"subject": "语文"}) for number in range(5))
    queries = [Query(text, PUBLIC, facets=("subject", "secret")) for text in ("山行", "寒山", "sx", "远 上", "秘密")]
    before = [(engine.search(query), engine.suggest(query)) for query in queries]

    engine.put(
        document(f"secret{number}", "山行秘密", "远上寒山秘密", audience=frozenset({"group:1"}), facets={"secret": "x"})
        for number in range(200)
    )

    assert [(engine.search(query), engine.suggest(query)) for query in queries] == before
    assert engine.search(Query("秘密", frozenset({"group:1"}))).total == 200


def test_hidden_ids_are_left_out_of_everything(engine: Engine) -> None:
    engine.put(document(number, "山行", facets={"subject": "语文"}) for number in range(3))
    query = Query("山行", PUBLIC, facets=("subject",), hidden=frozenset({"page:1", "page:unknown"}))

    found = engine.search(query)
    assert (set(found.ids), found.total, found.facets) == ({"page:0", "page:2"}, 2, {"subject": {"语文": 2}})
    assert set(engine.suggest(query)) == {"page:0", "page:2"}


def test_a_document_given_twice_is_one(engine: Engine) -> None:
    old, new = document(1, "山行"), document(1, "山行", audience=frozenset({"user:1"}))
    engine.put([old, new])

    assert (ask(engine, "山行"), ask(engine, "山行", "user:1")) == ([], ["1"])
    assert engine.rebuild([old.id, new.id], lambda _: [new, old]) == 1


def test_a_document_that_fails_leaves_nothing_in_the_next(engine: Engine) -> None:
    engine.put([document(1, "山行")])
    bad = document(2, "秘密", audience=frozenset({"group:1"}), date="yesterday")

    with pytest.raises(AttributeError):
        engine.put([bad, document(3, "白云")])
    engine.put([document(4, "停车")])

    assert engine.ids() == {"page:1", "page:4"}
    assert ask(engine, "停车", "group:1") == ask(engine, "秘密", "group:1") == []
    assert ask(engine, "停车") == ["4"]


def test_small_caches_change_no_answer(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search_index.whoosh_engine.store.CACHE_BYTES", 500)
    monkeypatch.setattr("search_index.whoosh_engine.whole.MASKS", 1)
    engine = home.open()
    fill(engine)
    engine.put(document(key, f"山行 {key} 白云", audience=frozenset({key})) for key in KEYS)

    for _ in range(2):
        for key in KEYS:
            assert ask(engine, "山行", key) == ask(engine, "白云", key) == [key]


def test_threads_that_read_and_write_do_not_disturb_each_other(engine: Engine) -> None:
    engine.put(document(number, "山行", "白云" * number) for number in range(20))
    failures: list[BaseException] = []

    def guarded(work: Callable[[int], None]) -> None:
        try:
            for number in range(40):
                work(number)
        except BaseException as failure:
            failures.append(failure)

    def read(_: int) -> None:
        assert len(ask(engine, "山行")) >= 20

    threads = [Thread(target=guarded, args=(read,)) for _ in range(3)]
    threads.append(Thread(target=guarded, args=(lambda number: engine.put([document(20 + number, "山行")]),)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert len(ask(engine, "山行")) == 60
