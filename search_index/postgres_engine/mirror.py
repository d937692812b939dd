"""The copy of the files on one machine, shared by its processes: only a cache, fetched again when it is gone."""

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from threading import RLock
from uuid import uuid4

from search_index.postgres_engine import tables
from search_index.postgres_engine.link import Connection
from search_index.whoosh_engine import table
from search_index.whoosh_engine.folder import PRIVATE, keep_only
from search_index.whoosh_engine.place import State

LEFT_OVER = 600  # seconds; what is younger may be what another process here is about to commit


class Mirror:
    """<root>/<build>/ as in `folder`. What the database does not name is not read, whatever lies there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._mutex = RLock()  # before the file lock, which would stop all greenlets of a process
        self._present: tuple[str, set[str]] = ("", set())  # a build, and whose files are known to be there

    def new_build(self) -> Path:
        """Make the folder of a build that nobody knows yet."""
        with self._locked():
            build = self.root / f"build-{uuid4().hex[:12]}"
            build.mkdir(PRIVATE)
            return build

    def bring(self, connection: Connection, build: str, generation: int) -> State:
        """Fetch what is missing of a state. The connection must see this state as long as it takes."""
        state = State(self.root / build, generation)
        with self._locked():
            present = self._present[1] if self._present[0] == build else set()
            self._fetch_missing(connection, state, {table.owner_of(table.name_of(generation))} - present)
            owners = table.owners(table.read(state), generation)
            self._fetch_missing(connection, state, owners - present)
            self._present = build, owners
            self._sweep(connection, state, owners)
        return state

    def _fetch_missing(self, connection: Connection, state: State, owners: set[str]) -> None:
        wanted = tables.sizes(connection, state.build.name, owners) if owners else {}
        self._fetch(connection, state, [name for name, size in wanted.items() if _size(state.build / name) != size])

    def _fetch(self, connection: Connection, state: State, names: list[str]) -> None:
        if not names:
            return
        state.build.mkdir(PRIVATE, exist_ok=True)
        draft = state.build / f"fetched.{os.getpid()}"
        for name, parts in groupby(tables.download(connection, state.build.name, names), key=itemgetter(0)):
            with draft.open("wb") as file:
                file.writelines(data for _, data in parts)
            draft.replace(state.build / name)

    def mend(self, connection: Connection, build: str, generation: int) -> None:
        """Fetch again what is not what the database holds."""
        state = State(self.root / build, generation)
        with self._locked():
            self._present = ("", set())
            self._replace_different(connection, state, {table.owner_of(table.name_of(generation))})
            self._replace_different(connection, state, table.owners(table.read(state), generation))

    def _replace_different(self, connection: Connection, state: State, owners: set[str]) -> None:
        wanted = tables.digests(connection, state.build.name, owners)
        self._fetch(connection, state, [name for name, each in wanted.items() if _digests(state.build / name) != each])

    def keep_only(self, state: State, owners: set[str]) -> None:
        """Remove all other files of a build; only the one writer may: nobody else can have new ones."""
        with self._locked():
            keep_only(state.build, owners)

    def forget_builds(self, names: set[str]) -> None:
        """Remove builds."""
        for name in names:
            shutil.rmtree(self.root / name, ignore_errors=True)

    def _sweep(self, connection: Connection, state: State, owners: set[str]) -> None:
        known = tables.builds(connection)
        for build in self.root.glob("build-*"):
            if build.name not in known and _is_left_over(build):
                shutil.rmtree(build, ignore_errors=True)
        for path in state.build.iterdir():
            if table.owner_of(path.name) not in owners and path.is_file() and _is_left_over(path):
                path.unlink(missing_ok=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.root.mkdir(PRIVATE, parents=True, exist_ok=True)
        self.root.chmod(PRIVATE)
        with self._mutex, (self.root / "mirror.lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return -1


def _is_left_over(path: Path) -> bool:
    try:
        return path.stat().st_mtime < time.time() - LEFT_OVER
    except FileNotFoundError:
        return False


def _digests(path: Path) -> list[bytes]:
    try:
        return [hashlib.sha256(data).digest() for data in tables.pieces(path)]
    except FileNotFoundError:
        return []
