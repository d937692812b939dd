"""Every morning people hear of what is new in their saved searches: once, as themselves, and only when there is any."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import NamedTuple

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import fresh
from tests.search.conftest import Page
from tongyan.accounts.models import Notice, Person
from tongyan.finding.jobs import DIGEST
from tongyan.finding.models import SavedSearch
from tongyan.finding.services import digest, saving
from tongyan.kernel import jobs
from tongyan.kernel.clock import SCHOOL_ZONE, now
from tongyan.kernel.db import db, transaction
from tongyan.kernel.jobs import Job, JobSpec, JobState, enqueue
from tongyan.kernel.permissions import Actor, group_key, user_key
from tongyan.kernel.search import SearchRequest
from tongyan.library.models import Resource, ResourceKind, ResourceState
from tongyan.org.models import Posting

Acting = Callable[[Person], Actor]

NOON = datetime(2026, 9, 7, 12, tzinfo=SCHOOL_ZONE)
EARLY, MORNING, NEXT_MORNING = NOON + timedelta(hours=18), NOON + timedelta(hours=20), NOON + timedelta(hours=44)


class Days(NamedTuple):
    """A clock that is set by hand, things to be found, and what beat does when it is time."""

    at: Callable[[datetime], None]
    publish: Callable[..., Resource]
    indexed: Callable[[], int]

    def look(self) -> None:
        """Look up who is to be told, and do whatever follows from it."""
        db.session.rollback()
        with transaction():
            enqueue(JobSpec(DIGEST))
        self.indexed()


@pytest.fixture
def days(app: Flask, publish: Callable[..., Resource], indexed: Callable[[], int]) -> Iterator[Days]:
    """Give days that begin at noon."""
    with time_machine.travel(NOON, tick=False) as clock:
        yield Days(clock.move_to, publish, indexed)


def notices(person: Person) -> Sequence[tuple[str, str, dict[str, object]]]:
    """Return what a person was told."""
    db.session.rollback()
    rows = db.session.scalars(select(Notice).where(Notice.person_id == person.id).order_by(Notice.created_at))
    return [(row.kind, row.url, row.data) for row in rows]


def test_news_become_one_notice_that_leads_to_the_newest(
    days: Days, cast: SimpleNamespace, neighbour: Actor, sign_in: Callable[[Person], FlaskClient]
) -> None:
    days.publish("分数的旧课件", "分数 课件")
    days.indexed()
    saved = saving.save_search(
        neighbour, "分数 课件", SearchRequest("分数 课件", filters={"grade": ["3"]}), digest=True
    )
    days.at(NOON + timedelta(hours=1))
    for number in range(3):
        days.publish(f"分数课件{number}", "分数 课件")
    days.publish("分数课件四年级", "分数 课件", grade=4)
    days.publish("圆的课件", "圆")
    days.indexed()

    days.at(EARLY)
    days.look()
    assert notices(cast.neighbour) == []
    days.at(MORNING)
    for _ in range(3):
        days.look()
    said = {"name": "分数 课件", "number": 3}
    assert notices(cast.neighbour) == [("finding.news", f"/search/saved/{saved.id}/news", said)]

    browser = sign_in(cast.neighbour)
    assert "“分数 课件”有 3 份新的。" in browser.get("/notices").text
    assert "3 份新的" in browser.get("/search/saved").text
    answer = browser.get(f"/search/saved/{saved.id}/news")
    assert answer.location.startswith("/search?")
    assert "sort=newest" in answer.location
    assert Page(browser.get(answer.location).text).titles[-1] == "分数的旧课件"
    assert "3 份新的" not in browser.get("/search/saved").text


def test_nothing_new_is_not_told_and_what_was_told_is_not_told_again(
    days: Days, cast: SimpleNamespace, neighbour: Actor
) -> None:
    days.publish("分数", "分数")
    days.indexed()
    saving.save_search(neighbour, "分数", SearchRequest("分数"), digest=True)
    saving.save_search(neighbour, "不提醒的", SearchRequest("圆"))
    days.at(MORNING)
    days.look()
    assert notices(cast.neighbour) == []

    days.at(MORNING + timedelta(hours=1))
    days.publish("分数二", "分数")
    days.publish("圆", "圆")
    days.indexed()
    days.look()  # the look of today is over
    assert notices(cast.neighbour) == []
    days.at(NEXT_MORNING)
    days.look()
    days.at(NEXT_MORNING + timedelta(days=1))
    days.look()
    assert [data["number"] for _, _, data in notices(cast.neighbour)] == [1]


def test_several_searches_with_news_are_one_notice(
    days: Days, cast: SimpleNamespace, neighbour: Actor, sign_in: Callable[[Person], FlaskClient]
) -> None:
    for text in ("分数", "圆", "山"):
        saving.save_search(neighbour, text, SearchRequest(text), digest=True)
    days.at(NOON + timedelta(hours=1))
    days.publish("分数和圆", "分数")
    days.indexed()
    days.at(MORNING)
    days.look()
    assert [(kind, url, data["number"]) for kind, url, data in notices(cast.neighbour)] == [
        ("finding.news_of_several", "/search/saved", 2)
    ]
    assert "等 2 个保存的搜索有新的" in sign_in(cast.neighbour).get("/notices").text
    assert sorted(row.news for row in saving.list_saved(neighbour)) == [0, 1, 1]


def test_nobody_hears_of_what_is_hidden_from_them_nor_of_what_is_their_own(
    days: Days, cast: SimpleNamespace, actor: Acting
) -> None:
    for person in (cast.owner, cast.neighbour, cast.outsider, cast.admin):
        saving.save_search(actor(person), "分数", SearchRequest("分数"), digest=True)
    days.at(NOON + timedelta(hours=1))
    days.publish("分数", "分数")
    days.publish("分数草稿", "分数", state=ResourceState.DRAFT, audience=user_key(cast.owner.id), published_at=None)
    days.publish("外地的分数", "分数", by=cast.outsider, audience=group_key(cast.group_b.id))
    days.indexed()
    days.at(MORNING)
    days.look()
    assert [data["number"] for _, _, data in notices(cast.neighbour)] == [1]
    for person in (cast.owner, cast.outsider, cast.admin):
        assert notices(person) == []


def test_rights_count_as_they_are_in_the_morning(days: Days, cast: SimpleNamespace, neighbour: Actor) -> None:
    saving.save_search(neighbour, "分数", SearchRequest("分数"), digest=True)
    days.at(NOON + timedelta(hours=1))
    days.publish("分数", "分数")
    days.indexed()
    with transaction() as session:
        for posting in session.scalars(select(Posting).where(Posting.person_id == cast.neighbour.id)):
            posting.to_on = NOON.date()
    days.at(MORNING)
    days.look()
    assert notices(cast.neighbour) == []


def test_who_is_closed_hears_nothing(days: Days, cast: SimpleNamespace, neighbour: Actor) -> None:
    saving.save_search(neighbour, "分数", SearchRequest("分数"), digest=True)
    days.at(NOON + timedelta(hours=1))
    days.publish("分数", "分数")
    days.indexed()
    with transaction() as session:
        session.get_one(Person, cast.neighbour.id).active = False
    days.at(MORNING)
    days.look()
    digest.tell_news(cast.neighbour.id)  # also when they were closed after the look began
    digest.tell_news(neighbour.person_id)
    assert notices(cast.neighbour) == []


def test_what_is_not_indexed_yet_is_told_the_next_day(days: Days, cast: SimpleNamespace, neighbour: Actor) -> None:
    days.publish("分数", "分数")
    days.indexed()
    saving.save_search(neighbour, "分数", SearchRequest("分数"), digest=True)
    days.at(MORNING - timedelta(minutes=5))
    days.publish("分数二", "分数")  # its job waits behind others
    days.at(MORNING)
    digest.tell_news(neighbour.person_id)
    assert notices(cast.neighbour) == []
    days.indexed()
    days.at(NEXT_MORNING)
    digest.tell_news(neighbour.person_id)
    assert [data["number"] for _, _, data in notices(cast.neighbour)] == [1]


def test_without_an_index_nothing_is_told_and_nothing_is_lost(
    days: Days, cast: SimpleNamespace, neighbour: Actor
) -> None:
    saving.save_search(neighbour, "分数", SearchRequest("分数"), digest=True)
    days.at(NOON + timedelta(hours=1))
    days.publish("分数", "分数")
    days.at(MORNING)
    digest.tell_news(neighbour.person_id)
    assert notices(cast.neighbour) == []
    days.indexed()  # the rebuild that the search asked for
    days.look()
    assert [data["number"] for _, _, data in notices(cast.neighbour)] == [1]


def test_a_place_that_is_closed_by_then_has_no_news(days: Days, cast: SimpleNamespace, neighbour: Actor) -> None:
    package = days.publish("整套", kind=ResourceKind.PACKAGE)
    saving.save_search(neighbour, "在课程包里", SearchRequest("分数", within=f"package:{package.id}"), digest=True)
    saving.save_search(neighbour, "分数", SearchRequest("分数"), digest=True)
    days.at(NOON + timedelta(hours=1))
    days.publish("分数", "分数")
    days.indexed()
    with transaction() as session:
        session.get_one(Resource, package.id).state = ResourceState.TRASHED
    days.at(MORNING)
    days.look()
    assert [data["name"] for _, _, data in notices(cast.neighbour)] == ["分数"]


def test_one_search_that_fails_silences_nobody_else(
    days: Days, cast: SimpleNamespace, neighbour: Actor, actor: Acting
) -> None:
    saving.save_search(neighbour, "分数", SearchRequest("分数"), digest=True)
    broken = saving.save_search(actor(cast.colleague), "坏的", SearchRequest("分数"), digest=True)
    with transaction() as session:
        session.get_one(SavedSearch, broken.id).filters = {"grade": 3}  # no list
    days.at(NOON + timedelta(hours=1))
    days.publish("分数", "分数")
    days.indexed()
    days.at(MORNING)
    days.look()
    assert len(notices(cast.neighbour)) == 1
    assert fresh(SavedSearch, broken.id).told_at < now() - timedelta(hours=1)
    assert db.session.scalars(select(Job).where(Job.state == JobState.PARKED)).all() == []


def test_the_look_is_due_every_half_hour(app: Flask) -> None:
    assert jobs.PERIODIC[DIGEST] <= timedelta(hours=1)
