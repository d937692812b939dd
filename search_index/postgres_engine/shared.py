"""A place (see `whoosh_engine.place`) in PostgreSQL: every commit is one transaction, every machine reads its mirror.

Nobody reads a state that PostgreSQL does not name, so it does not matter what a killed process left in the folder.
"""

import secrets
import shutil
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from threading import Lock, RLock

from whoosh.codec.whoosh3 import W3Segment

from search_index.engine import IndexUnusable
from search_index.postgres_engine import tables
from search_index.postgres_engine.link import Connection, Link, lost_is_unusable
from search_index.postgres_engine.mirror import Mirror
from search_index.postgres_engine.tables import Named
from search_index.whoosh_engine import table
from search_index.whoosh_engine.folder import PRIVATE
from search_index.whoosh_engine.place import State

WRITE, REBUILD, MERGE = range(3)  # locks


class SharedFolder:
    """A schema of a database, and the mirror of this machine."""

    def __init__(self, root: Path, dsn: str, schema: str = tables.SCHEMA) -> None:
        self._mirror = Mirror(root)
        self._schema = schema
        self._link = partial(Link, dsn, schema)
        self._reader, self._writer = self._link(), self._link()
        self._reading, self._writing = RLock(), Lock()
        self._known: tuple[Named, State] | None = None

    def newest(self) -> State:
        """Return what is searched, its files at hand; asks the database, so that no answer is older than a commit."""
        with self._reading:
            named = self._reader.run(tables.searched)
            if self._known is None or self._known[0] != named:
                self._known = named, self._reader.run(lambda connection: self._mirror.bring(connection, named))
            return self._known[1]

    @contextmanager
    def writing(self) -> Iterator["Work"]:
        """Be the only one who writes; what was committed counts when the block ends."""
        with self._writing, lost_is_unusable():
            with ExitStack() as transaction:
                connection = self._writer.run(lambda each: _begun(each, transaction))
                tables.lock(connection, self._schema, self._lock(WRITE))
                work = Work(connection, self._mirror)
                yield work
            work.tidy()

    @contextmanager
    def rebuilding(self) -> Iterator["Rebuilding"]:
        """Be the only one who rebuilds."""
        with self._held("pg_advisory_lock", REBUILD) as connection:
            if connection is not None:  # it waits for the lock
                yield Rebuilding(connection, self._mirror, self.writing)

    def is_rebuilding(self) -> bool:
        """Say whether somebody rebuilds now."""
        with self._held("pg_try_advisory_lock", REBUILD) as connection:
            return connection is None

    @contextmanager
    def merging(self) -> Iterator[Path | None]:
        """Be the only one who merges, on all machines."""
        with self._held("pg_try_advisory_lock", MERGE) as connection:
            if connection is None:
                yield None
                return
            with self.writing() as work:
                work.forget_unnamed()  # what a merger offered that died before it came to more
            draft = self._mirror.root / "draft"
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir(PRIVATE, parents=True)
            yield draft
            shutil.rmtree(draft)

    def offer(self, state: State, draft: Path) -> None:
        """Store the files of a merged segment, while the writers need not wait."""
        with closing(self._link()) as link, lost_is_unusable():
            tables.upload(link.connection(), state.build.name, sorted(draft.iterdir()))

    def mend(self) -> bool:
        """Fetch what is not what the database holds; False when also that is damaged."""
        with self._reading:
            self._known = None
            try:
                self._reader.run(lambda connection: self._mirror.mend(connection, tables.searched(connection)))
            except IndexUnusable:
                raise
            except Exception:  # a damaged table of contents can raise anything
                return False
        return True

    def close(self) -> None:
        """Let go of the connections."""
        self._reader.close()
        self._writer.close()

    @contextmanager
    def _held(self, function: str, which: int) -> Iterator[Connection | None]:
        """Hold a lock outside of any transaction, on a connection with which it ends; None when it is not free."""
        with closing(self._link()) as link, lost_is_unusable():
            connection = link.connection()
            row = connection.execute(f"SELECT {function}(%s, %s)", self._lock(which)).fetchone()  # noqa: S608 # ours
            yield None if row == (False,) else connection

    def _lock(self, which: int) -> tuple[int, int]:
        return zlib.crc32(self._schema.encode()) - (1 << 31), which


