"""What follows from a fact: one table. Read it to see everything that happens after a use case.

Jobs and notices are written in the transaction of the fact itself, so a crash cannot lose them; live messages go out
after the commit and may be lost, since browsers refetch.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from tongyan.accounts import jobs as account_jobs
from tongyan.accounts.events import CredentialChanged, NoticesChanged, PersonChanged, SessionsEnded
from tongyan.accounts.notices import NoticeSpec, notify
from tongyan.curriculum import jobs as curriculum_jobs
from tongyan.curriculum.events import NodeChanged, StandardRenamed
from tongyan.kernel.audit import AuditListener
from tongyan.kernel.db import listen
from tongyan.kernel.events import Fact
from tongyan.kernel.jobs import JobSpec, enqueue_all
from tongyan.kernel.live import LiveMessage, emit
from tongyan.kernel.searchables import merged
from tongyan.library import events as library
from tongyan.library import jobs as library_jobs
from tongyan.library import telling
from tongyan.org import jobs as org_jobs
from tongyan.org.events import GroupChanged, RegionChanged, RightsChanged, SchoolChanged

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Reaction:
    """The three kinds of things that follow from one kind of fact."""

    jobs: Sequence[Callable[[Any], Iterable[JobSpec]]] = ()
    notices: Sequence[Callable[[Any], Iterable[NoticeSpec]]] = ()
    live: Sequence[Callable[[Any], Iterable[LiveMessage]]] = ()


REACTIONS: dict[type[Fact], Reaction] = {
    NodeChanged: Reaction(jobs=[curriculum_jobs.find_node, library_jobs.follow_place]),
    StandardRenamed: Reaction(jobs=[library_jobs.follow_title]),
    GroupChanged: Reaction(jobs=[org_jobs.find_group]),
    RegionChanged: Reaction(jobs=[org_jobs.find_region]),
    RightsChanged: Reaction(
        jobs=[org_jobs.find_person, library_jobs.settle_keeping], notices=[org_jobs.tell_of_rights]
    ),
    SchoolChanged: Reaction(jobs=[org_jobs.find_school, library_jobs.follow_name]),
    PersonChanged: Reaction(jobs=[org_jobs.find_person, library_jobs.follow_author]),
    CredentialChanged: Reaction(jobs=[account_jobs.letters_about], notices=[account_jobs.notices_about]),
    NoticesChanged: Reaction(live=[account_jobs.tell_bells]),
    SessionsEnded: Reaction(live=[account_jobs.tell_open_pages]),
    library.Commented: Reaction(notices=[telling.tell_of_comment]),
    library.CorrectionAnswered: Reaction(notices=[telling.tell_of_answer]),
    library.CorrectionReported: Reaction(notices=[telling.tell_of_correction]),
    library.FileReceived: Reaction(jobs=[library_jobs.take_up]),
    library.ResourceChanged: Reaction(jobs=[library_jobs.reindex]),
    library.ResourceRemoved: Reaction(jobs=[library_jobs.reindex]),
    library.ResourceShared: Reaction(jobs=[library_jobs.reindex]),
    library.ReviewAsked: Reaction(notices=[library_jobs.tell_reviewers]),
    library.ReviewDecided: Reaction(notices=[library_jobs.tell_author]),
    library.TakeDownAsked: Reaction(notices=[telling.tell_heads]),
    library.TakeDownDecided: Reaction(notices=[telling.tell_of_decision]),
    library.TakeDownLifted: Reaction(notices=[telling.tell_owner]),
    library.TakeDownUpheld: Reaction(notices=[telling.tell_of_closing]),
}


class ReactionListener:
    """Applies the table."""

    def before_commit(self, facts: Sequence[Fact]) -> None:
        """Write the jobs and notices that must not be lost."""
        enqueue_all(merged(_jobs_after(facts)))
        for fact in facts:
            for notices in REACTIONS.get(type(fact), Reaction()).notices:
                notify(notices(fact))

    def after_commit(self, facts: Sequence[Fact]) -> None:
        """Tell browsers; one failing message must not stop the next."""
        for fact in facts:
            for live in REACTIONS.get(type(fact), Reaction()).live:
                try:
                    for message in live(fact):
                        emit(message)
                except Exception:
                    log.exception("live_message_lost", fact=type(fact).__name__)


def _jobs_after(facts: Sequence[Fact]) -> Iterator[JobSpec]:
    for fact in facts:
        for jobs in REACTIONS.get(type(fact), Reaction()).jobs:
            yield from jobs(fact)


_LISTENERS = (ReactionListener(), AuditListener())


def wire() -> None:
    """Connect the table (and the audit trail) to the transactions of this process."""
    for listener in _LISTENERS:
        listen(listener)
