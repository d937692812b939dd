"""Notices: what a person should know, shown at the bell and on the desk."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, func, select, update

from tongyan.accounts.events import NoticesChanged
from tongyan.accounts.models import Notice
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, publish, transaction
from tongyan.kernel.errors import NotFound
from tongyan.kernel.paging import Page, select_page
from tongyan.kernel.permissions import Actor


@dataclass(frozen=True, slots=True)
class NoticeSpec:
    """A notice to be written; `kind` names its sentence, `data` fills it."""

    person_id: UUID
    kind: str
    url: str
    data: dict[str, Any] = field(default_factory=dict)


def notify(specs: Iterable[NoticeSpec]) -> None:
    """Write notices in the surrounding transaction."""
    for spec in specs:
        db.session.add(Notice(person_id=spec.person_id, kind=spec.kind, url=spec.url, data=spec.data, created_at=now()))
        publish(NoticesChanged(spec.person_id))


def unread_by(person_id: Any) -> ScalarSelect[int]:
    """Return how many notices a person of the surrounding select has not read."""
    return (
        select(func.count(Notice.id)).where(Notice.person_id == person_id, Notice.read_at.is_(None)).scalar_subquery()
    )


def list_notices(actor: Actor, page: int = 1) -> Page[Notice]:
    """Return the actor's notices, newest first."""
    return select_page(
        select(Notice).where(Notice.person_id == actor.person_id).order_by(Notice.created_at.desc(), Notice.id), page
    )


def open_notice(actor: Actor, notice_id: UUID) -> str:
    """Mark a notice of the actor as read and return where it leads; raises NotFound."""
    with transaction() as session:
        notice = session.get(Notice, notice_id)
        if notice is None or notice.person_id != actor.person_id:
            raise NotFound
        if notice.read_at is None:
            notice.read_at = now()
            publish(NoticesChanged(actor.person_id))
        return notice.url


def mark_all_read(actor: Actor) -> None:
    """Mark all notices of the actor as read."""
    unread = update(Notice).where(Notice.person_id == actor.person_id, Notice.read_at.is_(None))
    with transaction() as session:
        session.execute(unread.values(read_at=now()))
        publish(NoticesChanged(actor.person_id))
