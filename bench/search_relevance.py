"""Whether search finds what is known to be there, among 10,000 and 100,000 documents."""

from bench import Row
from bench._search import relevance


def run() -> list[Row]:
    """Ask what is known."""
    return relevance.rows()
