"""Running programs on untrusted bytes: no network, no files but those named, limits, and death with the whole group.

bubblewrap is the sandbox; where it may not run, `unshare` at least takes the network and the process tree away.
Without either, our own parsers still run (in a child with limits), but no converter is started.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import tongyan
from tongyan.kernel.files import scratch_dir
from tongyan.library.ingest.refusal import Refused

WALL_SECONDS = 60
MEMORY = 2 << 30
FILE_SIZE = 400 << 20
PULSE = 20.0  # seconds between two signs of life of long work
SIGNALLED = 128  # exit codes from here on mean that a signal ended the program
CODE = Path(tongyan.__file__).parents[1]
OFFICE = sorted(map(str, Path("/opt").glob("libreoffice*")))  # where its own packages put it; /opt holds us, too
SYSTEM = ("/usr", *OFFICE, "/etc/fonts", "/etc/libreoffice", "/etc/ld.so.cache", "/etc/alternatives")


def run_child(command: str, path: Path, *, folder: Path | None = None, **arguments: Any) -> dict[str, Any]:
    """Run one command of `child` on a file and return its answer.

    Raises Refused, also when the file makes the child die, and OSError when the child cannot even start.
    """
    arguments["path"] = str(path)
    if folder is not None:
        arguments["folder"] = str(folder)
    argv = [sys.executable, "-m", "tongyan.library.ingest.child", command, json.dumps(arguments)]
    python = (sys.prefix, sys.base_prefix, str(CODE))
    ended = run(confine(argv, reads=[*python, str(path)], writes=[str(folder)] if folder else []))
    if not ended.output and 0 < ended.code < SIGNALLED:
        raise OSError(f"the child did not start: {ended.code}")  # an installation that is broken refuses no file
    try:
        answer: dict[str, Any] = json.loads(ended.output)
    except ValueError as error:
        raise Refused("file.too_complex") from error
    if "refused" in answer:
        raise Refused(answer["refused"])
    return answer


def confine(argv: Sequence[str], reads: Sequence[str], writes: Sequence[str]) -> list[str]:
    """Return the command that runs `argv` as nobody, with the best sandbox there is."""
    if which_sandbox() == "bwrap":
        return [*_bwrap(reads, writes), *argv]
    if which_sandbox() == "unshare":
        return [*UNSHARE, *argv]
    return list(argv)


UNSHARE = ("unshare", "--net", "--pid", "--fork", "--kill-child")


def _bwrap(reads: Sequence[str], writes: Sequence[str]) -> list[str]:
    binds = [("--ro-bind-try", path) for path in (*SYSTEM, *reads)] + [("--bind", path) for path in writes]
    links = [part for name in ("bin", "lib", "lib64", "sbin") for part in ("--symlink", f"usr/{name}", f"/{name}")]
    return [
        "bwrap",
        *("--unshare-all", "--unshare-user", "--uid", "65534", "--gid", "65534"),
        *("--die-with-parent", "--new-session", "--clearenv"),
        *("--setenv", "PATH", "/usr/bin:/bin", "--setenv", "LANG", "C.UTF-8"),
        *("--setenv", "HOME", "/tmp"),  # noqa: S108 # a tmpfs of the sandbox own
        *("--setenv", "PYTHONPATH", str(CODE)),
        *links,
        *("--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"),  # noqa: S108 # as above
        *(part for flag, path in binds for part in (flag, path, path)),
    ]


@cache
def which_sandbox() -> str:
    """Return "bwrap", "unshare" or "" (asked once per process)."""
    for name, argv in (("bwrap", [*_bwrap([], []), "true"]), ("unshare", [*UNSHARE, "true"])):
        if shutil.which(argv[0]) and _succeeds(argv):
            return name
    return ""


def _succeeds(argv: Sequence[str]) -> bool:
    return subprocess.run(argv, capture_output=True, check=False, timeout=10).returncode == 0  # noqa: S603 # fixed words


def limited(argv: Sequence[str], cpu: int = WALL_SECONDS) -> list[str]:
    """Return the command that runs `argv` within limits of its own (for programs that do not limit themselves)."""
    limits = (f"--as={MEMORY}", f"--cpu={cpu}", f"--fsize={FILE_SIZE}", "--core=0", "--nofile=1024")
    return ["prlimit", *limits, *argv]


class Ended(NamedTuple):
    """What a program said, and how it ended (negative: by a signal)."""

    output: bytes
    code: int


def run(argv: Sequence[str], seconds: float = WALL_SECONDS, alive: Callable[[], None] = lambda: None) -> Ended:
    """Run a command to its end, saying again and again that it is alive; raises Refused when it takes too long."""
    process = subprocess.Popen(  # noqa: S603 # the words are ours; file names of users are never among them
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LANG": "C.UTF-8", "PYTHONPATH": str(CODE)},
    )
    try:
        output = _listen(process, time.monotonic() + seconds, alive)
    finally:
        _kill_group(process)
    return Ended(output, process.returncode)


def _listen(process: subprocess.Popen[bytes], deadline: float, alive: Callable[[], None]) -> bytes:
    while (left := deadline - time.monotonic()) > 0:
        with suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=min(left, PULSE))[0]
        alive()
    raise Refused("file.too_slow")


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout:
        process.stdout.close()


@contextmanager
def workspace() -> Iterator[Path]:
    """Give an empty folder, removed at the end."""
    with tempfile.TemporaryDirectory(dir=scratch_dir(), prefix="ingest-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
