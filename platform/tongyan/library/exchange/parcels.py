"""What is packed: resources as they are at this moment, and the trees in which they stand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Content:
    """A file to be packed: its name, the folders it once came in, its bytes in the store."""

    name: str
    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A resource to be packed.

    `place` are the folders in which it stands, `line` the titles of its place in the curriculum from the stage down,
    `said` its columns as JSON, `row` its line in a sheet, `lom` its metadata as XML.
    """

    id: UUID
    title: str
    place: tuple[str, ...]
    line: tuple[str, ...]
    said: dict[str, Any]
    row: Sequence[Any]
    lom: bytes
    files: tuple[Content, ...]


@dataclass(slots=True)
class Twig:
    """A heading with what stands below it, or a resource under the title it has here."""

    title: str
    note: str = ""
    piece_id: UUID | None = None
    below: list["Twig"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Course:
    """A course package: its own piece, and its tree."""

    piece_id: UUID
    tree: list[Twig]


@dataclass(frozen=True, slots=True)
class Parcel:
    """All that goes into one archive; `unfinished` files are still being worked on, or were not taken."""

    title: str
    pieces: list[Piece]
    courses: list[Course]
    unfinished: int = 0

    @property
    def size(self) -> int:
        """Return how many bytes its files have."""
        return sum(content.size for piece in self.pieces for content in piece.files)


def walk(tree: Sequence[Twig]) -> Iterator[Twig]:
    """Give every twig, those above before those below."""
    for twig in tree:
        yield twig
        yield from walk(twig.below)
