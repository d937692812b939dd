"""Numbers for Prometheus: how long requests take, how many sockets are open, how the jobs stand.

Each web process counts its own requests and sockets; what the database knows is the same from every process.
"""

from collections.abc import Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from tongyan.kernel import index
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, release
from tongyan.kernel.jobs import Heartbeat, Job, JobState

REGISTRY = CollectorRegistry()
SECONDS = (0.005, 0.01, 0.02, 0.04, 0.06, 0.1, 0.25, 0.5, 1, 2.5, 10)  # 60 ms is what a page may take
REQUESTS = Histogram(
    "tongyan_request_seconds",
    "Time from the request to its answer",
    ("endpoint", "method", "status"),
    buckets=SECONDS,
    registry=REGISTRY,
)
SOCKETS = Gauge("tongyan_sockets", "Open sockets", registry=REGISTRY)


class JobCollector(Collector):
    """Asks the database when Prometheus asks."""

    def collect(self) -> Iterator[Metric]:
        """Yield the jobs that are not done, by kind and state, the ages of the oldest and of beat, the index's lag."""
        jobs = GaugeMetricFamily("tongyan_jobs", "Jobs that are not done", labels=("kind", "state"))
        undone = select(Job.kind, Job.state, func.count()).where(Job.state != JobState.DONE)
        for kind, state, count in db.session.execute(undone.group_by(Job.kind, Job.state)):
            jobs.add_metric((kind, state), count)
        yield jobs
        oldest = db.session.scalar(select(func.min(Job.not_before)).where(Job.state == JobState.QUEUED))
        yield _age("tongyan_queue_age_seconds", "How long the oldest job waits", oldest)
        beat = db.session.get(Heartbeat, "beat")
        yield _age("tongyan_beat_age_seconds", "Time since beat was alive", beat.at if beat else None)
        waits = "How long the oldest change waits to be found"
        yield GaugeMetricFamily("tongyan_index_lag_seconds", waits, value=index.lag().total_seconds())


def exposition() -> bytes:
    """Return all numbers in Prometheus' text format."""
    text = generate_latest(REGISTRY)
    release()
    return text


def _age(name: str, text: str, since: datetime | None) -> Metric:
    gauge = GaugeMetricFamily(name, text)
    if since is not None:
        gauge.add_metric((), max(0.0, (now() - since).total_seconds()))
    return gauge


REGISTRY.register(JobCollector())
ProcessCollector(registry=REGISTRY)
