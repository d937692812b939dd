"""What one opened last: the latest first, without what is closed or hidden by now, for nobody else to see."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tongyan.accounts.models import Person
from tongyan.finding.models import Opened
from tongyan.finding.services import opened
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, transaction
from tongyan.kernel.permissions import Actor
from tongyan.library import services as library
from tongyan.library.models import Resource, ResourceState

Publish = Callable[..., Resource]


def titles(actor: Actor, limit: int = 8) -> list[str]:
    """Return what stands in the list as it is now."""
    db.session.rollback()
    return [each.title for each in opened.recently_opened(actor, limit)]


def open_all(actor: Actor, *resources: Resource) -> None:
    """Open things one after another, minutes apart."""
    for minutes, resource_id in enumerate([each.id for each in resources]):
        with time_machine.travel(now() + timedelta(minutes=10 * minutes), tick=False):
            opened.note_opened(actor, "resource", resource_id)


def test_the_latest_comes_first_and_once(neighbour: Actor, publish: Publish) -> None:
    first, second, third = (publish(title) for title in "甲乙丙")
    open_all(neighbour, first, second, first, third)
    assert titles(neighbour) == ["丙", "甲", "乙"]
    assert titles(neighbour, 2) == ["丙", "甲"]
    (latest, *_) = opened.recently_opened(neighbour)
    assert (latest.kind, latest.id) == ("resource", third.id)


def test_what_is_closed_hidden_or_gone_is_left_out(
    cast: SimpleNamespace, neighbour: Actor, publish: Publish, actor: Callable[[Person], Actor]
) -> None:
    stays, trashed, closed, narrowed = (publish(title) for title in ("留下", "回收", "下架", "收窄"))
    own = publish("自己的", by=cast.neighbour)
    open_all(neighbour, stays, trashed, closed, narrowed, own)
    opened.note_opened(neighbour, "resource", uuid4())
    opened.note_opened(neighbour, "of_a_later_release", stays.id)
    assert len(titles(neighbour)) == 5
    with transaction() as session:
        session.get_one(Resource, trashed.id).state = ResourceState.TRASHED
        session.get_one(Resource, closed.id).state = ResourceState.TAKEN_DOWN
        session.get_one(Resource, narrowed.id).audience = f"school:{cast.core.id}"
    library.trash_resource(neighbour, own.id)
    assert titles(neighbour) == ["留下"]
    assert titles(actor(cast.owner)) == []


def test_fifty_are_kept(neighbour: Actor, monkeypatch: pytest.MonkeyPatch, publish: Publish) -> None:
    assert opened.KEPT == 50
    monkeypatch.setattr(opened, "KEPT", 3)
    open_all(neighbour, *(publish(title) for title in "甲乙丙丁戊"))
    assert titles(neighbour) == ["戊", "丁", "丙"]
    assert db.session.scalar(select(func.count()).select_from(Opened)) == 3


def test_opening_again_at_once_writes_nothing_and_the_list_is_two_statements(
    neighbour: Actor, publish: Publish, count_statements: Callable[[Callable[[], object]], int]
) -> None:
    resource_id = publish("甲").id
    opened.note_opened(neighbour, "resource", resource_id)
    assert count_statements(lambda: opened.note_opened(neighbour, "resource", resource_id)) == 1
    assert count_statements(lambda: opened.recently_opened(neighbour)) == 2
    assert opened.recently_opened(neighbour, kinds=()) == []


def test_pages_note_what_is_opened_and_the_search_begins_with_it(
    cast: SimpleNamespace, publish: Publish, sign_in: Callable[[Person], FlaskClient], neighbour: Actor
) -> None:
    resource = publish("圆的面积")
    hidden = publish("外地的", audience=f"group:{cast.group_b.id}", by=cast.outsider)
    browser = sign_in(cast.neighbour)
    assert "最近打开的" not in browser.get("/search").text
    assert browser.get(f"/library/{resource.id}").status_code == 200
    assert browser.get(f"/library/{hidden.id}").status_code == 404
    assert titles(neighbour) == ["圆的面积"]
    shown = browser.get("/search").text
    assert "最近打开的" in shown
    assert f'href="/library/{resource.id}"' in shown[shown.index("最近打开的") : shown.index("最近分享的")]

    assert browser.post("/search/opened/forget").location == "/search"
    assert "最近打开的" not in browser.get("/search").text
    assert titles(neighbour) == []


def test_a_look_without_opening_is_not_noted(
    cast: SimpleNamespace, publish: Publish, sign_in: Callable[[Person], FlaskClient], neighbour: Actor
) -> None:
    resource = publish("圆的面积")
    browser = sign_in(cast.neighbour)
    browser.head(f"/library/{resource.id}")
    browser.get(f"/library/{resource.id}", headers={"HX-Request": "true"})
    assert titles(neighbour) == []
