"""Whatever changes who finds whom, or by which name, reaches the index: facts at once, dates when the day begins."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select

from search_index import Query
from tests.factories import LONG_AGO, appoint, make_person, make_school, post, save
from tongyan.accounts import service as accounts
from tongyan.accounts.models import Person
from tongyan.curriculum import services as curriculum
from tongyan.curriculum.models import Level, Node
from tongyan.kernel import jobs, search_jobs
from tongyan.kernel.clock import SCHOOL_ZONE, today
from tongyan.kernel.db import db, transaction
from tongyan.kernel.ids import new_id
from tongyan.kernel.jobs import enqueue_all
from tongyan.kernel.permissions import SYSTEM, group_key, region_key, school_key
from tongyan.kernel.search import SearchRequest, engine, search
from tongyan.kernel.searchables import SEARCHABLES, index_keys, index_specs
from tongyan.org.actors import actor_for
from tongyan.org.models import Membership, Office, OfficeKind, Posting, PostingKind, Region, RegionLevel
from tongyan.org.services import appointments, groups, memberships, postings, regions, schools
from tongyan.org.services.groups import GroupEdit
from tongyan.org.services.regions import RegionEdit
from tongyan.org.services.schools import SchoolEdit

RunJobs = Callable[[], int]
KINDS = ("school", "group", "person", "node")


@pytest.fixture
def world(cast: SimpleNamespace) -> SimpleNamespace:
    """Give the cast with an index."""
    search_jobs.rebuild(lambda _: None)
    return cast


def named(text: str, who: Person, *kinds: str) -> set[str]:
    """Return the names and titles of what the index alone gives for a text."""
    query = Query(text, index_keys(actor_for(who)), filters={"kind": frozenset(kinds or KINDS)}, limit=100)
    found = (each.partition(":") for each in engine().search(query).ids)
    models = ((SEARCHABLES[kind], UUID(thing_id)) for kind, _, thing_id in found)
    return {each.title_of(db.session.get(each.model, thing_id)) for each, thing_id in models}


def test_a_person_is_found_from_the_day_they_come_to_the_day_they_go(world: SimpleNamespace, run_jobs: RunJobs) -> None:
    new = accounts.create_person(SYSTEM, name="欧阳新", login="ouyang")
    run_jobs()
    assert named("欧阳", world.admin) == {"欧阳新"}
    assert named("欧阳", world.owner) == set()

    posting = postings.start_posting(SYSTEM, new.id, world.rural.id, PostingKind.HOME, today()).posting
    run_jobs()
    assert named("欧阳", world.owner) == named("ouyang", world.neighbour) == {"欧阳新"}
    assert named("欧阳", world.outsider) == set()

    accounts.update_person(SYSTEM, new.id, name="司马新", email=None, phone=None, is_admin=False)
    run_jobs()
    assert named("欧阳", world.owner) == set()
    assert named("司马", world.owner) == {"司马新"}

    accounts.disable_person(SYSTEM, new.id)
    run_jobs()
    assert named("司马", world.owner) == set()
    assert named("司马", world.admin) == {"司马新"}
    accounts.enable_person(SYSTEM, new.id)
    run_jobs()
    assert named("司马", world.owner) == {"司马新"}

    postings.end_posting(SYSTEM, posting.id, today())
    with on_the_morning_of(today() + timedelta(days=1)):
        run_jobs()
        assert named("司马", world.owner) == set()


class on_the_morning_of:  # noqa: N801 # used as a context manager, reads as one
    """A minute after midnight in China, when beat has started what a new day brings."""

    def __init__(self, day: date) -> None:
        moment = datetime(day.year, day.month, day.day, 0, 1, tzinfo=SCHOOL_ZONE)
        self._travel = time_machine.travel(moment, tick=False)

    def __enter__(self) -> None:
        self._travel.start()
        jobs.tick()

    def __exit__(self, *_: object) -> None:
        self._travel.stop()


def test_what_begins_or_ends_with_a_day_is_so_in_the_morning(world: SimpleNamespace, run_jobs: RunJobs) -> None:
    jobs.tick()
    run_jobs()  # from now on only what changed is read anew
    tomorrow, lone = today() + timedelta(days=1), make_school("孤零小学")
    going, coming = make_person("百里去"), make_person("百里来")
    post(going, world.core, to_on=today())
    save(Posting(person_id=coming.id, school_id=lone.id, kind=PostingKind.HOME, from_on=LONG_AGO))
    save(Membership(group_id=world.group_a.id, school_id=lone.id, from_on=tomorrow))
    save(
        Office(
            person_id=world.outsider.id,
            kind=OfficeKind.RESEARCHER,
            scope=group_key(world.group_a.id),
            subject="语文",
            from_on=tomorrow,
        )  # fmt: skip
    )
    search_jobs.rebuild(lambda _: None)
    assert named("百里", world.owner) == {"百里去"}
    assert named("孤零", world.owner) == set()
    assert "己老师" not in named("己老师", world.owner)

    with on_the_morning_of(tomorrow):
        run_jobs()
        assert named("百里", world.owner) == {"百里来"}
        assert "孤零小学" in named("孤零", world.owner)
        assert "己老师" in named("己老师", world.owner)


def test_a_morning_reads_anew_what_changed_and_nothing_else(world: SimpleNamespace, run_jobs: RunJobs) -> None:
    day = today()
    with on_the_morning_of(day + timedelta(days=1)):
        run_jobs()
    post(world.former, world.rural, to_on=day + timedelta(days=2))
    run_jobs()
    with on_the_morning_of(day + timedelta(days=2)):
        assert pending_index_jobs(run_jobs) == []
    with on_the_morning_of(day + timedelta(days=3)):
        assert pending_index_jobs(run_jobs) == [{"kind": "person", "ids": [str(world.former.id)]}]


def pending_index_jobs(run_jobs: RunJobs) -> list[dict[str, object]]:
    """Run what the morning brings, and return what it asked to be indexed."""
    before = set(db.session.scalars(select(jobs.Job.id)))
    run_jobs()
    rows = db.session.scalars(select(jobs.Job).where(jobs.Job.kind == "search.index", jobs.Job.id.not_in(before)))
    return [row.args for row in rows]


def test_a_school_that_leaves_its_group_is_gone_at_once(world: SimpleNamespace, run_jobs: RunJobs) -> None:
    row = db.session.scalars(select(Membership).where(Membership.school_id == world.rural.id)).one()
    gone = {"school": "清江乡村小学", "person": "戊老师"}

    def found(kind: str) -> set[str]:
        page = search(actor_for(world.owner), SearchRequest(gone[kind], kinds=(kind,))).page
        assert page.total == len(page.items)
        return {hit.thing.name for hit in page.items}

    assert all(name in found(kind) for kind, name in gone.items())
    memberships.leave(SYSTEM, row.id, today() - timedelta(days=1), "区划调整")

    for _ in ("before the index knows", "after"):
        assert not any(name in found(kind) for kind, name in gone.items())
        run_jobs()
    assert "清江乡村小学" not in named("乡村小学", world.owner)
    assert "戊老师" not in named("戊老师", world.owner)
    assert "清江乡村小学" in named("乡村小学", world.neighbour)


def test_a_flood_of_changes_stops_no_search(world: SimpleNamespace) -> None:
    with transaction():
        enqueue_all(index_specs("person", (new_id() for _ in range(70_000))))
        enqueue_all(index_specs("person", [world.colleague.id]))
    found = search(actor_for(world.owner), SearchRequest("乙老师", kinds=("person",)))
    assert "乙老师" in {hit.thing.name for hit in found.page.items}


def test_groups_and_schools_are_found_by_what_they_are_called_now(world: SimpleNamespace, run_jobs: RunJobs) -> None:
    edit = GroupEdit("澄湖教育集团", world.group_a.pairing, world.group_a.way, LONG_AGO, world.core.id)
    groups.update_group(SYSTEM, world.group_a.id, edit, world.group_a.version)
    school = SchoolEdit("紫云小学", "紫云", ["primary"])
    schools.update_school(SYSTEM, world.rural.id, school, world.rural.version)
    made = schools.create_school(SYSTEM, SchoolEdit("云门小学", "云门", ["primary"]))
    run_jobs()

    assert named("澄湖", world.owner) >= {"澄湖教育集团", "清江实验小学", "紫云小学"}  # its members, too
    assert named("紫云", world.owner) >= {"紫云小学", "澄湖教育集团", "戊老师"}
    assert named("云门", world.owner) == set()
    memberships.join(SYSTEM, world.group_a.id, made.id, today())
    run_jobs()
    assert "云门小学" in named("云门", world.owner)

    schools.close_school(SYSTEM, made.id, made.version)
    run_jobs()
    assert "云门小学" in named("云门", world.owner)  # its page says that it is closed


def test_a_region_that_moves_takes_what_lies_in_it_along(world: SimpleNamespace, run_jobs: RunJobs) -> None:
    county, town = (save(Region(name=name, level=level)) for name, level in (("山阳县", "county"), ("城关镇", "town")))
    lone = make_school("孤零小学", region_id=town.id)
    post(make_person("诸葛孤"), lone)
    officer = make_person("区县管理员")
    appointments.appoint(SYSTEM, officer.id, OfficeKind.DISTRICT_OFFICER, region_key(county.id), today())
    search_jobs.rebuild(lambda _: None)
    assert named("诸葛", officer) == named("孤零", officer, "school") == set()

    regions.update_region(SYSTEM, town.id, RegionEdit("城东镇", RegionLevel.TOWN, county.id), town.version)
    run_jobs()

    assert named("诸葛", officer) == {"诸葛孤"}
    assert named("孤零", officer, "school") == named("城东", officer, "school") == {"孤零小学"}


def test_who_is_put_in_office_is_found_by_it(world: SimpleNamespace, run_jobs: RunJobs) -> None:
    scope = school_key(world.core.id)
    office = appointments.appoint(
        SYSTEM, world.colleague.id, OfficeKind.SUBJECT_LEAD, scope, today() - timedelta(days=1), subject="书法"
    )
    run_jobs()
    assert named("书法", world.owner) == {"乙老师"}

    appointments.end_office(SYSTEM, office.id, today() - timedelta(days=1))
    run_jobs()
    assert named("书法", world.owner) == set()


def test_an_office_that_not_all_see_is_no_way_to_find_its_holder(world: SimpleNamespace, run_jobs: RunJobs) -> None:
    county = save(Region(name="山阳县", level="county"))
    appoint(world.colleague, OfficeKind.RESEARCHER, region_key(county.id))
    search_jobs.rebuild(lambda _: None)

    assert "乙老师" in named("乙老师", world.owner)
    assert "乙老师" not in named("教研员", world.owner)


@pytest.fixture
def lesson(app: object) -> Node:
    """Give a lesson in its unit."""
    unit = Node(id=new_id(), level=Level.UNIT, title="第二单元", position=1.0, subject="语文")
    unit.path = f"/{unit.id.hex}/"
    below = Node(id=new_id(), parent_id=unit.id, level=Level.LESSON, title="山行", position=1.0, subject="语文")
    below.path = f"{unit.path}{below.id.hex}/"
    save(unit)
    return save(below)


def test_places_follow_what_is_done_to_the_tree(lesson: Node, world: SimpleNamespace, run_jobs: RunJobs) -> None:
    assert named("shanxing", world.outsider) == {"山行"}
    curriculum.rename_node(SYSTEM, lesson.parent_id, "金秋时节")
    run_jobs()
    assert named("金秋", world.outsider) == {"山行", "金秋时节"}  # by what leads to it

    curriculum.retire_node(SYSTEM, lesson.parent_id)
    assert search(actor_for(world.owner), SearchRequest("山行", kinds=("node",))).page.total == 0
    run_jobs()
    assert named("山行", world.outsider) == set()
    curriculum.revive_node(SYSTEM, lesson.parent_id)
    run_jobs()
    assert named("山行", world.outsider) == {"山行"}


def test_a_book_is_found_from_its_first_day_to_its_last(world: SimpleNamespace, run_jobs: RunJobs) -> None:
    node = Node(id=new_id(), level=Level.STAGE, title="山行", position=1.0, stage="primary")
    node.path, node.valid_from, node.valid_to = f"/{node.id.hex}/", today() + timedelta(days=1), today() + timedelta(2)
    jobs.tick()
    run_jobs()
    save(node)
    found = []
    for days in range(4):
        with on_the_morning_of(today() + timedelta(days=days)):
            run_jobs()
            found.append(named("山行", world.owner, "node"))
    assert found == [set(), {"山行"}, {"山行"}, set()]


def test_when_a_group_ends_the_index_says_what_a_new_one_would(world: SimpleNamespace, run_jobs: RunJobs) -> None:
    groups.end_group(SYSTEM, world.group_a.id, today() - timedelta(days=1), "区划调整", world.group_a.version)
    run_jobs()

    everybody = [world.owner, world.head, world.group_head, world.neighbour, world.outsider, world.admin]
    before = [(named("清江", who), named("老师", who)) for who in everybody]
    search_jobs.rebuild(lambda _: None)
    assert [(named("清江", who), named("老师", who)) for who in everybody] == before
