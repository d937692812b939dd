"""The curriculum of the tests: a part of the real seed, small enough to be imported for every test."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event, select

from tests.factories import save
from tongyan.accounts.models import Person
from tongyan.curriculum.models import Level, Node
from tongyan.curriculum.seeding import SEED, import_seed, node_id
from tongyan.kernel.clock import now
from tongyan.kernel.db import db
from tongyan.library.models import Licence, Resource, ResourceKind, ResourceState

THREE_A = ("primary", "语文", "统编版", "三年级", "上册", "2022", "")
STAGES = {"primary", "junior", "junior54", "senior"}
SUBJECTS = {"语文", "数学", "道德与法治", "思想政治"}


@pytest.fixture(scope="session")
def seed_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a part of the seed: four stages, a few subjects."""
    seed = json.loads(SEED.read_text(encoding="utf-8"))
    seed["stages"] = [stage for stage in seed["stages"] if stage["code"] in STAGES]
    for stage in seed["stages"]:
        stage["subjects"] = [subject for subject in stage["subjects"] if subject["name"] in SUBJECTS]
    file = tmp_path_factory.mktemp("seed") / "seed.json"
    file.write_text(json.dumps(seed, ensure_ascii=False), encoding="utf-8")
    return file


@pytest.fixture
def seeded(app: Flask, seed_file: Path) -> None:
    """Import that part."""
    import_seed(seed_file)


@pytest.fixture
def node(seeded: None) -> Callable[..., Node]:
    """Find a node of the seed by its place in the file."""

    def find(*names: str) -> Node:
        db.session.rollback()
        return db.session.get_one(Node, node_id(*names), populate_existing=True)

    return find


@pytest.fixture
def statements(app: Flask) -> Callable[[Callable[[], object]], int]:
    """Count the statements of a piece of work (without the BEGIN of SQLite)."""

    def count(work: Callable[[], object]) -> int:
        seen: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            seen.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            work()
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        return sum(not statement.startswith("BEGIN") for statement in seen)

    return count


def put_at(node: Node | None, owner: Person, audience: str, title: str = "山行", **values: object) -> Resource:
    """Publish a resource at a place (a private one is a draft)."""
    state = ResourceState.DRAFT if audience.startswith("user:") else ResourceState.PUBLISHED
    resource = Resource(
        title=title, kind=ResourceKind.COURSEWARE, owner_id=owner.id, audience=audience, state=state,
        licence=Licence.CC_BY, published_at=now(),
    )  # fmt: skip
    resource.put(node, None, values.get("subject"), values.get("grade"))  # type: ignore[arg-type] # of a test
    return save(resource)


def by_title(title: str, level: Level = Level.LESSON) -> Node:
    """Find a node by its title."""
    return db.session.scalars(select(Node).where(Node.title == title, Node.level == level)).first()  # type: ignore[return-value]
