"""The search engine: one Chinese analysis, one interface, and the engines behind it.

A leaf: it knows no web, no database and nothing of the product. It answers with ids; whoever asks loads the things
and checks the rights again.
"""

from search_index.documents import Document
from search_index.engine import Engine, Hits, IndexUnusable, Query

__all__ = ["Document", "Engine", "Hits", "IndexUnusable", "Query"]
