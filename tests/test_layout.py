"""The shape of the tree: what would break quietly, or grow quietly, is refused here."""

import platform
import re
import subprocess
import sysconfig
import tomllib
from pathlib import Path

import pytest

from tools.dev.upkeep import PINS

ROOT = Path(__file__).resolve().parents[1]
LONGEST = 400
CODE = {".py", ".ts", ".html"}
# addresses of package registries and mirrors, and homes or workplaces of single machines: put together here, so that
# this file does not name them itself
HOSTS = re.compile(
    "|".join(["pypi" + r"\.org", "pythonhosted" + r"\.org", "registry" + r"\.npmjs", "npmmirror" + r"\.com"])
)
OPTIONS = re.compile("--(?:extra-)?" + "index-url|--find" + "-links")
MACHINE = re.compile(r"(?<![\w.])/(?:root|work|home/\w+|Users/\w+|opt/(?:pypi|wheels))\b")


def tracked() -> list[Path]:
    """List the files that are, or would be, committed."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()  # noqa: S603 # our own command
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def texts(suffixes: set[str] | None = None) -> list[tuple[Path, str]]:
    """Read the tracked text files, all or those of some kinds."""
    chosen = [path for path in tracked() if suffixes is None or path.suffix in suffixes]
    return [(path.relative_to(ROOT), path.read_text()) for path in chosen if b"\0" not in path.read_bytes()[:8000]]


def test_pythons_own_platform_module_is_not_shadowed() -> None:
    assert platform.__file__ is not None
    assert Path(platform.__file__).parent == Path(sysconfig.get_path("stdlib"))
    inside = {entry.name for entry in (ROOT / "platform").iterdir()} - {"__pycache__"}
    assert inside == {"tongyan"}


def test_wsgi_is_imported_by_no_one() -> None:
    importers = [str(path) for path, text in texts({".py"}) if re.search(r"^\s*(?:import|from) wsgi\b", text, re.M)]
    assert importers == []


def test_only_the_kernel_commits() -> None:
    places = ("platform/", "blueprints/", "search_index/")
    allowed = {"platform/tongyan/kernel/db.py"}
    found = [
        str(path)
        for path, text in texts({".py"})
        if str(path).startswith(places) and re.search(r"(?:session|transaction)\.(?:commit|rollback)\(", text)
    ]
    assert set(found) <= allowed


def test_no_file_grows_beyond_what_can_be_read() -> None:
    long = {
        str(path): lines
        for path, text in texts(CODE)
        if (lines := text.count("\n")) > LONGEST and "migrations/versions" not in str(path)
    }
    assert long == {}


@pytest.mark.parametrize("pattern", [HOSTS, OPTIONS, MACHINE], ids=["hosts", "options", "machine"])
def test_no_file_names_a_registry_or_a_machine(pattern: re.Pattern[str]) -> None:
    named = {str(path): found[0] for path, text in texts() if (found := pattern.search(text))}
    assert named == {}


def test_every_requirement_has_a_hash() -> None:
    for path in PINS:
        entries = re.split(r"\n(?=\S)", (ROOT / path).read_text())
        bare = [entry.split()[0] for entry in entries if re.match(r"\w", entry) and "--hash=sha256:" not in entry]
        assert bare == [], path


def test_every_feature_stands_on_a_floor() -> None:
    floors, feature, blueprints = (
        contracts("floors")["layers"],
        contracts("feature"),
        contracts("blueprints")["modules"],
    )
    features = {f"tongyan.{path.parent.name}" for path in (ROOT / "platform" / "tongyan").glob("*/__init__.py")}
    edges = {f"blueprints.{path.parent.name}" for path in (ROOT / "blueprints").glob("*/__init__.py")}
    assert features - {"tongyan.kernel", "tongyan.migrations"} == set(feature["containers"])
    assert features - {"tongyan.migrations"} <= set(floors)
    assert edges - {"blueprints.common"} == set(blueprints)


def contracts(name: str) -> dict[str, list[str]]:
    """Return one contract of import-linter."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    found: dict[str, list[str]] = next(contract for contract in settings if contract["id"] == name)
    return found


def test_ci_begins_with_the_guard() -> None:
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    assert lines[1].startswith("test ! -e platform/__init__.py")
