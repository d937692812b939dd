"""The health of the parts, in words: what is missing says what it means and what to do."""

from collections.abc import Callable
from importlib.metadata import version
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient

from blueprints.operations.words import PARTS
from tongyan.accounts.models import Person
from tongyan.kernel import health


@pytest.fixture
def browser(cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient]) -> FlaskClient:
    return sign_in(cast.admin)


def page(browser: FlaskClient) -> str:
    answer = browser.get("/admin/health")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_every_part_has_its_words() -> None:
    assert set(PARTS) == set(health.NEEDED) | set(health.WATCHED) | set(health.OPTIONAL)


def test_version_disk_and_database_are_named(browser: FlaskClient) -> None:
    shown = page(browser)
    assert version("tongyan") in shown
    assert "磁盘：已用" in shown
    assert ("SQLite" in shown) != ("PostgreSQL" in shown)


def test_a_part_that_is_needed_and_silent_says_what_to_do(browser: FlaskClient) -> None:
    shown = page(browser)  # no beat runs in tests
    assert "请检查 beat 进程" in shown
    assert "需要处理" in shown


def test_when_all_is_well_the_page_says_so(browser: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "NEEDED", dict.fromkeys(health.NEEDED, lambda: "ok"))
    assert "一切正常" in page(browser)


def test_tools_that_are_absent_say_what_is_lost(browser: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "OPTIONAL", dict.fromkeys(health.OPTIONAL, "no-such-tool"))
    shown = page(browser)
    for words in ("LibreOffice", "bubblewrap", "ClamAV", "ffmpeg", "Tesseract", "没有安装"):
        assert words in shown


def test_scanner_that_does_not_answer_is_named_with_what_to_do(
    browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "OPTIONAL", dict.fromkeys(health.OPTIONAL, "true"))
    monkeypatch.setattr(health, "PINGS", {"virus_scan": ("/nowhere",)})
    assert "没有应答" not in page(browser)
    monkeypatch.setattr(health, "OPTIONAL", dict.fromkeys(health.OPTIONAL, "false"))
    shown = page(browser)
    assert "病毒扫描程序没有应答" in shown
    assert "没有安装" not in shown


@pytest.mark.parametrize("role", ["owner", "head", "group_head", "outsider"])
def test_for_all_but_administrators_there_is_no_such_page(
    cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient], role: str
) -> None:
    assert sign_in(getattr(cast, role)).get("/admin/health").status_code == 404
