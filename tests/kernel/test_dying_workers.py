"""kill -9 of a worker at the worst moments: every job ends, and what it works on is whole."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import fresh
from tests.library import samples
from tests.library.conftest import bring, owner  # noqa: F401 # fixtures
from tongyan.kernel import jobs
from tongyan.kernel.db import db, release, transaction
from tongyan.kernel.files import file_store
from tongyan.kernel.jobs import Job, JobSpec, JobState
from tongyan.library.ingest.steps import STEPS, Skipped
from tongyan.library.models import FileState, ResourceFile, Step, StepState

pytestmark = pytest.mark.process


def run_worker(app: Flask, prepare: Callable[[], None]) -> int:
    """Run the queued jobs in a process of their own and return how it ended."""
    pid = os.fork()
    if pid == 0:
        with suppress(BaseException), app.app_context():
            db.engine.dispose(close=False)  # the connections are the parent's
            prepare()
            jobs.run_pending()
            os._exit(0)
        os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def die(*_: Any) -> Any:
    """End as by a power cut."""
    os.kill(os.getpid(), signal.SIGKILL)


def deadly(step: Step) -> None:
    """Have the process die when the work of a step is done, but not yet written down."""
    work = STEPS[step]

    def work_and_die(file: Any) -> Any:
        with suppress(Skipped):
            work(file)
        return die()

    STEPS[step] = work_and_die


@pytest.mark.parametrize("step", Step)
def test_file_is_whole_after_its_worker_died_in_any_step(
    app: Flask,
    bring: Callable[..., ResourceFile],  # noqa: F811 # the fixture
    run_jobs: Callable[[], int],
    step: Step,
) -> None:
    file_id = bring("古诗.pdf", samples.pdf(2)).id

    assert run_worker(app, partial(deadly, step)) == -signal.SIGKILL
    release()
    jobs.tick()
    run_jobs()

    file = fresh(ResourceFile, file_id)
    assert (file.state, file.error_code) == (FileState.READY, None)
    assert {row.state for row in file.steps} <= {StepState.DONE, StepState.SKIPPED}
    assert {row.step: row.attempts for row in file.steps}[step] == 2
    assert file_store().verify(file.sha256)
    assert set(db.session.scalars(select(Job.state))) == {JobState.DONE}


def test_job_that_kills_its_worker_is_parked_after_three_and_the_others_end(app: Flask) -> None:
    poison = partial(jobs.job("poison"), die)
    with transaction():
        jobs.enqueue(JobSpec("poison"))
        jobs.enqueue(JobSpec("library.sweep"))

    for _ in range(jobs.MAX_ATTEMPTS):
        assert run_worker(app, poison) == -signal.SIGKILL
        release()
        jobs.tick()
    assert run_worker(app, poison) == 0

    release()
    states = dict(db.session.execute(select(Job.kind, Job.state)).all())
    assert (states.pop("poison"), set(states.values())) == (JobState.PARKED, {JobState.DONE})
    assert db.session.scalar(select(Job.error_code).where(Job.kind == "poison")) == "job.died"
