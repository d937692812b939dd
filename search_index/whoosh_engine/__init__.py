"""The embedded engine: Whoosh's files on local disk, read and written by arrays. One machine, any number of processes."""

from search_index.whoosh_engine.engine import WhooshEngine

__all__ = ["WhooshEngine"]
