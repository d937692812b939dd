"""Work behind the curriculum: keeping its places findable."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, true

from tongyan.curriculum.events import NodeChanged
from tongyan.curriculum.models import Node
from tongyan.kernel.clock import local, today
from tongyan.kernel.db import db, transaction
from tongyan.kernel.jobs import Job, JobSpec, enqueue_all, job, last_run
from tongyan.kernel.searchables import index_specs

TURN = "curriculum.turn"


def find_node(fact: NodeChanged) -> Iterator[JobSpec]:
    """Give the jobs that make the search know a place, and all below it by what it is called now."""
    path = db.session.scalar(select(Node.path).where(Node.id == fact.node_id))
    yield from index_specs("node", _ids(Node.path.startswith(path)))


@job(TURN, lease=120, daily=True)
def turn_of_day(_row: Job) -> None:
    """Let the search know which books are in use from today on, and which are no longer."""
    before = last_run(TURN)
    with transaction():
        enqueue_all(index_specs("node", _ids(_turned(local(before).date()) if before else true())))


def _turned(day: date) -> ColumnElement[bool]:
    """Return the filter of what came into use after that day, or went out of use since."""
    on = today()
    return or_(
        and_(Node.valid_from > day, Node.valid_from <= on),
        and_(Node.valid_to >= day, Node.valid_to < on),
        and_(Node.retired_on > day, Node.retired_on <= on),
    )


def _ids(which: ColumnElement[bool]) -> list[UUID]:
    return list(db.session.scalars(select(Node.id).where(which).order_by(Node.id)))
