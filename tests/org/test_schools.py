"""Schools: made, changed, closed and opened again."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from tests.factories import fresh, make_person, make_school, post, save
from tongyan.accounts.models import Person
from tongyan.kernel.audit import AuditEntry
from tongyan.kernel.errors import Conflict, Forbidden, Invalid
from tongyan.kernel.permissions import Actor
from tongyan.org.actors import actor_for
from tongyan.org.models import Region, School, Stage
from tongyan.org.services import schools
from tongyan.org.services.schools import SchoolEdit, SchoolFilters

GIGABYTE = 1024**3


def said(**values: Any) -> SchoolEdit:
    return SchoolEdit(**({"name": "山阳县中心小学", "short_name": "中心小学", "stages": [Stage.PRIMARY]} | values))


def test_a_school_keeps_all_that_is_said_of_it(admin: Actor, audited: Callable[[str], list[AuditEntry]]) -> None:
    region = save(Region(name="山阳县", level="county"))
    edit = said(
        stages=[Stage.JUNIOR, Stage.PRIMARY], legal_person=False, owning_authority="山阳县教育局", region_id=region.id,
        quota_bytes=5 * GIGABYTE,
    )  # fmt: skip
    school = fresh(School, schools.create_school(admin, edit).id)
    assert (school.name, school.stages, school.legal_person) == ("山阳县中心小学", ["primary", "junior"], False)
    assert (school.owning_authority, school.region.name) == ("山阳县教育局", "山阳县")
    assert school.quota_bytes == 5 * GIGABYTE
    assert audited("school.create")[0].subject == f"school:{school.id}"


@pytest.mark.parametrize(
    ("values", "errors"),
    [
        ({"name": ""}, {"name": ["org.name"]}),
        ({"name": "长" * 129}, {"name": ["org.name"]}),
        ({"short_name": " "}, {"short_name": ["org.name"]}),
        ({"owning_authority": "长" * 129}, {"owning_authority": ["org.name"]}),
        ({"stages": []}, {"stages": ["school.stages"]}),
        ({"quota_bytes": 0}, {"quota_bytes": ["school.quota"]}),
        ({"name": "已有小学"}, {"name": ["school.twin"]}),
    ],
)
def test_what_breaks_a_rule_is_named_at_its_field(
    admin: Actor, values: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    make_school("已有小学")
    with pytest.raises(Invalid) as refusal:
        schools.create_school(admin, said(**values))
    assert refusal.value.errors == errors


def test_a_stale_edit_changes_nothing(admin: Actor) -> None:
    school = schools.create_school(admin, said())
    schools.update_school(admin, school.id, said(name="改了名的小学"), school.version)
    for change in (schools.close_school, schools.reopen_school):
        with pytest.raises(Conflict, match="conflict.stale"):
            change(admin, school.id, 1)
    with pytest.raises(Conflict, match="conflict.stale"):
        schools.update_school(admin, school.id, said(), 1)
    assert fresh(School, school.id).name == "改了名的小学"


def test_a_closed_school_gives_no_rights_until_it_is_opened_again(
    admin: Actor, audited: Callable[[str], list[AuditEntry]]
) -> None:
    school, person = make_school(), make_person()
    post(person, school)
    schools.close_school(admin, school.id, 1)
    assert actor_for(fresh(Person, person.id)).school_ids == frozenset()
    schools.reopen_school(admin, school.id, 2)
    assert actor_for(fresh(Person, person.id)).school_ids == {school.id}
    assert [len(audited(action)) for action in ("school.close", "school.reopen")] == [1, 1]


def test_others_change_nothing(cast: SimpleNamespace, actor: Callable[[Person], Actor]) -> None:
    head = actor(cast.head)
    with pytest.raises(Forbidden):
        schools.create_school(head, said())
    with pytest.raises(Forbidden):
        schools.update_school(head, cast.core.id, said(), 1)
    with pytest.raises(Forbidden):
        schools.close_school(head, cast.core.id, 1)


def test_the_list_counts_those_who_serve_today_and_names_the_groups(admin: Actor, cast: SimpleNamespace) -> None:
    rows = {row.school.name: row for row in schools.list_schools(admin, SchoolFilters()).items}
    assert rows["清江实验小学"].teachers == 4  # the former one has left
    assert rows["清江实验小学"].groups == "清江教育集团"
    assert make_school("孤零小学").id in {
        row.school.id for row in schools.list_schools(admin, SchoolFilters(groupless=True)).items
    }


def test_the_list_is_searched_filtered_and_sorted(admin: Actor, cast: SimpleNamespace) -> None:
    city = save(Region(name="清江市", level="city"))
    county = save(Region(name="山阳县", level="county", parent_id=city.id))
    school = schools.create_school(admin, said(stages=[Stage.SENIOR], region_id=county.id))
    schools.close_school(admin, make_school("停办小学").id, 1)

    def names(**values: Any) -> list[str]:
        return [row.school.name for row in schools.list_schools(admin, SchoolFilters(**values)).items]

    assert names(text="乡村") == ["清江乡村小学"]
    assert names(text="100%") == []
    assert names(stage=Stage.SENIOR) == names(region_id=city.id) == names(groupless=True) == [school.name]
    assert names(closed=True) == ["停办小学"]
    assert "清江实验小学" not in names(headless=True)
    assert "清江乡村小学" in names(headless=True)
    assert names(sort="-teachers")[0] == "清江实验小学"
    assert schools.list_schools(admin, SchoolFilters(), 2, 3).items[0].school.name == names()[3]


def test_others_list_only_what_is_near_them(cast: SimpleNamespace, actor: Callable[[Person], Actor]) -> None:
    seen = {row.school.name for row in schools.list_schools(actor(cast.owner), SchoolFilters()).items}
    assert seen == {"清江实验小学", "清江乡村小学"}


def test_a_closed_school_is_not_offered(admin: Actor) -> None:
    school = make_school("停办小学", active=False)
    assert school.id not in {each.id for each in schools.open_schools(admin)}
