"""Work in the background as administrators see it: what is parked says why and can be tried again."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from tests.accounts.helpers import audited
from tests.factories import fresh, save
from tongyan.accounts.models import Person
from tongyan.kernel import oversight
from tongyan.kernel.clock import now
from tongyan.kernel.errors import Forbidden
from tongyan.kernel.jobs import Job, JobState


@pytest.fixture
def browser(cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient]) -> FlaskClient:
    return sign_in(cast.admin)


def make_job(state: JobState = JobState.PARKED, kind: str = "library.ingest_file", **values: Any) -> Job:
    ended = {"attempts": 3, "ended_at": now(), "error_code": "job.died"} if state is JobState.PARKED else {}
    return save(Job(kind=kind, args={}, state=state, started_at=now(), **(ended | values)))


def page(browser: FlaskClient, path: str = "/admin/jobs") -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_without_parked_jobs_the_page_says_so(browser: FlaskClient) -> None:
    assert "没有停下的任务" in page(browser)


def test_a_parked_job_is_shown_with_reason_tries_and_time(browser: FlaskClient) -> None:
    make_job()
    make_job(kind="visits.plan", error_code="job.failed", error_data={"reason": "LookupError"})
    shown = page(browser)
    for words in ("处理上传的文件", "程序中断了三次", "试了 3 次", "visits.plan", "LookupError", "全部重试"):
        assert words in shown


def test_running_jobs_show_their_progress(browser: FlaskClient) -> None:
    make_job(JobState.RUNNING, progress=42, lease_until=now() + timedelta(minutes=1))
    assert "42%" in page(browser)
    part = browser.get("/admin/jobs", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "<html" not in part


def test_a_parked_job_can_be_tried_again(browser: FlaskClient) -> None:
    job = make_job()
    answer = browser.post(f"/admin/jobs/{job.id}/retry", follow_redirects=True)
    assert "已重新排队" in answer.get_data(as_text=True)
    again = fresh(Job, job.id)
    assert (again.state, again.attempts) == (JobState.QUEUED, 0)
    assert audited("job.retry")[0].data == {"kind": "library.ingest_file"}


def test_a_job_that_is_done_is_left_alone(browser: FlaskClient) -> None:
    job = make_job(JobState.DONE)
    browser.post(f"/admin/jobs/{job.id}/retry")
    assert fresh(Job, job.id).state is JobState.DONE
    assert audited("job.retry") == []


def test_a_job_that_is_missing_is_not_found(browser: FlaskClient) -> None:
    assert browser.post(f"/admin/jobs/{uuid4()}/retry").status_code == 404


def test_all_parked_jobs_are_tried_again_at_once(browser: FlaskClient) -> None:
    parked, done = [make_job() for _ in range(3)], make_job(JobState.DONE)
    answer = browser.post("/admin/jobs/retry", follow_redirects=True)
    assert "3 个任务已重新排队" in answer.get_data(as_text=True)
    assert {fresh(Job, job.id).state for job in parked} == {JobState.QUEUED}
    assert fresh(Job, done.id).state is JobState.DONE
    assert len(audited("job.retry")) == 3


@pytest.mark.parametrize("role", ["owner", "head", "group_head", "outsider"])
def test_for_all_but_administrators_there_are_no_jobs(
    cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient], role: str
) -> None:
    other, job = sign_in(getattr(cast, role)), make_job()
    assert other.get("/admin/jobs").status_code == 404
    assert other.post("/admin/jobs/retry").status_code == 404
    assert other.post(f"/admin/jobs/{job.id}/retry").status_code == 404
    assert fresh(Job, job.id).state is JobState.PARKED


def test_the_service_itself_asks_who_comes(cast: SimpleNamespace, actor: Callable[[Person], Any]) -> None:
    head = actor(cast.head)
    for ask in (
        lambda: oversight.job_board(head),
        lambda: oversight.retry_job(head, uuid4()),
        lambda: oversight.retry_all_jobs(head),
    ):
        with pytest.raises(Forbidden):
            ask()
