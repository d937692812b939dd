"""The tables of an index in PostgreSQL. They hold derived data only, and belong to no migration: the engine makes them.

Their schema is the first in the connection's search path. Whoever changes a table gives the schema another name.
"""

from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from psycopg import sql

from search_index.engine import IndexUnusable
from search_index.postgres_engine.link import Connection
from search_index.whoosh_engine import table
from search_index.whoosh_engine.place import State
from search_index.whoosh_engine.schema import VERSION

SCHEMA = "search_index"
PIECE = 4 << 20  # bytes of a file in one row
MAX_AGE = "1 day"  # for which a rebuild that died is taken up again
TABLES = """
CREATE SCHEMA IF NOT EXISTS {schema};
CREATE TABLE state (
    build text PRIMARY KEY,
    version integer NOT NULL,
    generation integer NOT NULL,
    owners text[] NOT NULL, -- of the files that count
    searched boolean NOT NULL UNIQUE, -- the other one is not finished
    begun timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE file (
    build text NOT NULL,
    owner text NOT NULL, -- a segment or a generation
    name text NOT NULL,
    part integer NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (build, owner, name, part)
);
ALTER TABLE file ALTER data SET STORAGE EXTERNAL; -- it is compressed already
CREATE TABLE touched (id text PRIMARY KEY);
"""

ADVANCE = """
WITH removed AS (DELETE FROM file WHERE build = %(build)s AND owner = ANY(%(gone)s)),
added AS (
    INSERT INTO file SELECT %(build)s, *
    FROM unnest(%(whose)s::text[], %(names)s::text[], %(parts)s::integer[], %(data)b::bytea[])
)
UPDATE state SET generation = %(generation)s, owners = %(owners)s WHERE build = %(build)s AND generation = %(old)s
"""


class Named(NamedTuple):
    """What PostgreSQL names: a build, the generation of it that counts, and to whom its files belong."""

    build: str
    generation: int
    owners: frozenset[str]


def lock(connection: Connection, schema: str, key: tuple[int, int]) -> None:
    """Wait until nobody else writes, till the end of the transaction; make the tables if they are not there."""
    row = connection.execute("SELECT pg_advisory_xact_lock(%s, %s), to_regclass(%s)", [*key, f"{schema}.touched"])
    if (row.fetchone() or ())[1] is None:
        connection.execute(sql.SQL(TABLES).format(schema=sql.Identifier(schema)))


def searched(connection: Connection) -> Named:
    """Return what is searched; raises IndexUnusable."""
    row = connection.execute("SELECT version, build, generation, owners FROM state WHERE searched").fetchone()
    if row is None:
        raise IndexUnusable("missing")
    if row[0] != VERSION:
        raise IndexUnusable("version")
    return Named(row[1], row[2], frozenset(row[3]))


def unfinished(connection: Connection) -> Named | None:
    """Return what a rebuild has left."""
    row = connection.execute(
        "SELECT build, generation, owners FROM state"
        " WHERE NOT searched AND version = %s AND begun > now() - %s::interval",
        [VERSION, MAX_AGE],
    ).fetchone()
    return Named(row[0], row[1], frozenset(row[2])) if row else None


def begin(connection: Connection, named: Named) -> None:
    """Make this the unfinished build; from now on what is written is noted."""
    connection.execute("DELETE FROM state WHERE NOT searched")
    connection.execute("DELETE FROM touched")
    values = [named.build, VERSION, named.generation, list(named.owners)]
    connection.execute("INSERT INTO state VALUES (%s, %s, %s, %s, false)", values)


def swap(connection: Connection, build: str) -> set[str]:
    """Search this build; returns the others."""
    others = connection.execute("DELETE FROM state WHERE build <> %s RETURNING build", [build])
    gone = {row[0] for row in others}
    connection.execute("UPDATE state SET searched = true WHERE build = %s", [build])
    connection.execute("DELETE FROM touched")
    return gone


