"""The copy of the files on one machine, shared by its processes: only a cache, fetched again when it is gone."""

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from threading import RLock
from uuid import uuid4

from search_index.postgres_engine import tables
from search_index.postgres_engine.link import Connection
from search_index.postgres_engine.tables import Named
from search_index.whoosh_engine import table
from search_index.whoosh_engine.folder import PRIVATE, keep_only
from search_index.whoosh_engine.place import State

LEFT_OVER = 600  # seconds; what is younger may be what another process here is about to commit


class Mirror:
    """<root>/<build>/ as in `folder`. What the database does not name is not read, whatever lies there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._mutex = RLock()  # before the file lock, which would stop all greenlets of a process
        self._present: tuple[str, frozenset[str]] = ("", frozenset())  # a build, and whose files were seen there

    def new_build(self) -> Path:
        """Make the folder of a build that nobody knows yet."""
        with self._locked():
            build = self.root / f"build-{uuid4().hex[:12]}"
            build.mkdir(PRIVATE)
            return build

    def bring(self, connection: Connection, named: Named) -> State:
        """Fetch what is missing of a state. What a later commit has removed stays away, as in any folder."""
        build, generation, owners = named
        state = State(self.root / build, generation)
        with self._locked():
            known, present = self._present
            if known != build:
                present = frozenset()
                self._sweep(connection, state, owners, known)
            if new := owners - present:
                wanted = tables.sizes(connection, build, new)
                self._fetch(connection, state, [name for name in wanted if _size(state.build / name) != wanted[name]])
            remove(state.build, present - owners)
            self._present = build, owners
        return state

    def _fetch(self, connection: Connection, state: State, names: list[str]) -> None:
        if not names:
            return
        state.build.mkdir(PRIVATE, exist_ok=True)
        draft = state.build / f"fetched.{os.getpid()}"
        with closing(tables.download(connection, state.build.name, names)) as rows:  # left open, it bars the connection
            for name, parts in groupby(rows, key=itemgetter(0)):
                with draft.open("wb") as file:
                    file.writelines(data for _, data in parts)
                draft.replace(state.build / name)

    def has(self, named: Named) -> None:
        """Hear that all files of a state are here: we wrote them."""
        with self._locked():
            self._present = named.build, named.owners

    def mend(self, connection: Connection, named: Named) -> None:
        """Fetch again what is not what the database holds."""
        folder = self.root / named.build
        with self._locked():
            wanted = tables.digests(connection, named.build, named.owners)
            different = [name for name, each in wanted.items() if _digests(folder / name) != each]
            self._fetch(connection, State(folder, named.generation), different)

    def keep_only(self, state: State, owners: Collection[str]) -> None:
        """Remove all other files of a build; only the one writer may: nobody else can have new ones."""
        with self._locked():
            keep_only(state.build, owners)

    def forget_builds(self, names: set[str]) -> None:
        """Remove builds."""
        with self._locked():
            for name in names:
                shutil.rmtree(self.root / name, ignore_errors=True)

    def _sweep(self, connection: Connection, state: State, owners: Collection[str], before: str) -> None:
        """Remove what is left, when we come to a build for the first time."""
        known = tables.builds(connection)
        for build in self.root.glob("build-*"):
            if build.name not in known and (build.name == before or _is_left_over(build)):
                shutil.rmtree(build, ignore_errors=True)
        for path in state.build.iterdir() if state.build.exists() else ():
            if table.owner_of(path.name) not in owners and path.is_file() and _is_left_over(path):
                path.unlink(missing_ok=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.root.mkdir(PRIVATE, parents=True, exist_ok=True)
        self.root.chmod(PRIVATE)
        with self._mutex, (self.root / "mirror.lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def remove(build: Path, owners: Collection[str]) -> None:
    """Remove the files of these."""
    for path in build.iterdir() if owners else ():
        if table.owner_of(path.name) in owners:
            path.unlink(missing_ok=True)


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
