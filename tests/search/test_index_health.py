"""The index says how it is, on /readyz and to Prometheus, and is mended before anybody searches in vain."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from search_index import IndexUnusable
from tests.search.test_index import damage, rebuilds
from tongyan.kernel import health, index, jobs
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, transaction
from tongyan.kernel.index import MERGE, REBUILD, engine
from tongyan.kernel.jobs import Job, JobSpec, JobState, enqueue
from tongyan.kernel.searchables import INDEX
from tongyan.library.models import Resource

Publish = Callable[..., Resource]
RunJobs = Callable[[], int]


def test_readiness_names_the_index_and_never_turns_red_for_it(
    app: Flask, client: FlaskClient, publish: Publish, indexed: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "NEEDED", {})

    def said() -> str:
        answer = client.get("/readyz")
        assert answer.status_code == 200
        return str(answer.json["parts"]["index"])

    assert said() == "missing"
    publish("圆")
    indexed()
    assert said() == "ok"
    damage(app)
    assert said() == "damaged"
    with transaction():
        enqueue(JobSpec(REBUILD))
    assert said() == "rebuilding"
    indexed()
    assert said() == "ok"


def test_changes_that_wait_are_counted_from_the_oldest(client: FlaskClient, publish: Publish, indexed: RunJobs) -> None:
    publish("圆")
    indexed()
    assert index.lag() == timedelta(0)
    publish("又一个圆")
    publish("还有一个圆")
    with transaction() as session:
        oldest = select(sa.func.min(Job.created_at)).where(Job.kind == INDEX, Job.state == JobState.QUEUED)
        waiting = update(Job).where(Job.created_at == oldest.scalar_subquery())
        session.execute(waiting.values(created_at=now() - timedelta(minutes=3)))

    assert 180 <= index.lag().total_seconds() < 240
    assert index.state() == "behind"
    (line,) = [
        each for each in client.get("/metrics").text.splitlines() if each.startswith("tongyan_index_lag_seconds")
    ]
    assert 180 <= float(line.split()[1]) < 240
    indexed()
    assert (index.lag(), index.state()) == (timedelta(0), "ok")


def test_when_the_platform_starts_a_missing_index_is_made_before_anybody_searches(
    publish: Publish, indexed: RunJobs
) -> None:
    publish("圆")
    with transaction() as session:
        session.execute(sa.delete(Job))
    jobs.start()
    indexed()

    assert engine().count() > 0
    assert rebuilds(JobState.DONE) == 1
    jobs.start()
    indexed()
    assert rebuilds(JobState.DONE) == 1


def test_when_the_platform_starts_a_damaged_index_is_made_anew(app: Flask, publish: Publish, indexed: RunJobs) -> None:
    publish("圆")
    indexed()
    damage(app)
    jobs.start()
    indexed()

    engine().verify()


def test_small_pieces_are_merged_by_a_job(publish: Publish, indexed: RunJobs) -> None:
    publish("圆")
    indexed()
    for number in range(20):
        publish(f"圆{number}")
    indexed()

    done = select(sa.func.count()).where(Job.kind == MERGE, Job.state == JobState.DONE)
    assert db.session.scalar(done) in {1, 2, 3}
    assert not engine().merge_is_due()


def test_a_damaged_index_that_should_be_merged_is_made_anew(app: Flask, publish: Publish, indexed: RunJobs) -> None:
    publish("圆")
    indexed()
    damage(app)
    with transaction():
        enqueue(JobSpec(MERGE))
    indexed()

    engine().verify()


def test_an_index_that_is_away_is_asked_again_and_not_made_anew(
    publish: Publish, indexed: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise IndexUnusable("unreachable")

    publish("圆")
    indexed()
    monkeypatch.setattr(engine(), "replace", away)
    publish("又一个圆")
    indexed()
    assert rebuilds(JobState.QUEUED) == 0
    waiting = db.session.scalars(select(Job).where(Job.kind == INDEX, Job.state == JobState.QUEUED)).one()
    monkeypatch.undo()

    with transaction() as session:
        session.execute(update(Job).where(Job.id == waiting.id).values(not_before=now()))
    before = engine().count()
    indexed()
    assert engine().count() == before + 1
