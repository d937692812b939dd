"""Work behind finding: every morning's news of saved searches."""

from datetime import timedelta
from uuid import UUID

import structlog

from tongyan.finding.services.digest import people_to_tell, tell_news
from tongyan.kernel.batches import batches
from tongyan.kernel.db import release, transaction
from tongyan.kernel.jobs import Job, JobSpec, enqueue_all, job, set_progress

log = structlog.get_logger()

DIGEST, TELL = "finding.digest", "finding.tell_news"
AT_ONCE = 50  # people of one job


@job(DIGEST, every=timedelta(minutes=30))
def start_digest(_row: Job) -> None:
    """Find out whose searches are to be looked up; it asks all day, in case nobody could this morning."""
    people = people_to_tell()
    with transaction():
        enqueue_all(JobSpec(TELL, {"people": [str(each) for each in some]}) for some in batches(people, AT_ONCE))


@job(TELL, lease=300)
def tell_of_news(row: Job) -> None:
    """Look up the searches of some people, each as themselves."""
    people = [UUID(each) for each in row.args["people"]]
    for number, person_id in enumerate(people, 1):
        try:
            tell_news(person_id)
        except Exception:  # one search that fails must not keep the news from all others
            log.exception("news_not_told", person=str(person_id))
        release()
        set_progress(row.id, number * 100 // len(people))
