"""Every visible word goes through gettext, and has an English one."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from tools.dev.frontend import TRANSLATIONS
from tools.dev.upkeep import LAZY, WORDS

ROOT = Path(__file__).resolve().parents[1]
CHINESE = re.compile(r"[\u3400-\u9fff]")
GETTEXT = {"_", "gettext", "ngettext", "pgettext", "lazy_gettext"}
OWN_NAMES = {"中文", "简体中文", "同研"}  # a language is called what its speakers call it, and so is the product
TEMPLATES = sorted((ROOT / "blueprints").glob("*/templates/**/*.html"))
CODE = sorted((ROOT / "blueprints").rglob("*.py"))


Said = tuple[str | None, str]  # in which sense, and the word


def ids(message: str | tuple[str, ...] | list[str]) -> str:
    """Return what identifies a message: its singular."""
    return message if isinstance(message, str) else message[0]


@pytest.fixture(scope="module")
def said() -> set[Said]:
    with (TRANSLATIONS / "mapping.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    known = {"method_map": methods, "options_map": options, "keywords": {**DEFAULT_KEYWORDS, LAZY: None}}
    found = (extract_from_dir(ROOT / place, **known) for place in WORDS)
    return {(sense, ids(message)) for place in found for _file, _line, message, _comments, sense in place}


@pytest.fixture(scope="module")
def english() -> Catalog:
    with (TRANSLATIONS / "en" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file)


def words(message: Message) -> list[str]:
    """Return all English forms of a message."""
    return [message.string] if isinstance(message.string, str) else list(message.string)


def test_the_catalogue_holds_what_is_said_and_no_more(said: set[Said], english: Catalog) -> None:
    known = {(message.context, ids(message.id)) for message in english if message.id}
    assert known == said, "run ./dev words, then translate"


def test_every_word_has_an_english_one(english: Catalog) -> None:
    bare = [message.id for message in english if message.id and not all(words(message))]
    assert bare == []
    assert [message.id for message in english if message.id and message.fuzzy] == []


def test_both_languages_fill_in_the_same_values(english: Catalog) -> None:
    def values(text: str) -> set[str]:
        return set(re.findall(r"%\((\w+)\)[sd]", text))

    messages = [message for message in english if message.id]
    differing = [
        message.id
        for message in messages
        if any(values(text) - {"num"} != values(ids(message.id)) - {"num"} for text in words(message))
    ]
    assert differing == []


def test_a_role_is_one_word(english: Catalog) -> None:
    # the last word of a contributor's line is read as the role
    assert len(str(english["原作者"].string).split()) == 1


@pytest.mark.parametrize("page", TEMPLATES, ids=lambda page: page.name)
def test_no_template_says_anything_by_itself(page: Path) -> None:
    text = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", "", page.read_text(), flags=re.S)
    assert CHINESE.findall(text) == []


def test_no_view_says_anything_by_itself() -> None:
    assert [place for path in CODE for place in bare_words(path)] == []


def bare_words(path: Path) -> Iterator[str]:
    """Give the places of Chinese literals that are neither documentation nor handed to gettext."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    calls = [node for node in nodes if isinstance(node, ast.Call) and getattr(node.func, "id", "") in GETTEXT]
    heard = {id(argument) for call in calls for argument in call.args}
    heard |= {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        text = node.value if isinstance(node, ast.Constant) and id(node) not in heard else None
        if isinstance(text, str) and CHINESE.search(text) and text not in OWN_NAMES:
            yield f"{path.relative_to(ROOT)}:{node.lineno} {text}"
