"""The interface of every engine: what can be asked, and what comes back."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from search_index.documents import Document
from search_index.synonyms import NO_SYNONYMS, Synonyms

Load = Callable[[Collection[str]], Iterable[Document]]


class IndexUnusable(Exception):
    """The index is missing, damaged or of another version: answer from elsewhere and rebuild it."""


class Sort(StrEnum):
    """The order of the answer."""

    RELEVANCE = "relevance"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class Query:
    """A question, with the keys of whoever asks: what none of the keys opens does not exist for them.

    `text` is what was typed (see `query`). `preferred` are codes of facets whose things come a little earlier: one's
    own subject, grade, edition. `now` is what the age of things is counted from; without it age does not matter.
    """

    text: str
    keys: frozenset[str]
    filters: Mapping[str, frozenset[str]] = field(default_factory=dict)  # facet -> accepted codes; also "kind"
    facets: tuple[str, ...] = ()  # the facets to count
    excluded: Mapping[str, frozenset[str]] = field(default_factory=dict)  # facet -> codes that are not wanted
    within: frozenset[str] | None = None  # only among these ids
    hidden: frozenset[str] = frozenset()  # ids to leave out, though the index may still open them
    preferred: Mapping[str, frozenset[str]] = field(default_factory=dict)
    synonyms: Synonyms = NO_SYNONYMS
    now: datetime | None = None
    since: datetime | None = None  # only what is dated later than this
    sort: Sort = Sort.RELEVANCE
    offset: int = 0
    limit: int = 20


@dataclass(frozen=True, slots=True)
class Hits:
    """The ids of one page, how many there are in all, and per facet how many have which code.

    A facet is counted as if its own filter were not set, so that one can see what choosing another code would give.
    `without` says, when nothing was found, how many there would be if one filter (by its facet) were dropped.
    """

    ids: tuple[str, ...] = ()
    total: int = 0
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    without: Mapping[str, int] = field(default_factory=dict)
    scores: tuple[float, ...] = ()  # of the ids


@dataclass(frozen=True, slots=True)
class Reason:
    """One summand or factor of a score: `part` is "words", "sound", "names", or "freshness", "quality", "uses", "own".

    `term` is what was looked for (or the facet's code); `rarity` and `weight` are what is multiplied for the summands.
    """

    part: str
    term: str
    rarity: float
    weight: float
    points: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a thing stands where it stands: the sum of the summands, times one plus the sum of the factors."""

    score: float
    summands: tuple[Reason, ...]
    factors: tuple[Reason, ...]


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

    def alike(self, query: Query) -> tuple[str, ...]:
        """Return ids whose title looks or sounds like what was typed, best first (for "did you mean")."""

    def explain(self, query: Query, document_id: str) -> Explanation | None:
        """Say why a thing has the score it has; None when the question does not find it for these keys."""

    def rebuild(self, ids: Iterable[str], load: Load, tell: Callable[[int], None] = lambda _done: None) -> int:
        """Build the index anew beside the old one and swap; returns how many documents it holds.

        A rebuild that was interrupted is taken up where it was. `load` gives the documents of some ids; ids that were
        changed meanwhile are asked of it again, and `ids` is read only once changes are noted. `tell` hears how many
        ids are done.
        """

    def merge_is_due(self) -> bool:
        """Say whether there is something to do for `merge`: a change itself never waits for a long merge."""

    def merge(self) -> bool:
        """Make fewer pieces of many, while others read and write; False when there was nothing to do."""

    def verify(self) -> None:
        """Read every file and compare it with what was written; damage raises IndexUnusable."""

    def count(self) -> int:
        """Return how many documents there are."""

    def ids(self) -> set[str]:
        """Return the ids of all documents."""

    def close(self) -> None:
        """Let go of the files."""
