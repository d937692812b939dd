"""Keep a few programs running and merge what they print into one log."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

LONGEST_WAIT = 30.0  # seconds between two tries
STEADY = 60.0  # seconds after which a program counts as running well
GRACE = 10.0  # seconds to end by itself
LAUNCHER = Path(__file__).with_name("child.py")
LOG_LIMIT = 20 * 1024 * 1024  # bytes
COLOURS = {"web": 36, "worker": 33, "beat": 35, "dev": 32}


class Log:
    """One readable log: every line says who wrote it; kept in a file as well."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > LOG_LIMIT:
            path.replace(path.with_suffix(".log.1"))
        self._file = path.open("a", encoding="utf-8")
        self._lock = threading.Lock()

    def write(self, name: str, line: str) -> None:
        """Add one line."""
        label = f"{name:<6}"
        if sys.stdout.isatty():
            label = f"\033[{COLOURS.get(name, 37)}m{label}\033[0m"
        with self._lock:
            for text in readable(line).splitlines() or [""]:
                print(f"{label} │ {text}", flush=True)
            self._file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {name:<6} {line}\n")
            self._file.flush()

    def follow(self, name: str, stream: IO[bytes]) -> None:
        """Copy a program's output until it ends."""
        with stream:
            for line in stream:
                self.write(name, line.decode(errors="replace").rstrip())

    def close(self) -> None:
        """Close the file; nothing may be written afterwards."""
        self._file.close()


def readable(line: str) -> str:
    """Turn a JSON log line into words; any other line stays as it is."""
    if not line.startswith("{"):
        return line
    try:
        fields = json.loads(line)
    except ValueError:
        return line
    head = [str(fields.pop(key, "")) for key in ("level", "event")]
    fields.pop("timestamp", None)
    return " ".join([*head, *(f"{key}={value}" for key, value in fields.items())]).strip()


class Child:
    """One program that is started again when it ends, after a wait that doubles each time."""

    def __init__(self, name: str, command: Sequence[str | Path], env: Mapping[str, str], log: Log) -> None:
        self.name, self._command, self._env, self._log = name, command, env, log
        self.process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._started = self._due = 0.0
        self._failures = 0

    def start(self) -> None:
        """Start the program in a process group of its own (Ctrl-C must reach only the supervisor)."""
        command = [sys.executable, "-I", "-S", LAUNCHER, *self._command]
        self.process = subprocess.Popen(
            command, env=self._env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
        )
        self._started = time.monotonic()
        self._reader = threading.Thread(target=self._log.follow, args=(self.name, self.process.stdout), daemon=True)
        self._reader.start()

    def tend(self) -> None:
        """Start it, or start it again when its time has come."""
        if self.process is not None and self.process.poll() is not None:
            self._note_end(self.process.pid, self.process.returncode)
        if self.process is None and time.monotonic() >= self._due:
            self.start()

    def _note_end(self, pid: int, code: int) -> None:
        kill_group(pid)  # a server's orphans would hold its port
        ran = time.monotonic() - self._started
        self._failures = 1 if ran > STEADY else self._failures + 1
        wait = min(LONGEST_WAIT, 0.5 * 2**self._failures)
        self._log.write("dev", f"{self.name} 意外退出 (ended with {code}); {wait:.0f} 秒后重新启动 (restarting)")
        self.process, self._due = None, time.monotonic() + wait

    def ask_to_end(self) -> None:
        """Ask the program to finish what it is doing and end."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def end(self, deadline: float) -> None:
        """Wait until the deadline (monotonic seconds), then kill it with all it started."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._log.write("dev", f"{self.name} 未按时结束，强制终止 (killed)")
        kill_group(self.process.pid)
        self.process.wait()
        if self._reader is not None:
            self._reader.join(1)


def kill_group(pid: int) -> None:
    """Kill a program and whatever it started; what is gone already is no error."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def supervise(children: Sequence[Child], stopping: threading.Event, each_round: Callable[[], object]) -> None:
    """Tend the programs until told to stop, then end them all."""
    try:
        while not stopping.wait(0.1):
            for child in children:
                child.tend()
            each_round()
    finally:
        for child in children:
            child.ask_to_end()
        deadline = time.monotonic() + GRACE
        for child in children:
            child.end(deadline)
