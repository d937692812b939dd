"""One index for many machines: PostgreSQL says what counts, what lies in a mirror does not."""

import errno
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import pytest

from search_index import Document, Engine, IndexUnusable, Query
from search_index.postgres_engine import PostgresEngine, mirror, tables
from search_index.whoosh_engine import table
from tests.search_index.conftest import Home, ask, document, dsn, fill
from tests.search_index.opening import PUBLIC
from tests.search_index.processes import ROOT, Forker
from tests.search_index.test_damage import unusable

GREENLETS = """
from gevent import monkey
monkey.patch_all()
import sys
import gevent
from tests.search_index.opening import PUBLIC, document, open_index
from search_index import Query
reader, writer = open_index(*sys.argv[1:]), open_index(sys.argv[1] + "-other", *sys.argv[2:])
def ask():
    for _ in range(20):
        assert reader.search(Query("山行", PUBLIC)).total >= 1
        gevent.sleep(0)
def write():
    for number in range(20):
        writer.put([document(f"new{number}", "山行")])
gevent.joinall([gevent.spawn(write), *(gevent.spawn(ask) for _ in range(10))], raise_error=True)
assert reader.count() == 21
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """Give the home of an index in PostgreSQL."""
    home = Home("postgres", tmp_path / "index")
    yield home
    home.close()


def end_connections(home: Home) -> None:
    """End every connection of the engines, as a restart of the database would."""
    with home.connected() as connection:
        statement = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = %s"
        connection.execute(statement, [f"tongyan {home.schema}"])


def stored(home: Home) -> set[tuple[str, str]]:
    """Return to whom files belong that PostgreSQL holds, by build."""
    with home.connected() as connection:
        return set(connection.execute("SELECT DISTINCT build, owner FROM file").fetchall())  # type: ignore[arg-type]


def test_another_machine_sees_a_commit_at_once(engine: Engine, home: Home) -> None:
    there = home.open("there")
    for number in range(20):
        engine.put([document(number, "山行")])
        assert len(ask(there, "山行")) == number + 1
    there.delete(["page:3"])
    assert "3" not in ask(engine, "山行")
    engine.put([document(4, "山行", audience=frozenset({"user:1"}))])
    assert "4" not in ask(there, "山行")
    assert ask(there, "山行", "user:1") == ["4"]

    engine.merge()
    fill(there, [document(1, "白云")])
    assert (ask(engine, "山行"), ask(engine, "白云")) == ([], ["1"])


def test_both_give_the_same_answers_and_scores(engine: Engine, home: Home) -> None:
    there = home.open("there")
    for number in range(40):
        (engine, there)[number % 2].put([document(number, f"山行{number % 7}", "白云" * number)])

    for text in ("山行", "白云", "山行3", "sx"):
        query = Query(text, PUBLIC, limit=100)
        assert engine.search(query) == there.search(query)


def test_a_mirror_is_only_a_cache(engine: Engine, home: Home) -> None:
    engine.put([document(1, "山行")])
    shutil.rmtree(home.folder)

    assert ask(engine, "山行") == ["1"]  # it has the files open
    assert ask(home.open(), "山行") == ["1"]
    engine.put([document(2, "山行")])
    assert set(ask(engine, "山行")) == {"1", "2"}
    engine.verify()


DOORS: dict[str, Callable[[Engine], object]] = {
    "search": lambda engine: engine.search(Query("山行", PUBLIC)),
    "suggest": lambda engine: engine.suggest(Query("山", PUBLIC)),
    "alike": lambda engine: engine.alike(Query("山形", PUBLIC)),
    "explain": lambda engine: engine.explain(Query("山行", PUBLIC), "page:1"),
    "count": lambda engine: engine.count(),
    "ids": lambda engine: engine.ids(),
    "put": lambda engine: engine.put([document(1, "山行")]),
    "merge": lambda engine: engine.merge(),
    "merge_is_due": lambda engine: engine.merge_is_due(),
    "verify": lambda engine: engine.verify(),
}


@pytest.mark.parametrize("door", DOORS)
def test_a_damaged_mirror_is_mended_without_a_rebuild(engine: Engine, home: Home, door: str) -> None:
    engine.put(document(number, f"山行{number}") for number in range(20))
    healthy = DOORS[door](home.open())
    for path in home.folder.glob("build-*/*"):
        path.write_bytes(os.urandom(path.stat().st_size))

    assert DOORS[door](home.open()) == healthy
    home.open().verify()
    assert len(ask(home.open(), "山行")) == 20


def test_a_mirror_is_mended_once_and_no_more_if_the_database_is_damaged(engine: Engine, home: Home) -> None:
    engine.put([document(1, "山行")])
    home.harm("*.trm", lambda data: data[:10])

    damaged = home.open()
    for _ in range(2):
        with pytest.raises(IndexUnusable, match="damaged"):
            damaged.count()


def test_a_disk_that_is_full_does_not_bar_the_connection(
    engine: Engine, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    engine.put([document(1, "山行")])
    there = home.open("there")
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        there.count()
    monkeypatch.undo()
    assert there.count() == 1


def test_nobody_reads_what_a_dead_writer_left(engine: Engine, home: Home) -> None:
    engine.put([document(1, "山行")])
    (build,) = home.folder.glob("build-*")
    left = [build / table.name_of(2**31 - 1), build / "MAIN_leftover.trm"]
    table.write(build, [], 2**31 - 1)
    left[1].write_bytes(b"left over")

    assert ask(home.open(), "山行") == ["1"]
    engine.put([document(2, "白云")])
    assert ask(home.open(), "山行") == ["1"]
    assert not any(path.exists() for path in left)


def test_a_commit_keeps_what_counts_and_nothing_else(engine: Engine, home: Home) -> None:
    for number in range(20):
        engine.put([document(number, "山行")])
    engine.merge()
    (build,) = home.folder.glob("build-*")
    fill(engine, [document(1, "山行")])

    after = stored(home)
    assert build.name not in {name for name, _ in after}
    assert len(after) == 2  # a segment and its table
    assert [each.name for each in home.folder.glob("build-*")] == [name for name, _ in after][:1]


def test_a_mirror_forgets_what_counts_no_more(engine: Engine, home: Home) -> None:
    there, folder = home.open("there"), home.folder.with_name("there")
    for number in range(5):
        engine.put([document(number, "山行")])
        assert there.count() == number + 1
    engine.delete([f"page:{number}" for number in range(4)])
    assert there.count() == 1
    assert len(list(folder.glob("build-*/*.toc"))) == len(list(folder.glob("build-*/*.trm"))) == 1

    fill(engine, [document(1, "山行")])
    assert there.count() == 1
    assert len(list(folder.glob("build-*"))) == 1


def test_a_mirror_forgets_after_a_while_what_others_left(
    engine: Engine, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(engine, [document(1, "山行")])
    (build,) = home.folder.glob("build-*")
    left = [build / "MAIN_left.trm", home.folder / "build-left"]
    left[0].write_bytes(b"left over")
    left[1].mkdir()
    assert home.open().count() == 1
    assert all(path.exists() for path in left)  # somebody may be at it just now
    monkeypatch.setattr(mirror, "LEFT_OVER", -1)
    assert home.open().count() == 1
    assert not any(path.exists() for path in left)


def test_large_files_are_kept_in_pieces(engine: Engine, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "PIECE", 1000)
    engine.put(document(number, f"山行{number}", "白云" * 100) for number in range(50))

    there = home.open("there")
    assert len(ask(there, "山行")) == 50
    there.verify()
    with home.connected() as connection:
        assert connection.execute("SELECT max(part) > 3, max(length(data)) FROM file").fetchone() == (True, 1000)


def test_a_broken_connection_is_made_anew(engine: Engine, home: Home) -> None:
    engine.put([document(1, "山行")])
    assert ask(engine, "山行") == ["1"]
    end_connections(home)

    assert ask(engine, "山行") == ["1"]
    end_connections(home)
    engine.put([document(2, "山行")])
    assert engine.count() == 2


def test_a_database_that_is_away_makes_the_index_unusable(home: Home) -> None:
    fill(home.open(), [document(1, "山行")])
    away = PostgresEngine(home.folder, re.sub(r"port=\d+", "port=1", dsn()), home.schema)

    assert unusable(away) == "unreachable"
    with pytest.raises(IndexUnusable, match="unreachable"):
        fill(away)
    away.close()


def test_a_connection_that_breaks_in_a_change_takes_nothing_with_it(engine: Engine, home: Home) -> None:
    engine.put([document(1, "山行")])

    def load(_: Collection[str]) -> list[Document]:
        end_connections(home)
        return [document(2, "山行")]

    with pytest.raises(IndexUnusable, match="unreachable"):
        engine.replace(["page:1", "page:2"], load)
    assert ask(engine, "山行") == ["1"]
    engine.replace(["page:2"], lambda _: [document(2, "山行")])
    assert engine.count() == 2


def test_a_rebuild_that_lost_its_lock_does_not_disturb_the_next(engine: Engine, home: Home) -> None:
    given = [document(1, "山行")]

    def load(_: Collection[str]) -> list[Document]:
        end_connections(home)
        assert fill(home.open(), [document(2, "白云")]) == 1
        return given

    with pytest.raises((IndexUnusable, FileNotFoundError)):
        engine.rebuild(["page:1"], load)
    assert engine.ids() == {"page:2"}
    engine.verify()


def test_a_forked_process_makes_a_connection_of_its_own(engine: Engine, home: Home) -> None:
    with Forker(*home.arguments()) as forker:
        for _ in range(3):
            process = forker.fork("inherited")
            assert process.rest() == ["0", "parent", "parent"]

    assert len(ask(engine, "山行")) == 4


def test_greenlets_do_not_stop_one_another(engine: Engine, home: Home) -> None:
    engine.put([document(1, "山行")])
    command = [sys.executable, "-c", GREENLETS, *home.arguments()]
    subprocess.run(command, cwd=ROOT, check=True, timeout=60)  # noqa: S603 # our own code
