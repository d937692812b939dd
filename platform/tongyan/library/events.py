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


@dataclass(frozen=True, slots=True)
class Commented(Fact):
    """Somebody said something about a resource."""

    comment_id: UUID


@dataclass(frozen=True, slots=True)
class CorrectionReported(Fact):
    """Somebody found a mistake in a resource."""

    correction_id: UUID


@dataclass(frozen=True, slots=True)
class CorrectionAnswered(Fact):
    """A mistake was mended, or is none."""

    correction_id: UUID


@dataclass(frozen=True, slots=True)
class TakeDownAsked(Fact):
    """Somebody asks that a resource be closed."""

    take_down_id: UUID


@dataclass(frozen=True, slots=True)
class TakeDownDecided(Fact):
    """A request to close a resource was upheld or declined."""

    take_down_id: UUID


@dataclass(frozen=True, slots=True)
class TakeDownUpheld(Fact):
    """A resource was taken down, because of this request (and of all others that waited)."""

    take_down_id: UUID


@dataclass(frozen=True, slots=True)
class TakeDownLifted(Fact):
    """What was taken down may be used again."""

    take_down_id: UUID
