"""Work behind org: writing a sheet of people, forgetting sheets that are over."""

from datetime import timedelta
from uuid import UUID

from tongyan.kernel.jobs import Job, job, set_progress
from tongyan.org.services import people_import


@job(people_import.JOB, lease=300)
def import_people(row: Job) -> None:
    """Write a confirmed sheet, all of it or nothing."""
    people_import.run(UUID(row.args["import_id"]), lambda percent: set_progress(row.id, percent))


@job("org.sweep", every=timedelta(hours=1))
def sweep(_row: Job) -> None:
    """Forget sheets that are over."""
    people_import.sweep()
