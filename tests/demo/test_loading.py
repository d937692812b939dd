"""The demo: loaded once, whole, only where it belongs; who signs in sees what they should."""

from collections import Counter
from collections.abc import Callable
from itertools import count
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.demo.conftest import acting, hurry
from tests.factories import make_person
from tongyan.accounts import factors, passwords
from tongyan.accounts.authentication import check_password
from tongyan.accounts.limits import Browser
from tongyan.accounts.models import Notice, Person
from tongyan.curriculum.services import default_editions
from tongyan.demo import cast, county, filling, revising, service, shelf, story, telling
from tongyan.demo.texts import poems
from tongyan.kernel import audit
from tongyan.kernel.db import Base, db
from tongyan.kernel.errors import Invalid
from tongyan.kernel.search import SearchRequest, search
from tongyan.library import services as library
from tongyan.library.models import Comment, FileState, Resource, ResourceFile, ResourceState
from tongyan.org.actors import actor_for
from tongyan.org.models import Membership, Posting, School

BROWSER = Browser("127.0.0.1", "test", "device")
SAID = story.Said("liu", "zhang/朗读/山行", 1, "停顿标得清楚。")


def count_rows() -> dict[str, int]:
    """Count the rows of every table."""
    tables = Base.metadata.sorted_tables
    return {table.name: db.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def test_everything_is_there(loaded: Flask) -> None:
    assert db.session.scalar(select(func.count(Person.id))) == len(cast.people()) == 64
    states = Counter(db.session.scalars(select(ResourceFile.state)))
    assert set(states) <= {FileState.READY, FileState.DOWNLOAD_ONLY}
    copied = 1
    assert states.total() == len(shelf.ITEMS) + len(revising.REVISIONS) + copied
    drafts = select(func.count()).where(Resource.state == ResourceState.DRAFT)
    private_packages = sum(not packed.reviewer for packed in story.PAST.packages)
    on_the_shelf = sum(item.audience in shelf.DRAFTS for item in shelf.ITEMS)
    assert db.session.scalar(drafts) == on_the_shelf + private_packages
    assert audit.verify() == []


def test_the_bell_rings_only_for_what_waits(loaded: Flask) -> None:
    unread = select(Person.login, Notice.kind).join(Person, Notice.person_id == Person.id)
    rung = Counter(login for login, _ in db.session.execute(unread.where(Notice.read_at.is_(None))))
    assert rung == {"zhang": 2, "gao": 1, "wangjianjun": 1, "chen": 1, "luojianguo": 1, "denglihua": 1}


def test_every_resource_has_a_subject_and_poems_have_their_place(loaded: Flask) -> None:
    for file in db.session.scalars(select(ResourceFile)):
        assert file.resource.subject, file.path
        assert file.resource.node_id or file.path.count("/") == 1, file.path


def test_loading_again_changes_nothing(loaded: Flask) -> None:
    before = count_rows()
    assert service.load() == cast.accounts()
    assert count_rows() == before


def test_history_is_told(loaded: Flask) -> None:
    left = db.session.scalars(select(Membership).join(School).where(School.short_name == "桑园小学")).one()
    assert (left.to_on, left.end_reason) == cast.LEFT[2:]
    assert db.session.scalar(select(func.count()).where(Posting.to_on.is_not(None))) == 2
    assert acting("tangwanqing").school_ids > {acting("tangwanqing").school_id}


@pytest.mark.parametrize("login", cast.ROLES)
def test_shown_accounts_sign_in_without_a_factor(loaded: Flask, login: str) -> None:
    person = check_password(login, passwords.DEMO_PASSWORD, BROWSER)
    assert not passwords.expired(person)
    assert not factors.required_of(actor_for(person))


def test_the_demo_password_opens_nothing_outside_of_a_demo(loaded: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(loaded.config, "DEMO", False)
    with pytest.raises(Invalid):
        check_password("zhang", passwords.DEMO_PASSWORD, BROWSER)


def test_the_demo_password_is_too_weak_to_be_chosen(loaded: Flask) -> None:
    with pytest.raises(Invalid):
        passwords.accept(Person(name="张三", login="zhangsan"), passwords.DEMO_PASSWORD)


def test_every_poem_is_found_by_its_lines_in_another_school(loaded: Flask) -> None:
    for poem in poems().values():
        assert search(acting("liu"), SearchRequest(poem.lines[0], kinds=("resource",))).page.total, poem.title


def test_another_group_sees_nothing_of_it(loaded: Flask) -> None:
    stranger = acting("ding")
    own = {resource.owner.login for resource in library.list_resources(stranger).items}
    assert own == {"ding", "bailu"}
    for poem in poems().values():
        found = search(stranger, SearchRequest(poem.lines[0], kinds=("resource",))).page.items
        assert {hit.thing.owner.login for hit in found} <= own


def test_schools_use_their_own_editions(loaded: Flask) -> None:
    assert {choice.edition_id for choice in default_editions(acting("liu"))} != {
        choice.edition_id for choice in default_editions(acting("zhang"))
    }


def test_refused_outside_of_a_demo(empty: Flask) -> None:
    empty.config["DEMO"] = False
    with pytest.raises(service.DemoRefused, match="demo mode is off"):
        service.load()


@pytest.mark.parametrize("login", ["zhang", "wanglaoshi"])
def test_refused_beside_real_people(empty: Flask, login: str) -> None:
    make_person(login=login)
    before = count_rows()
    refused = empty.test_cli_runner().invoke(args=["demo", "load"])
    assert (refused.exit_code, "real people" in refused.output) == (1, True)
    assert count_rows() == before


def test_a_county_that_breaks_off_leaves_nothing(empty: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    service.import_seed()
    before = count_rows()
    monkeypatch.setattr(county, "_appoint", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        county.found()
    assert count_rows() == before


@pytest.mark.parametrize(
    ("module", "name", "nth"),
    [
        (filling, "_take_in", 1),
        (revising, "bring_out", 1),
        (revising, "_copy", 1),
        (filling, "_take_in", 3),
        (filling, "_present", 2),
        (telling, "_know_what_was", 2),
    ],
)
def test_a_load_that_was_killed_is_completed(
    empty: Flask, monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, nth: int
) -> None:
    hurry(monkeypatch)
    few = tuple(item for item in shelf.ITEMS if item.kind == "朗读" or item.key == revising.VERSIONED)
    monkeypatch.setattr(shelf, "ITEMS", few)
    monkeypatch.setattr(story, "PAST", story.Story(comments=[SAID]))
    monkeypatch.setattr(story, "TODAY", story.Story(comments=[SAID._replace(text="今天再读一遍。")]))
    with monkeypatch.context() as killed, pytest.raises(KeyboardInterrupt):
        killed.setattr(module, name, interrupting(getattr(module, name), nth))
        service.load()
    library.start_upload(acting(few[0].login), "half.txt", 10)

    told = empty.test_cli_runner().invoke(args=["demo", "load"])

    assert told.exit_code == 0, told.output
    assert all(account.login in told.output for account in cast.accounts())
    copied, unshared = 1, sum(item.audience in shelf.DRAFTS for item in few)
    assert db.session.scalar(select(func.count(Resource.id))) == len(few) + copied
    published = select(func.count()).where(Resource.state == ResourceState.PUBLISHED)
    assert db.session.scalar(published) == len(few) + copied - unshared
    assert db.session.scalar(select(func.max(Resource.number))) == len(revising.REVISIONS) + 1
    assert db.session.scalar(select(func.count(Comment.id))) == 2


def interrupting(work: Callable[..., Any], nth: int) -> Callable[..., Any]:
    """Return work that is interrupted the nth time it is asked for."""
    calls = count(1)

    def interrupted(*args: Any, **kwargs: Any) -> Any:
        if next(calls) == nth:
            raise KeyboardInterrupt
        return work(*args, **kwargs)

    return interrupted


def test_a_story_of_what_is_not_there_is_not_told(empty: Flask) -> None:
    empty.config["DEMO"] = True
    service.import_seed()
    county.found()
    with pytest.raises(LookupError, match="zhang/朗读/山行"):
        telling.tell({"liu": acting("liu"), "zhang": acting("zhang")}, story.Story(comments=[SAID]))
