"""A process that is killed while it writes takes nothing with it; two that write wait for one another."""

import time
from random import Random

from search_index import Engine
from tests.search_index.conftest import Home, ask, document
from tests.search_index.processes import Forker

KILLS = 50


def test_killed_in_a_commit_the_batch_is_whole_or_absent(engine: Engine, home: Home) -> None:
    chance = Random(7)  # noqa: S311 # not for secrets
    with Forker(*home.arguments()) as forker:
        for attempt in range(KILLS):
            process = forker.fork("put", str(attempt))
            said = [process.line() for _ in range(chance.randrange(3))]
            time.sleep(chance.random() * 0.02)  # somewhere in the next commit
            said += process.kill()

            found = [each for each in ask(engine, "山行", limit=10_000) if each.startswith(f"{attempt}-")]
            assert len(found) in {4 * len(said), 4 * len(said) + 4}
            engine.put([document(f"after{attempt}", "白云")])
            if attempt % 10 == 0:
                engine.verify()
    engine.verify()
    assert len(ask(engine, "白云")) == KILLS
    engine.put([document("last", "白云")])
    (build,) = home.folder.glob("build-*")
    owners = {path.name.partition(".")[0] for path in build.iterdir()}
    assert len(owners) <= len(list(build.glob("*.trm"))) + 3  # the segments, their tables, the version


def test_two_processes_write_and_nothing_is_lost(engine: Engine, home: Home) -> None:
    with Forker(*home.arguments()) as one, Forker(*home.arguments()) as two:
        processes = [one.fork("put", "a", 10), two.fork("put", "b", 10)]
        for number in range(10):
            assert len(ask(engine, "山行", limit=1000)) % 4 == 0
            engine.put([document(f"c-{number}", "白云")])  # and a third
        assert [process.rest()[-1] for process in processes] == ["9", "9"]

    assert len(ask(engine, "山行", limit=1000)) == 80
    assert len(ask(engine, "白云")) == 10
    engine.verify()
