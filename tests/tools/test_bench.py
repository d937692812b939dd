"""Every measurement stands beside a peer."""

import pytest

from bench import Row
from bench.__main__ import lines, measurements


def test_better_is_above_one_in_either_direction() -> None:
    assert Row("search", ours=2, peer=6, peer_name="grep").ratio == 3
    assert Row("events", ours=6, peer=2, peer_name="node", unit="/s", more_is_better=True).ratio == 3


@pytest.mark.parametrize(("ours", "kept"), [(59, True), (61, False)])
def test_a_broken_promise_shows(ours: float, kept: bool) -> None:
    row = Row("page", ours=ours, peer=80, peer_name="plain Flask", limit=60)
    assert row.kept is kept
    assert ("✓" if kept else "✗") in lines([row])[1]


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(SystemExit, match="no such measurement: nonsense"):
        measurements(["nonsense"])


def test_every_measurement_can_be_run() -> None:
    assert all(callable(module.run) for module in measurements([]))


def test_a_name_stands_for_all_that_begins_with_it() -> None:
    names = [module.__name__ for module in measurements(["search"])]
    assert names == ["bench.search", "bench.search_pages", "bench.search_relevance"]
    assert [module.__name__ for module in measurements(["search_relevance"])] == ["bench.search_relevance"]
