"""Facts about regions, schools, groups, and who serves where."""

from dataclasses import dataclass
from uuid import UUID

from tongyan.kernel.events import Fact


@dataclass(frozen=True, slots=True)
class RightsChanged(Fact):
    """A posting or office of a person began, ended or got other dates: they may see more or less than before."""

    person_id: UUID


@dataclass(frozen=True, slots=True)
class SchoolChanged(Fact):
    """A school was made, changed, closed or opened again; closing ends what its staff may see through it."""

    school_id: UUID


@dataclass(frozen=True, slots=True)
class GroupChanged(Fact):
    """A group was founded, changed or ended."""

    group_id: UUID


@dataclass(frozen=True, slots=True)
class MembershipChanged(Fact):
    """A school joined or left a group: its whole staff sees more or less than before."""

    group_id: UUID
    school_id: UUID
