"""`./dev run`: prepare what changed, then serve web, worker and beat until Ctrl-C."""

import argparse
import errno
import json
import os
import signal
import socket
import sqlite3
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tools.dev import frontend, install
from tools.dev.base import PYTHON, ROOT, Failed, alone, files_under, fingerprint, flask, say
from tools.dev.supervisor import Child, Log, supervise

CORE = ROOT / "platform" / "tongyan"
SCHEMA = (CORE / "migrations", CORE / "curriculum" / "seed.json", CORE / "curriculum" / "validity.json")
EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104 # compared with, not bound to


@dataclass(frozen=True)
class Plan:
    """Where to serve, and in which environment."""

    host: str
    port: int
    data: Path
    env: dict[str, str]


def main(argv: Sequence[str]) -> int:
    """Run the product on this machine. Raises Failed."""
    started = time.monotonic()
    plan = make_plan(argv)
    refuse_taken_port(plan.host, plan.port)
    with alone():
        install.python_packages()
        frontend.build()
        frontend.translations()
        migrate(plan.data, plan.env)
        accounts = demo(plan.data, plan.env)
    serve(plan, accounts, started)
    return 0


def make_plan(argv: Sequence[str]) -> Plan:
    """Read the command line, and fill the environment where nothing was set."""
    parser = argparse.ArgumentParser(prog="./dev run", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--data", help="data folder (default: TONGYAN_DATA_DIR, else .var)")
    options = parser.parse_args(argv)
    data = Path(options.data or os.environ.get("TONGYAN_DATA_DIR") or ROOT / ".var").resolve()
    return Plan(options.host, options.port, data, _environment(options.host, options.port, data))


def _environment(host: str, port: int, data: Path) -> dict[str, str]:
    """Return ours under theirs: this is the demo on plain HTTP, reached under any name of this machine."""
    names = ["127.0.0.1", "localhost", *_own_names(host)]
    defaults = {
        "TONGYAN_DEMO": "true",
        "TONGYAN_ALLOW_INSECURE_HTTP": "true",
        "TONGYAN_PUBLIC_URL": f"http://{names[-1] if host in EVERYWHERE else host}:{port}",
        "TONGYAN_TRUSTED_HOSTS": json.dumps(names),
    }
    own = {"TONGYAN_DATA_DIR": str(data), "PYTHONUNBUFFERED": "1", "GEVENT_TRACK_GREENLET_TREE": "0"}
    return {**defaults, **os.environ, **own}


def _own_names(host: str) -> list[str]:
    """Return the names and addresses under which other machines reach this one."""
    if host not in EVERYWHERE:
        return [host]
    try:
        return [socket.gethostname(), *socket.gethostbyname_ex(socket.gethostname())[2]]
    except OSError:
        return []


def refuse_taken_port(host: str, port: int) -> None:
    """Say early that something else listens there. Raises Failed."""
    with closing(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise Failed(f"cannot listen on {host}:{port}: {error.strerror}") from error
            raise Failed(f"端口 {port} 已被占用 (port in use); try: ./dev run --port {port + 1}") from None


def migrate(data: Path, env: dict[str, str]) -> None:
    """Bring the database to the newest schema and curriculum; skipped when the database itself says it is there."""
    stamp = data / "migrated"
    wanted = fingerprint(files_under(*SCHEMA, without=["__pycache__"]))
    embedded = not env.get("TONGYAN_DATABASE_URL")
    if embedded and stamp.is_file() and stamp.read_text().split() == [wanted, revision(data / "tongyan.db")]:
        return
    data.mkdir(parents=True, exist_ok=True)
    flask("db", "upgrade", title="更新数据库结构和教材目录", env=env)
    stamp.write_text(f"{wanted} {revision(data / 'tongyan.db')}")


def revision(database: Path) -> str:
    """Return the schema version an SQLite file says it has, "none" when it has none."""
    if not database.is_file():
        return "none"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        try:
            row = connection.execute("select version_num from alembic_version").fetchone()
        except sqlite3.Error:
            row = None
    return row[0] if row else "none"


def demo(data: Path, env: dict[str, str]) -> list[str]:
    """Load the demo group on the first start; return the lines that name its accounts."""
    if env["TONGYAN_DEMO"].lower() not in {"true", "1"}:
        return []
    kept = data / "demo.txt"
    if not kept.is_file():
        title = "载入演示集团，约一分钟 (loading the demo)"
        kept.write_text(flask("demo", "load", title=title, env=env, progress=True))
    return [line for line in kept.read_text().splitlines() if line.strip() and not line.startswith("{")]


def programs(host: str, port: int) -> dict[str, list[str | Path]]:
    """Return the three programs of the product; `deploy/` starts the same ones."""
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]  # workers need not know one another
    celery: list[str | Path] = [PYTHON, "-m", "celery", "-q", "-A", "wsgi.celery"]
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return {
        "web": [PYTHON, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "-b", where, "wsgi:app"],
        "worker": [*celery, "worker", "-l", "WARNING", "-c", "2", *quiet],
        "beat": [*celery, "beat", "-l", "WARNING", "--pidfile="],
    }


def serve(plan: Plan, accounts: Sequence[str], started: float) -> None:
    """Keep the programs running until a signal comes; greet when the first page can be had."""
    log = Log(plan.data / "log" / "tongyan.log")
    children = [Child(name, command, plan.env, log) for name, command in programs(plan.host, plan.port).items()]
    stopping = threading.Event()

    def stop(*_: object) -> None:
        if not stopping.is_set():
            say("正在停止，请稍候几秒 (stopping) …")
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    supervise(children, stopping, greeter(plan, accounts, started, log))
    log.write("dev", "已停止 (stopped)")
    log.close()


def greeter(plan: Plan, accounts: Sequence[str], started: float, log: Log) -> Callable[[], None]:
    """Return what says once, when the first page can be had, where it is and who may sign in."""
    probe = f"http://{'127.0.0.1' if plan.host in EVERYWHERE else plan.host}:{plan.port}/livez"
    greeted = False

    def greet() -> None:
        nonlocal greeted
        if greeted or not answers(probe):
            return
        greeted = True
        ready = f"同研已就绪 (ready in {time.monotonic() - started:.1f} s): {plan.env['TONGYAN_PUBLIC_URL']}"
        for line in ("", ready, *accounts, "按 Ctrl-C 停止 (stop with Ctrl-C)", ""):
            log.write("dev", line)

    return greet


def answers(url: str) -> bool:
    """Say whether a server answers there, whatever it answers."""
    try:
        with urllib.request.urlopen(url, timeout=2):  # noqa: S310 # our own address
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
