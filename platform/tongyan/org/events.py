"""Facts about regions, schools, groups, and who serves where."""

from dataclasses import dataclass
from uuid import UUID

from tongyan.kernel.events import Fact


@dataclass(frozen=True, slots=True)
class GroupChanged(Fact):
    """A group was founded, changed or ended, or a school joined it or left."""

    group_id: UUID


@dataclass(frozen=True, slots=True)
class RegionChanged(Fact):
    """A region was changed: it has another name, or lies in another one."""

    region_id: UUID


@dataclass(frozen=True, slots=True)
class RightsChanged(Fact):
    """A posting or office of a person began, ended or got other dates: they may see more or less than before."""

    person_id: UUID


@dataclass(frozen=True, slots=True)
class SchoolChanged(Fact):
    """A school was made, changed, closed or opened again."""

    school_id: UUID