def advance(connection: Connection, old: State, gone: Collection[str], new: Named, paths: Sequence[Path]) -> None:
    """Make another generation of a build the one that counts, without the files that are gone, with new ones."""
    if sum(path.stat().st_size for path in paths) > PIECE:
        upload(connection, new.build, paths)
        paths = ()
    rows = list(_rows(paths))
    columns = {name: [row[number] for row in rows] for number, name in enumerate(("whose", "names", "parts", "data"))}
    values = {**new._asdict(), "owners": list(new.owners), "old": old.generation, "gone": list(gone)}
    if connection.execute(ADVANCE, values | columns).rowcount != 1:
        raise IndexUnusable("unreachable")  # our lock was lost with its connection, and somebody else went on


def note(connection: Connection, ids: Collection[str]) -> None:
    """Note ids for the build that is not finished, if there is one."""
    connection.execute(
        "INSERT INTO touched SELECT unnest(%s::text[]) WHERE EXISTS (SELECT FROM state WHERE NOT searched)"
        " ON CONFLICT DO NOTHING",
        [list(ids)],
    )


def touched(connection: Connection) -> set[str]:
    """Return the noted ids."""
    return {row[0] for row in connection.execute("SELECT id FROM touched")}


def builds(connection: Connection) -> set[str]:
    """Return the builds that are searched or made."""
    return {row[0] for row in connection.execute("SELECT build FROM state")}


def upload(connection: Connection, build: str, paths: Iterable[Path]) -> None:
    """Store files."""
    with connection.cursor().copy("COPY file (build, owner, name, part, data) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(["text", "text", "text", "int4", "bytea"])
        for row in _rows(paths):
            copy.write_row((build, *row))


def _rows(paths: Iterable[Path]) -> Iterator[tuple[str, str, int, bytes]]:
    for path in paths:
        for part, data in enumerate(pieces(path)):
            yield table.owner_of(path.name), path.name, part, data


def pieces(path: Path) -> Iterator[bytes]:
    """Read a file piece by piece; an empty one has one piece, too."""
    with path.open("rb") as file:
        yield file.read(PIECE)
        while data := file.read(PIECE):
            yield data


def sizes(connection: Connection, build: str, whose: Collection[str]) -> dict[str, int]:
    """Return the names and sizes of stored files."""
    statement = (
        "SELECT name, sum(octet_length(data))::bigint FROM file WHERE build = %s AND owner = ANY(%s) GROUP BY name"
    )
    return {row[0]: row[1] for row in connection.execute(statement, [build, list(whose)])}


def digests(connection: Connection, build: str, whose: Collection[str]) -> dict[str, list[bytes]]:
    """Return the names of stored files, and the digests of their pieces."""
    found: dict[str, list[bytes]] = {}
    statement = "SELECT name, sha256(data) FROM file WHERE build = %s AND owner = ANY(%s) ORDER BY name, part"
    for name, digest in connection.execute(statement, [build, list(whose)]):
        found.setdefault(name, []).append(digest)
    return found


def download(connection: Connection, build: str, names: Sequence[str]) -> Generator[tuple[str, bytes], None, None]:
    """Give the pieces of files, one file after the other."""
    statement = (
        "SELECT name, data FROM file WHERE build = %s AND owner = ANY(%s) AND name = ANY(%s) ORDER BY name, part"
    )
    whose = list({table.owner_of(name) for name in names})
    with connection.cursor(binary=True) as cursor:
        yield from cursor.stream(statement, [build, whose, list(names)])


def forget_unnamed(connection: Connection, named: Named) -> None:
    """Delete files of a build that do not count."""
    connection.execute("DELETE FROM file WHERE build = %s AND owner <> ALL(%s)", [named.build, list(named.owners)])


def forget_builds(connection: Connection) -> None:
    """Delete the files of all builds that nobody searches nor makes."""
    connection.execute("DELETE FROM file WHERE build NOT IN (SELECT build FROM state)")
