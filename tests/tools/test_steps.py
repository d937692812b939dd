"""A step of the set-up is done again exactly when its inputs changed or its outputs are gone."""

from pathlib import Path

import pytest

from tools.dev import base
from tools.dev.base import Failed, once, step


class Made:
    """Counts how often something was made."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_text("one")
    return path


def test_the_second_time_nothing_is_done(tmp_path: Path, source: Path) -> None:
    made = Made()
    for _ in range(2):
        once(tmp_path / "stamp", [source], made)
    assert made.times == 1


def test_a_changed_input_is_noticed(tmp_path: Path, source: Path) -> None:
    made = Made()
    once(tmp_path / "stamp", [source], made)
    source.write_text("two")
    once(tmp_path / "stamp", [source], made)
    assert made.times == 2


def test_a_lost_output_is_noticed(tmp_path: Path, source: Path) -> None:
    made = Made()
    for _ in range(2):
        once(tmp_path / "stamp", [source], made, outputs=[tmp_path / "output"])
    assert made.times == 2


def test_a_failed_step_leaves_no_stamp(tmp_path: Path, source: Path) -> None:
    def fail() -> None:
        raise Failed("no")

    once(tmp_path / "stamp", [source], Made())
    source.write_text("two")
    with pytest.raises(Failed):
        once(tmp_path / "stamp", [source], fail)
    assert not (tmp_path / "stamp").exists()


def test_a_failing_program_shows_what_it_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "SETUP_LOG", tmp_path / "setup.log")
    with pytest.raises(Failed, match="disk is full"):
        step("copy", "sh", "-c", "echo disk is full; exit 3")
    assert "disk is full" in (tmp_path / "setup.log").read_text()
