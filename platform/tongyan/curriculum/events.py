"""What happens in the curriculum."""

from dataclasses import dataclass
from uuid import UUID

from tongyan.kernel.events import Fact


@dataclass(frozen=True, slots=True)
class NodeChanged(Fact):
    """A node was added, renamed, moved, retired, revived or mapped."""

    node_id: UUID


@dataclass(frozen=True, slots=True)
class StandardRenamed(Fact):
    """A competency or domain is called something else now."""

    standard_id: UUID
    old: str
    new: str
