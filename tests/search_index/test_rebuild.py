"""A rebuild goes on while others read and write, loses nothing, and is taken up again when it was killed."""

import os
import shutil
from collections.abc import Callable, Collection, Iterable
from threading import Thread

import pytest

from search_index import Document, Engine, Query
from tests.search_index.conftest import PUBLIC, Home, ask, document, fill, loading
from tests.search_index.processes import Forker


class Interrupted(RuntimeError):
    """What a rebuild dies of."""


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commit every two documents."""
    monkeypatch.setattr("search_index.whoosh_engine.rebuilding.BATCH_POSTINGS", 1)
    monkeypatch.setattr("search_index.whoosh_engine.rebuilding.PIECE", 2)


@pytest.fixture
def documents() -> list[Document]:
    """Give what the index should hold."""
    return [document(number, "白云") for number in range(7)]


def ids_of(documents: Iterable[Document]) -> list[str]:
    """Return their ids."""
    return [each.id for each in documents]


def interrupted(engine: Engine, documents: list[Document], at: str = "page:4") -> list[str]:
    """Begin a rebuild that dies; returns what it had loaded before."""
    asked: list[str] = []

    def load(ids: Collection[str]) -> Iterable[Document]:
        if at in ids:
            raise Interrupted
        asked.extend(ids)
        return loading(documents)(ids)

    with pytest.raises(Interrupted):
        engine.rebuild(ids_of(documents), load)
    return asked


def taken_up(engine: Engine, documents: list[Document]) -> list[str]:
    """Rebuild, and return what was loaded for it."""
    asked: list[str] = []

    def load(ids: Collection[str]) -> Iterable[Document]:
        asked.extend(ids)
        return loading(documents)(ids)

    assert engine.rebuild(ids_of(documents), load) == len(documents)
    return asked


@pytest.mark.usefixtures("small_pieces")
def test_one_that_died_leaves_the_old_index_and_is_taken_up(
    engine: Engine, home: Home, documents: list[Document]
) -> None:
    engine.put([document(1, "山行")])
    assert interrupted(engine, documents) == ids_of(documents[:4])
    assert ask(engine, "山行") == ["1"]
    home.open().replace(["page:2"], lambda _: [document(2, "停车")])  # the build that is not finished must hear of it
    documents[2] = document(2, "停车", "白云")

    assert taken_up(home.open(), documents) == [*ids_of(documents[4:]), "page:2"]
    assert (len(ask(engine, "白云")), ask(engine, "停车")) == (7, ["2"])
    assert len(list(home.folder.glob("build-*"))) == 1


@pytest.mark.usefixtures("small_pieces")
def test_what_is_gone_when_it_is_taken_up_is_not_in_it(engine: Engine, documents: list[Document]) -> None:
    interrupted(engine, documents)

    taken_up(engine, documents[2:])
    assert set(ask(engine, "白云")) == {"2", "3", "4", "5", "6"}


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("spoil", ["damaged", "of another version", "old"])
def test_one_that_cannot_be_trusted_is_begun_afresh(
    engine: Engine, home: Home, documents: list[Document], spoil: str
) -> None:
    interrupted(engine, documents)
    {"damaged": damage, "of another version": change_version, "old": make_old}[spoil](home)

    assert taken_up(engine, documents) == ids_of(documents)
    assert len(ask(engine, "白云")) == 7


def damage(home: Home) -> None:
    """Cut the files of the unfinished build."""
    if home.kind == "postgres":
        with home.connected() as connection:
            connection.execute("UPDATE file SET data = substr(data, 1, 10) WHERE name LIKE '%.trm'")
        shutil.rmtree(home.folder)
        return
    for path in (home.folder / (home.folder / "building").read_text()).glob("*.trm"):
        path.write_bytes(path.read_bytes()[:10])


def change_version(home: Home) -> None:
    """Make the unfinished build one of an older release."""
    if home.kind == "postgres":
        with home.connected() as connection:
            connection.execute("UPDATE state SET version = 0 WHERE NOT searched")
        return
    (home.folder / (home.folder / "building").read_text() / "version").write_text("0")


def make_old(home: Home) -> None:
    """Let the rebuild have been begun a week ago."""
    if home.kind == "postgres":
        with home.connected() as connection:
            connection.execute("UPDATE state SET begun = begun - interval '7 days' WHERE NOT searched")
        return
    os.utime(home.folder / "building", (0, 0))


def test_killed_it_is_taken_up_where_it_was(engine: Engine, home: Home) -> None:
    engine.put([document("old", "山行")])
    with Forker(*home.arguments()) as forker:
        process = forker.fork("rebuild")
        while process.line() != "20":
            pass
        process.kill()

    everything = [document(number, "山行") for number in range(40)]
    asked = taken_up(home.open(), everything)
    assert 10 <= len(asked) <= 22  # of those told, at most the last piece was not committed
    assert asked == ids_of(everything)[-len(asked) :]
    assert len(ask(engine, "山行")) == 40
    engine.verify()


def test_changes_wait_for_the_first_one(home: Home) -> None:
    engine, other = home.open(), home.open()
    asked: list[set[str]] = []

    def load(ids: Collection[str]) -> list[Document]:
        asked.append(set(ids))
        if len(asked) == 1:
            other.put([document(1, "白云")])  # nothing to write to yet: the rebuild asks again
        return [document(1, "白云" if len(asked) > 1 else "山行")]

    assert engine.rebuild(["page:1"], load) == 1
    assert ask(other, "白云") == ["1"]


def test_changes_meanwhile_are_not_lost(home: Home) -> None:
    engine, other = home.open(), home.open()
    old = [document(1, "山行"), document(2, "白云")]
    new = {"page:1": document(1, "新的"), "page:3": document(3, "停车")}
    fill(engine, old)
    asked: list[set[str]] = []

    def load(ids: Collection[str]) -> list[Document]:
        asked.append(set(ids))
        if len(asked) > 1:
            return [new[each] for each in ids if each in new]
        other.replace(["page:1", "page:2", "page:3"], lambda _: list(new.values()))
        assert ask(other, "新的") == ["1"]
        return old  # read a moment ago

    assert engine.rebuild(["page:1", "page:2"], load) == 2
    assert asked == [{"page:1", "page:2"}, {"page:1", "page:2", "page:3"}]
    assert (ask(other, "山行"), ask(other, "新的"), ask(other, "停车")) == ([], ["1"], ["3"])


def test_what_comes_while_the_ids_are_read_is_not_lost(home: Home) -> None:
    engine, other = home.open(), home.open()
    fill(engine)

    def ids():  # type: ignore[no-untyped-def] # a generator of ids
        yield "page:1"
        other.put([document(2, "白云")])  # after the list was read, before it is worked on

    everything = {"page:1": document(1, "山行"), "page:2": document(2, "白云")}
    assert engine.rebuild(ids(), lambda ids: [everything[each] for each in ids]) == 2
    assert ask(other, "白云") == ["2"]


@pytest.mark.usefixtures("small_pieces")
def test_in_pieces_it_is_whole_and_says_how_far_it_is(home: Home, documents: list[Document]) -> None:
    engine, told = home.open(), []

    assert engine.rebuild(ids_of(documents), loading(documents), told.append) == 7
    assert len(ask(engine, "白云")) == 7
    assert told == [0, 2, 4, 6, 7]


def test_under_load_nothing_fails_and_nothing_is_lost(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search_index.whoosh_engine.rebuilding.PIECE", 20)
    database = {each.id: each for each in (document(number, "山行") for number in range(100))}
    engine, writer, reader = home.open(), home.open(), home.open()

    def load(ids: Collection[str]) -> list[Document]:
        return [database[each] for each in ids if each in database]

    def write(number: int) -> None:
        changed = document(60 + number, f"山行 改{number}")
        database[changed.id] = changed
        database.pop(f"page:{number}", None)
        writer.replace([changed.id, f"page:{number}"], load)

    def read(_: int) -> None:
        found = reader.search(Query("山行", PUBLIC, limit=500))
        assert {f"page:{number}" for number in range(50, 60)} <= set(found.ids)
        assert found.total == len(found.ids) == len(set(found.ids))

    fill(engine, database.values())
    failures: list[BaseException] = []
    works = ((write, 50), (read, 100), (lambda _: home.open().verify(), 10))
    threads = [Thread(target=_guarded, args=(work, times, failures)) for work, times in works]
    for thread in threads:
        thread.start()
    rebuilds = 0
    while any(thread.is_alive() for thread in threads):
        engine.rebuild((each for number in range(110) if (each := f"page:{number}") in database), load)
        rebuilds += 1
    for thread in threads:
        thread.join()

    assert failures == []
    assert rebuilds > 1
    assert engine.ids() == set(database) == {f"page:{number}" for number in range(50, 110)}
    assert sorted(ask(reader, "改")) == sorted(str(60 + number) for number in range(50))
    engine.verify()


def _guarded(work: Callable[[int], None], times: int, failures: list[BaseException]) -> None:
    try:
        for number in range(times):
            work(number)
    except BaseException as failure:
        failures.append(failure)
