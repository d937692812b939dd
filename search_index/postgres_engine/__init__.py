"""The shared engine: the embedded one, whose files live in PostgreSQL; any number of machines keep a copy of them."""

from search_index.postgres_engine.engine import PostgresEngine

__all__ = ["PostgresEngine"]
