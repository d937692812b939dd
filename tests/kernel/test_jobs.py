"""Jobs: whole or again, three times at most, and nobody's poison stops the others."""

import os
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select

from tests.factories import fresh
from tongyan.kernel import jobs
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, transaction
from tongyan.kernel.jobs import Job, JobFailed, JobSpec, JobState

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """Register test handlers; the list names the jobs they were called for."""
    calls: list[UUID] = []

    def good(job: Job) -> None:
        calls.append(job.id)

    def refused(job: Job) -> None:
        calls.append(job.id)
        raise JobFailed("bell.broken", room="301")

    def broken(job: Job) -> None:
        calls.append(job.id)
        raise LookupError

    registered = {
        name: jobs._Registered(handler, timedelta(seconds=60))
        for name, handler in {"good": good, "refused": refused, "broken": broken}.items()
    }
    monkeypatch.setattr(jobs, "HANDLERS", registered)
    monkeypatch.setattr(jobs, "PERIODIC", {})
    return calls


def enqueue(kind: str, key: str | None = None) -> UUID:
    with transaction():
        jobs.enqueue(JobSpec(kind, key=key))
    return db.session.scalars(select(Job.id).order_by(Job.created_at.desc(), Job.id.desc()).limit(1)).one()


def test_a_good_job_runs_once(ran: list[UUID]) -> None:
    job_id = enqueue("good")
    jobs.run_pending()
    jobs.execute(job_id)
    assert ran == [job_id]
    assert fresh(Job, job_id).state is JobState.DONE


def test_a_job_with_a_reason_is_parked_at_once(ran: list[UUID]) -> None:
    job_id = enqueue("refused")
    jobs.run_pending()
    job = fresh(Job, job_id)
    assert (job.state, job.error_code, job.error_data, len(ran)) == (JobState.PARKED, "bell.broken", {"room": "301"}, 1)


def test_a_broken_job_is_tried_three_times_then_parked(ran: list[UUID]) -> None:
    job_id = enqueue("broken")
    for minutes in range(5):
        with time_machine.travel(now() + timedelta(minutes=minutes)):
            jobs.tick()
            jobs.run_pending()
    assert len(ran) == 3
    assert fresh(Job, job_id).state is JobState.PARKED
    assert fresh(Job, job_id).error_data == {"reason": "LookupError"}


def test_a_poison_job_does_not_stop_the_others(ran: list[UUID]) -> None:
    enqueue("broken")
    good = enqueue("good")
    jobs.run_pending()
    assert fresh(Job, good).state is JobState.DONE


def test_the_same_key_waits_only_once(ran: list[UUID]) -> None:
    enqueue("good", key="k")
    enqueue("good", key="k")
    assert jobs.run_pending() == 1


def test_a_job_whose_lease_ran_out_is_queued_again(ran: list[UUID]) -> None:
    job_id = enqueue("good")
    claim(job_id, worker="elsewhere:1", lease=timedelta(seconds=-1))
    jobs.tick()
    assert fresh(Job, job_id).state is JobState.QUEUED
    jobs.run_pending()
    assert fresh(Job, job_id).state is JobState.DONE


def test_a_job_of_a_dead_process_here_need_not_wait_for_its_lease(ran: list[UUID]) -> None:
    job_id = enqueue("good")
    host = jobs._worker_name().rpartition(":")[0]
    claim(job_id, worker=f"{host}:4194300", lease=timedelta(hours=1))
    jobs.tick()
    assert fresh(Job, job_id).state is JobState.QUEUED


