"""The interface of every engine: what can be asked, and what comes back."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from search_index.documents import Document

Load = Callable[[Collection[str]], Iterable[Document]]


class IndexUnusable(Exception):
    """The index is missing, damaged or of another version: answer from elsewhere and rebuild it."""


class Sort(StrEnum):
    """The order of the answer."""

    RELEVANCE = "relevance"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class Query:
    """A question, with the keys of whoever asks: what none of the keys opens does not exist for them."""

    text: str
    keys: frozenset[str]
    filters: Mapping[str, frozenset[str]] = field(default_factory=dict)  # facet -> accepted codes; also "kind"
    facets: tuple[str, ...] = ()  # the facets to count
    hidden: frozenset[str] = frozenset()  # ids to leave out, though the index may still open them
    sort: Sort = Sort.RELEVANCE
    offset: int = 0
    limit: int = 20


@dataclass(frozen=True, slots=True)
class Hits:
    """The ids of one page, how many there are in all, and per facet how many have which code.

    A facet is counted as if its own filter were not set, so that one can see what choosing another code would give.
    """

    ids: tuple[str, ...] = ()
    total: int = 0
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


class Engine(Protocol):
    """What every engine promises. Any call but `rebuild` and `close` may raise IndexUnusable."""

    def put(self, documents: Iterable[Document]) -> None:
        """Add documents, or replace those of the same id; visible to every process on return."""

    def delete(self, ids: Collection[str]) -> None:
        """Forget documents; unknown ids are no error."""

    def replace(self, ids: Collection[str], load: Load) -> None:
        """Make the index agree with what `load` gives for these ids; what it does not give is forgotten.

        `load` is called while no other process can write, so the newest state wins.
        """

    def search(self, query: Query) -> Hits:
        """Answer a question."""

    def suggest(self, query: Query) -> tuple[str, ...]:
        """Return ids whose title, tags or author fit what was typed so far, best first."""

    def rebuild(self, documents: Iterable[Document], load: Load) -> int:
        """Build the index anew beside the old one and swap; returns how many documents it holds.

        Ids that were changed meanwhile are asked of `load` again.
        """

    def verify(self) -> None:
        """Read every file and compare it with what was written; damage raises IndexUnusable."""

    def count(self) -> int:
        """Return how many documents there are."""

    def ids(self) -> set[str]:
        """Return the ids of all documents."""

    def close(self) -> None:
        """Let go of the files."""
