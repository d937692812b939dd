"""Work behind org: telling people of their rights, keeping them findable, sheets of people."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from tongyan.accounts.events import PersonChanged
from tongyan.accounts.models import Person
from tongyan.accounts.notices import NoticeSpec
from tongyan.kernel.clock import local
from tongyan.kernel.db import db, transaction
from tongyan.kernel.jobs import Job, JobSpec, enqueue_all, job, last_run, set_progress
from tongyan.kernel.searchables import index_spec, merged
from tongyan.org import reindexing
from tongyan.org.events import GroupChanged, RegionChanged, RightsChanged, SchoolChanged
from tongyan.org.services import people_import

TURN = "org.turn"


def tell_of_rights(fact: RightsChanged) -> Iterator[NoticeSpec]:
    """Tell people that their postings or offices changed; who has never been here has nothing to compare with."""
    person = db.session.get(Person, fact.person_id)
    if person is not None and person.last_seen_at is not None:
        yield NoticeSpec(person.id, "org.rights", "/group")


def find_person(fact: PersonChanged | RightsChanged) -> Iterator[JobSpec]:
    """Give the job that makes the search know what somebody is called, and who finds them."""
    yield index_spec("person", [fact.person_id])


def find_school(fact: SchoolChanged) -> Iterator[JobSpec]:
    """Give the jobs that make the search know a school, and those who are found by its name."""
    yield from reindexing.about_school(fact.school_id)


def find_group(fact: GroupChanged) -> Iterator[JobSpec]:
    """Give the jobs that make the search know a group, and who sees one another by it."""
    yield from reindexing.about_group(fact.group_id)


def find_region(fact: RegionChanged) -> Iterator[JobSpec]:
    """Give the jobs that make the search know what lies in a region."""
    yield from reindexing.about_region(fact.region_id)


@job(TURN, lease=120, daily=True)
def turn_of_day(_row: Job) -> None:
    """Let the search know what begins today, and what is over."""
    before = last_run(TURN)
    with transaction():
        enqueue_all(merged(reindexing.since(local(before).date() if before else None)))


@job(people_import.JOB, lease=300)
def import_people(row: Job) -> None:
    """Write a confirmed sheet, all of it or nothing."""
    people_import.run(UUID(row.args["import_id"]), lambda percent: set_progress(row.id, percent))


@job("org.sweep", every=timedelta(hours=1))
def sweep(_row: Job) -> None:
    """Forget sheets that are over."""
    people_import.sweep()
