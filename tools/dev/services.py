"""Private, throw-away PostgreSQL and Redis for the tests: own folder, own ports, gone afterwards."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from tools.dev.base import Failed

PATIENCE = 60.0  # seconds for a service to come up
FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=200", "listen_addresses=")
Command = Sequence[str | Path]


@contextmanager
def throw_away_services() -> Iterator[dict[str, str]]:
    """Run the services for the block; yields the environment that names them. A missing program is left out."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tongyan-", ignore_cleanup_errors=True)))
        folder.chmod(0o711)  # PostgreSQL's own user must reach its folder
        env = {}
        if (tools := postgres_tools()) is not None:
            env["TONGYAN_TEST_POSTGRES_URL"] = stack.enter_context(postgres(folder / "postgres", tools))
        if (server := shutil.which("redis-server")) is not None:
            env["TONGYAN_TEST_REDIS_URL"] = stack.enter_context(redis(folder / "redis", server))
        yield env


def postgres_tools() -> Path | None:
    """Return the folder with PostgreSQL's programs, the newest version first."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda place: -float(place.parent.name))
    on_path = [Path(found).resolve().parent] if (found := shutil.which("initdb")) else []
    return next((place for place in (*packaged, *on_path) if (place / "initdb").exists()), None)


@contextmanager
def postgres(folder: Path, tools: Path) -> Iterator[str]:
    """Run PostgreSQL on a unix socket; yields its SQLAlchemy address."""
    folder.mkdir(mode=0o700)
    who = _servant()
    if who:
        os.chown(folder, who["user"], who["group"])
    data, port = folder / "data", str(free_port())
    _make_cluster(data, tools, who)
    settings = [part for setting in FAST for part in ("-c", setting)]
    command: Command = [tools / "postgres", "-D", data, "-k", folder, "-p", port, *settings]
    ask: Command = [tools / "pg_isready", "-q", "-h", folder, "-p", port]
    with _running(command, who, signal.SIGQUIT, lambda: subprocess.run(ask, check=False).returncode == 0):
        yield f"postgresql+psycopg://tongyan@/postgres?host={folder}&port={port}"


def _make_cluster(data: Path, tools: Path, who: dict[str, Any]) -> None:
    command: Command = [
        tools / "initdb",
        "-D",
        data,
        "-U",
        "tongyan",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
        "--no-sync",
    ]
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False, **who)
    if done.returncode:
        raise Failed(f"initdb: {done.stderr}")


def _servant() -> dict[str, Any]:
    """Return as whom PostgreSQL runs (arguments of subprocess): it refuses to be root."""
    if os.geteuid() != 0:
        return {}
    known = {user.pw_name: user for user in pwd.getpwall()}
    user = known.get("postgres") or known["nobody"]
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@contextmanager
def redis(folder: Path, server: str) -> Iterator[str]:
    """Run Redis in memory only; yields its address."""
    folder.mkdir()
    port = free_port()
    command: Command = [
        server,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--dir",
        folder,
        "--save",
        "",
        "--appendonly",
        "no",
    ]
    with _running(command, {}, signal.SIGTERM, lambda: _listens(port)):
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def _running(command: Command, who: dict[str, Any], end: signal.Signals, ready: Callable[[], bool]) -> Iterator[None]:
    """Run one server for the block and end it whatever happens. Raises Failed when it does not come up."""
    with tempfile.TemporaryFile() as output:
        # a session of its own: Ctrl-C ends the tests first, then the server
        server = subprocess.Popen(command, cwd="/", stdout=output, stderr=output, start_new_session=True, **who)
        try:
            if not _comes_up(server, ready):
                output.seek(0)
                raise Failed(f"{Path(command[0]).name} did not start:\n{output.read().decode(errors='replace')}")
            yield
        finally:
            _finish(server, end)


def _comes_up(server: "subprocess.Popen[bytes]", ready: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        if ready():
            return True
        time.sleep(0.1)
    return False


def _finish(server: "subprocess.Popen[bytes]", end: signal.Signals) -> None:
    server.send_signal(end)
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def free_port() -> int:
    """Return a port that nothing listens on now."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
