"""An empty index in a folder of its own, and documents made the short way."""

from pathlib import Path
from typing import Any

import pytest

from search_index import Document, Query
from search_index.whoosh_engine import WhooshEngine

PUBLIC = frozenset({"public"})


def document(number: int | str, title: str = "", body: str = "", **values: Any) -> Document:
    """Make a document that everybody may see."""
    return Document(f"page:{number}", "page", title, body=body, **({"audience": PUBLIC} | values))


def ask(engine: WhooshEngine, text: str, *keys: str, **values: Any) -> list[str]:
    """Return what is found, without the kind."""
    found = engine.search(Query(text, frozenset(keys) or PUBLIC, **({"limit": 100} | values)))
    return [each.partition(":")[2] for each in found.ids]


def empty_engine(folder: Path) -> WhooshEngine:
    """Make an index that holds nothing."""
    engine = WhooshEngine(folder)
    engine.rebuild([], lambda _: ())
    return engine


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give the folder of an index."""
    return tmp_path / "index"


@pytest.fixture
def engine(folder: Path) -> WhooshEngine:
    """Give an empty index."""
    return empty_engine(folder)
