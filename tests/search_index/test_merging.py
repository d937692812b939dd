"""Many pieces become few without anybody waiting for it, and no answer changes."""

from collections.abc import Callable
from typing import Any

import pytest

from search_index import Engine, Query
from search_index.whoosh_engine import store
from search_index.whoosh_engine.merging import MANY, TIER
from tests.search_index.conftest import PUBLIC, Home, ask, document, fill
from tests.search_index.processes import Forker


def segments(home: Home) -> int:
    """Return how many segments the build has; a write clears away what is no more."""
    home.open().delete(["page:nothing"])
    return len(list(home.folder.glob("build-*/*.trm")))


def add(engine: Engine, numbers: range) -> None:
    """Put documents one by one."""
    for number in numbers:
        engine.put([document(number, f"山行{number}", "白云", facets={"subject": str(number % 3)})])


def answers(engine: Engine) -> list[Any]:
    """Return what some questions are answered."""
    queries = [Query(text, PUBLIC, facets=("subject",), limit=500) for text in ("山行", "白云", "山行12", "sx")]
    return [engine.search(query) for query in queries]


def during_a_merge(monkeypatch: pytest.MonkeyPatch, deed: Callable[[], None]) -> None:
    """Do something while the next merge is at work."""
    write = store.write_segment

    def writing(*arguments: Any) -> Any:
        monkeypatch.undo()
        deed()
        return write(*arguments)

    monkeypatch.setattr(store, "write_segment", writing)


def test_a_full_tier_is_due_and_becomes_one(engine: Engine, home: Home) -> None:
    add(engine, range(TIER - 1))
    assert not engine.merge_is_due()
    assert not engine.merge()
    add(engine, range(TIER - 1, TIER))
    before = answers(engine)

    assert engine.merge_is_due()
    assert engine.merge()
    assert not engine.merge_is_due()
    assert segments(home) == 1
    assert answers(engine) == answers(home.open()) == before
    engine.verify()


def test_merged_segments_are_merged_again(engine: Engine, home: Home) -> None:
    for start in range(0, 80, TIER):
        add(engine, range(start, start + TIER))
        while engine.merge():
            pass

    assert segments(home) == 3  # one of 64, two of eight
    assert len(ask(engine, "山行", limit=500)) == 80
    engine.verify()


def test_a_change_merges_when_the_background_is_far_behind(engine: Engine, home: Home) -> None:
    add(engine, range(MANY + 3))

    assert segments(home) < 5
    assert len(ask(engine, "山行")) == MANY + 3


def test_what_is_mostly_dead_is_written_anew(engine: Engine, home: Home) -> None:
    engine.put(document(number, "山行") for number in range(100))
    engine.delete([f"page:{number}" for number in range(60)])

    assert engine.merge()
    assert not engine.merge()
    assert len(ask(engine, "山行")) == 40
    assert segments(home) == 1


def test_changes_during_a_merge_count(engine: Engine, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    add(engine, range(TIER))
    other = home.open()

    def changes() -> None:
        other.delete(["page:3"])
        other.put([document(5, "停车", audience=frozenset({"user:1"})), document("new", "山行")])

    during_a_merge(monkeypatch, changes)

    assert engine.merge()
    assert set(ask(engine, "山行")) == {"0", "1", "2", "4", "6", "7", "new"}
    assert (ask(engine, "停车"), ask(engine, "停车", "user:1")) == ([], ["5"])
    assert segments(home) == 2
    assert home.open().count() == 8


def test_when_everything_goes_during_a_merge_nothing_stays(
    engine: Engine, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(engine, range(TIER))
    during_a_merge(monkeypatch, lambda: home.open().delete([f"page:{number}" for number in range(TIER)]))

    engine.merge()
    assert (engine.count(), engine.ids()) == (0, set())


def test_a_merge_that_a_rebuild_overtakes_changes_nothing(
    engine: Engine, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(engine, range(TIER))
    during_a_merge(monkeypatch, lambda: fill(home.open(), [document(1, "山行")]) and None)

    assert not engine.merge()
    assert engine.ids() == {"page:1"}
    engine.verify()


def test_only_one_merges_at_a_time(engine: Engine, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    add(engine, range(TIER))
    said: list[bool] = []
    during_a_merge(monkeypatch, lambda: said.append(home.open().merge()))

    assert engine.merge()
    assert said == [False]


def test_killed_in_a_merge_nothing_is_lost(engine: Engine, home: Home) -> None:
    add(engine, range(3 * TIER))
    before = answers(engine)
    with Forker(*home.arguments()) as forker:
        process = forker.fork("merge")
        assert process.line() == "merging"
        process.kill()

    assert answers(home.open()) == before
    while home.open().merge():
        pass
    assert answers(engine) == before
    assert segments(home) == 1
    engine.verify()
    assert not (home.folder / "draft").exists()
