"""Connections to PostgreSQL: made when they are needed, again when they broke, anew in a forked process."""

import os
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from psycopg import errors

from search_index.engine import IndexUnusable

T = TypeVar("T")
Connection = psycopg.Connection[tuple[Any, ...]]

# a machine that was switched off must keep nobody waiting for hours, on either side
ALIVE: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 20,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
SETTINGS = {
    "idle_in_transaction_session_timeout": "15min",
    "lock_timeout": "0",  # writers wait for one another
    "statement_timeout": "0",
    "tcp_keepalives_idle": "20",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}


class Link:
    """One connection, in autocommit."""

    def __init__(self, dsn: str, schema: str) -> None:
        self._dsn = dsn
        self._settings = SETTINGS | {"application_name": f"tongyan {schema}", "search_path": schema}
        self._connection: Connection | None = None
        self._process = 0
        self._closing: weakref.finalize[Any, Link] | None = None

    def run(self, work: Callable[[Connection], T]) -> T:
        """Do something that may be done twice: a connection that turns out to be broken is replaced."""
        with lost_is_unusable():
            connection = self.connection()
            try:
                return work(connection)
            except psycopg.OperationalError:
                if not connection.broken:
                    raise
            return work(self.connection())

    def connection(self) -> Connection:
        """Return the connection; whether it still works is seen only when it is used."""
        if self._connection is None or self._connection.closed or self._process != os.getpid():
            self.close()
            self._connection, self._process = self._connect(), os.getpid()
            self._closing = weakref.finalize(self, _close, self._connection, self._process)
        return self._connection

    def _connect(self) -> Connection:
        connection = psycopg.connect(self._dsn, autocommit=True, **ALIVE)
        settings = "SELECT set_config(name, value, false) FROM unnest(%s::text[], %s::text[]) AS given (name, value)"
        connection.execute(settings, [list(self._settings), list(self._settings.values())])
        return connection

    def close(self) -> None:
        """Let go of the connection."""
        if self._closing is not None:
            self._closing()
        self._connection = self._closing = None


def _close(connection: Connection, process: int) -> None:
    if process == os.getpid():  # the connection of a parent is not ours to end
        connection.close()


@contextmanager
def lost_is_unusable() -> Iterator[None]:
    """Turn a database that cannot be asked into IndexUnusable, and one without our tables, too."""
    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError) as lost:
        raise IndexUnusable("unreachable") from lost
    except (errors.UndefinedTable, errors.InvalidSchemaName) as missing:
        raise IndexUnusable("missing") from missing
