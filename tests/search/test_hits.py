"""How people, schools, groups and places of the curriculum look among what was found, and where they lead."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient

from tests.factories import appoint, make_group, make_person, make_school, post, save
from tests.search.conftest import open_search
from tongyan.accounts.models import Person
from tongyan.accounts.service import disable_person
from tongyan.curriculum.models import Level, Node
from tongyan.kernel import search_jobs
from tongyan.kernel.clock import today
from tongyan.kernel.db import transaction
from tongyan.kernel.ids import new_id
from tongyan.kernel.permissions import SYSTEM, group_key, school_key
from tongyan.org.models import Group, OfficeKind, PostingKind, School

SignIn = Callable[[Person], FlaskClient]


@pytest.fixture
def world(cast: SimpleNamespace) -> SimpleNamespace:
    """Give the cast with a lead, who serves at two schools of which a neighbour sees one, and a place in a book."""
    post(cast.colleague, cast.other, PostingKind.SERVING)
    appoint(cast.colleague, OfficeKind.SUBJECT_LEAD, school_key(cast.core.id))
    unit = Node(id=new_id(), level=Level.UNIT, title="第二单元", position=1.0)
    unit.path = f"/{unit.id.hex}/"
    lesson = Node(id=new_id(), parent_id=unit.id, level=Level.LESSON, title="山行", position=1.0)
    lesson.path = f"{unit.path}{lesson.id.hex}/"
    save(unit)
    cast.lesson, cast.unit = save(lesson), unit
    search_jobs.rebuild(lambda _: None)
    return cast


def test_a_person_leads_to_the_school_where_one_sees_them(world: SimpleNamespace, sign_in: SignIn) -> None:
    page = open_search(sign_in(world.neighbour), q="乙老师")
    assert "乙老师" in page.titles
    assert f'href="/schools/{world.core.id}"' in page.html
    assert "学科组长" in page.text
    assert "外地小学" not in page.text
    assert str(world.other.id) not in page.html

    page = open_search(sign_in(world.outsider), q="乙老师")
    assert f'href="/schools/{world.other.id}"' in page.html
    assert "学科组长" not in page.text
    assert str(world.core.id) not in page.html


def test_an_administrator_is_led_to_the_account(world: SimpleNamespace, sign_in: SignIn) -> None:
    disable_person(SYSTEM, world.outsider.id)
    search_jobs.rebuild(lambda _: None)
    browser = sign_in(world.admin)
    assert f'href="/admin/people/{world.colleague.id}"' in open_search(browser, q="乙老师").html
    assert "已停用" in open_search(browser, q="己老师").text
    assert f'href="/admin/groups/{world.group_a.id}"' in open_search(browser, q="清江教育集团").html


def test_schools_and_groups_lead_to_their_pages(world: SimpleNamespace, sign_in: SignIn) -> None:
    with transaction() as session:
        session.get_one(School, world.rural.id).active = False
    page = open_search(sign_in(world.owner), q="清江")
    assert {"清江实验小学", "清江乡村小学", "清江教育集团"} <= set(page.titles)
    assert f'href="/schools/{world.core.id}"' in page.html
    assert f'href="/group#group-{world.group_a.id}"' in page.html
    assert page.text.count("已停用") == 1
    assert f'id="group-{world.group_a.id}"' in sign_in(world.owner).get("/group").text


def test_an_ended_group_says_so(world: SimpleNamespace, sign_in: SignIn) -> None:
    over = make_group("澄湖教育集团", make_school())
    with transaction() as session:
        session.get_one(Group, over.id).ended_on = today()
    search_jobs.rebuild(lambda _: None)
    assert "结束于" in open_search(sign_in(world.admin), q="澄湖教育集团").text


def test_a_place_says_what_leads_to_it(world: SimpleNamespace, sign_in: SignIn) -> None:
    page = open_search(sign_in(world.outsider), q="山行")
    assert "山行" in page.titles
    assert f'href="/curriculum/{world.lesson.id}"' in page.html
    assert "课 · 第二单元" in page.text
    assert f'href="/curriculum/{world.unit.id}?all=1"' in open_search(sign_in(world.outsider), q="第二单元").html


def test_who_holds_an_office_alone_leads_to_the_group_and_oneself_to_nowhere(
    world: SimpleNamespace, sign_in: SignIn
) -> None:
    appoint(world.former, OfficeKind.RESEARCHER, group_key(world.group_a.id))
    lone = make_person("独孤老师")
    search_jobs.rebuild(lambda _: None)
    page = open_search(sign_in(world.neighbour), q="庚老师")
    assert "庚老师" in page.titles
    assert 'href="/group"' in page.html
    assert "教研员" in page.text
    page = open_search(sign_in(lone), q="独孤老师")
    assert ("独孤老师" in page.text, page.titles) == (True, [])


def test_names_are_searched_in_the_database_while_there_is_no_index(cast: SimpleNamespace, sign_in: SignIn) -> None:
    page = open_search(sign_in(cast.neighbour), q="乙老师")
    assert (page.titles, "索引正在重建" in page.text) == (["乙老师"], True)
    assert open_search(sign_in(cast.neighbour), q="清江教育").titles == ["清江教育集团"]
    assert open_search(sign_in(cast.outsider), q="乙老师").titles == []
