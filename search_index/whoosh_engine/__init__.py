"""The embedded engine: Whoosh's files on local disk, read and written by arrays; one machine, many processes."""

from search_index.whoosh_engine.engine import WhooshEngine

__all__ = ["WhooshEngine"]
