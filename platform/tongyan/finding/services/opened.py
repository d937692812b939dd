"""What somebody opened last: noted when a page is shown, listed for nobody else."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, delete, literal, select, union_all, update

from tongyan.finding.models import Opened
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, transaction
from tongyan.kernel.inserting import insert_new
from tongyan.kernel.permissions import Actor
from tongyan.kernel.searchables import SEARCHABLES, Searchable

KEPT = 50  # per person
JUST_NOW = timedelta(minutes=5)  # opening the same page again so soon is not written down


class Recent(NamedTuple):
    """Something that was opened: its kind (as the search calls it), id and title, and when that was."""

    kind: str
    id: UUID
    title: str
    at: datetime


def note_opened(actor: Actor, kind: str, thing_id: UUID) -> None:
    """Note that the actor opened a thing that they were shown (one statement when they did so just now)."""
    this = {"person_id": actor.person_id, "kind": kind, "thing_id": thing_id}
    last = db.session.scalar(select(Opened.at).filter_by(**this))
    if last is not None and now() - last < JUST_NOW:
        return
    with transaction() as session:
        if insert_new(Opened, **this, at=now()):
            _forget_oldest(actor)
        else:
            session.execute(update(Opened).filter_by(**this).values(at=now()))


def _forget_oldest(actor: Actor) -> None:
    mine = Opened.person_id == actor.person_id
    oldest_kept = select(Opened.at).where(mine).order_by(Opened.at.desc()).limit(1).offset(KEPT - 1)
    db.session.execute(delete(Opened).where(mine, Opened.at < oldest_kept.scalar_subquery()))


def recently_opened(actor: Actor, limit: int = 8, kinds: Collection[str] | None = None) -> list[Recent]:
    """Return what the actor opened last and may still find, the latest first (two statements)."""
    mine = select(Opened.kind, Opened.thing_id, Opened.at).where(Opened.person_id == actor.person_id)
    last = {(kind, thing_id): at for kind, thing_id, at in db.session.execute(mine.order_by(Opened.at.desc()))}
    wanted: dict[str, list[UUID]] = {}
    for kind, thing_id in last:
        if kind in SEARCHABLES and (kinds is None or kind in kinds):
            wanted.setdefault(kind, []).append(thing_id)
    titles = _titles(actor, wanted)
    found = [Recent(*key, titles[key], at) for key, at in last.items() if key in titles]
    return found[:limit]


def _titles(actor: Actor, wanted: Mapping[str, Sequence[UUID]]) -> dict[tuple[str, UUID], str]:
    """Return what things are called; what is hidden, closed or gone by now is left out."""
    if not wanted:
        return {}
    parts = (_of_kind(actor, SEARCHABLES[kind], ids) for kind, ids in wanted.items())
    return {(kind, thing_id): title for kind, thing_id, title in db.session.execute(union_all(*parts))}


def _of_kind(actor: Actor, searchable: Searchable, ids: Sequence[UUID]) -> Select[str, UUID, str]:
    model = searchable.model
    return select(literal(searchable.kind), model.id, searchable.titles()).where(
        model.id.in_(ids), searchable.found_by(actor), *searchable.findable
    )


def forget_opened(actor: Actor) -> None:
    """Forget all that the actor opened."""
    with transaction() as session:
        session.execute(delete(Opened).where(Opened.person_id == actor.person_id))
