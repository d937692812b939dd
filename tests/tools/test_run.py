"""What `./dev run` decides before it serves."""

import json
import os
import socket
import sqlite3
from pathlib import Path

import pytest

from tongyan.config import SETTINGS
from tools.dev import run
from tools.dev.base import Failed
from tools.dev.cli import COMMANDS, main


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("TONGYAN_")]:
        monkeypatch.delenv(name)


class Commands:
    """Stands for the product's own commands; writes down what was asked."""

    def __init__(self, database: Path, version: str) -> None:
        self.asked: list[str] = []
        self._database, self.version = database, version

    def __call__(self, *args: str, **_: object) -> str:
        self.asked.append(" ".join(args))
        if args[0] == "db":
            set_version(self._database, self.version)
        return '{"event": "loaded"}\n演示账号 demo\n'


def set_version(database: Path, version: str) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("create table if not exists alembic_version (version_num text)")
        connection.execute("delete from alembic_version")
        connection.execute("insert into alembic_version values (?)", [version])
    connection.close()


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Commands:
    commands = Commands(tmp_path / "tongyan.db", "b2")
    monkeypatch.setattr(run, "flask", commands)
    return commands


def test_what_the_operator_set_stays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TONGYAN_DEMO", "false")
    monkeypatch.setenv("TONGYAN_PUBLIC_URL", "http://school.test")
    env = run.make_plan(["--data", str(tmp_path), "--port", "8123"]).env
    assert env["TONGYAN_DEMO"] == "false"
    assert env["TONGYAN_PUBLIC_URL"] == "http://school.test"
    assert env["TONGYAN_DATA_DIR"] == str(tmp_path)


def test_every_name_of_this_machine_is_trusted() -> None:
    here, everywhere = run.make_plan([]).env, run.make_plan(["--host", "0.0.0.0"]).env  # noqa: S104 # asked for
    assert {"localhost", "127.0.0.1"} <= set(json.loads(here["TONGYAN_TRUSTED_HOSTS"]))
    assert socket.gethostname() in json.loads(everywhere["TONGYAN_TRUSTED_HOSTS"])


def test_only_settings_that_exist_are_given() -> None:
    given = {name.removeprefix("TONGYAN_") for name in run.make_plan([]).env if name.startswith("TONGYAN_")}
    assert given <= {setting.name for setting in SETTINGS}


def test_the_schema_is_brought_up_once(commands: Commands, tmp_path: Path) -> None:
    for _ in range(2):
        run.migrate(tmp_path, {})
    assert commands.asked == ["db upgrade"]


def test_an_older_database_put_back_is_migrated_again(commands: Commands, tmp_path: Path) -> None:
    run.migrate(tmp_path, {})
    set_version(tmp_path / "tongyan.db", "a1")
    run.migrate(tmp_path, {})
    assert len(commands.asked) == 2


def test_a_database_elsewhere_is_always_asked(commands: Commands, tmp_path: Path) -> None:
    for _ in range(2):
        run.migrate(tmp_path, {"TONGYAN_DATABASE_URL": "postgresql+psycopg:///tongyan"})
    assert len(commands.asked) == 2


def test_the_demo_is_loaded_once_and_its_accounts_are_named_each_time(commands: Commands, tmp_path: Path) -> None:
    named = [run.demo(tmp_path, {"TONGYAN_DEMO": "true"}) for _ in range(2)]
    assert named == [["演示账号 demo"]] * 2
    assert commands.asked == ["demo load"]


def test_no_demo_where_none_is_wanted(commands: Commands, tmp_path: Path) -> None:
    assert run.demo(tmp_path, {"TONGYAN_DEMO": "false"}) == []
    assert commands.asked == []


def test_a_taken_port_is_said_before_anything_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Failed, match=f"--port {port + 1}"):
            run.refuse_taken_port("127.0.0.1", port)
        assert main(["run", "--port", str(port)]) == 1
    assert "port in use" in capsys.readouterr().out


def test_an_address_that_is_not_ours_is_said() -> None:
    with pytest.raises(Failed, match="cannot listen"):
        run.refuse_taken_port("192.0.2.1", 8000)


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert main(["nonsense"]) == 2
    shown = capsys.readouterr().out
    assert all(f"./dev {name}" in shown for name in COMMANDS)