class Work:
    """What is done in a transaction of the one writer."""

    def __init__(self, connection: Connection, mirror: Mirror) -> None:
        self._connection, self._mirror = connection, mirror
        self._stored: set[str] = set()  # owners of files that the database has already
        self._after: list[Callable[[], None]] = []

    def tidy(self) -> None:
        """Remove what the transaction made superfluous, after it."""
        for each in self._after:
            each()

    def newest(self) -> State:
        """Return what is searched; what a writer here left behind goes, since nobody else can be writing."""
        named = tables.searched(self._connection)
        state = self._mirror.bring(self._connection, named)
        self._mirror.keep_only(state, named.owners)
        return state

    def note(self, ids: Collection[str]) -> None:
        """Note ids for a rebuild that is not finished."""
        tables.note(self._connection, ids)

    def touched(self) -> set[str]:
        """Return the noted ids."""
        return tables.touched(self._connection)

    def begin(self, afresh: bool = False) -> State:
        """Return the unfinished build, or a new one."""
        left = None if afresh else tables.unfinished(self._connection)
        if left is not None:
            return self._mirror.bring(self._connection, left)
        state = State(self._mirror.new_build(), unused_generation())
        table.write(state.build, [], state.generation)
        owners = table.owners((), state.generation)
        tables.begin(self._connection, Named(state.build.name, state.generation, frozenset(owners)))
        tables.upload(self._connection, state.build.name, [state.build / table.name_of(state.generation)])
        tables.forget_builds(self._connection)
        return state

    def adopt(self, state: State, draft: Path) -> None:
        """Take the files of a merged segment into a build; the database has them already."""
        for path in draft.iterdir():
            path.rename(state.build / path.name)
            self._stored.add(table.owner_of(path.name))

    def commit(self, state: State, segments: list[W3Segment]) -> State:
        """Make these the segments of a build."""
        new = State(state.build, unused_generation())
        table.write(new.build, segments, new.generation)
        before = table.owners(table.read(state), state.generation)
        named = Named(new.build.name, new.generation, frozenset(table.owners(segments, new.generation)))
        files = _files_of(new.build, named.owners - before - self._stored)
        tables.advance(self._connection, state, before - named.owners, named, files)
        self._mirror.has(named)
        return new

    def forget_unnamed(self) -> None:
        """Delete what the build that is searched does not name."""
        with suppress(IndexUnusable):  # nothing is searched
            tables.forget_unnamed(self._connection, tables.searched(self._connection))

    def swap(self, state: State) -> None:
        """Search this build from now on."""
        gone = tables.swap(self._connection, state.build.name)
        self._after += (lambda: tables.forget_builds(self._connection), lambda: self._mirror.forget_builds(gone))


class Rebuilding(Work):
    """What is done by the one who rebuilds: nobody searches that build, so every commit is a transaction of its own."""

    def __init__(
        self, connection: Connection, mirror: Mirror, writing: Callable[[], AbstractContextManager[Work]]
    ) -> None:
        super().__init__(connection, mirror)
        self._writing_elsewhere = writing

    def begin(self, afresh: bool = False) -> State:
        """Return the unfinished build, or a new one."""
        with self._writing_elsewhere() as work:
            return work.begin(afresh)

    def commit(self, state: State, segments: list[W3Segment]) -> State:
        """Make these the segments of the build."""
        with self._connection.transaction():
            return super().commit(state, segments)


def _begun(connection: Connection, transaction: ExitStack) -> Connection:
    transaction.enter_context(connection.transaction())
    return connection


def unused_generation() -> int:
    """Return a number that stands for one state only: what a killed writer left, or a restored database, differs."""
    return secrets.randbelow(2**31 - 1) + 1


def _files_of(build: Path, owners: Collection[str]) -> list[Path]:
    return sorted(path for owner in owners for path in build.glob(f"{owner}.*"))
