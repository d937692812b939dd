"""Resources follow what they hang on: a place of the curriculum that moved, a school that changed its name."""

from uuid import UUID

from sqlalchemy import ColumnElement, select, update

from tongyan.curriculum.models import Node
from tongyan.curriculum.services import find_node
from tongyan.kernel.batches import batches
from tongyan.kernel.db import db, transaction
from tongyan.kernel.jobs import enqueue
from tongyan.kernel.search import index_spec
from tongyan.library.models import Resource

CHUNK = 200  # resources that one job brings into the index


def follow_node(node_id: UUID) -> None:
    """Let the resources at a node and below it know the edition in which it stands now, and the index its title."""
    with transaction() as session:
        node = find_node(node_id)
        if node is None or node.edition_id is None:  # above the editions nothing changes for what hangs below
            return
        there = Resource.node_id.in_(select(Node.id).where(Node.path.startswith(node.path)))
        strayed = there & Resource.edition_id.is_distinct_from(node.edition_id)
        session.execute(
            update(Resource).where(strayed).values(edition_id=node.edition_id),
            execution_options={"synchronize_session": False},
        )
        _index_again(there)


def follow_school(school_id: UUID) -> None:
    """Let the index know what a school is called now."""
    with transaction():
        _index_again(Resource.school_id == school_id)


def _index_again(which: ColumnElement[bool]) -> None:
    ids = db.session.scalars(select(Resource.id).where(which).order_by(Resource.id)).all()
    for some in batches(ids, CHUNK):
        enqueue(index_spec("resource", some))
