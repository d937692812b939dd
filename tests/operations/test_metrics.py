"""Numbers for Prometheus: true, without a word of people or things, and for this machine alone."""

from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from tongyan.kernel import jobs
from tongyan.kernel.db import transaction
from tongyan.kernel.jobs import JobSpec

Labels = tuple[tuple[str, str], ...]


def numbers(client: FlaskClient) -> dict[tuple[str, Labels], float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {(one.name, tuple(sorted(one.labels.items()))): one.value for family in families for one in family.samples}


def requests(found: dict[tuple[str, Labels], float], endpoint: str, status: str) -> float:
    key = (("endpoint", endpoint), ("method", "GET"), ("status", status))
    return found.get(("tongyan_request_seconds_count", key), 0.0)


def test_requests_are_counted_by_route_and_never_by_address(client: FlaskClient) -> None:
    before = numbers(client)
    hidden = uuid4()
    client.get("/sign-in")
    client.get(f"/library/{hidden}")
    client.get(f"/nowhere/{hidden}")

    after = numbers(client)

    for endpoint, status in (("accounts.sign_in", "200"), ("library.show", "302"), ("none", "404")):
        assert requests(after, endpoint, status) == requests(before, endpoint, status) + 1
    assert str(hidden) not in str(after)


def test_jobs_and_beat_are_shown_as_the_database_knows_them(client: FlaskClient) -> None:
    empty = numbers(client)
    assert not any(
        name in {"tongyan_jobs", "tongyan_queue_age_seconds", "tongyan_beat_age_seconds"} for name, _ in empty
    )
    jobs.tick()
    with transaction():
        jobs.enqueue(JobSpec("library.sweep", key=str(uuid4())))

    found = numbers(client)

    assert found["tongyan_jobs", (("kind", "library.sweep"), ("state", "queued"))] >= 1
    assert found["tongyan_queue_age_seconds", ()] >= 0
    assert found["tongyan_beat_age_seconds", ()] >= 0
    assert found["tongyan_sockets", ()] >= 0  # those of other tests may still sit there


@pytest.mark.parametrize(
    ("headers", "address"),
    [({}, "10.1.2.3"), ({}, ""), ({"X-Forwarded-For": "127.0.0.1"}, "127.0.0.1")],
)
def test_nobody_gets_them_from_elsewhere(client: FlaskClient, headers: dict[str, str], address: str) -> None:
    answer = client.get("/metrics", headers=headers, environ_overrides={"REMOTE_ADDR": address})
    assert answer.status_code == 404
    assert "tongyan_" not in answer.text
