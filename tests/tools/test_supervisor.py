"""Programs are started again when they end, end when told to, and speak into one log."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tools.dev import supervisor
from tools.dev.supervisor import LAUNCHER, Child, Log, readable, supervise

SLEEP = [sys.executable, "-c", "print('hello', flush=True); import time; time.sleep(600)"]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    log = Log(tmp_path / "log" / "tongyan.log")
    yield log
    log.close()


def run_until(children: list[Child], reached: Callable[[], bool]) -> None:
    """Supervise until something is reached."""
    stopping, deadline = threading.Event(), time.monotonic() + 20

    def look() -> None:
        if reached() or time.monotonic() > deadline:
            stopping.set()

    supervise(children, stopping, look)
    assert reached()


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").exists() and Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"


def test_a_killed_program_comes_back(log: Log, tmp_path: Path) -> None:
    child, pids = Child("web", SLEEP, os.environ, log), set()

    def kill_the_first() -> bool:
        if child.process is not None and child.process.pid not in pids:
            if not pids:
                child.process.kill()
            pids.add(child.process.pid)
        return len(pids) == 2

    run_until([child], kill_the_first)
    assert "web 意外退出 (ended with -9)" in (tmp_path / "log" / "tongyan.log").read_text()
    assert not any(alive(pid) for pid in pids)


def test_the_wait_grows_and_is_bounded(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(log, "write", lambda _name, line: said.append(line.split(";")[1].split()[0]))
    child = Child("worker", ["/bin/false"], os.environ, log)
    clock = [0.0]
    monkeypatch.setattr(supervisor.time, "monotonic", lambda: clock[0])
    while len(said) < 8:
        child.tend()
        if child.process is not None:
            child.process.wait()
        clock[0] += 0.5
    assert said == ["1", "2", "4", "8", "16", "30", "30", "30"]


def test_a_program_that_will_not_end_is_killed_with_its_children(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "GRACE", 0.3)
    stubborn = "trap '' TERM; sleep 600 & echo ready; while true; do sleep 1; done"
    child, groups = Child("worker", ["/bin/sh", "-c", stubborn], os.environ, log), []

    def started() -> bool:
        if child.process is not None and not groups:
            groups.append(child.process.pid)
        return bool(groups)

    run_until([child], started)
    time.sleep(0.2)
    left = subprocess.run(["pgrep", "-g", str(groups[0])], capture_output=True, text=True, check=False).stdout.split()
    assert not [pid for pid in left if alive(int(pid))]


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux offers this, others do not")
def test_children_end_even_when_the_supervisor_is_killed() -> None:
    script = f"import subprocess, sys; p = subprocess.Popen([sys.executable, {str(LAUNCHER)!r}, '/bin/sleep', '600'])\n"
    parent = subprocess.Popen(
        [sys.executable, "-c", script + "print(p.pid, flush=True); p.wait()"], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    time.sleep(0.5)  # the child has to become another program first
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 5
    while alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(child)


def test_every_line_says_who_wrote_it(log: Log, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    child = Child("web", SLEEP, os.environ, log)
    run_until([child], lambda: "hello" in (tmp_path / "log" / "tongyan.log").read_text())
    assert "web    │ hello" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (
            '{"event": "job_done", "level": "info", "timestamp": "2026-01-01", "kind": "ingest"}',
            "info job_done kind=ingest",
        ),
        ("Booting worker", "Booting worker"),
        ('{"cut', '{"cut'),
    ],
)
def test_structured_lines_are_shown_as_words(line: str, shown: str) -> None:
    assert readable(line) == shown


def test_a_long_log_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "LOG_LIMIT", 10)
    (tmp_path / "tongyan.log").write_text("x" * 11)
    Log(tmp_path / "tongyan.log").close()
    assert (tmp_path / "tongyan.log.1").read_text() == "x" * 11
