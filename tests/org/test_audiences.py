"""To whom something is open, in words; and to whom an actor may open something."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from blueprints.common.audiences import audience_names, audience_options
from tests.factories import LONG_AGO, make_group, make_school, post, save
from tests.org.test_actor_keys import now, prepare
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
from tongyan.org.models import Partnership, PostingKind, Region, School
from tongyan.org.services.audiences import audience_choices
from tongyan.org.services.circles import circle_for

MOST_STATEMENTS = 8


@pytest.fixture
def county(cast: SimpleNamespace) -> Region:
    """Put the core school into a town of a county of a city of a province."""
    province = save(Region(name="湖南省", level="province"))
    city = save(Region(name="清江市", level="city", parent_id=province.id))
    county = save(Region(name="清江县", level="county", parent_id=city.id))
    town = save(Region(name="城关镇", level="town", parent_id=county.id))
    with transaction() as session:
        session.get_one(School, cast.core.id).region_id = town.id
    return county


def test_every_audience_has_its_words(app: Flask, cast: SimpleNamespace, county: Region) -> None:
    said = {
        user_key(cast.owner.id): "仅甲老师",
        prep_group_key(prepare(school_key(cast.core.id)).id): "三年级语文备课组（清江实验小学）",
        school_key(cast.core.id): "清江实验小学",
        circle_key(circle_for(now(cast.admin), [cast.core.id, cast.other.id])): "指定学校：外地小学、实验小学",
        group_key(cast.group_a.id): "清江教育集团",
        partners_key(cast.group_a.id): "清江教育集团及伙伴集团",
        region_key(county.id): "清江县各校",
        PUBLIC: "所有人",
    }
    with app.test_request_context():
        assert audience_names(said) == said


def test_a_large_circle_names_three_schools(app: Flask, cast: SimpleNamespace) -> None:
    schools = [make_school(f"{number}号小学").id for number in range(5)]
    key = circle_key(circle_for(now(cast.admin), schools))
    with app.test_request_context():
        assert audience_names([key])[key] == "指定学校：0号小学、1号小学、2号小学等 5 所"


def test_what_is_gone_or_none_is_said_so(app: Flask) -> None:
    kinds = ("user", "prepgroup", "school", "schools", "group", "partners", "region")
    asked = [*(f"{kind}:{uuid4()}" for kind in kinds), "nonsense", "school:x"]
    with app.test_request_context():
        assert set(audience_names(asked).values()) == {"已不存在的范围"}


def test_many_audiences_ask_no_more_than_one_of_each(
    app: Flask, cast: SimpleNamespace, county: Region, count_statements: Callable[..., int]
) -> None:
    keys: list[str] = [PUBLIC, user_key(cast.owner.id), region_key(county.id)]
    for _ in range(3):
        school = make_school()
        keys += [school_key(school.id), circle_key(circle_for(now(cast.admin), [school.id]))]
        keys += [partners_key(make_group(None, school).id), prep_group_key(prepare(school_key(school.id)).id)]
    with app.test_request_context():
        assert count_statements(lambda: audience_names(keys)) <= MOST_STATEMENTS


def chosen(person: Any) -> list[str]:
    return [choice.audience for choice in audience_choices(now(person))]


def test_one_may_share_with_what_one_belongs_to(app: Flask, cast: SimpleNamespace, county: Region) -> None:
    own = prepare(school_key(cast.core.id), cast.owner)
    prepare(school_key(cast.core.id), cast.colleague)
    assert county.parent_id is not None
    assert chosen(cast.owner) == [
        prep_group_key(own.id),
        school_key(cast.core.id),
        group_key(cast.group_a.id),
        region_key(county.id),
        region_key(county.parent_id),
    ]
    with app.test_request_context():
        assert [text for _, text in audience_options(now(cast.owner))] == [
            "三年级语文备课组（清江实验小学）", "清江实验小学", "清江教育集团", "清江县各校", "清江市各校",
        ]  # fmt: skip


def test_partners_are_offered_as_long_as_there_are_any(cast: SimpleNamespace) -> None:
    assert partners_key(cast.group_a.id) not in chosen(cast.owner)
    first, second = sorted((cast.group_a.id, cast.group_b.id))
    save(Partnership(group_id=first, partner_id=second, from_on=LONG_AGO))
    assert partners_key(cast.group_a.id) in chosen(cast.owner)
    assert partners_key(cast.group_b.id) not in chosen(cast.owner), "that one is for the others to choose"


def test_who_serves_at_two_schools_may_choose_both(cast: SimpleNamespace) -> None:
    post(cast.owner, cast.other, PostingKind.SERVING)
    both = {school_key(cast.core.id), school_key(cast.other.id), group_key(cast.group_a.id), group_key(cast.group_b.id)}
    assert set(chosen(cast.owner)) == both


def test_who_belongs_nowhere_has_nothing_to_choose(cast: SimpleNamespace) -> None:
    assert chosen(cast.former) == chosen(cast.admin) == []
