"""What happens in the curriculum."""

from dataclasses import dataclass
from uuid import UUID

from tongyan.kernel.events import Fact


@dataclass(frozen=True, slots=True)
class NodeChanged(Fact):
    """A node was added, renamed, moved, retired, revived or mapped."""

    node_id: UUID
