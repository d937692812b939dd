"""Who sees schools, groups, postings and offices, as keys of the search index: `policy` from the other side.

A test holds that both say the same. Dates count as they are today: what changes at midnight is indexed anew then.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select

from tongyan.kernel.clock import today
from tongyan.kernel.db import db
from tongyan.kernel.permissions import group_key, region_key
from tongyan.kernel.searchables import at_key, over_key
from tongyan.org.actors import live
from tongyan.org.models import Group, Membership, Region, School
from tongyan.org.scopes import parse_scope

Keys = frozenset[str]


class Sight:
    """What is read once to say who sees some schools and groups (four statements)."""

    def __init__(self, schools: Collection[UUID], groups: Collection[UUID]) -> None:
        on = today()
        self._read_memberships(schools, groups, on)
        ids = {*groups, *(group_id for there in self.groups_of.values() for group_id in there)}
        self.groups = {group.id: group for group in db.session.scalars(select(Group).where(Group.id.in_(ids)))}
        ids = {*schools, *(school_id for members in self.members_of.values() for school_id in members)}
        self.schools = {school.id: school for school in db.session.scalars(select(School).where(School.id.in_(ids)))}
        regions = select(Region.id, Region.parent_id, Region.name)
        self._regions = {region_id: (above, name) for region_id, above, name in db.session.execute(regions)}
        open_ = {group.id for group in self.groups.values() if group.ended_on is None or group.ended_on >= on}
        self._implied = {
            at_key(school_id): frozenset(map(group_key, there & open_)) for school_id, there in self.groups_of.items()
        }

    def _read_memberships(self, schools: Collection[UUID], groups: Collection[UUID], on: date) -> None:
        self.groups_of: dict[UUID, set[UUID]] = defaultdict(set)  # school -> groups
        self.members_of: dict[UUID, set[UUID]] = defaultdict(set)  # group -> schools, of the groups that were asked for
        near = or_(Membership.school_id.in_(schools), Membership.group_id.in_(groups))
        rows = select(Membership.school_id, Membership.group_id).where(near, live(Membership, on))
        for school_id, group_id in db.session.execute(rows):
            self.groups_of[school_id].add(group_id)
            if group_id in groups:
                self.members_of[group_id].add(school_id)

    def region_names(self, region_id: UUID | None) -> list[str]:
        """Return the names of a region and of those it lies in."""
        return [self._regions[each][1] for each in self._upwards(region_id)]

    def of_school(self, school_id: UUID) -> Keys:
        """Return who sees a school: who serves there, the members of its groups, offices over its regions."""
        school = self.schools.get(school_id)
        if school is None:
            return frozenset()
        groups = (self.of_group(group_id) for group_id in self.groups_of[school_id])
        return frozenset({at_key(school_id)}).union(self._of_region(school.region_id), *groups)

    def of_group(self, group_id: UUID) -> Keys:
        """Return who sees a group: its members' staff, its offices, offices over its regions."""
        group = self.groups.get(group_id)
        return frozenset({group_key(group_id)}) | self._of_region(group.region_id if group else None)

    def of_office(self, scope: str) -> Keys:
        """Return who sees an office: others over the same scope, and who sees the school or group it is over."""
        kind, place_id = parse_scope(scope) or ("", None)
        if kind == "group" and place_id:
            return self.of_group(place_id)  # an office over a group gives its key
        place = self.of_school(place_id) if kind == "school" and place_id else frozenset()
        return place | {over_key(scope)}

    def covers(self, audience: Keys, others: Keys) -> bool:
        """Say whether who has one of the other keys has one of the audience; who is at a school is in its groups."""
        return all(key in audience or self._implied.get(key, frozenset()) & audience for key in others)

    def _of_region(self, region_id: UUID | None) -> Keys:
        return frozenset(over_key(region_key(each)) for each in self._upwards(region_id))

    def _upwards(self, region_id: UUID | None) -> Iterator[UUID]:
        while region_id in self._regions:
            yield region_id
            region_id = self._regions[region_id][0]
