"""Two versions of a resource side by side: fields, words, pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any
from uuid import UUID

from tongyan.kernel.permissions import Actor
from tongyan.library.fingerprints import page_texts
from tongyan.library.models import ResourceFile
from tongyan.library.services.contents import SAID, Source, items_of, said
from tongyan.library.services.versions import version

MAX_LINES = 3000  # of one file: comparing takes the square of them
DERIVED = {"edition_id"}  # said by the place in the curriculum


@dataclass(frozen=True, slots=True)
class FieldChange:
    """What a field said before, and what it says after."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text: kept (" "), gone ("-") or new ("+")."""

    sign: str
    text: str


@dataclass(frozen=True, slots=True)
class FilePair:
    """A file before and after; one of the two is None when it is new or gone."""

    before: ResourceFile | None
    after: ResourceFile | None
    lines: Sequence[Line]

    @property
    def same(self) -> bool:
        """Say whether the bytes are equal."""
        return self.before is not None and self.after is not None and self.before.sha256 == self.after.sha256

    @property
    def pages(self) -> int:
        """Return how many pages the longer one has."""
        return max(len(file.pages) if file else 0 for file in (self.before, self.after))


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two versions."""

    fields: Sequence[FieldChange]
    files: Sequence[FilePair]
    items: Sequence[Line]


def compare(actor: Actor, resource_id: UUID, old: int, new: int) -> Comparison:
    """Compare two versions of a resource. Raises NotFound."""
    return compare_sources(version(actor, resource_id, old), version(actor, resource_id, new))


def compare_sources(before: Source, after: Source) -> Comparison:
    """Compare two sources that the actor was given already."""
    was, now_is = said(before), said(after)
    changes = [
        FieldChange(name, was.get(name), now_is.get(name))
        for name in SAID
        if name not in DERIVED and was.get(name) != now_is.get(name)
    ]
    return Comparison(changes, _pairs(before.files, after.files), _differing(_titles(before), _titles(after)))


def _pairs(before: Sequence[ResourceFile], after: Sequence[ResourceFile]) -> list[FilePair]:
    """Pair files by their name, the rest in their order."""
    by_name = {file.name: file for file in after}
    paired = [(file, by_name.pop(file.name, None)) for file in before]
    news = [file for file in after if file.name in by_name]
    alone = [file for file, other in paired if other is None]
    pairs = [(file, other) for file, other in paired if other is not None] + list(zip_longest(alone, news))
    return [FilePair(old, new, _file_lines(old, new)) for old, new in pairs]


def _file_lines(before: ResourceFile | None, after: ResourceFile | None) -> list[Line]:
    if before is not None and after is not None and before.sha256 == after.sha256:
        return []
    return _differing(_words(before), _words(after))


def _words(file: ResourceFile | None) -> list[str]:
    if file is None:
        return []
    lines = [line.strip() for text in page_texts(file.id) for line in text.splitlines()]
    return [line for line in lines if line][:MAX_LINES]


def _titles(source: Source) -> list[str]:
    return [item["title"] for item in items_of(source)]


def _differing(before: Sequence[str], after: Sequence[str]) -> list[Line]:
    """Return the lines with their signs; nothing at all when nothing differs."""
    if list(before) == list(after):
        return []
    lines: list[Line] = []
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            lines += [Line(" ", text) for text in before[i:j]]
        else:
            lines += [Line("-", text) for text in before[i:j]] + [Line("+", text) for text in after[k:m]]
    return lines
