"""What every command shares: places, running programs, and steps that are done only when their inputs changed."""

import fcntl
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VAR = ROOT / ".var"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
SETUP_LOG = VAR / "log" / "setup.log"


class Failed(Exception):
    """A step failed; the message is for the person at the terminal."""


def say(text: str) -> None:
    """Print one line at once."""
    print(text, flush=True)


def step(
    title: str,
    *command: str | Path,
    cwd: Path = ROOT,
    env: Mapping[str, str] | None = None,
    progress: bool = False,
) -> str:
    """Run one program of the set-up and return its output; on the screen it is one line. Raises Failed.

    With `progress`, what the program says on standard error is for the person at the terminal.
    """
    started = time.monotonic()
    errors = None if progress else subprocess.STDOUT
    say(f"· {title} …")
    done = subprocess.run(command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=errors, check=False)
    output = done.stdout.decode(errors="replace")
    SETUP_LOG.parent.mkdir(parents=True, exist_ok=True)
    with SETUP_LOG.open("a") as log:
        log.write(f"$ {' '.join(map(str, command))}\n{output}\n")
    if done.returncode:
        raise Failed(
            f"{output[-4000:]}\n✗ {title}: {Path(command[0]).name} ended with {done.returncode}; see {SETUP_LOG}"
        )
    say(f"  {time.monotonic() - started:.1f} s")
    return output


def show(*command: str | Path, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> int:
    """Run a program on the terminal and return its exit code."""
    return subprocess.run(command, cwd=cwd, env=env, check=False).returncode


def files_under(*places: Path, without: Iterable[str] = ()) -> list[Path]:
    """List all files of some folders (or the files themselves), leaving out folders of the given names."""
    skipped = set(without)
    found = []
    for place in places:
        inside = place.rglob("*") if place.is_dir() else [place]
        found += [path for path in inside if path.is_file() and not skipped.intersection(path.relative_to(ROOT).parts)]
    return sorted(found)


def fingerprint(inputs: Iterable[Path], salt: str = "") -> str:
    """Hash the names and contents of files."""
    digest = hashlib.sha256(f"{salt}\0{ROOT}\0{sys.version}".encode())
    for path in inputs:
        digest.update(f"\0{path}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def once(stamp: Path, inputs: Iterable[Path], action: Callable[[], object], outputs: Iterable[Path] = ()) -> None:
    """Act unless the stamp says that it was done for exactly these inputs, and the outputs are still there.

    The stamp best lies inside what is made, so that both vanish together; it is written after the action succeeded.
    """
    digest = fingerprint(inputs)
    if stamp.is_file() and stamp.read_text() == digest and all(path.exists() for path in outputs):
        return
    stamp.unlink(missing_ok=True)
    action()
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(digest)


@contextmanager
def alone() -> Iterator[None]:
    """Let one `./dev` at a time prepare this checkout; a second one waits."""
    VAR.mkdir(exist_ok=True)
    with (VAR / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def flask(*args: str, title: str, env: Mapping[str, str] | None = None, progress: bool = False) -> str:
    """Run one of the product's own commands and return its output. Raises Failed."""
    return step(title, PYTHON, "-m", "flask", "--app", "wsgi", *args, env=env or os.environ, progress=progress)
