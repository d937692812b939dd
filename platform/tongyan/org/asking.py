"""What one may type to narrow a search to a school (学校:清江), and searching inside a school."""

from uuid import UUID

from sqlalchemy import or_, select

from tongyan.kernel.asking import Field, Scope, register_field, register_scope
from tongyan.kernel.db import db
from tongyan.kernel.permissions import Actor, load, visible
from tongyan.org.models import School

SCHOOL = "school"
MOST = 50


def schools(actor: Actor, text: str) -> set[str]:
    """Return the schools the actor sees that are called so."""
    called = or_(School.name.contains(text, autoescape=True), School.short_name.contains(text, autoescape=True))
    return {
        str(each) for each in db.session.scalars(select(School.id).where(called, visible(actor, School)).limit(MOST))
    }


def inside_school(actor: Actor, school_id: UUID) -> Scope:
    """Return a school the actor sees as a place to search in. Raises NotFound."""
    school = load(actor, School, school_id)
    return Scope(f"{SCHOOL}:{school_id}", school.name, filters={"school": frozenset({str(school_id)})})


register_field(Field("school", ("学校", "school"), schools))
register_scope(SCHOOL, inside_school)
