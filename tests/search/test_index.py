"""The index is a copy: missing, damaged or behind, the search answers, and jobs and commands bring it back."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text, update

from search_index import Document
from tests.search.conftest import open_search, suggested
from tests.sessions import open_session
from tongyan.accounts.models import Person
from tongyan.kernel import search_jobs
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, transaction
from tongyan.kernel.index import REBUILD, engine
from tongyan.kernel.jobs import Job, JobSpec, JobState, enqueue
from tongyan.kernel.permissions import PUBLIC
from tongyan.kernel.search import SearchRequest, search
from tongyan.kernel.searchables import INDEX, SEARCHABLES
from tongyan.library.models import Resource, ResourceState
from tongyan.org.actors import actor_for

SignIn = Callable[[Person], FlaskClient]
Publish = Callable[..., Resource]
Indexed = Callable[[], int]
RunJobs = Callable[[], int]


@pytest.fixture
def reader(cast: SimpleNamespace, sign_in: SignIn) -> FlaskClient:
    """Give the browser of a teacher of the other school of the group."""
    return sign_in(cast.neighbour)


def damage(app: Flask, long_ago: bool = True) -> None:
    """Cut every file of the index short, just now or long after it was made."""
    if long_ago:
        with transaction() as session:
            session.execute(update(Job).where(Job.kind == REBUILD).values(ended_at=now() - timedelta(hours=1)))
    for path in Path(app.config["INDEX_DIR"]).glob("build-*/*.*"):
        path.write_bytes(path.read_bytes()[:10])
    if app.config["SEARCH_ENGINE"] == "postgres":  # from which the files would be fetched again
        with transaction() as session:
            session.execute(text("UPDATE search_index.file SET data = substr(data, 1, 10)"))
    engine().close()


def rebuilds(state: JobState) -> int:
    """Return how many jobs that rebuild are in a state."""
    db.session.rollback()
    return len(db.session.scalars(select(Job.id).where(Job.kind == REBUILD, Job.state == state)).all())


def test_without_an_index_titles_are_searched_and_a_rebuild_is_asked_for_once(
    cast: SimpleNamespace, publish: Publish, reader: FlaskClient, sign_in: SignIn, run_jobs: RunJobs
) -> None:
    publish("圆的面积", "周长")
    publish("圆的秘密", audience="user:x", by=cast.outsider)

    for _ in range(3):
        page = open_search(reader, q="圆 面积")
        assert (page.titles, page.total) == (["圆的面积"], 1)
        assert "索引正在重建" in page.text
    assert open_search(reader, q="周长").total == open_search(reader, q="%").total == 0
    assert open_search(reader, q="\x00").total in {0, -1}
    assert open_search(sign_in(cast.outsider), q="面积").total == 0
    assert suggested(reader, "面积") == ["圆的面积"]
    assert reader.get("/search/suggest?q=").json == {"suggestions": []}
    assert rebuilds(JobState.QUEUED) == 1

    run_jobs()
    page = open_search(reader, q="周长")
    assert page.titles == ["圆的面积"]
    assert "索引正在重建" not in page.text


def test_kinds_narrow_a_search_with_and_without_an_index(
    cast: SimpleNamespace, publish: Publish, indexed: Indexed
) -> None:
    publish("圆")
    actor = actor_for(cast.neighbour)

    for is_there in (False, True):
        for kind, number in (("resource", 1), ("lesson", 0)):
            found = search(actor, SearchRequest("圆", kinds=(kind,)))
            assert (found.page.total, found.degraded) == (number, not is_there)
        indexed()


def test_a_damaged_index_is_rebuilt(app: Flask, publish: Publish, indexed: Indexed, reader: FlaskClient) -> None:
    publish("圆的面积", "周长")
    indexed()
    damage(app)

    assert "索引正在重建" in open_search(reader, q="圆").text
    indexed()

    assert open_search(reader, q="周长").total == 1


def test_a_rebuild_that_did_not_help_is_not_tried_again_at_once(
    app: Flask, publish: Publish, indexed: Indexed, reader: FlaskClient
) -> None:
    publish("圆")
    indexed()
    damage(app, long_ago=False)

    open_search(reader, q="圆")

    assert rebuilds(JobState.QUEUED) == 0


def test_a_change_that_meets_a_damaged_index_gets_in(
    app: Flask, publish: Publish, indexed: Indexed, reader: FlaskClient
) -> None:
    publish("圆")
    indexed()
    damage(app)
    publish("又一个圆")
    indexed()

    assert open_search(reader, q="圆").total == 2


def test_an_unknown_kind_is_parked(app: Flask, run_jobs: RunJobs) -> None:
    with transaction():
        enqueue(JobSpec(INDEX, {"kind": "nothing", "ids": []}))
    run_jobs()

    assert db.session.scalars(select(Job).where(Job.kind == INDEX)).one().error_code == "search.kind_unknown"


def test_the_nightly_comparison_mends_what_is_missing_and_what_is_left_over(
    publish: Publish, indexed: Indexed, reader: FlaskClient
) -> None:
    kept, left_over = publish("圆"), publish("旧的圆")
    indexed()
    engine().delete([f"resource:{kept.id}"])
    with transaction() as session:
        session.execute(update(Resource).where(Resource.id == left_over.id).values(state=ResourceState.TRASHED))
    assert open_search(reader, q="圆").total == 0

    with transaction():
        enqueue(JobSpec(search_jobs.COMPARE))
    indexed()

    assert open_search(reader, q="圆").titles == ["圆"]
    assert {each for each in engine().ids() if each.startswith("resource:")} == {f"resource:{kept.id}"}


def test_the_nightly_comparison_finds_damage(app: Flask, publish: Publish, indexed: Indexed) -> None:
    publish("圆")
    indexed()
    damage(app)

    with transaction():
        enqueue(JobSpec(search_jobs.COMPARE))
    indexed()

    engine().verify()


def test_commands_check_and_rebuild(app: Flask, publish: Publish) -> None:
    runner = app.test_cli_runner()
    kept = publish("圆")
    missing = runner.invoke(args=["search", "check"])
    assert missing.exit_code == 1
    assert "search rebuild" in missing.output

    number = sum(len([*each.all_ids()]) for each in SEARCHABLES.values())
    rebuilt = runner.invoke(args=["search", "rebuild"])
    assert (rebuilt.stdout, rebuilt.stderr) == (f"{number} documents\n", "0 %\n99 %\n")
    assert runner.invoke(args=["search", "check"]).output == f"{number} documents, 0 differ\n"

    engine().delete([f"resource:{kept.id}"])
    behind = runner.invoke(args=["search", "check"])
    assert (behind.exit_code, behind.output) == (1, f"{number - 1} documents, 1 differ\n")


def test_one_who_asks_too_often_waits_and_others_do_not(cast: SimpleNamespace, counting: Flask) -> None:
    hasty, other = open_session(counting, cast.owner), open_session(counting, cast.colleague)

    for path, allowed in (("/search?q=", 60), ("/search/suggest?q=", 120)):
        assert {hasty.get(path).status_code for _ in range(allowed)} == {200}
        assert hasty.get(path).status_code == 429
        assert other.get(path).status_code == 200
    assert counting.test_client().get("/search").status_code == 302


def test_what_only_a_newer_release_knows_disturbs_no_search(
    cast: SimpleNamespace, publish: Publish, indexed: Indexed
) -> None:
    publish("圆的面积")
    indexed()
    newer = f"plan:{uuid4()}"
    engine().put([Document(newer, "plan", "圆的备课", audience=frozenset({PUBLIC}))])
    assert found_titles(cast.neighbour) == ["圆的面积"]
    with transaction():
        enqueue(JobSpec(INDEX, {"kind": "plan", "ids": [newer.partition(":")[2]]}))
    assert found_titles(cast.neighbour) == ["圆的面积"]


def found_titles(person: Person) -> list[str]:
    """Return what somebody finds for a circle; all of it is counted."""
    page = search(actor_for(person), SearchRequest("圆")).page
    assert page.total == len(page.items)
    return [hit.thing.title for hit in page.items]
