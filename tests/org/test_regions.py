"""Regions: a tree whose levels fall on the way down."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from tests.factories import fresh, make_person
from tongyan.kernel.audit import AuditEntry
from tongyan.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tongyan.kernel.permissions import Actor
from tongyan.org.actors import actor_for
from tongyan.org.models import Region, RegionLevel
from tongyan.org.services import regions
from tongyan.org.services.regions import RegionEdit, RegionFilters

PROVINCE, CITY, COUNTY, TOWN = RegionLevel


def add(admin: Actor, name: str, level: RegionLevel, parent_id: UUID | None = None) -> Region:
    return regions.create_region(admin, RegionEdit(name, level, parent_id))


def errors_of(call: Callable[[], object]) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as refusal:
        call()
    return refusal.value.errors


def test_a_region_hangs_below_a_wider_one_and_is_audited(
    admin: Actor, audited: Callable[[str], list[AuditEntry]]
) -> None:
    city = add(admin, "清江市", CITY)
    county = add(admin, " 山阳县\u200b ", COUNTY, city.id)
    assert fresh(Region, county.id).name == "山阳县"
    assert fresh(Region, county.id).parent_id == city.id
    assert [entry.data["name"] for entry in audited("region.create")] == ["清江市", "山阳县"]


def test_levels_between_may_be_missing(admin: Actor) -> None:
    municipality = add(admin, "某直辖市", PROVINCE)
    assert add(admin, "某区", COUNTY, municipality.id).parent_id == municipality.id


def test_a_region_below_a_narrower_or_equal_one_is_refused(admin: Actor) -> None:
    county = add(admin, "山阳县", COUNTY)
    for level in (PROVINCE, CITY, COUNTY):
        assert errors_of(lambda level=level: add(admin, "别处", level, county.id)) == {"parent_id": ["region.level"]}


def test_no_circle_closes(admin: Actor) -> None:
    city = add(admin, "清江市", CITY)
    county = add(admin, "山阳县", COUNTY, city.id)
    own = RegionEdit("清江市", CITY, city.id)
    assert errors_of(lambda: regions.update_region(admin, city.id, own, 1)) == {"parent_id": ["region.circle"]}
    below = RegionEdit("清江市", CITY, county.id)
    assert errors_of(lambda: regions.update_region(admin, city.id, below, 1)) == {"parent_id": ["region.level"]}
    lowered = RegionEdit("清江市", TOWN)
    assert errors_of(lambda: regions.update_region(admin, city.id, lowered, 1)) == {"level": ["region.level"]}


@pytest.mark.parametrize("name", ["", " \u200b ", "长" * 65])
def test_a_name_is_needed_and_bounded(admin: Actor, name: str) -> None:
    assert errors_of(lambda: add(admin, name, CITY)) == {"name": ["org.name"]}


def test_one_name_stands_once_at_one_place(admin: Actor) -> None:
    one, other = add(admin, "清江市", CITY), add(admin, "别的市", CITY)
    add(admin, "城关镇", TOWN, one.id)
    add(admin, "城关镇", TOWN, other.id)
    assert errors_of(lambda: add(admin, "城关镇", TOWN, one.id)) == {"name": ["region.twin"]}
    assert errors_of(lambda: add(admin, "清江市", CITY)) == {"name": ["region.twin"]}


def test_a_stale_edit_changes_nothing(admin: Actor, audited: Callable[[str], list[AuditEntry]]) -> None:
    region = add(admin, "清江市", CITY)
    regions.update_region(admin, region.id, RegionEdit("新名", CITY), 1)
    with pytest.raises(Conflict, match="conflict.stale"):
        regions.update_region(admin, region.id, RegionEdit("旧名", CITY), 1)
    assert fresh(Region, region.id).name == "新名"
    assert len(audited("region.update")) == 1


def test_others_read_but_change_nothing(admin: Actor) -> None:
    region, teacher = add(admin, "清江市", CITY), actor_for(make_person())
    assert regions.list_regions(teacher, RegionFilters()).total == 1
    with pytest.raises(Forbidden):
        regions.create_region(teacher, RegionEdit("别处", CITY))
    with pytest.raises(Forbidden):
        regions.update_region(teacher, region.id, RegionEdit("别处", CITY), 1)
    with pytest.raises(NotFound):
        add(admin, "孤儿", TOWN, uuid4())


def test_the_list_is_searched_filtered_and_sorted(admin: Actor) -> None:
    city = add(admin, "清江市", CITY)
    for name in ("山阳县", "泉南县"):
        add(admin, name, COUNTY, city.id)

    def names(**values: object) -> list[str]:
        return [row.region.name for row in regions.list_regions(admin, RegionFilters(**values)).items]

    assert names()[0] == "清江市"  # the widest first
    assert names(text="山") == ["山阳县"]
    assert set(names(text="清江")) == {"清江市", "山阳县", "泉南县"}  # also by the region above
    assert set(names(level=COUNTY)) == {"山阳县", "泉南县"}
    assert names(sort="-name") == names(sort="name")[::-1]
    assert names(sort="nonsense") == names(sort="name")


def test_a_choice_names_what_is_above(admin: Actor) -> None:
    city = add(admin, "清江市", CITY)
    add(admin, "山阳县", COUNTY, city.id)
    assert [choice.path for choice in regions.region_choices(admin)] == ["清江市", "清江市 山阳县"]
