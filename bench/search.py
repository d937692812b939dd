"""Searching 100,000 documents as a teacher who may see a fifth of them: rights, facets, one page of ids, snippets."""

from bench import Row
from bench._search.corpus import DOCUMENTS
from bench._search.speed import rows


def run(number: int = DOCUMENTS) -> list[Row]:
    """Build the indexes and ask."""
    return rows(number)
