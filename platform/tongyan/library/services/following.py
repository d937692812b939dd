"""Resources follow what they hang on: a place of the curriculum that moved, a school or author with another name."""

from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, func, not_, or_, select, update

from tongyan.curriculum.models import Node, Standard
from tongyan.curriculum.services import find_node, subject_names_in_standards
from tongyan.curriculum.services.standards import FIRST_SENIOR_GRADE, SENIOR
from tongyan.kernel.db import db, transaction
from tongyan.kernel.jobs import enqueue_all
from tongyan.kernel.searchables import index_specs
from tongyan.library.models import Alignment, Resource

BARE = {"synchronize_session": False}


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


def follow_person(person_id: UUID) -> None:
    """Let the index know what the author of resources is called now."""
    with transaction():
        _index_again(Resource.owner_id == person_id)


def follow_standard(standard_id: UUID, old: str, new: str) -> None:
    """Let resources say what a competency or domain of their subject is called now."""
    with transaction() as session:
        standard = session.get(Standard, standard_id)
        if standard is None:
            return
        same = (Alignment.kind == standard.kind) & Alignment.resource_id.in_(_measured_by(standard))
        doubled = select(Alignment.resource_id).where(same, Alignment.title == new)
        twice = same & (Alignment.title == old) & Alignment.resource_id.in_(doubled)
        session.execute(delete(Alignment).where(twice), execution_options=BARE)
        session.execute(update(Alignment).where(same, Alignment.title == old).values(title=new), execution_options=BARE)


def _measured_by(standard: Standard) -> Select[UUID]:
    """Return the ids of the resources of a standard's subject and years of school."""
    known = db.session.scalars(select(Resource.subject).where(Resource.subject.is_not(None)).distinct())
    subjects = [name for name in known if name and standard.subject in subject_names_in_standards(name)]
    senior = or_(func.coalesce(Resource.stage, "") == "senior", func.coalesce(Resource.grade, 0) >= FIRST_SENIOR_GRADE)
    years = senior if standard.std == SENIOR else not_(senior)
    return select(Resource.id).where(Resource.subject.in_(subjects), years)


def _index_again(which: ColumnElement[bool]) -> None:
    ids = db.session.scalars(select(Resource.id).where(which).order_by(Resource.id)).all()
    enqueue_all(index_specs("resource", ids))
