"""Celery carries ids, beat does the tick itself; that the broker is away delays a job and loses none."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.globals import app_ctx

from tests.factories import fresh
from tongyan.kernel import health, jobs, queue
from tongyan.kernel.db import db, transaction
from tongyan.kernel.jobs import Job, JobSpec, JobState
from tongyan.kernel.permissions import PUBLIC, Audience, parse_audience, school_key


@pytest.fixture
def broker(app: Flask, tmp_path: Path) -> Iterator[Path]:
    """Give the folder of a broker in the file system."""
    kept = dict(app.config)
    app.config.update(BROKER_URL="filesystem://localhost", DATA_DIR=str(tmp_path))
    queue.configure(app)
    queue.celery._after_fork()  # connections of an earlier test lead into its folder
    yield tmp_path / "broker" / "queue"
    app.config.update(kept)
    queue.configure(app)
    queue.celery._after_fork()


def test_a_job_is_told_to_the_broker_after_the_commit(broker: Path) -> None:
    with transaction():
        jobs.enqueue(JobSpec("library.sweep"))
        assert list(broker.iterdir()) == []

    (message,) = broker.iterdir()
    job_id = db.session.query(Job.id).scalar()
    assert "tongyan.run" in message.read_text()
    assert isinstance(job_id, UUID)


def test_a_broker_that_is_away_costs_no_job(broker: Path) -> None:
    broker.rmdir()
    broker.write_text("not a folder")
    with transaction():
        jobs.enqueue(JobSpec("library.sweep"))

    assert db.session.query(Job.state).scalar() is JobState.QUEUED


def test_beat_does_the_tick_itself_and_at_once(broker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks: list[str] = []
    monkeypatch.setattr(jobs, "start", lambda: ticks.append("start"))
    monkeypatch.setattr(jobs, "tick", lambda: ticks.append("tick"))
    beat = queue.Ticker(app=queue.celery)
    assert beat.tick() == beat.tick() == 0
    assert 0 < beat.tick() <= queue.TICK_SECONDS
    assert sorted(ticks) == ["start", "tick"]
    assert list(broker.iterdir()) == []


def test_a_tick_that_fails_is_not_the_last(broker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "start", lambda: None)
    monkeypatch.setattr(jobs, "tick", lambda: 1 / 0)
    beat = queue.Ticker(app=queue.celery)
    assert beat.tick() == beat.tick() == 0
    assert 0 < beat.tick() <= queue.TICK_SECONDS


def test_readiness_names_a_broker_that_is_away(app: Flask) -> None:
    assert health.report().parts["broker"] == "ok"
    queue.celery.conf.broker_url = "redis://127.0.0.1:1"
    queue.celery._after_fork()
    assert health.report().parts["broker"] == "down"
    queue.configure(app)
    queue.celery._after_fork()


def test_tasks_run_in_a_context_of_the_application(app: Flask) -> None:
    queue.configure(app)
    contexts: list[object] = []

    def remember() -> None:
        contexts.append(app_ctx._get_current_object())

    queue.celery.task(remember, name=f"test.{uuid4()}", lazy=False)()

    assert contexts[0].app is app
    assert contexts[0] is not app_ctx._get_current_object()


def test_tasks_run_jobs_and_the_tick(app: Flask) -> None:
    with transaction() as session:
        session.add(Job(id=(job_id := uuid4()), kind="library.sweep", args={}))

    queue.celery.tasks["tongyan.run"].run(str(job_id))
    queue.celery.tasks["tongyan.tick"].run()

    assert fresh(Job, job_id).state is JobState.DONE
    assert db.session.get(jobs.Heartbeat, "beat")


def test_audiences_are_taken_apart_and_nonsense_is_none() -> None:
    school_id = uuid4()
    assert parse_audience(school_key(school_id)) == Audience("school", school_id)
    assert parse_audience(PUBLIC) == Audience(PUBLIC, None)
    for nonsense in ("", "school", "school:x", f"everybody:{school_id}"):
        with pytest.raises(ValueError, match=r".*"):
            parse_audience(nonsense)
