"""The library's work in the background: ingest of files and sweeping up."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from tongyan.accounts.events import PersonChanged
from tongyan.accounts.notices import NoticeSpec
from tongyan.curriculum.events import NodeChanged, StandardRenamed
from tongyan.kernel.db import db
from tongyan.kernel.jobs import Job, JobSpec, job, set_progress
from tongyan.kernel.searchables import index_spec
from tongyan.library.events import (
    FileReceived,
    ResourceChanged,
    ResourceRemoved,
    ResourceShared,
    ReviewAsked,
    ReviewDecided,
)
from tongyan.library.ingest.pipeline import ingest
from tongyan.library.models import Resource, Review
from tongyan.library.services.custody import settle
from tongyan.library.services.following import follow_node, follow_person, follow_school, follow_standard
from tongyan.library.services.packages import packages_holding
from tongyan.library.services.reviewing import reviewers
from tongyan.library.services.tallies import follow_tallies
from tongyan.library.services.transfers import JOB as TRANSFER
from tongyan.library.services.working import run_transfer
from tongyan.library.sweeping import sweep
from tongyan.org.events import RightsChanged, SchoolChanged

INGEST, SWEEP, SETTLE = "library.ingest_file", "library.sweep", "library.settle"
FOLLOW_NODE, FOLLOW_SCHOOL = "library.follow_node", "library.follow_school"
FOLLOW_STANDARD, FOLLOW_PERSON = "library.follow_standard", "library.follow_person"
FOLLOW_USE = "library.follow_use"


def take_up(fact: FileReceived) -> Iterator[JobSpec]:
    """Give the job that takes a file through all its steps."""
    yield JobSpec(INGEST, {"file_id": str(fact.file_id)}, key=f"ingest:{fact.file_id}")


def follow_place(fact: NodeChanged) -> Iterator[JobSpec]:
    """Give the job that lets resources follow a place of the curriculum."""
    yield JobSpec(FOLLOW_NODE, {"node_id": str(fact.node_id)})


def follow_title(fact: StandardRenamed) -> Iterator[JobSpec]:
    """Give the job that lets resources say what a standard is called now."""
    yield JobSpec(FOLLOW_STANDARD, {"standard_id": str(fact.standard_id), "old": fact.old, "new": fact.new})


def follow_name(fact: SchoolChanged) -> Iterator[JobSpec]:
    """Give the job that lets resources be found by what their school is called now."""
    yield JobSpec(FOLLOW_SCHOOL, {"school_id": str(fact.school_id)})


def follow_author(fact: PersonChanged) -> Iterator[JobSpec]:
    """Give the job that lets resources be found by what their author is called now."""
    if fact.renamed:
        yield JobSpec(FOLLOW_PERSON, {"person_id": str(fact.person_id)})


def reindex(fact: ResourceChanged | ResourceShared | ResourceRemoved) -> Iterator[JobSpec]:
    """Give the job that makes the search know what the resource now says, and to whom; packages name what they hold."""
    yield index_spec("resource", [fact.resource_id, *packages_holding(fact.resource_id)])


def settle_keeping(fact: RightsChanged) -> Iterator[JobSpec]:
    """Give the job that hands over what somebody shared, when they left (or came back)."""
    yield JobSpec(SETTLE, {"person_id": str(fact.person_id)})


def tell_reviewers(fact: ReviewAsked) -> Iterator[NoticeSpec]:
    """Tell everybody who may decide."""
    review = db.session.get_one(Review, fact.review_id)
    for person_id in reviewers(review):
        yield NoticeSpec(person_id, "library.review.asked", f"/library/reviews/{review.id}", _about(review.resource))


def tell_author(fact: ReviewDecided) -> Iterator[NoticeSpec]:
    """Tell the owner (and whoever asked) what came of a review."""
    review = db.session.get_one(Review, fact.review_id)
    kind = f"library.review.{review.state.value}"
    for person_id in {review.resource.owner_id, review.submitted_by}:
        url = f"/library/{review.resource_id}"
        yield NoticeSpec(person_id, kind, url, _about(review.resource) | {"comment": review.comment})


def _about(resource: Resource) -> dict[str, str]:
    return {"title": resource.title}


@job(SETTLE, lease=120, every=timedelta(days=1))
def settle_what_is_kept(row: Job) -> None:
    """Let schools keep what leaving teachers shared; postings end by date, so this also runs daily for all."""
    person_id = row.args.get("person_id")
    settle(UUID(person_id) if person_id else None)


@job(INGEST, lease=150)
def ingest_file(row: Job) -> None:
    """Take a file through the steps that have not ended."""
    ingest(UUID(row.args["file_id"]), lambda percent: set_progress(row.id, percent))


@job(FOLLOW_NODE, lease=60)
def follow_changed_node(row: Job) -> None:
    """Let resources know what has become of their place."""
    follow_node(UUID(row.args["node_id"]))


@job(FOLLOW_STANDARD, lease=60)
def follow_renamed_standard(row: Job) -> None:
    """Let resources know what a competency or domain is called now."""
    follow_standard(UUID(row.args["standard_id"]), row.args["old"], row.args["new"])


@job(FOLLOW_SCHOOL, lease=60)
def follow_changed_school(row: Job) -> None:
    """Let the index know what has become of a school."""
    follow_school(UUID(row.args["school_id"]))


@job(FOLLOW_PERSON, lease=60)
def follow_renamed_person(row: Job) -> None:
    """Let the index know what an author is called now."""
    follow_person(UUID(row.args["person_id"]))


@job(FOLLOW_USE, lease=60, every=timedelta(hours=1))
def follow_use(_row: Job) -> None:
    """Let the index know what is used, kept and rated otherwise than an hour ago."""
    follow_tallies()


@job(TRANSFER, lease=300)
def work_off_transfer(row: Job) -> None:
    """Make an archive, take one in, or follow a sheet."""
    run_transfer(UUID(row.args["transfer_id"]), lambda percent: set_progress(row.id, percent))


@job(SWEEP, lease=300, every=timedelta(hours=1))
def sweep_leftovers(_row: Job) -> None:
    """Remove abandoned uploads and bytes that nothing refers to; take up files that were left lying."""
    sweep()
