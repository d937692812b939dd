"""Which audiences cover another: what is open to the group is open to the school, and not the other way round."""

from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest

from tests.factories import LONG_AGO, make_group, save
from tongyan.kernel.clock import today
from tongyan.kernel.db import transaction
from tongyan.kernel.permissions import (
    PUBLIC,
    circle_key,
    group_key,
    partners_key,
    prep_group_key,
    region_key,
    school_key,
    user_key,
)
from tongyan.org.models import CircleSchool, Partnership, PrepGroup, Region, RegionLevel, School
from tongyan.org.services.covering import covering


@pytest.fixture
def place(cast: SimpleNamespace) -> SimpleNamespace:
    """Put the core school into a county of a province, a circle, a partnership and give it a 备课组."""
    province = save(Region(name="清江省", level=RegionLevel.PROVINCE))
    county = save(Region(name="清江县", level=RegionLevel.COUNTY, parent_id=province.id))
    core = lie(cast.core.id, county.id)
    circle = uuid4()
    save(*(CircleSchool(circle_id=circle, school_id=each) for each in (core.id, cast.rural.id)))
    save(Partnership(group_id=cast.group_b.id, partner_id=cast.group_a.id, from_on=LONG_AGO))
    prep = save(PrepGroup(name="三年级语文", scope=school_key(core.id), subject="语文"))
    return SimpleNamespace(province=province.id, county=county.id, circle=circle, prep=prep.id)


def lie(school_id: UUID, region_id: UUID) -> School:
    """Put a school into a region."""
    with transaction() as session:
        school = session.get_one(School, school_id)
        school.region_id = region_id
    return school


def test_what_covers_a_school(cast: SimpleNamespace, place: SimpleNamespace) -> None:
    assert covering(school_key(cast.core.id)) == {
        PUBLIC,
        school_key(cast.core.id),
        group_key(cast.group_a.id),
        partners_key(cast.group_a.id),
        partners_key(cast.group_b.id),
        circle_key(place.circle),
        region_key(place.county),
        region_key(place.province),
    }


def test_a_prep_group_is_covered_by_its_place_as_well(cast: SimpleNamespace, place: SimpleNamespace) -> None:
    prep = prep_group_key(place.prep)
    assert covering(prep) == {prep, *covering(school_key(cast.core.id))}


def test_named_schools_are_covered_by_what_covers_each(cast: SimpleNamespace, place: SimpleNamespace) -> None:
    assert covering(circle_key(place.circle)) == {
        PUBLIC,
        circle_key(place.circle),
        group_key(cast.group_a.id),
        partners_key(cast.group_a.id),
        partners_key(cast.group_b.id),
    }
    nowhere = circle_key(uuid4())
    assert covering(nowhere) == {PUBLIC, nowhere}


def test_a_group_is_covered_by_its_partners_not_by_its_schools(cast: SimpleNamespace, place: SimpleNamespace) -> None:
    assert covering(group_key(cast.group_a.id)) == {
        PUBLIC, group_key(cast.group_a.id), partners_key(cast.group_a.id), partners_key(cast.group_b.id),
    }  # fmt: skip
    alone = partners_key(cast.group_a.id)
    assert covering(alone) == {PUBLIC, alone}


def test_a_region_is_covered_by_those_above(place: SimpleNamespace) -> None:
    county, province = region_key(place.county), region_key(place.province)
    assert covering(county) == {PUBLIC, county, province}
    assert covering(province) == {PUBLIC, province}


def test_a_person_sees_what_their_posts_open(cast: SimpleNamespace) -> None:
    assert {school_key(cast.core.id), group_key(cast.group_a.id)} <= covering(user_key(cast.owner.id))
    nobody, nothing = user_key(uuid4()), prep_group_key(uuid4())
    assert (covering(nobody), covering(nothing), covering(PUBLIC)) == ({PUBLIC, nobody}, {PUBLIC, nothing}, {PUBLIC})


def test_a_group_that_has_ended_covers_nothing(cast: SimpleNamespace) -> None:
    over = make_group("旧集团", cast.core)
    with transaction() as session:
        session.merge(over).ended_on = today().replace(year=today().year - 1)
    assert group_key(over.id) not in covering(school_key(cast.core.id))
