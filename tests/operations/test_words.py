"""What the code writes into the trail has a name in a staff room."""

import ast
from collections.abc import Iterator
from pathlib import Path

from flask import Flask

from blueprints.operations.words import ACTIONS, JOBS
from tongyan.curriculum.models import Verb
from tongyan.kernel.jobs import HANDLERS
from tongyan.library.policy import Action

CORE = Path(__file__).resolve().parents[2] / "platform" / "tongyan"
WRITERS = {"record", "_note"}


def written() -> Iterator[str]:
    """Yield every deed that a call writes by its own name, or by one of the library's rights."""
    calls = (node for file in CORE.rglob("*.py") for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    for call in calls:
        if not isinstance(call, ast.Call) or len(call.args) < 2:
            continue
        writer, deed = call.func, call.args[1]
        if getattr(writer, "attr", getattr(writer, "id", "")) not in WRITERS:
            continue
        if isinstance(deed, ast.Constant) and isinstance(deed.value, str):
            yield deed.value
        elif isinstance(deed, ast.Attribute) and deed.attr in Action.__members__:
            yield Action[deed.attr].value


def test_every_deed_has_a_name() -> None:
    deeds = set(written())
    assert {"library:resource:share", "person.create", "region.create"} <= deeds
    assert deeds - set(ACTIONS) == set()


def test_every_change_of_the_curriculum_has_a_name() -> None:
    assert {f"curriculum:node:{verb}" for verb in Verb} <= set(ACTIONS)


def test_every_job_has_a_name(app: Flask) -> None:
    assert {kind for kind in HANDLERS if "." in kind} == set(JOBS)
