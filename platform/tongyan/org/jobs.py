"""Work behind org: telling people of their rights, writing a sheet of people, forgetting sheets that are over."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from tongyan.accounts.models import Person
from tongyan.accounts.notices import NoticeSpec
from tongyan.kernel.db import db
from tongyan.kernel.jobs import Job, job, set_progress
from tongyan.org.events import RightsChanged
from tongyan.org.services import people_import


def tell_of_rights(fact: RightsChanged) -> Iterator[NoticeSpec]:
    """Tell people that their postings or offices changed; who has never been here has nothing to compare with."""
    person = db.session.get(Person, fact.person_id)
    if person is not None and person.last_seen_at is not None:
        yield NoticeSpec(person.id, "org.rights", "/group")


@job(people_import.JOB, lease=300)
def import_people(row: Job) -> None:
    """Write a confirmed sheet, all of it or nothing."""
    people_import.run(UUID(row.args["import_id"]), lambda percent: set_progress(row.id, percent))


@job("org.sweep", every=timedelta(hours=1))
def sweep(_row: Job) -> None:
    """Forget sheets that are over."""
    people_import.sweep()
