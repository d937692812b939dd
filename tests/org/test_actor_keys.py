"""The audience keys of an actor follow from today's posts, memberships and offices."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import update

from tests.factories import LONG_AGO, appoint, fresh, make_group, make_person, make_school, post, save
from tests.org.test_policy import seen
from tongyan.accounts.models import Person
from tongyan.kernel.clock import today
from tongyan.kernel.db import transaction
from tongyan.kernel.permissions import (
    Actor,
    circle_key,
    group_key,
    partners_key,
    prep_group_key,
    region_key,
    school_key,
)
from tongyan.org.actors import actor_for
from tongyan.org.models import (
    Group,
    Membership,
    Office,
    OfficeKind,
    Partnership,
    Posting,
    PrepGroup,
    PrepGroupMember,
    Region,
    School,
)
from tongyan.org.services.circles import circle_for

YESTERDAY = today() - timedelta(days=2)  # and one more: midnight may fall into a run
TOMORROW = today() + timedelta(days=2)


def now(person: Person) -> Actor:
    """Return the actor as they are at this moment."""
    return actor_for(fresh(Person, person.id))


def prepare(scope: str, *people: Person, **dates: object) -> PrepGroup:
    """Create a 备课组 with members."""
    group = save(PrepGroup(scope=scope, name="三年级语文备课组", subject="语文", grade=3))
    for person in people:
        save(PrepGroupMember(prep_group_id=group.id, person_id=person.id, **{"from_on": LONG_AGO, **dates}))
    return group


# 备课组


def test_a_member_has_the_key_of_the_prep_group_and_no_colleague(cast: SimpleNamespace) -> None:
    key = prep_group_key(prepare(school_key(cast.core.id), cast.owner).id)
    assert key in now(cast.owner).keys
    assert all(key not in now(person).keys for person in (cast.colleague, cast.head, cast.neighbour, cast.admin))


@pytest.mark.parametrize("dates", [{"to_on": YESTERDAY}, {"from_on": TOMORROW}])
def test_a_time_that_is_over_or_to_come_gives_no_key(cast: SimpleNamespace, dates: dict[str, object]) -> None:
    group = prepare(school_key(cast.core.id), cast.owner, **dates)
    assert prep_group_key(group.id) not in now(cast.owner).keys


def test_a_prep_group_gives_its_key_to_its_last_day(cast: SimpleNamespace) -> None:
    group = prepare(school_key(cast.core.id), cast.owner)
    for ended_on, given in ((today(), True), (YESTERDAY, False)):
        with transaction():
            fresh(PrepGroup, group.id).ended_on = ended_on
        assert (prep_group_key(group.id) in now(cast.owner).keys) is given


def test_a_prep_group_of_a_group_is_for_its_member_schools(cast: SimpleNamespace) -> None:
    group = prepare(group_key(cast.group_a.id), cast.neighbour, cast.outsider)
    assert prep_group_key(group.id) in now(cast.neighbour).keys
    assert prep_group_key(group.id) not in now(cast.outsider).keys, "who does not serve there is no member"
    with transaction() as session:
        session.execute(update(Membership).where(Membership.school_id == cast.rural.id).values(to_on=YESTERDAY))
    assert prep_group_key(group.id) not in now(cast.neighbour).keys, "the school left"


def test_who_left_the_school_left_its_prep_groups(cast: SimpleNamespace) -> None:
    group = prepare(school_key(cast.core.id), cast.former)
    assert prep_group_key(group.id) not in now(cast.former).keys


# 伙伴集团


def join(cast: SimpleNamespace, **dates: object) -> None:
    first, second = sorted((cast.group_a.id, cast.group_b.id))
    save(Partnership(group_id=first, partner_id=second, **{"from_on": LONG_AGO, **dates}))


def test_both_partners_have_the_keys_of_both(cast: SimpleNamespace) -> None:
    join(cast)
    both = {partners_key(cast.group_a.id), partners_key(cast.group_b.id)}
    assert all(both <= now(person).keys for person in (cast.owner, cast.neighbour, cast.outsider))
    assert both.isdisjoint(now(cast.former).keys)


@pytest.mark.parametrize("dates", [{"to_on": YESTERDAY}, {"from_on": TOMORROW}])
def test_without_a_live_partnership_one_has_the_own_key_only(cast: SimpleNamespace, dates: dict[str, object]) -> None:
    join(cast, **dates)
    keys = now(cast.owner).keys
    assert partners_key(cast.group_a.id) in keys
    assert partners_key(cast.group_b.id) not in keys


def test_partners_of_partners_are_no_partners(cast: SimpleNamespace) -> None:
    join(cast)
    third = make_group("第三集团", make_school())
    first, second = sorted((cast.group_b.id, third.id))
    save(Partnership(group_id=first, partner_id=second, from_on=LONG_AGO))
    assert partners_key(third.id) in now(cast.outsider).keys
    assert partners_key(third.id) not in now(cast.owner).keys


# 指定学校


def test_a_circle_is_for_those_who_serve_at_its_schools(cast: SimpleNamespace) -> None:
    key = circle_key(circle_for(now(cast.admin), [cast.core.id, cast.other.id]))
    assert all(key in now(person).keys for person in (cast.owner, cast.outsider))
    assert all(key not in now(person).keys for person in (cast.neighbour, cast.former, cast.admin))


def test_a_closed_school_is_in_no_circle(cast: SimpleNamespace) -> None:
    key = circle_key(circle_for(now(cast.admin), [cast.core.id, cast.other.id]))
    with transaction():
        fresh(School, cast.core.id).active = False
    assert key not in now(cast.owner).keys
    assert key in now(cast.outsider).keys


# regions


@pytest.fixture
def land(cast: SimpleNamespace) -> SimpleNamespace:
    """Put the core school into a county of a city of a province, and the other school into another county."""
    province = save(Region(name="湖南省", level="province"))
    city = save(Region(name="清江市", level="city", parent_id=province.id))
    county = save(Region(name="清江县", level="county", parent_id=city.id))
    beside = save(Region(name="山阳县", level="county", parent_id=city.id))
    with transaction() as session:
        session.get_one(School, cast.core.id).region_id = county.id
        session.get_one(School, cast.other.id).region_id = beside.id
        session.get_one(Group, cast.group_b.id).region_id = beside.id
    return SimpleNamespace(province=province, city=city, county=county, beside=beside)


def regions(person: Person) -> set[str]:
    return {key for key in now(person).keys if key.startswith("region:")}


def test_a_teacher_has_the_keys_of_county_city_and_province(cast: SimpleNamespace, land: SimpleNamespace) -> None:
    assert regions(cast.owner) == {region_key(each.id) for each in (land.county, land.city, land.province)}
    assert regions(cast.neighbour) == set(), "their school lies nowhere"


def test_an_officer_has_the_keys_of_the_regions_above_and_below(cast: SimpleNamespace, land: SimpleNamespace) -> None:
    officer = make_person("市教研员")
    appoint(officer, OfficeKind.RESEARCHER, region_key(land.city.id))
    assert regions(officer) == {region_key(each.id) for each in (land.province, land.city, land.county, land.beside)}


def test_an_officer_of_a_county_has_no_key_of_its_neighbour(cast: SimpleNamespace, land: SimpleNamespace) -> None:
    officer = make_person("县教研员")
    appoint(officer, OfficeKind.RESEARCHER, region_key(land.county.id))
    assert region_key(land.beside.id) not in regions(officer)


def test_the_key_of_a_region_gives_no_right_over_it(cast: SimpleNamespace, land: SimpleNamespace) -> None:
    lone = make_school("孤零小学", region_id=land.county.id)
    stranger = make_person("孤老师")
    post(stranger, lone)
    appoint(stranger, OfficeKind.SCHOOL_HEAD, school_key(lone.id))
    officer = make_person("区县管理员")
    appoint(officer, OfficeKind.DISTRICT_OFFICER, region_key(land.county.id))
    with transaction() as session:
        session.get_one(Group, cast.group_b.id).region_id = land.county.id
    teacher = now(cast.owner)  # shares the county with the lone school and the second group
    assert region_key(land.county.id) in teacher.keys
    assert {school.id for school in seen(teacher, School)} == {cast.core.id, cast.rural.id}
    assert {group.id for group in seen(teacher, Group)} == {cast.group_a.id}
    assert {row.group_id for row in seen(teacher, Membership)} == {cast.group_a.id}
    assert {row.person_id for row in seen(teacher, Office)} == {cast.head.id, cast.group_head.id}
    assert stranger.id not in {row.person_id for row in seen(teacher, Posting)}
    assert {row.id for row in seen(now(officer), School)} == {cast.core.id, lone.id, cast.other.id}, "the officer does"


def test_who_serves_nowhere_has_no_region(cast: SimpleNamespace, land: SimpleNamespace) -> None:
    assert regions(cast.former) == regions(cast.admin) == set()
