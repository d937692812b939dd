"""The folder of an index on disk: which build is current, its version, who writes, what a rebuild must look at again.

<root>/current      the name of the build that is searched
<root>/<build>/     Whoosh's files and the version stamp
<root>/touched      ids written while a rebuild runs, one a line
"""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from whoosh.index import TOC

from search_index.engine import IndexUnusable
from search_index.whoosh_engine.schema import SCHEMA, VERSION
from search_index.whoosh_engine.segment import Storage
from search_index.whoosh_engine.writer import INDEX_NAME

STAMP = "version"
PRIVATE = 0o700  # Whoosh's files are pickles: whoever writes here makes us run what they like


class Folder:
    """Paths and locks; the kernel frees a lock when its process dies."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._current = root / "current"
        self._touched = root / "touched"

    def current(self) -> Path:
        """Return the build that is searched; raises IndexUnusable."""
        try:
            build = self.root / self._current.read_text().strip()
            version = (build / STAMP).read_text()
        except OSError as missing:
            raise IndexUnusable("missing") from missing
        if version != str(VERSION):
            raise IndexUnusable("version")
        return build

    def new_build(self) -> Path:
        """Make an empty build, which nobody searches yet."""
        build = self.root / f"build-{uuid4().hex[:12]}"
        build.mkdir(PRIVATE)
        (build / STAMP).write_text(str(VERSION))
        TOC.create(Storage(str(build)), SCHEMA, INDEX_NAME)
        return build

    def swap(self, build: Path) -> None:
        """Make a build the current one, at one stroke, and end the rebuild."""
        waiting = self.root / "current.new"
        waiting.write_text(build.name)
        waiting.replace(self._current)
        self._touched.unlink(missing_ok=True)
        self.clean()

    def clean(self) -> None:
        """Remove builds that nobody searches."""
        current = self._current.read_text().strip() if self._current.exists() else ""
        for build in self.root.glob("build-*"):
            if build.name != current:
                shutil.rmtree(build, ignore_errors=True)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the only one who writes; waits in the kernel's queue."""
        with self._locked("write.lock"):
            yield

    @contextmanager
    def rebuilding(self) -> Iterator[None]:
        """Be the only one who rebuilds; from now on every written id is noted."""
        with self._locked("rebuild.lock"):
            self.root.chmod(PRIVATE)
            self.clean()
            with self.writing():
                self._touched.write_text("")
            yield

    def is_rebuilding(self) -> bool:
        """Say whether somebody rebuilds now."""
        if not self.root.exists():
            return False
        with (self.root / "rebuild.lock").open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def note(self, ids: Iterator[str] | list[str]) -> None:
        """Note written ids for a rebuild under way."""
        if self._touched.exists():
            with self._touched.open("a") as file:
                file.writelines(f"{each}\n" for each in ids)

    def touched(self) -> set[str]:
        """Return the ids that were written since the rebuild began."""
        return set(self._touched.read_text().splitlines()) if self._touched.exists() else set()

    @contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        self.root.mkdir(PRIVATE, parents=True, exist_ok=True)
        with (self.root / name).open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
