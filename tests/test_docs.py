"""What the documents say is so: settings, commands, files and links exist."""

import re
from pathlib import Path

import click
import pytest
from flask import Flask

from tests.conftest import settings_for_tests
from tongyan.app import create_app
from tongyan.config import SETTINGS
from tools import settings_table
from tools.dev.cli import COMMANDS

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
BUILT = ("static/dist", ".var", ".venv")  # made by the set-up


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder = tmp_path_factory.mktemp("docs")
    return create_app(settings_for_tests(f"sqlite:///{folder / 'docs.db'}", folder))


def said(pattern: str) -> set[str]:
    """Collect what all pages say that fits the pattern."""
    return {found for page in PAGES for found in re.findall(pattern, page.read_text())}


def test_every_setting_is_documented() -> None:
    text = settings_table.PAGE.read_text()
    assert settings_table.page(text) == text, "run ./dev docs"


def test_every_setting_named_anywhere_exists() -> None:
    places = [*PAGES, *(path for path in (ROOT / "deploy").rglob("*") if path.is_file() and path.suffix != ".pyc")]
    named = {name for path in places for name in re.findall(r"TONGYAN_([A-Z][A-Z_]*[A-Z])", path.read_text())}
    assert named <= {setting.name for setting in SETTINGS}


def test_every_setting_says_what_it_means() -> None:
    assert [setting.name for setting in SETTINGS if len(setting.meaning) < 5] == []


def test_every_dev_command_named_exists() -> None:
    assert said(r"\./dev ([a-z]+)") == set(COMMANDS)


def test_every_flask_command_named_exists(product: Flask) -> None:
    named = said(r"flask --app wsgi ([a-z-]+(?: [a-z-]+)?)")
    assert named
    with product.app_context():
        missing = [command for command in named if not exists(product, command.split())]
    assert missing == []


def exists(product: Flask, words: list[str]) -> bool:
    """Follow the words through the command groups."""
    group: click.Command | None = product.cli
    for word in words:
        group = group.get_command(click.Context(group), word) if isinstance(group, click.Group) else None
    return group is not None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_file_named_in_the_developers_pages_exists() -> None:
    named = {
        name
        for page in ("architecture.md", "operations.md")
        for name in re.findall(
            r"`((?:platform|blueprints|deploy|tests|tools|frontend|docs)/[\w./@-]+)`",
            (ROOT / "docs" / page).read_text(),
        )
    }
    assert named
    assert [name for name in named if not (ROOT / name).exists() and not name.startswith(BUILT)] == []


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = set(re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", (folder / "README.md").read_text()))
    assert listed == {path.name for path in folder.glob("0*.md")}
