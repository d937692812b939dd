"""Groups: founded, changed and ended."""

from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tests.factories import LONG_AGO, appoint, fresh, make_group, make_school, save
from tongyan.accounts.models import Person
from tongyan.kernel.audit import AuditEntry
from tongyan.kernel.clock import today
from tongyan.kernel.errors import Conflict, Forbidden, Invalid
from tongyan.kernel.permissions import Actor, group_key, user_key
from tongyan.org.actors import actor_for
from tongyan.org.models import Group, Membership, Office, OfficeKind, Pairing, Region, Way
from tongyan.org.services import appointments, groups, memberships
from tongyan.org.services.groups import GroupEdit, GroupFilters

FOUNDED = date(2024, 9, 1)


def said(**values: Any) -> GroupEdit:
    start = {"name": "山阳教育集团", "pairing": Pairing.CORE_WEAK, "way": Way.TRUST, "founded_on": FOUNDED}
    return GroupEdit(**(start | values))


def errors_of(call: Callable[[], object]) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as refusal:
        call()
    return refusal.value.errors


def test_the_core_school_is_the_first_member(admin: Actor, audited: Callable[[str], list[AuditEntry]]) -> None:
    core = make_school()
    group = groups.create_group(admin, said(core_school_id=core.id))
    (member,) = memberships.list_memberships(admin, group.id)
    assert (member.school_id, member.from_on, member.to_on) == (core.id, FOUNDED, None)
    assert audited("group.create")[0].subject == group_key(group.id)


def test_a_group_may_begin_without_a_core_school(admin: Actor) -> None:
    group = groups.create_group(admin, said())
    assert memberships.list_memberships(admin, group.id) == []


def test_what_breaks_a_rule_is_named_at_its_field(admin: Actor) -> None:
    make_group("已有集团")
    closed = make_school(active=False)
    assert errors_of(lambda: groups.create_group(admin, said(name=""))) == {"name": ["org.name"]}
    assert errors_of(lambda: groups.create_group(admin, said(name="已有集团"))) == {"name": ["group.twin"]}
    assert errors_of(lambda: groups.create_group(admin, said(core_school_id=closed.id))) == {
        "core_school_id": ["school.closed"]
    }


def test_only_a_member_becomes_the_core_school(admin: Actor) -> None:
    first, second, stranger = make_school(), make_school(), make_school()
    group = make_group("旧名", first, second)
    changed = groups.update_group(admin, group.id, said(founded_on=LONG_AGO, core_school_id=second.id), 1)
    assert changed.core_school_id == second.id
    edit = said(founded_on=LONG_AGO, core_school_id=stranger.id)
    assert errors_of(lambda: groups.update_group(admin, group.id, edit, 2)) == {
        "core_school_id": ["group.core_not_member"]
    }


def test_a_group_is_not_younger_than_its_members(admin: Actor) -> None:
    group = make_group("旧名", make_school())
    assert errors_of(lambda: groups.update_group(admin, group.id, said(), 1)) == {"founded_on": ["group.founded_later"]}


def test_a_stale_edit_changes_nothing(admin: Actor) -> None:
    group = groups.create_group(admin, said())
    groups.update_group(admin, group.id, said(name="新名"), 1)
    with pytest.raises(Conflict, match="conflict.stale"):
        groups.update_group(admin, group.id, said(name="旧名"), 1)
    with pytest.raises(Conflict, match="conflict.stale"):
        groups.end_group(admin, group.id, today(), "完成任务", 1)
    assert fresh(Group, group.id).name == "新名"


def test_ending_a_group_ends_its_memberships_and_offices_and_keeps_the_history(
    admin: Actor, cast: SimpleNamespace, audited: Callable[[str], list[AuditEntry]]
) -> None:
    yesterday = today() - timedelta(days=1)
    assert groups.loss_of_group(admin, cast.group_a.id) == (2, 1, 0, 0)
    groups.end_group(admin, cast.group_a.id, yesterday, "布局调整", 1)
    rows = memberships.list_memberships(admin, cast.group_a.id)
    assert [(row.to_on, row.end_reason) for row in rows] == [(yesterday, "布局调整")] * 2
    for role in ("owner", "group_head"):
        assert actor_for(fresh(Person, getattr(cast, role).id)).group_ids == frozenset()
    assert audited("group.end")[0].data["reason"] == "布局调整"
    assert len(audited("office.end")) == 1


