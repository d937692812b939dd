"""The same engine in another place; files of the mirror that are not what was written are fetched again."""

from collections.abc import Callable, Collection
from pathlib import Path
from time import monotonic
from typing import TypeVar

from search_index.engine import Explanation, Hits, IndexUnusable, Load, Query
from search_index.postgres_engine import tables
from search_index.postgres_engine.shared import SharedFolder
from search_index.whoosh_engine import WhooshEngine

T = TypeVar("T")
MEND_SECONDS = 60.0  # between two looks at all files: what is wrong again is wrong in the database


class PostgresEngine(WhooshEngine):
    """An index in a schema of PostgreSQL (`dsn` as libpq understands it) with a mirror in `root`."""

    def __init__(self, root: Path, dsn: str, schema: str = tables.SCHEMA) -> None:
        super().__init__(root, SharedFolder(root, dsn, schema))
        self._mended_at = -MEND_SECONDS

    def search(self, query: Query) -> Hits:
        """Answer a question."""
        return self._mended(super().search, query)

    def suggest(self, query: Query) -> tuple[str, ...]:
        """Return ids whose title, tags or author fit what was typed so far."""
        return self._mended(super().suggest, query)

    def alike(self, query: Query) -> tuple[str, ...]:
        """Return ids whose title looks or sounds like what was typed."""
        return self._mended(super().alike, query)

    def explain(self, query: Query, document_id: str) -> Explanation | None:
        """Say why a thing has the score it has."""
        return self._mended(super().explain, query, document_id)

    def count(self) -> int:
        """Return how many documents there are."""
        return self._mended(super().count)

    def ids(self) -> set[str]:
        """Return the ids of all documents."""
        return self._mended(super().ids)

    def replace(self, ids: Collection[str], load: Load) -> None:
        """Make the index agree with what `load` gives for these ids."""
        self._mended(super().replace, ids, load)

    def merge_is_due(self) -> bool:
        """Say whether there are segments that should be merged."""
        return self._mended(super().merge_is_due)

    def merge(self) -> bool:
        """Merge what is due while others read and write."""
        return self._mended(super().merge)

    def verify(self) -> None:
        """Compare every file here with the database, and with the checksum of its commit."""
        self._place.mend()
        super().verify()

    def _mended(self, call: Callable[..., T], *arguments: object) -> T:
        """Call, and once more if the mirror was damaged."""
        try:
            return call(*arguments)
        except IndexUnusable as reason:
            if str(reason) != "damaged" or monotonic() - self._mended_at < MEND_SECONDS or not self._place.mend():
                raise
            self._mended_at = monotonic()
        return call(*arguments)
