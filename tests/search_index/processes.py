"""Processes that write to an index until they are killed; they are forked from one that has imported everything."""

import os
import signal
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path
from types import TracebackType

from search_index import Document, Engine
from search_index.postgres_engine import shared
from search_index.whoosh_engine import folder, rebuilding
from tests.search_index.opening import document, open_index

ROOT = Path(__file__).parents[2]


class Forker:
    """Forks processes that work on the same index (arguments of `open_index`) and say what they have done."""

    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "tests.search_index.processes", *arguments]
        self._process = subprocess.Popen(  # noqa: S603 # our own code
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> "Forker":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.__exit__(kind, error, at)  # the end of its input ends it

    def fork(self, work: str, name: str = "", times: int = 10_000) -> "Forked":
        """Start a process; only one can be read at a time."""
        assert self._process.stdin
        assert self._process.stdout
        print(work, name, times, file=self._process.stdin, flush=True)
        return Forked(int(self._process.stdout.readline()), self._process.stdout.readline)


class Forked:
    """One of the processes."""

    def __init__(self, process_id: int, readline: object) -> None:
        self._id, self._readline = process_id, readline

    def line(self) -> str:
        """Return the next thing it says."""
        return str(self._readline()).strip()  # type: ignore[operator] # a bound method

    def kill(self) -> list[str]:
        """Kill it as a power cut would; returns what else it had said."""
        os.kill(self._id, signal.SIGKILL)
        return self.rest()

    def rest(self) -> list[str]:
        """Wait for its end; returns what else it has said."""
        return list(iter(self.line, "over"))


def put(engine: Engine, name: str, times: int) -> None:
    """Write batches of four, and say which are committed."""
    for number in range(times):
        engine.put([document(f"{name}-{number}-{part}", "山行") for part in range(4)])
        print(number, flush=True)


def rebuild(engine: Engine, _name: str, _times: int) -> None:
    """Rebuild in pieces of two documents, and say how far it is."""
    rebuilding.BATCH_POSTINGS, rebuilding.PIECE = 1, 2

    def load(ids: Collection[str]) -> list[Document]:
        return [document(each.partition(":")[2], "山行") for each in ids]

    engine.rebuild([f"page:{number}" for number in range(40)], load, lambda done: print(done, flush=True))


def merge(engine: Engine, _name: str, _times: int) -> None:
    """Merge, say so in the midst of it, and go on for ever."""

    def after_adopting(*_: object) -> None:
        print("merging", flush=True)
        signal.pause()

    for kind in (folder.Folder, shared.Work):
        kind.commit = after_adopting  # type: ignore[assignment, method-assign] # nobody else lives in this process
    engine.merge()


def main() -> None:
    """Fork what is asked for, one after the other."""
    works = {"put": put, "rebuild": rebuild, "merge": merge, "inherited": put}
    for line in sys.stdin:
        work, name, times = line.rstrip("\n").split(" ")
        engine = open_index(*sys.argv[1:])
        if work == "inherited":  # an engine that was used before the fork
            times = "1"
            engine.count()
        process_id = os.fork()
        if process_id == 0:
            print(os.getpid(), flush=True)
            works[work](engine, name, int(times))
            sys.exit(0)
        os.waitpid(process_id, 0)
        for _ in range(2 * (work == "inherited")):
            engine.count()
            print("parent", flush=True)
        print("over", flush=True)


if __name__ == "__main__":
    main()
