"""Who sees what of the organisation."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from tests.factories import LONG_AGO, appoint, make_group, make_person, make_school, post, save
from tongyan.accounts.models import Person
from tongyan.kernel.clock import today
from tongyan.kernel.db import db, transaction
from tongyan.kernel.permissions import ANONYMOUS, POLICIES, VIEW, Actor, can, region_key, school_key, visible
from tongyan.org.actors import actor_for
from tongyan.org.models import Group, Membership, Office, OfficeKind, Partnership, Posting, Region, School
from tongyan.org.policy import Action
from tongyan.org.scopes import scope_of

MODELS = (Region, School, Group, Membership, Posting, Office)


def seen(who: Actor, model: type[Any]) -> set[Any]:
    """Return what the filter selects; the rule must say the same of every row."""
    selected = set(db.session.scalars(select(model).where(visible(who, model))))
    allowed = {row for row in db.session.scalars(select(model)) if POLICIES[model].allows(who, VIEW, row)}
    assert selected == allowed, model
    return selected


@pytest.fixture
def county(cast: SimpleNamespace) -> SimpleNamespace:
    """Put the second group and a lone school into a town of a county that an officer oversees."""
    county = save(Region(name="山阳县", level="county"))
    town = save(Region(name="城关镇", level="town", parent_id=county.id))
    lone = make_school("孤零小学", region_id=town.id)
    with transaction() as session:
        session.get_one(Group, cast.group_b.id).region_id = town.id
    officer = make_person("区县管理员")
    appoint(officer, OfficeKind.DISTRICT_OFFICER, region_key(county.id))
    post(make_person("孤老师"), lone)
    return SimpleNamespace(lone=lone, officer=officer)


def test_a_teacher_sees_the_own_group_and_nothing_of_another(
    cast: SimpleNamespace, county: SimpleNamespace, actor: Callable[[Person], Actor]
) -> None:
    who = actor(cast.owner)
    assert {group.name for group in seen(who, Group)} == {"清江教育集团"}
    assert {school.name for school in seen(who, School)} == {"清江实验小学", "清江乡村小学"}
    assert {row.group_id for row in seen(who, Membership)} == {cast.group_a.id}
    assert {row.school_id for row in seen(who, Posting)} == {cast.core.id, cast.rural.id}
    assert {row.person_id for row in seen(who, Office)} == {cast.head.id, cast.group_head.id}
    assert len(seen(who, Region)) == 2  # geography is public


def test_an_outsider_sees_nothing_of_the_first_group(cast: SimpleNamespace, actor: Callable[[Person], Actor]) -> None:
    who = actor(cast.outsider)
    assert {group.id for group in seen(who, Group)} == {cast.group_b.id}
    assert {school.id for school in seen(who, School)} == {cast.other.id}
    assert {row.person_id for row in seen(who, Posting)} == {cast.outsider.id}
    assert seen(who, Office) == set()


def test_who_left_keeps_sight_of_the_own_past_only(cast: SimpleNamespace, actor: Callable[[Person], Actor]) -> None:
    who = actor(cast.former)
    assert {row.person_id for row in seen(who, Posting)} == {cast.former.id}
    assert seen(who, Group) == seen(who, School) == seen(who, Membership) == seen(who, Office) == set()


def test_strangers_see_no_more_than_geography(cast: SimpleNamespace) -> None:
    assert all(seen(ANONYMOUS, model) == set() for model in MODELS if model is not Region)


def test_an_officer_sees_the_groups_and_schools_of_the_region_and_below(
    cast: SimpleNamespace, county: SimpleNamespace, actor: Callable[[Person], Actor]
) -> None:
    who = actor(county.officer)
    assert {group.id for group in seen(who, Group)} == {cast.group_b.id}
    assert {school.id for school in seen(who, School)} == {cast.other.id, county.lone.id}
    assert {row.school_id for row in seen(who, Posting)} == {cast.other.id, county.lone.id}
    assert {row.group_id for row in seen(who, Membership)} == {cast.group_b.id}
    assert {row.person_id for row in seen(who, Office)} == {county.officer.id}


def test_a_school_that_left_is_no_longer_seen_but_its_membership_is(
    cast: SimpleNamespace, actor: Callable[[Person], Actor]
) -> None:
    with transaction() as session:
        row = session.scalars(select(Membership).where(Membership.school_id == cast.rural.id)).one()
        row.to_on = today() - timedelta(days=1)
    who = actor(cast.owner)
    assert {school.id for school in seen(who, School)} == {cast.core.id}
    assert {row.school_id for row in seen(who, Membership)} == {cast.core.id, cast.rural.id}


def test_offices_over_a_school_that_one_serves_are_seen(app: object) -> None:
    school, teacher = make_school(), make_person()  # in no group
    post(teacher, school)
    office = appoint(make_person(), OfficeKind.SCHOOL_HEAD, school_key(school.id))
    assert seen(actor_for(teacher), Office) == {office}
    assert seen(actor_for(make_person()), Office) == set()


def test_an_office_over_nothing_is_seen_by_its_holder_alone(cast: SimpleNamespace) -> None:
    teacher = actor_for(cast.owner)
    for scope in ("nonsense", region_key(cast.core.id), school_key(cast.group_a.id)):
        appoint(cast.outsider, OfficeKind.RESEARCHER, scope)
    assert {row.person_id for row in seen(teacher, Office)} == {cast.head.id, cast.group_head.id}


def test_only_administrators_change_anything_but_what_heads_tend(
    cast: SimpleNamespace, county: SimpleNamespace, actor: Callable[[Person], Actor]
) -> None:
    first, second = sorted((cast.group_a.id, cast.group_b.id))
    save(Partnership(group_id=first, partner_id=second, from_on=LONG_AGO))
    changed = {
        Action.GROUP_EDIT: Group,
        Action.MEMBERSHIP_EDIT: Membership,
        Action.OFFICE_EDIT: Office,
        Action.PARTNERSHIP_EDIT: Partnership,
        Action.POSTING_EDIT: Posting,
        Action.REGION_EDIT: Region,
        Action.SCHOOL_EDIT: School,
    }
    of_heads = {Action.GROUP_REVIEW, Action.SCHOOL_REVIEW, Action.PREP_GROUP_EDIT, Action.PREP_GROUP_STAFF}
    assert set(Action) == set(changed) | of_heads
    for action, model in changed.items():
        row = db.session.scalars(select(model)).first()
        assert can(actor(cast.admin), action, row)
        for name in ("owner", "head", "group_head", "outsider"):
            assert not can(actor(getattr(cast, name)), action, row)
        assert not can(actor(county.officer), action, row)


def test_an_administrator_sees_everything(cast: SimpleNamespace, actor: Callable[[Person], Actor]) -> None:
    make_group("无人集团")
    who = actor(cast.admin)
    for model in MODELS:
        assert seen(who, model) == set(db.session.scalars(select(model)))


def test_scopes_are_written_the_same_by_every_database(cast: SimpleNamespace) -> None:
    written = db.session.scalar(select(scope_of("school", School.id)).where(School.id == cast.core.id))
    assert written == school_key(cast.core.id)
