"""指定学校: schools that are named together. Equal sets of schools are one circle, whoever names them."""

from collections.abc import Collection, Iterable
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from tongyan.kernel.db import db, transaction
from tongyan.kernel.errors import Invalid, NotFound
from tongyan.kernel.permissions import Actor, visible
from tongyan.org.models import CircleSchool, School

NAMESPACE = UUID("6f3b5a0e-8f0d-4c55-9d53-2b8a1c7e4d10")  # fixed for ever: it makes the ids of circles


def circle_for(actor: Actor, school_ids: Collection[UUID]) -> UUID:
    """Return the circle of some schools, made if it is new. Raises Invalid (none), NotFound (one that is hidden)."""
    schools = sorted(set(school_ids))
    if not schools:
        raise Invalid(errors={"schools": ["circle.empty"]})
    circle_id = uuid5(NAMESPACE, " ".join(map(str, schools)))
    with transaction() as session:
        seen = select(School.id).where(School.id.in_(schools), School.active, visible(actor, School))
        if len(session.scalars(seen).all()) != len(schools):
            raise NotFound
        rows = [{"circle_id": circle_id, "school_id": school_id} for school_id in schools]
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        session.execute(dialect.insert(CircleSchool).values(rows).on_conflict_do_nothing())
    return circle_id


def circle_names(circle_ids: Iterable[UUID]) -> dict[UUID, list[str]]:
    """Return the short names of the schools in circles (one statement)."""
    statement = (
        select(CircleSchool.circle_id, School.short_name)
        .join(School, School.id == CircleSchool.school_id)
        .where(CircleSchool.circle_id.in_(set(circle_ids)))
        .order_by(School.name, School.id)
    )
    found: dict[UUID, list[str]] = {}
    for circle_id, name in db.session.execute(statement):
        found.setdefault(circle_id, []).append(name)
    return found
