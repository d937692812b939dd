"""Documents made the short way, and indexes opened; imported by processes that need nothing else."""

from pathlib import Path
from typing import Any

from search_index import Document, Engine
from search_index.postgres_engine import PostgresEngine
from search_index.whoosh_engine import WhooshEngine

PUBLIC = frozenset({"public"})


def document(number: int | str, title: str = "", body: str = "", **values: Any) -> Document:
    """Make a document that everybody may see."""
    return Document(f"page:{number}", "page", title, body=body, **({"audience": PUBLIC} | values))


def open_index(folder: str, *shared: str) -> Engine:
    """Open an index: a folder's, or the one of a schema in a database (its address, its name)."""
    return PostgresEngine(Path(folder), *shared) if shared else WhooshEngine(Path(folder))
