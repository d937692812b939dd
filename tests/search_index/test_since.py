"""Only what is later can be asked for; nothing else about the answer changes."""

from datetime import UTC, datetime, timedelta

from search_index import Engine, Query
from tests.search_index.conftest import PUBLIC, ask, document

START = datetime(2026, 9, 1, tzinfo=UTC)


def test_only_what_is_dated_later_is_found_and_counted(engine: Engine) -> None:
    engine.put(
        document(day, f"分数{day}", "分数", date=START + timedelta(days=day), facets={"grade": "3"}) for day in range(5)
    )
    engine.put([document("never", "分数", "分数", facets={"grade": "3"})])
    since = START + timedelta(days=2)
    assert sorted(ask(engine, "分数", since=since)) == ["3", "4"]
    assert sorted(ask(engine, "分数", since=since - timedelta(microseconds=1))) == ["2", "3", "4"]
    assert ask(engine, "分数", since=START + timedelta(days=4)) == []
    assert len(ask(engine, "分数")) == 6
    found = engine.search(Query("分数", PUBLIC, since=since, facets=("grade",), filters={"grade": frozenset({"3"})}))
    assert (found.total, found.facets) == (2, {"grade": {"3": 2}})
