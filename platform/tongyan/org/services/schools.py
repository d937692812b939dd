"""Schools: made, changed, closed and opened again by administrators."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, String, cast, or_, select
from sqlalchemy.orm import joinedload

from tongyan.accounts.policy import require_admin
from tongyan.kernel import audit
from tongyan.kernel.clock import today
from tongyan.kernel.db import db, publish, transaction
from tongyan.kernel.errors import Conflict, Invalid
from tongyan.kernel.paging import PAGE_SIZE, Page, exists
from tongyan.kernel.permissions import VIEW, Actor, load, school_key, visible
from tongyan.org.actors import live
from tongyan.org.events import SchoolChanged
from tongyan.org.geography import within
from tongyan.org.listing import groups_there, order, select_rows, teachers_there
from tongyan.org.models import Membership, Office, OfficeKind, Region, School, Stage
from tongyan.org.names import check_names, clean
from tongyan.org.policy import Action
from tongyan.org.scopes import scope_of

MAX_NAME, MAX_SHORT, MAX_AUTHORITY = 128, 32, 128


@dataclass(frozen=True, slots=True)
class SchoolEdit:
    """All that is said about a school."""

    name: str
    short_name: str
    stages: Sequence[Stage]
    legal_person: bool = True
    owning_authority: str = ""
    region_id: UUID | None = None
    quota_bytes: int | None = None
    reviews_resources: bool = False


@dataclass(frozen=True, slots=True)
class SchoolFilters:
    """What the list is narrowed to; `groupless` are in no group today, `headless` have no head."""

    text: str = ""
    stage: Stage | None = None
    region_id: UUID | None = None
    groupless: bool = False
    headless: bool = False
    closed: bool = False
    sort: str = ""


class SchoolRow(NamedTuple):
    """A line of the list."""

    school: School
    groups: str | None
    teachers: int


def list_schools(actor: Actor, filters: SchoolFilters, page: int = 1, size: int = PAGE_SIZE) -> Page[SchoolRow]:
    """Return a page of schools with their groups and how many people serve there (two statements)."""
    groups, teachers = groups_there(), teachers_there()
    sorts = {"name": School.name, "region": Region.name, "groups": groups, "teachers": teachers}
    statement = (
        select(School, groups, teachers)
        .outerjoin(School.region)
        .where(visible(actor, School))
        .options(joinedload(School.region))
        .order_by(*order(sorts, filters.sort), School.name, School.id)
    )
    found = select_rows(_narrowed(statement, filters), page, size)
    return Page([SchoolRow(*row) for row in found.items], found.total, found.number, found.size)


def _narrowed(statement: Select[*tuple[Any, ...]], filters: SchoolFilters) -> Select[*tuple[Any, ...]]:
    statement = statement.where(School.active.is_(not filters.closed))
    if filters.text:
        named = (name.icontains(filters.text, autoescape=True) for name in (School.name, School.short_name))
        statement = statement.where(or_(*named))
    if filters.stage:
        statement = statement.where(cast(School.stages, String).contains(f'"{filters.stage}"'))
    if filters.region_id:
        statement = statement.where(School.region_id.in_(within([filters.region_id])))
    if filters.groupless:
        members = select(Membership.school_id).where(live(Membership, today()))
        statement = statement.where(School.id.not_in(members))
    if filters.headless:
        headed = select(Office.scope).where(Office.kind == OfficeKind.SCHOOL_HEAD, live(Office, today()))
        statement = statement.where(scope_of("school", School.id).not_in(headed))
    return statement


def get_school(actor: Actor, school_id: UUID) -> School:
    """Return a school that the actor may change, with its region. Raises NotFound, Forbidden."""
    return load(actor, School, school_id, Action.SCHOOL_EDIT, joinedload(School.region))


def view_school(actor: Actor, school_id: UUID) -> School:
    """Return a school that the actor sees, with its region. Raises NotFound."""
    return load(actor, School, school_id, VIEW, joinedload(School.region))


def open_schools(actor: Actor) -> Sequence[School]:
    """Return the schools that are not closed, by name, for choosing."""
    return db.session.scalars(select(School).where(visible(actor, School), School.active).order_by(School.name)).all()


def create_school(actor: Actor, edit: SchoolEdit) -> School:
    """Add a school. Raises Forbidden, NotFound (region), Invalid."""
    require_admin(actor)
    with transaction() as session:
        school = School()
        _write(actor, school, edit)
        session.add(school)
        session.flush()  # the audit names the id
        _note(actor, "school.create", school)
    return school


def update_school(actor: Actor, school_id: UUID, edit: SchoolEdit, version: int) -> School:
    """Change a school; `version` is the one the editor saw. Raises NotFound, Forbidden, Invalid, Conflict."""
    with transaction():
        school = _load(actor, school_id, version)
        _write(actor, school, edit)
        _note(actor, "school.update", school)
    return school


def close_school(actor: Actor, school_id: UUID, version: int) -> School:
    """Close a school: its staff no longer act for it; postings, memberships and resources stay as they are."""
    return _set_active(actor, school_id, version, active=False)


def reopen_school(actor: Actor, school_id: UUID, version: int) -> School:
    """Open a closed school again, with everything it had."""
    return _set_active(actor, school_id, version, active=True)


def _set_active(actor: Actor, school_id: UUID, version: int, *, active: bool) -> School:
    with transaction():
        school = _load(actor, school_id, version)
        school.active = active
        _note(actor, "school.reopen" if active else "school.close", school)
    return school


def _load(actor: Actor, school_id: UUID, version: int) -> School:
    school = load(actor, School, school_id, Action.SCHOOL_EDIT)
    if version != school.version:
        raise Conflict("conflict.stale")
    return school


def _write(actor: Actor, school: School, edit: SchoolEdit) -> None:
    name, short, authority = clean(edit.name), clean(edit.short_name), clean(edit.owning_authority)
    check_names(
        name=(name, MAX_NAME), short_name=(short, MAX_SHORT), owning_authority=(authority or "-", MAX_AUTHORITY)
    )
    if not edit.stages:
        raise Invalid(errors={"stages": ["school.stages"]})
    if edit.quota_bytes is not None and edit.quota_bytes <= 0:
        raise Invalid(errors={"quota_bytes": ["school.quota"]})
    if exists(select(School.id).where(School.name == name, School.id != school.id)):
        raise Invalid(errors={"name": ["school.twin"]})
    if edit.region_id is not None:
        load(actor, Region, edit.region_id)
    school.name, school.short_name, school.owning_authority = name, short, authority
    school.stages = [stage.value for stage in Stage if stage in edit.stages]
    school.legal_person, school.region_id, school.quota_bytes = edit.legal_person, edit.region_id, edit.quota_bytes
    school.reviews_resources = edit.reviews_resources


def _note(actor: Actor, action: str, school: School) -> None:
    audit.record(
        actor, action, school_key(school.id), name=school.name, stages=school.stages,
        legal_person=school.legal_person, owning_authority=school.owning_authority, region_id=school.region_id,
        quota_bytes=school.quota_bytes, reviews_resources=school.reviews_resources,
    )  # fmt: skip
    publish(SchoolChanged(school.id))
