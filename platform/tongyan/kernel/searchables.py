"""What can be found: the kinds that features register, the keys that open them, the jobs that keep the index fresh.

A feature registers a `Searchable` and, whenever a thing changed, enqueues `index_spec(...)` in the same transaction.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement

from search_index import Document
from search_index.synonyms import NO_SYNONYMS, Synonyms
from tongyan.kernel.batches import batches
from tongyan.kernel.jobs import JobSpec
from tongyan.kernel.permissions import Actor, visible

INDEX = "search.index"
CHUNK = 200  # things that one job brings into the index
ADMIN = "admin"  # the key of administrators; only what they see by their office names it


class Passage(NamedTuple):
    """A piece of a thing's text, and where it stands (for a link to it); the index knows all of them as one text."""

    text: str
    place: Any = None


def text_of(passages: Sequence[Passage]) -> str:
    """Return passages as one text."""
    return "\n".join(passage.text for passage in passages)


@dataclass(frozen=True, slots=True)
class Searchable:
    """A kind of thing that can be found. Its model has an `id` and a `title` (or says what it has in its place).

    `documents` gives what the index knows of some ids (fewer when some are gone), `all_ids` every id, `texts` the text
    of loaded things, from which snippets are cut, `options` are loader options for showing a hit. `visible` filters
    what an actor may find where that is not what the policy of the model shows them; `more` gives what the actor may
    read of some things besides, for showing a hit. `findable` filters out what is closed or put away, though some
    still see it.
    """

    kind: str
    model: Any
    documents: Callable[[Sequence[UUID]], list[Document]]
    all_ids: Callable[[], Iterable[UUID]]
    texts: Callable[[Sequence[Any]], Mapping[UUID, Sequence[Passage]]]
    options: tuple[Any, ...] = ()
    title_of: Callable[[Any], str] = attrgetter("title")
    title_column: Any = None
    is_name: bool = False  # it is little more than its name: a person, a school, a place
    visible: Callable[[Actor], ColumnElement[bool]] | None = None
    findable: tuple[ColumnElement[bool], ...] = ()
    more: Callable[[Actor, Sequence[Any]], Mapping[UUID, Any]] | None = None

    def found_by(self, actor: Actor) -> ColumnElement[bool]:
        """Return the filter of what the actor may find."""
        return self.visible(actor) if self.visible else visible(actor, self.model)

    def titles(self) -> Any:
        """Return the column of the titles."""
        return self.model.title if self.title_column is None else self.title_column


SEARCHABLES: dict[str, Searchable] = {}


def register_searchable(searchable: Searchable) -> None:
    """Register a kind (at import of the feature's `indexing`)."""
    SEARCHABLES[searchable.kind] = searchable


_synonyms: list[Callable[[], Synonyms]] = []


def register_synonyms(provider: Callable[[], Synonyms]) -> None:
    """Say who knows the words that mean the same (once per process)."""
    _synonyms[:] = [provider]


def synonyms() -> Synonyms:
    """Return the words that mean the same now."""
    return _synonyms[0]() if _synonyms else NO_SYNONYMS


def over_key(scope: str) -> str:
    """Return the key of the index for those in an office over a scope: staff of a region hold its audience, too."""
    return f"over:{scope}"


def at_key(school_id: UUID) -> str:
    """Return the key of the index for those who serve at a school: an office over it gives its audience, too."""
    return f"at:{school_id}"


def index_keys(actor: Actor) -> frozenset[str]:
    """Return what opens documents of the index to an actor: their audiences, and what only the index asks for."""
    over = (over_key(grant.scope) for grant in actor.offices)
    return actor.keys | {*over, *map(at_key, actor.school_ids), *({ADMIN} if actor.is_admin else ())}


def index_spec(kind: str, ids: Iterable[UUID]) -> JobSpec:
    """Return the job that brings the index up to date for these things.

    It has no key: a job already queued may be running by the time this transaction commits, and would miss it.
    """
    return JobSpec(INDEX, {"kind": kind, "ids": [str(each) for each in ids]})


def index_specs(kind: str, ids: Iterable[UUID]) -> Iterator[JobSpec]:
    """Give the jobs for many things: no job may grow with what there is."""
    for some in batches(ids, CHUNK):
        yield index_spec(kind, some)


def merged(specs: Iterable[JobSpec]) -> Iterator[JobSpec]:
    """Give jobs as they are, but as few as possible for all that is to be indexed."""
    changed: dict[str, dict[str, None]] = {}
    for spec in specs:
        if spec.kind == INDEX:
            changed.setdefault(spec.args["kind"], {}).update(dict.fromkeys(spec.args["ids"]))
        else:
            yield spec
    for kind, ids in changed.items():
        yield from index_specs(kind, map(UUID, ids))
