"""Which schools, groups and people the index must read anew when one of them, or the day, has changed."""

from collections.abc import Collection, Iterator
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select

from tongyan.accounts.models import Person
from tongyan.kernel.clock import today
from tongyan.kernel.db import db
from tongyan.kernel.jobs import JobSpec
from tongyan.kernel.permissions import group_key, region_key, school_key
from tongyan.kernel.searchables import index_specs
from tongyan.org.actors import live
from tongyan.org.geography import within
from tongyan.org.indexing import GROUP, PERSON, SCHOOL
from tongyan.org.models import Group, Membership, Office, Posting, School
from tongyan.org.periods import Dated


def about_school(school_id: UUID) -> Iterator[JobSpec]:
    """Give the jobs for a school: its groups name it, its people are found by its name."""
    yield from _about({school_id}, _ids(_groups_of({school_id})))


def about_group(group_id: UUID) -> Iterator[JobSpec]:
    """Give the jobs for a group, and for all that ever belonged to it: who left is seen by fewer people."""
    yield from _about(_ids(select(Membership.school_id).where(Membership.group_id == group_id)), {group_id})


def about_region(region_id: UUID) -> Iterator[JobSpec]:
    """Give the jobs for all that lies in a region, and for the members of the groups in it."""
    regions = _ids(within([region_id]))
    groups = _ids(select(Group.id).where(Group.region_id.in_(regions)))
    schools = _ids(select(School.id).where(School.region_id.in_(regions)))
    members = _ids(select(Membership.school_id).where(Membership.group_id.in_(groups), live(Membership, today())))
    yield from _about(schools | members, groups, regions)


def _groups_of(school_ids: Collection[UUID]) -> Select[UUID]:
    return select(Membership.group_id).where(Membership.school_id.in_(school_ids), live(Membership, today()))


def _about(schools: set[UUID], groups: set[UUID], regions: Collection[UUID] = ()) -> Iterator[JobSpec]:
    scopes = [*map(school_key, schools), *map(group_key, groups), *map(region_key, regions)]
    posted = select(Posting.person_id).where(Posting.school_id.in_(schools), live(Posting, today()))
    in_office = select(Office.person_id).where(Office.scope.in_(scopes), live(Office, today()))
    yield from _specs(schools, groups, _ids(posted) | _ids(in_office))


def _specs(schools: Collection[UUID], groups: Collection[UUID], people: Collection[UUID]) -> Iterator[JobSpec]:
    for kind, ids in ((SCHOOL, schools), (GROUP, groups), (PERSON, people)):
        yield from index_specs(kind, ids)


def since(day: date | None) -> Iterator[JobSpec]:
    """Give the jobs for what began or ended after a day, up to today: no fact tells of that. None: for everything."""
    if day is None:
        yield from _specs(_ids(select(School.id)), _ids(select(Group.id)), _ids(select(Person.id)))
        return
    turned = _turned(Membership, day)
    schools = _ids(select(Membership.school_id).where(turned))
    yield from _about(schools, _ids(select(Membership.group_id).where(turned)))
    posted = _ids(select(Posting.person_id).where(_turned(Posting, day)))
    yield from _specs((), (), posted | _ids(select(Office.person_id).where(_turned(Office, day))))


def _turned(row: type[Dated], day: date) -> ColumnElement[bool]:
    """Return the filter of rows that came into force after that day, or whose last day it was, or one since."""
    on = today()
    return or_(and_(row.from_on > day, row.from_on <= on), and_(row.to_on >= day, row.to_on < on))


def _ids(statement: Select[UUID]) -> set[UUID]:
    return set(db.session.scalars(statement))
