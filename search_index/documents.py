"""What the index is fed: one `Document` for one thing that can be found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Document:
    """Everything the index knows of a thing; two documents with the same id are the same thing.

    `audience` holds the keys of which a searcher must have at least one: with none, nobody finds it. `facets` are
    codes, not labels ("subject", "grade", "type", "school", "licence"); a tuple means that several values apply.
    `about` says in words where it belongs (三年级, 语文, 第二单元): it is searched, but never suggested by. `quality`
    and `uses` raise a thing a little above others that fit as well.
    """

    id: str  # "kind:uuid"
    kind: str
    title: str
    author: str = ""
    tags: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    body: str = ""
    audience: frozenset[str] = frozenset()
    facets: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    date: datetime | None = None  # aware; what "newest first" sorts by
    quality: float = 0.0  # 0 to 1: how good it is held to be (reviewed, rated)
    uses: int = 0  # how often it served (lessons, copies, favourites)
