"""The throw-away services are real, private and gone afterwards."""

import os
import shutil
from pathlib import Path

import pytest
import redis as redis_client
import sqlalchemy as sa

from tools.dev import install, services
from tools.dev.base import Failed

needs_both = pytest.mark.skipif(
    not os.environ.get("CI") and not (services.postgres_tools() and shutil.which("redis-server")),
    reason="needs PostgreSQL and Redis: run ./dev test",
)


@needs_both
def test_both_services_answer_and_end() -> None:
    with services.throw_away_services() as env:
        engine = sa.create_engine(env["TONGYAN_TEST_POSTGRES_URL"])
        with engine.connect() as connection:
            assert connection.scalar(sa.text("select '山行'")) == "山行"
        engine.dispose()
        client = redis_client.Redis.from_url(env["TONGYAN_TEST_REDIS_URL"])
        assert client.ping()
        client.close()
        folder = Path(sa.make_url(env["TONGYAN_TEST_POSTGRES_URL"]).query["host"])
    assert not folder.exists()
    with pytest.raises(redis_client.ConnectionError):
        redis_client.Redis.from_url(env["TONGYAN_TEST_REDIS_URL"]).ping()


@needs_both
def test_the_services_end_when_the_tests_are_interrupted() -> None:
    address = ""
    with pytest.raises(KeyboardInterrupt), services.throw_away_services() as env:
        address = env["TONGYAN_TEST_REDIS_URL"]
        raise KeyboardInterrupt
    with pytest.raises(redis_client.ConnectionError):
        redis_client.Redis.from_url(address).ping()


def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    server = tmp_path / "broken"
    server.write_text("#!/bin/sh\necho no memory left; exit 1\n")
    server.chmod(0o755)
    with pytest.raises(Failed, match="no memory left"), services.redis(tmp_path / "redis", str(server)):
        pytest.fail("it did not start, so nothing may run")


def test_ci_fails_rather_than_skip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "missing_programs", lambda: ["chromium"])
    monkeypatch.setattr(install, "apt_possible", lambda: False)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(Failed, match="sudo apt-get install chromium"):
        install.system_packages()


def test_elsewhere_the_command_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(install, "missing_programs", lambda: ["chromium", "bubblewrap"])
    monkeypatch.setattr(install, "apt_possible", lambda: False)
    monkeypatch.delenv("CI", raising=False)
    install.system_packages()
    assert "sudo apt-get install chromium bubblewrap" in capsys.readouterr().out


def test_root_on_debian_gets_them_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr(install, "missing_programs", lambda: ["chromium"])
    monkeypatch.setattr(install, "apt_possible", lambda: True)
    monkeypatch.setattr(install, "step", lambda _title, *command, **_: asked.append(command))
    install.system_packages()
    assert asked[-1][-1] == "chromium"
