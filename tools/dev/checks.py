"""`./dev check` and `./dev test`: everything that must hold before a change is taken."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence

from tools.dev import frontend, install
from tools.dev.base import PYTHON, alone, say, show
from tools.dev.services import throw_away_services

PYTHON_PLACES = (
    "platform/tongyan",
    "blueprints",
    "search_index",
    "wsgi.py",
    "tests",
    "tools",
    "bench",
    "deploy",
    "dev",
)
TEMPLATES = "blueprints"


def _module(*command: str) -> Callable[[], int]:
    return lambda: show(PYTHON, "-m", *command)


def _program(name: str, *arguments: str) -> Callable[[], int]:
    return lambda: show(PYTHON.parent / name, *arguments)


def _migrations_match() -> int:
    """Compare models and migrations on a fresh database."""
    with tempfile.TemporaryDirectory(prefix="tongyan-") as folder:
        env = {**os.environ, "TONGYAN_DATA_DIR": folder, "TONGYAN_DATABASE_URL": ""}
        for command in ("upgrade", "check"):
            flask = (PYTHON, "-m", "flask", "--app", "wsgi", "db", command)
            done = subprocess.run(flask, env=env, capture_output=True, text=True, check=False)
            if done.returncode:
                say((done.stderr.splitlines() or [f"db {command}: exit {done.returncode}"])[-1])
                return done.returncode
    return 0


CHECKS: dict[str, Callable[[], int]] = {
    "ruff": _module("ruff", "check", *PYTHON_PLACES),
    "ruff format": _module("ruff", "format", "--check", *PYTHON_PLACES),
    "mypy": _module("mypy"),
    "import-linter": _program("lint-imports"),
    "djlint": _program("djlint", "--lint", "--quiet", TEMPLATES),
    "djlint format": _program("djlint", "--check", TEMPLATES),
    "codespell": _program("codespell"),
    "front end (tsc, eslint)": lambda: frontend.npm("check"),
    "migrations": _migrations_match,
}


def check(names: Sequence[str]) -> int:
    """Run all checks, or those whose name begins with a word given, and list what failed."""
    prepare(build=False)
    chosen = [name for name in CHECKS if not names or any(name.startswith(word) for word in names)]
    failed = []
    for name in chosen:
        say(f"── {name}")
        if CHECKS[name]():
            failed.append(name)
    say(f"✗ {', '.join(failed)}" if failed else f"✓ {len(chosen)} checks")
    return 1 if failed else 0


def tidy(_arguments: Sequence[str]) -> int:
    """Put code and templates into the form that the checks expect."""
    prepare(build=False)
    done = (
        show(PYTHON, "-m", "ruff", "check", "--fix", *PYTHON_PLACES),
        show(PYTHON, "-m", "ruff", "format", *PYTHON_PLACES),
        show(PYTHON.parent / "djlint", "--reformat", "--quiet", TEMPLATES),
    )
    return 1 if done[0] else 0  # djLint answers 1 whenever it changed something


def test(arguments: Sequence[str]) -> int:
    """Run all tests; with arguments for pytest, only those, without front end and coverage."""
    install.system_packages()
    prepare(build=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the services must be ended in any case
    if not arguments and frontend.npm("test"):
        return 1
    with throw_away_services() as places:
        return _pytest(arguments or ["--cov", "--cov-report=term:skip-covered"], {**os.environ, **places})


def _pytest(arguments: Sequence[str], env: dict[str, str]) -> int:
    spread = [] if {"-n", "--pdb", "-x"}.intersection(arguments) else ["-n", "2", "--dist", "loadgroup"]
    return show(PYTHON, "-m", "pytest", *spread, *arguments, env=env)


def bench(names: Sequence[str]) -> int:
    """Measure against peers, all of it or the named parts."""
    prepare(build=True)
    with alone():
        install.peers()
    with throw_away_services() as places:
        return show(PYTHON, "-m", "bench", *names, env={**os.environ, **places})


def prepare(*, build: bool) -> None:
    """Install what the checks need; build what the tests load."""
    with alone():
        install.python_packages(*install.TESTS)
        if build:
            frontend.build()
        frontend.translations()
