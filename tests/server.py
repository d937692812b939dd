"""The product as it really runs: web, worker and beat as processes of their own, for browser and fault tests."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
START_SECONDS = 60


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """Web, worker and beat on a data directory of their own; every process can be killed and started again."""

    def __init__(self, data_dir: Path, database: str, **settings: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.data_dir = data_dir
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._log: IO[bytes] = (data_dir / "server.log").open("ab")
        self.env = {key: value for key, value in os.environ.items() if not key.startswith("TONGYAN_")} | {
            "TONGYAN_DATA_DIR": str(data_dir),
            "TONGYAN_DATABASE_URL": database,
            "TONGYAN_PUBLIC_URL": self.url,
            "TONGYAN_ALLOW_INSECURE_HTTP": "true",
            "TONGYAN_SECRET_KEY": "test-secret-that-is-long-enough-for-the-rule",
            "GEVENT_TRACK_GREENLET_TREE": "0",
            **{f"TONGYAN_{name}": value for name, value in settings.items()},
        }

    def commands(self) -> dict[str, list[str]]:
        """Return the command of each process."""
        celery = [str(BIN / "celery"), "-A", "wsgi.celery"]
        return {
            "web": [str(BIN / "gunicorn"), "-c", "deploy/gunicorn.conf.py", "-b", f"127.0.0.1:{self.port}", "wsgi:app"],
            "worker": [*celery, "worker", "--concurrency", "2", "--loglevel", "INFO"],
            "beat": [*celery, "beat", "--loglevel", "WARNING"],
        }

    def flask(self, *arguments: str) -> str:
        """Run a command of the application and return what it printed."""
        command = [str(BIN / "flask"), "--app", "wsgi", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True, check=True, timeout=300)  # noqa: S603
        return done.stdout

    def start(self, *names: str) -> None:
        """Start the named processes (all of them without a name) and wait until the web answers."""
        for name in names or tuple(self.commands()):
            self._processes[name] = subprocess.Popen(  # noqa: S603 # our own commands
                self.commands()[name],
                cwd=ROOT,
                env=self.env,
                stdout=self._log,
                stderr=self._log,
                start_new_session=True,
            )
        if "web" in self._processes:
            self.wait()

    def wait(self) -> None:
        """Wait until the web process answers."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.url}/livez", timeout=2):  # noqa: S310 # loopback
                    return
            except OSError:
                time.sleep(0.1)
        raise TimeoutError(self.log())

    def kill(self, name: str) -> None:
        """Kill a process and its children at once, as a power cut would."""
        process = self._processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    def stop(self) -> None:
        """Stop everything; nobody waits for an orderly end here."""
        for name in tuple(self._processes):
            self.kill(name)
        self._log.close()

    def log(self) -> str:
        """Return the end of what the processes said."""
        return (self.data_dir / "server.log").read_text(errors="replace")[-4000:]
