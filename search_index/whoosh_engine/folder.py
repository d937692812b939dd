"""The folder of an index on disk: which build is current, its version, who writes, what a rebuild must look at again.

<root>/current      the name of the build that is searched
<root>/<build>/     Whoosh's files and the version stamp
<root>/building     the name of the build that is not finished; a rebuild that died is taken up there
<root>/touched      ids written since that build was begun, one a line
"""

import fcntl
import os
import shutil
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from whoosh.codec.whoosh3 import W3Segment

from search_index.engine import IndexUnusable
from search_index.whoosh_engine import table
from search_index.whoosh_engine.place import State
from search_index.whoosh_engine.schema import VERSION

STAMP = "version"
PRIVATE = 0o700  # Whoosh's files are pickles: whoever writes here makes us run what they like
MAX_AGE = 24 * 3600  # seconds for which a rebuild that died is taken up again


class Folder:
    """A place (see `place`) on the disk of one machine; the kernel frees a lock when its process dies."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._current = root / "current"
        self._building = root / "building"
        self._touched = root / "touched"

    def newest(self) -> State:
        """Return what is searched; raises IndexUnusable."""
        name = self._name_of_current()
        try:
            version = (self.root / name / STAMP).read_text()
        except OSError as missing:
            if name != self._name_of_current():
                return self.newest()  # a rebuild has just ended, and removed what we looked at
            raise IndexUnusable("missing") from missing
        if version != str(VERSION):
            raise IndexUnusable("version")
        return State(self.root / name, table.latest(self.root / name))

    def commit(self, state: State, segments: list[W3Segment]) -> State:
        """Make these the segments of a build; from the rename of the table of contents on, they are."""
        new = State(state.build, state.generation + 1)
        table.write(new.build, segments, new.generation)
        keep_only(new.build, table.owners(segments, new.generation) | {STAMP})
        return new

    def swap(self, state: State) -> None:
        """Search this build from now on."""
        waiting = self.root / "current.new"
        waiting.write_text(state.build.name)
        waiting.replace(self._current)
        self._touched.unlink(missing_ok=True)
        self._clean(state.build)

    def begin(self, afresh: bool = False) -> State:
        """Return the unfinished build, or a new one."""
        with self.writing():
            build = (None if afresh else self._unfinished()) or self._new_build()
            self._clean(build)
        return State(build, table.latest(build))

    def _unfinished(self) -> Path | None:
        try:
            name = self._building.read_text()
            version = (self.root / name / STAMP).read_text()
            young = time.time() - self._building.stat().st_mtime < MAX_AGE
        except OSError:
            return None
        whole = version == str(VERSION) and self._touched.exists()
        return self.root / name if whole and young and name != self._name_of_current() else None

    def _new_build(self) -> Path:
        """Make an empty build; it can be taken up from the moment on in which every write is noted."""
        self._building.unlink(missing_ok=True)
        build = self.root / f"build-{uuid4().hex[:12]}"
        build.mkdir(PRIVATE)
        (build / STAMP).write_text(str(VERSION))
        table.write(build, [], 0)
        self._touched.write_text("")
        self._building.write_text(build.name)
        return build

    def _name_of_current(self) -> str:
        try:
            return self._current.read_text().strip()
        except FileNotFoundError:
            return ""

    def _clean(self, unfinished: Path) -> None:
        """Remove builds that nobody searches nor makes."""
        for build in self.root.glob("build-*"):
            if build.name not in {self._name_of_current(), unfinished.name}:
                shutil.rmtree(build, ignore_errors=True)

    @contextmanager
    def writing(self) -> Iterator["Folder"]:
        """Be the only one who writes; waits in the kernel's queue."""
        with self._locked("write.lock"):
            yield self

    @contextmanager
    def rebuilding(self) -> Iterator["Folder"]:
        """Be the only one who rebuilds."""
        with self._locked("rebuild.lock"):
            self.root.chmod(PRIVATE)
            yield self

    def is_rebuilding(self) -> bool:
        """Say whether somebody rebuilds now."""
        if not self.root.exists():
            return False
        with self._tried("rebuild.lock") as free:
            return not free

    def note(self, ids: Collection[str]) -> None:
        """Note ids that are about to be written, for a rebuild that is not finished."""
        if self._touched.exists():
            with self._touched.open("a") as file:
                file.writelines(f"{each}\n" for each in ids)

    def touched(self) -> set[str]:
        """Return the ids that were written since the rebuild began."""
        return set(self._touched.read_text().splitlines()) if self._touched.exists() else set()

    @contextmanager
    def merging(self) -> Iterator[Path | None]:
        """Be the only one who merges; the draft of one who died goes with the next."""
        with self._tried("merge.lock") as free:
            if not free:
                yield None
                return
            draft = self.root / "draft"
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir(PRIVATE)
            yield draft
            shutil.rmtree(draft)

    def offer(self, state: State, draft: Path) -> None:
        """Do nothing: a rename is all there is to do."""

    def adopt(self, state: State, draft: Path) -> None:
        """Take the files of a merged segment into a build."""
        for path in draft.iterdir():
            path.rename(state.build / path.name)

    def mend(self) -> bool:
        """Do nothing: there is no other copy."""
        return False

    def close(self) -> None:
        """Do nothing: nothing is held."""

    @contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        self.root.mkdir(PRIVATE, parents=True, exist_ok=True)
        with (self.root / name).open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @contextmanager
    def _tried(self, name: str) -> Iterator[bool]:
        """Take a lock if it is free, and say so."""
        self.root.mkdir(PRIVATE, parents=True, exist_ok=True)
        with (self.root / name).open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True


def keep_only(build: Path, owners: Collection[str]) -> None:
    """Remove the files of a build that belong to nobody there."""
    with os.scandir(build) as entries:  # this is done with every change
        strangers = [entry for entry in entries if table.owner_of(entry.name) not in owners]
    for entry in strangers:
        if entry.is_dir():  # Whoosh makes one for drafts
            shutil.rmtree(entry.path, ignore_errors=True)
        else:
            Path(entry.path).unlink(missing_ok=True)
