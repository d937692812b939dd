"""Where an index lives: what the engine asks of it, be it a folder of one machine or a database that many share."""

from collections.abc import Collection
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple, Protocol

from whoosh.codec.whoosh3 import W3Segment


class State(NamedTuple):
    """A build, and which of its tables of contents counts; its files are at hand and never change."""

    build: Path
    generation: int


class Work(Protocol):
    """What one may do while one holds a lock of the place."""

    def newest(self) -> State:
        """Return what is searched; raises IndexUnusable."""

    def note(self, ids: Collection[str]) -> None:
        """Note ids that are about to be written, for a rebuild that is not finished."""

    def touched(self) -> set[str]:
        """Return the ids that were noted since the unfinished build was begun."""

    def begin(self, afresh: bool = False) -> State:
        """Return the unfinished build, or a new one; from now on every written id is noted."""

    def adopt(self, state: State, draft: Path) -> None:
        """Take the files of a merged segment into a build."""

    def commit(self, state: State, segments: list[W3Segment]) -> State:
        """Make these the segments of a build, at one stroke; files of others go, sooner or later."""

    def swap(self, state: State) -> None:
        """Search this build from now on; the rebuild is over."""


class Place(Protocol):
    """Where an index lives. Locks are freed when their owner dies."""

    def newest(self) -> State:
        """Return what is searched; raises IndexUnusable."""

    def writing(self) -> AbstractContextManager[Work]:
        """Be the only one who writes to what is searched; what is committed counts when the block ends."""

    def rebuilding(self) -> AbstractContextManager[Work]:
        """Be the only one who rebuilds."""

    def is_rebuilding(self) -> bool:
        """Say whether somebody rebuilds now."""

    def merging(self) -> AbstractContextManager[Path | None]:
        """Be the only one who merges, with a folder for the draft; None when somebody else merges."""

    def offer(self, state: State, draft: Path) -> None:
        """Do what can be done for a draft before the writers have to wait."""

    def mend(self) -> bool:
        """Replace files that are not what was written, if there is a better copy; False when none was replaced."""

    def close(self) -> None:
        """Let go of connections."""
