"""The one Celery application. It carries job ids, nothing else; beat does the tick itself."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from celery import Celery, Task
from celery.beat import ScheduleEntry, Scheduler

from tongyan.kernel import broker

if TYPE_CHECKING:
    from flask import Flask

log = structlog.get_logger()
celery = Celery("tongyan")
TICK_SECONDS = 5.0
BROKER_SECONDS = 2  # so long may a look at the broker take
NEVER_AGAIN = timedelta(days=36_500)
AT_ONCE = datetime.min.replace(tzinfo=UTC)  # a last run that makes the next one due


class Ticker(Scheduler):
    """Beat that does what is due in its own process: busy workers keep no sweeper waiting, nor make beat look dead."""

    def apply_async(self, entry: ScheduleEntry, *_: Any, **__: Any) -> None:
        """Do the entry's task. What it raises is logged by the caller, and the next tick comes all the same."""
        self.app.tasks[str(entry.task)]()


def send(job_id: UUID) -> None:
    """Tell the workers of a job; when the broker is away, the sweeper tells them later."""
    if celery.conf.broker_url == "memory://":
        return  # tests and scripts run their jobs themselves
    try:
        celery.send_task("tongyan.run", args=[str(job_id)], retry=False)
    except Exception:
        log.warning("broker_unreachable", job=str(job_id), exc_info=True)


def reach_broker() -> None:
    """Raise when the broker cannot be reached now."""
    with celery.connection_for_write() as connection:
        connection.ensure_connection(max_retries=1, timeout=BROKER_SECONDS)


def configure(app: "Flask") -> Celery:
    """Bind Celery to the application: every task runs in its context."""

    class ContextTask(Task):  # type: ignore[type-arg] # celery-types makes Task generic, Celery does not at run time
        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            with app.app_context():
                return self.run(*args, **kwargs)

    celery.Task = ContextTask  # type: ignore[misc] # documented by Flask; the stub calls it read-only
    url = app.config["BROKER_URL"]
    broker.register()
    celery.conf.update(
        broker_url=url,
        broker_transport_options=_transport_options(url, Path(app.config["DATA_DIR"])),
        broker_connection_retry_on_startup=True,
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=False,  # the sweeper retries, and counts
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        task_time_limit=900,
        result_expires=None,  # there are no results, and nothing that beat would have to clean
        beat_scheduler=f"{__name__}:Ticker",
        beat_schedule={
            "start": {"task": "tongyan.start", "schedule": NEVER_AGAIN, "last_run_at": AT_ONCE},
            "tick": {"task": "tongyan.tick", "schedule": TICK_SECONDS, "last_run_at": AT_ONCE},
        },
    )
    return celery


def _transport_options(url: str, data_dir: Path) -> dict[str, Any]:
    if not url.startswith("filesystem:"):
        return {"visibility_timeout": 3600}
    folder, control = data_dir / "broker" / "queue", data_dir / "broker" / "control"
    for path in (folder, control):
        path.mkdir(parents=True, exist_ok=True)
    return {
        "data_folder_in": str(folder),
        "data_folder_out": str(folder),
        "control_folder": str(control),
        "polling_interval": 0.2,
    }


@celery.task(name="tongyan.run")
def _run(job_id: str) -> None:
    from tongyan.kernel import jobs  # noqa: PLC0415 # jobs sends through this module

    jobs.execute(UUID(job_id))


@celery.task(name="tongyan.start")
def _start() -> None:
    from tongyan.kernel import jobs  # noqa: PLC0415 # jobs sends through this module

    jobs.start()


@celery.task(name="tongyan.tick")
def _tick() -> None:
    from tongyan.kernel import jobs  # noqa: PLC0415 # jobs sends through this module

    jobs.tick()
