"""Settings come as text: what is meant by them is read with care, and what would open a door is refused."""

from pathlib import Path
from typing import Any

import pytest
from flask import Config

from tongyan import config


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give a function that reads the settings from an environment."""

    def read(**environment: str) -> Config:
        for name, text in {"DATA_DIR": str(tmp_path / "data"), **environment}.items():
            monkeypatch.setenv(f"TONGYAN_{name}", text)
        settings = Config(tmp_path)
        config.configure(settings)
        return settings

    return read


@pytest.mark.parametrize("text", ["False", "false", "no", "OFF", "0"])
@pytest.mark.parametrize("name", ["DEMO", "ALLOW_INSECURE_HTTP"])
def test_no_spelling_of_no_switches_anything_on(read: Any, name: str, text: str) -> None:
    assert read(**{name: text})[name] is False


@pytest.mark.parametrize("text", ["True", "true", "yes", "1"])
def test_yes_is_understood(read: Any, text: str) -> None:
    assert read(DEMO=text)["DEMO"] is True


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("DEMO", "vielleicht"),
        ("PROXY_HOPS", "one"),
        ("PROXY_HOPS", "true"),
        ("SMTP_SECURITY", "ssl"),
        ("SEARCH_ENGINE", "lucene"),
        ("SEARCH_ENGINE", "postgres"),  # without PostgreSQL
    ],
)
def test_what_is_not_understood_stops_the_start(read: Any, name: str, text: str) -> None:
    with pytest.raises(RuntimeError, match=f"TONGYAN_{name}"):
        read(**{name: text})


def test_a_password_of_digits_stays_as_it_was_written(read: Any) -> None:
    assert read(SMTP_PASSWORD="0123")["SMTP_PASSWORD"] == "0123"
    assert read(SMTP_PASSWORD="1e5")["SMTP_PASSWORD"] == "1e5"


def test_old_keys_are_whole_keys_and_strong(read: Any) -> None:
    one, two = "a" * 40, "b" * 40
    assert read(SECRET_KEY_FALLBACKS=f"{one}, {two}")["SECRET_KEY_FALLBACKS"] == [one, two]
    assert read(SECRET_KEY_FALLBACKS=f'["{one}"]')["SECRET_KEY_FALLBACKS"] == [one]
    with pytest.raises(RuntimeError, match="TONGYAN_SECRET_KEY"):
        read(SECRET_KEY_FALLBACKS="oldkey")


def test_only_the_service_looks_into_a_new_data_folder(read: Any) -> None:
    folder = Path(read()["DATA_DIR"])
    assert folder.stat().st_mode & 0o077 == 0
    assert (folder / "secret").stat().st_mode & 0o077 == 0