def test_who_left_on_the_last_day_keeps_the_own_reason(
    admin: Actor, cast: SimpleNamespace, audited: Callable[[str], list[AuditEntry]]
) -> None:
    rural = next(row for row in memberships.list_memberships(admin, cast.group_a.id) if row.school_id == cast.rural.id)
    memberships.leave(admin, rural.id, today(), "成熟退出")
    office = appoint(cast.outsider, OfficeKind.LINE_HEAD, group_key(cast.group_a.id))
    appointments.end_office(admin, office.id, today())
    groups.end_group(admin, cast.group_a.id, today(), "布局调整", 1)
    assert fresh(Membership, rural.id).end_reason == "成熟退出"
    assert [entry.subject for entry in audited("office.end")].count(user_key(cast.outsider.id)) == 1


def test_a_group_ends_once_for_a_reason_and_not_before_it_began(admin: Actor, cast: SimpleNamespace) -> None:
    group_id = cast.group_a.id
    assert errors_of(lambda: groups.end_group(admin, group_id, today(), " ", 1)) == {"reason": ["org.reason"]}
    before = LONG_AGO - timedelta(days=1)
    assert errors_of(lambda: groups.end_group(admin, group_id, before, "错", 1)) == {"to_on": ["period.order"]}
    groups.end_group(admin, group_id, today(), "布局调整", 1)
    with pytest.raises(Conflict, match="group.ended"):
        groups.end_group(admin, group_id, today(), "布局调整", 2)


def test_a_group_does_not_end_before_a_member_or_office_begins(admin: Actor, cast: SimpleNamespace) -> None:
    tomorrow = today() + timedelta(days=1)
    memberships.join(admin, cast.group_a.id, make_school().id, tomorrow)
    assert errors_of(lambda: groups.end_group(admin, cast.group_a.id, today(), "错", 1)) == {"to_on": ["group.later"]}
    appoint(cast.outsider, OfficeKind.LINE_HEAD, group_key(cast.group_b.id))
    later = Office(
        person_id=cast.owner.id, kind=OfficeKind.LINE_HEAD, scope=group_key(cast.group_b.id), from_on=tomorrow
    )
    save(later)
    assert errors_of(lambda: groups.end_group(admin, cast.group_b.id, today(), "错", 1)) == {"to_on": ["office.later"]}
    assert fresh(Group, cast.group_b.id).ended_on is None  # nothing half done


def test_others_change_nothing(cast: SimpleNamespace, actor: Callable[[Person], Actor]) -> None:
    head = actor(cast.group_head)
    with pytest.raises(Forbidden):
        groups.create_group(head, said())
    with pytest.raises(Forbidden):
        groups.update_group(head, cast.group_a.id, said(), 1)
    with pytest.raises(Forbidden):
        groups.end_group(head, cast.group_a.id, today(), "越权", 1)


def test_the_list_is_searched_filtered_and_sorted(admin: Actor, cast: SimpleNamespace) -> None:
    city = save(Region(name="清江市", level="city"))
    small = groups.create_group(admin, said(region_id=city.id))
    large = make_group("大联盟", *(make_school() for _ in range(7)))
    gone = make_group("已结束的集团")
    groups.end_group(admin, gone.id, today() - timedelta(days=1), "完成任务", 1)

    def names(**values: Any) -> list[str]:
        return [row.group.name for row in groups.list_groups(admin, GroupFilters(**values)).items]

    assert names(text="外地") == ["外地教育集团"]
    assert names(pairing=Pairing.CORE_WEAK) == names(way=Way.TRUST) == names(region_id=city.id) == [small.name]
    assert names(large=True) == [large.name]
    assert names(ended=True) == [gone.name]
    assert names(sort="-members")[0] == large.name
    assert gone.name not in names()


def test_history_outlives_the_group(admin: Actor, cast: SimpleNamespace) -> None:
    groups.end_group(admin, cast.group_b.id, today(), "完成任务", 1)
    assert fresh(Membership, memberships.list_memberships(admin, cast.group_b.id)[0].id).from_on == LONG_AGO
