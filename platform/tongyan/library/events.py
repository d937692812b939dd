"""What happens in the library."""

from dataclasses import dataclass
from uuid import UUID

from tongyan.kernel.events import Fact


@dataclass(frozen=True, slots=True)
class FileReceived(Fact):
    """The last byte of a file came in (or a failed step is to be tried again): its ingest may begin."""

    file_id: UUID


@dataclass(frozen=True, slots=True)
class ResourceChanged(Fact):
    """What a resource says, or who may see it, is no longer what it was."""

    resource_id: UUID


@dataclass(frozen=True, slots=True)
class ResourceShared(Fact):
    """A resource was published to an audience."""

    resource_id: UUID


@dataclass(frozen=True, slots=True)
class ResourceRemoved(Fact):
    """A resource is gone for good."""

    resource_id: UUID


@dataclass(frozen=True, slots=True)
class ResourceCopied(Fact):
    """Somebody made a copy of a resource."""

    resource_id: UUID
    person_id: UUID


@dataclass(frozen=True, slots=True)
class ReviewAsked(Fact):
    """A resource waits for a review."""

    review_id: UUID


@dataclass(frozen=True, slots=True)
class ReviewDecided(Fact):
    """A review ended with an approval or a return."""

    review_id: UUID