def test_a_number_that_now_belongs_to_somebody_elses_process_stops_no_sweep(
    ran: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    def not_ours(_pid: int, _signal: int) -> None:
        raise PermissionError

    job_id, lost = enqueue("good"), enqueue("good")
    claim(job_id, worker=jobs._worker_name(), lease=timedelta(hours=1))
    claim(lost, worker="elsewhere:1", lease=timedelta(seconds=-1))
    monkeypatch.setattr(os, "kill", not_ours)
    jobs.tick()
    assert (fresh(Job, job_id).state, fresh(Job, lost).state) == (JobState.RUNNING, JobState.QUEUED)


def test_a_job_that_kills_its_worker_three_times_is_parked(ran: list[UUID]) -> None:
    job_id = enqueue("good")
    claim(job_id, worker="elsewhere:1", lease=timedelta(seconds=-1), attempts=3)
    jobs.tick()
    assert (fresh(Job, job_id).state, fresh(Job, job_id).error_code) == (JobState.PARKED, "job.died")


def test_an_overtaken_worker_cannot_close_the_job(ran: list[UUID]) -> None:
    job_id = enqueue("good")
    claim(job_id, worker="elsewhere:1", lease=timedelta(minutes=1), attempts=2)
    jobs._end(job_id, 1, JobState.DONE)
    assert fresh(Job, job_id).state is JobState.RUNNING


def test_a_parked_job_can_be_given_new_tries(ran: list[UUID]) -> None:
    job_id = enqueue("refused")
    jobs.run_pending()
    jobs.retry(job_id)
    jobs.run_pending()
    assert len(ran) == 2


def claim(job_id: UUID, worker: str, lease: timedelta, attempts: int = 1) -> None:
    with transaction() as session:
        job = session.get_one(Job, job_id)
        job.state, job.worker, job.attempts, job.lease_until = JobState.RUNNING, worker, attempts, now() + lease


def test_periodic_work_starts_when_due_and_not_before(ran: list[UUID], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "PERIODIC", {"good": timedelta(hours=1)})
    jobs.tick()
    jobs.run_pending()
    jobs.tick()
    jobs.run_pending()
    assert len(ran) == 1
    with time_machine.travel(now() + timedelta(hours=2)):
        jobs.tick()
        jobs.run_pending()
    assert len(ran) == 2


def test_daily_work_starts_with_the_day_of_the_school(ran: list[UUID], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "PERIODIC", {"good": None})
    began = []
    for moment in ("2027-03-01T15:59:00Z", "2027-03-01T16:00:05Z", "2027-03-01T16:00:10Z", "2027-03-02T15:59:59Z"):
        with time_machine.travel(moment, tick=False):
            jobs.tick()
            jobs.run_pending()
            began.append(len(ran))
    assert began == [1, 2, 2, 2]  # midnight in China
    assert jobs.last_run("good").isoformat() == "2027-03-01T16:00:05+00:00"
    assert jobs.last_run("broken") is None


def test_a_job_at_work_is_left_alone_and_may_renew_its_lease(ran: list[UUID]) -> None:
    here, elsewhere = enqueue("good"), enqueue("good")
    claim(here, worker=jobs._worker_name(), lease=timedelta(minutes=1))
    claim(elsewhere, worker="elsewhere:1", lease=timedelta(minutes=1))
    with time_machine.travel(now() + timedelta(seconds=50)):
        jobs.set_progress(here, 40)
    with time_machine.travel(now() + timedelta(seconds=70)):
        jobs.tick()
    assert (fresh(Job, here).state, fresh(Job, here).progress) == (JobState.RUNNING, 40)
    assert fresh(Job, elsewhere).state is JobState.QUEUED


def test_only_a_parked_job_is_given_new_tries(ran: list[UUID]) -> None:
    job_id = enqueue("good")
    jobs.run_pending()
    jobs.retry(job_id)
    assert jobs.run_pending() == 0


def test_what_is_done_is_forgotten_after_a_week_and_what_waits_for_somebody_is_not(ran: list[UUID]) -> None:
    done, parked = enqueue("good"), enqueue("refused")
    jobs.run_pending()
    for days, left in ((6, {done, parked}), (8, {parked})):
        with time_machine.travel(now() + timedelta(days=days)):
            jobs.forget_done(Job())
        assert set(db.session.scalars(select(Job.id))) == left
