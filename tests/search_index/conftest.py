"""An empty index in a place of its own, on each engine, and documents made the short way."""

import os
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from search_index import Document, Engine, Query
from search_index.engine import Load
from tests.conftest import POSTGRES_URL, need_postgres
from tests.search_index.opening import PUBLIC, document, open_index

__all__ = ["PUBLIC", "document"]  # for the tests

KINDS = ("whoosh", "postgres")
SCHEMA = f"search_index_{os.getpid()}"
NUMBERS = count()


def ask(engine: Engine, text: str, *keys: str, **values: Any) -> list[str]:
    """Return what is found, without the kind."""
    found = engine.search(Query(text, frozenset(keys) or PUBLIC, **({"limit": 100} | values)))
    return [each.partition(":")[2] for each in found.ids]


def loading(documents: Iterable[Document]) -> Load:
    """Return what loads these documents by their ids."""
    known = {each.id: each for each in documents}

    def load(ids: Collection[str]) -> list[Document]:
        return [known[each] for each in ids if each in known]

    return load


def fill(engine: Engine, documents: Iterable[Document] = ()) -> int:
    """Build an index that holds these documents."""
    given = list(documents)
    return engine.rebuild([each.id for each in given], loading(given))


@cache
def dsn() -> str:
    """Return the address of the test server as libpq understands it."""
    return make_url(POSTGRES_URL).set(drivername="postgresql").render_as_string(hide_password=False)


class Home:
    """Where an index of some kind lives; it can be opened more than once, as other processes would."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind, self.folder, self.schema = kind, folder, f"{SCHEMA}_{next(NUMBERS)}"
        self._opened: list[Engine] = []
        if kind == "postgres":
            need_postgres()

    def arguments(self, mirror: str = "") -> tuple[str, ...]:
        """Return what `open_index` needs to know; another mirror is another machine's."""
        folder = self.folder.with_name(mirror or self.folder.name)
        return (str(folder), dsn(), self.schema) if self.kind == "postgres" else (str(self.folder),)

    def open(self, mirror: str = "") -> Engine:
        """Open the index."""
        engine = open_index(*self.arguments(mirror))
        self._opened.append(engine)
        return engine

    def connected(self) -> "psycopg.Connection[tuple[Any, ...]]":
        """Return a connection to the tables of the index."""
        return psycopg.connect(dsn(), autocommit=True, options=f"-c search_path={self.schema}")

    def harm(self, what: str, harm: Callable[[bytes], bytes | None]) -> int:
        """Change what was written (None: remove it), and say how many files that were."""
        if self.kind == "whoosh":
            return sum(_harmed(path, harm) for path in self.folder.glob(f"build-*/{what}"))
        like = what.replace("*", "%")
        with self.connected() as connection:
            rows = connection.execute("SELECT owner, name, data FROM file WHERE name LIKE %s", [like]).fetchall()
            for owner, name, data in rows:
                connection.execute("DELETE FROM file WHERE owner = %s AND name = %s", [owner, name])
                if (new := harm(data)) is not None:
                    added = "INSERT INTO file SELECT build, %s, %s, 0, %s FROM state"
                    connection.execute(added, [owner, name, new])
        shutil.rmtree(self.folder)  # the mirror
        return len(rows)

    def close(self) -> None:
        """Close what was opened, and remove what is not in the folder."""
        for engine in self._opened:
            engine.close()
        if self.kind == "postgres":
            with self.connected() as connection:
                statement = sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(self.schema))
                connection.execute(statement)


def _harmed(path: Path, harm: Callable[[bytes], bytes | None]) -> bool:
    if (new := harm(path.read_bytes())) is None:
        path.unlink()
    else:
        path.write_bytes(new)
    return True


@pytest.fixture(params=KINDS)
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Home]:
    """Give the home of an index that is not there yet."""
    home = Home(request.param, tmp_path / "index")
    yield home
    home.close()


@pytest.fixture
def engine(home: Home) -> Engine:
    """Give an empty index."""
    engine = home.open()
    fill(engine)
    return engine
