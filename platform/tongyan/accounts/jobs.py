"""Work behind accounts: letters, and sweeping what is over."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from tongyan.accounts import limits, recovery, sessions
from tongyan.accounts.events import CredentialChanged, NoticesChanged, SessionsEnded
from tongyan.accounts.letters import changed_letter, reset_letter
from tongyan.accounts.models import LinkPurpose, Person
from tongyan.accounts.notices import NoticeSpec
from tongyan.kernel import mail
from tongyan.kernel.db import db, release, transaction
from tongyan.kernel.jobs import Job, JobSpec, job
from tongyan.kernel.live import LiveMessage
from tongyan.kernel.permissions import user_key


@job("accounts.send_reset")
def send_reset(work: Job) -> None:
    """Mail a one-time link, if the name belongs to somebody who can get one."""
    name = work.args["name"]
    with transaction():
        person = recovery.recipient(name)
        if person is None:
            return
        letter = reset_letter(person, recovery.new_link(person, LinkPurpose.RESET).url)
    mail.send(letter)


@job("accounts.send_changed")
def send_changed(work: Job) -> None:
    """Tell a person by mail what changed in their account, at the old address too."""
    person = db.session.get_one(Person, UUID(work.args["person_id"]))
    letters = [changed_letter(person, work.args["kind"], to) for to in (person.email, work.args["old_email"]) if to]
    release()  # a mail server may take its time: hold no connection meanwhile
    for letter in letters:
        mail.send(letter)


@job("accounts.sweep", every=timedelta(hours=1))
def sweep(_: Job) -> None:
    """Delete sessions, links, tries and known browsers that are over."""
    sessions.sweep()
    recovery.sweep()
    limits.sweep()


def letters_about(fact: CredentialChanged) -> Iterable[JobSpec]:
    """Return the job that mails what changed."""
    args = {"person_id": str(fact.person_id), "kind": fact.kind, "old_email": fact.old_email}
    yield JobSpec("accounts.send_changed", args)


def notices_about(fact: CredentialChanged) -> Iterable[NoticeSpec]:
    """Return the notice of what changed."""
    yield NoticeSpec(fact.person_id, f"accounts.{fact.kind}", "/account")


def tell_bells(fact: NoticesChanged) -> Iterable[LiveMessage]:
    """Have the bells of the person's open pages count again."""
    yield LiveMessage(user_key(fact.person_id), "account:notices_changed", {})


def tell_open_pages(fact: SessionsEnded) -> Iterable[LiveMessage]:
    """Have the person's open pages look whether they are still signed in."""
    yield LiveMessage(user_key(fact.person_id), "account:sessions_changed", {})
