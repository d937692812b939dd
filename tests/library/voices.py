"""Shortcuts of the tests about what colleagues say: a published resource, lessons to choose, notices to read."""

from types import SimpleNamespace
from typing import Any

from sqlalchemy import select

from tests.factories import fresh, save
from tongyan.accounts.models import Notice, Person
from tongyan.curriculum.models import Level, Node
from tongyan.kernel.clock import now
from tongyan.kernel.db import db
from tongyan.kernel.ids import new_id
from tongyan.kernel.permissions import group_key
from tongyan.library.models import Licence, Resource, ResourceKind, ResourceState, Tally


def published(cast: SimpleNamespace, title: str = "山行课件", **values: Any) -> Resource:
    """Save a resource of the owner's that is open to the group."""
    whole = {
        "kind": ResourceKind.COURSEWARE,
        "owner_id": cast.owner.id,
        "school_id": cast.core.id,
        "audience": group_key(cast.group_a.id),
        "state": ResourceState.PUBLISHED,
        "licence": Licence.CC_BY,
        "subject": "语文",
        "grade": 3,
        "published_at": now(),
    }
    resource: Resource = save(Resource(id=new_id(), title=title, **(whole | values)))
    return resource


def tally(resource: Resource) -> dict[str, int]:
    """Return the counters of a resource that are not zero."""
    db.session.rollback()
    row = db.session.get(Tally, resource.id, populate_existing=True)
    names = ("views", "downloads", "uses", "copies", "favourites", "rating_sum", "rating_count")
    return {name: getattr(row, name) for name in names if row and getattr(row, name)}


def state(resource: Resource) -> ResourceState:
    """Return the state of a resource as it is now."""
    found: ResourceState = fresh(Resource, resource.id).state
    return found


def told(person: Person) -> list[str]:
    """Return the kinds of a person's notices, the first told first."""
    db.session.rollback()
    notices = select(Notice.kind).where(Notice.person_id == person.id).order_by(Notice.created_at, Notice.id)
    return list(db.session.scalars(notices))


def make_book(title: str = "三年级上册", position: float = 1.0) -> SimpleNamespace:
    """Save a book with two units of a lesson each; the second stands first in the book."""
    stage = _node(None, Level.STAGE, "小学", 1.0)
    subject = _node(stage, Level.SUBJECT, "语文", 1.0)
    edition = _node(subject, Level.EDITION, "统编版", 1.0)
    volume = _node(edition, Level.VOLUME, title, position)
    late, early = _node(volume, Level.UNIT, "第二单元", 2.0), _node(volume, Level.UNIT, "第一单元", 1.0)
    lessons = {
        "late": _node(late, Level.LESSON, "山行", 1.0),
        "early": _node(early, Level.LESSON, "大青树下的小学", 1.0),
    }
    return SimpleNamespace(volume=volume, unit=late, lesson=lessons["late"], first=lessons["early"])


def _node(parent: Node | None, level: Level, title: str, position: float) -> Node:
    node_id = new_id()
    path = f"{parent.path if parent else '/'}{node_id.hex}/"
    node = Node(
        id=node_id, parent_id=parent.id if parent else None, level=level, title=title, position=position, path=path
    )
    node.stage, node.subject, node.edition = "primary", "语文", "统编版"
    if level in {Level.VOLUME, Level.UNIT, Level.LESSON}:
        node.grade, node.volume = 3, "上册"
    saved: Node = save(node)
    return saved
