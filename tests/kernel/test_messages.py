"""Every refusal has its sentence: what happened, in the words of a staff room."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from blueprints.common.errors import sentence
from blueprints.common.messages import MESSAGES
from tongyan.kernel.errors import TongyanError

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted([*(ROOT / "platform/tongyan").rglob("*.py"), *(ROOT / "blueprints").rglob("*.py")])
SOURCES = [path for path in FILES if path.parent.name != "versions"]  # migrations name columns the same way
CODE = re.compile(r"[a-z_]+\.[a-z_]+")
CARRIERS = {"Refused", "Skipped", "Problem", "JobFailed"}  # what else brings a code to people
BUILT = re.compile(r"notice\.|.*\.doubled$")  # put together from data


def errors(base: type[TongyanError] = TongyanError) -> Iterator[type[TongyanError]]:
    """Return every class of refusals."""
    yield base
    for child in base.__subclasses__():
        yield from errors(child)


def codes_in(tree: ast.AST, names: set[str]) -> Iterator[str]:
    """Find the codes with which refusals are made, and those listed for the fields of a form."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in names:
            yield from (word for argument in node.args for word in words(argument))
        if isinstance(node, ast.List):
            yield from (word for part in node.elts for word in words(part))


def words(node: ast.AST) -> list[str]:
    """Return the text of a constant, if it has the form of a code."""
    text = node.value if isinstance(node, ast.Constant) else None
    return [text] if isinstance(text, str) and CODE.fullmatch(text) else []


def test_every_code_raised_anywhere_has_a_sentence() -> None:
    classes = list(errors())
    names = {cls.__name__ for cls in classes} | CARRIERS
    said = {cls.default_code for cls in classes}
    for path in SOURCES:
        said.update(codes_in(ast.parse(path.read_text()), names))
    assert len(said) > 80
    assert sorted(said - set(MESSAGES)) == []


def test_every_sentence_belongs_to_a_code_that_is_used() -> None:
    text = "".join(path.read_text() for path in SOURCES if path.name != "messages.py")
    silent = [code for code in MESSAGES if f'"{code}"' not in text]
    assert [code for code in silent if not BUILT.match(code)] == []


def test_a_sentence_is_said_even_when_its_data_is_missing() -> None:
    assert sentence("upload.quota_person") == str(MESSAGES["upload.quota_person"])
    assert sentence("no.such.code") == str(MESSAGES["error"])
