"""备课组: who sees and tends them; made, changed and ended."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest

from tests.factories import LONG_AGO, appoint, fresh, make_person, make_school, post, save
from tests.org.test_actor_keys import now, prepare
from tests.org.test_policy import seen
from tongyan.kernel.audit import AuditEntry
from tongyan.kernel.clock import today
from tongyan.kernel.db import transaction
from tongyan.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tongyan.kernel.permissions import ANONYMOUS, Actor, can, group_key, prep_group_key, region_key, school_key
from tongyan.org.models import Office, OfficeKind, PrepGroup, PrepGroupMember, School
from tongyan.org.policy import Action
from tongyan.org.services import groups, prep_groups, prep_members
from tongyan.org.services.prep_groups import PrepGroupEdit

DAY = timedelta(days=1)
CHINESE = PrepGroupEdit("三年级语文备课组", "语文", 3)


def lead_of(cast: SimpleNamespace, kind: OfficeKind, scope: str, subject: str | None = None) -> Actor:
    """Give the colleague an office and return them."""
    save(Office(person_id=cast.colleague.id, kind=kind, scope=scope, subject=subject, from_on=LONG_AGO))
    return now(cast.colleague)


# who sees and tends them


def test_the_staff_of_the_school_see_its_prep_groups(cast: SimpleNamespace) -> None:
    group = prepare(school_key(cast.core.id), cast.owner)
    for person in (cast.owner, cast.colleague, cast.head, cast.group_head, cast.admin):
        assert seen(now(person), PrepGroup) == {group}
        assert len(seen(now(person), PrepGroupMember)) == 1
    for person in (cast.neighbour, cast.outsider, cast.former):
        assert seen(now(person), PrepGroup) == seen(now(person), PrepGroupMember) == set()
    assert seen(ANONYMOUS, PrepGroup) == seen(ANONYMOUS, PrepGroupMember) == set()


def test_the_staff_of_the_member_schools_see_those_of_the_group(cast: SimpleNamespace) -> None:
    group = prepare(group_key(cast.group_a.id))
    assert seen(now(cast.owner), PrepGroup) == seen(now(cast.neighbour), PrepGroup) == {group}
    assert seen(now(cast.outsider), PrepGroup) == set()


def test_an_officer_of_the_region_does_not_see_them(cast: SimpleNamespace) -> None:
    prepare(school_key(cast.core.id))
    officer = make_person("区县管理员")
    appoint(officer, OfficeKind.DISTRICT_OFFICER, region_key(cast.core.id))
    assert seen(now(officer), PrepGroup) == set()


@pytest.mark.parametrize("kind", [OfficeKind.SCHOOL_HEAD, OfficeKind.LINE_HEAD])
def test_heads_of_the_place_tend_all_of_them(cast: SimpleNamespace, kind: OfficeKind) -> None:
    there, elsewhere = prepare(school_key(cast.core.id)), prepare(group_key(cast.group_a.id))
    who = lead_of(cast, kind, school_key(cast.core.id))
    assert can(who, Action.PREP_GROUP_EDIT, there)
    assert not can(who, Action.PREP_GROUP_EDIT, elsewhere), "the group is not theirs"


@pytest.mark.parametrize("kind", [OfficeKind.SUBJECT_LEAD, OfficeKind.PREP_LEAD])
def test_leads_tend_those_of_their_subject_and_those_without_one(cast: SimpleNamespace, kind: OfficeKind) -> None:
    scope = school_key(cast.core.id)
    who = lead_of(cast, kind, scope, "语文")
    for subject, tends in (("语文", True), (None, True), ("数学", False)):
        assert can(who, Action.PREP_GROUP_EDIT, PrepGroup(scope=scope, subject=subject)) is tends


def test_other_offices_tend_nothing(cast: SimpleNamespace) -> None:
    group = prepare(group_key(cast.group_a.id))
    assert can(now(cast.group_head), Action.PREP_GROUP_EDIT, group)
    assert not can(lead_of(cast, OfficeKind.RESEARCHER, group.scope), Action.PREP_GROUP_STAFF, group)


# made


def test_a_head_makes_one(cast: SimpleNamespace, audited: Callable[[str], list[AuditEntry]]) -> None:
    made = prep_groups.create_prep_group(now(cast.head), school_key(cast.core.id), CHINESE)
    kept = fresh(PrepGroup, made.id)
    assert (kept.name, kept.subject, kept.grade, kept.ended_on) == ("三年级语文备课组", "语文", 3, None)
    entry = audited("prep_group.create")[0]
    assert (entry.subject, entry.data["name"]) == (prep_group_key(made.id), "三年级语文备课组")


def test_others_make_none(cast: SimpleNamespace) -> None:
    for person in (cast.owner, cast.group_head):
        with pytest.raises(Forbidden):
            prep_groups.create_prep_group(now(person), school_key(cast.core.id), CHINESE)
    for person in (cast.neighbour, cast.outsider, cast.former):
        with pytest.raises((Forbidden, NotFound)):
            prep_groups.create_prep_group(now(person), school_key(cast.core.id), CHINESE)


def test_a_lead_makes_those_of_the_own_subject(cast: SimpleNamespace) -> None:
    scope = school_key(cast.core.id)
    who = lead_of(cast, OfficeKind.SUBJECT_LEAD, scope, "语文")
    prep_groups.create_prep_group(who, scope, CHINESE)
    with pytest.raises(Forbidden):
        prep_groups.create_prep_group(who, scope, PrepGroupEdit("数学组", "数学"))


def test_what_is_wrong_with_one_is_said_at_its_field(cast: SimpleNamespace) -> None:
    head, scope = now(cast.head), school_key(cast.core.id)
    prep_groups.create_prep_group(head, scope, CHINESE)
    for edit, errors in (
        (PrepGroupEdit(" "), {"name": ["org.name"]}),
        (PrepGroupEdit("组" * 65), {"name": ["org.name"]}),
        (PrepGroupEdit("组", "科" * 33), {"subject": ["org.name"]}),
        (PrepGroupEdit("组", None, 13), {"grade": ["prep_group.grade"]}),
        (CHINESE, {"name": ["prep_group.twin"]}),
    ):
        with pytest.raises(Invalid) as refusal:
            prep_groups.create_prep_group(head, scope, edit)
        assert refusal.value.errors == errors
    prep_groups.create_prep_group(now(cast.group_head), group_key(cast.group_a.id), CHINESE)  # another place


@pytest.mark.parametrize("scope", ["nonsense", "public", "region:{0}", "school:{0}"])
def test_there_is_none_of_a_place_that_is_not_there(cast: SimpleNamespace, scope: str) -> None:
    scope = scope.format(cast.group_a.id)
    for call in (prep_groups.place_of, lambda who, where: prep_groups.create_prep_group(who, where, CHINESE)):
        with pytest.raises(NotFound):
            call(now(cast.admin), scope)


def test_a_place_that_is_over_gets_no_new_one(admin: Actor, cast: SimpleNamespace) -> None:
    with transaction():
        fresh(School, cast.core.id).active = False
    groups.end_group(admin, cast.group_b.id, today(), "布局调整", 1)
    for scope in (school_key(cast.core.id), group_key(cast.group_b.id)):
        with pytest.raises(Conflict, match=r"prep_group\.place_over"):
            prep_groups.create_prep_group(admin, scope, CHINESE)


def test_the_form_offers_a_lead_the_own_subjects(cast: SimpleNamespace) -> None:
    scope = school_key(cast.core.id)
    assert prep_groups.place_of(now(cast.head), scope).subjects == []
    assert prep_groups.place_of(lead_of(cast, OfficeKind.PREP_LEAD, scope, "语文"), scope).subjects == ["语文"]
    with pytest.raises(NotFound):
        prep_groups.place_of(now(cast.owner), scope)


# changed and ended


def test_one_is_changed_by_who_saw_it_as_it_is(cast: SimpleNamespace) -> None:
    head, group = now(cast.head), prepare(school_key(cast.core.id))
    edit = PrepGroupEdit("语文组", "语文")
    prep_groups.update_prep_group(head, group.id, edit, 1)
    assert (fresh(PrepGroup, group.id).name, fresh(PrepGroup, group.id).grade) == ("语文组", None)
    with pytest.raises(Conflict, match=r"conflict\.stale"):
        prep_groups.update_prep_group(head, group.id, edit, 1)


def test_a_lead_does_not_hand_it_to_another_subject(cast: SimpleNamespace) -> None:
    group = prepare(school_key(cast.core.id))
    who = lead_of(cast, OfficeKind.PREP_LEAD, school_key(cast.core.id), "语文")
    with pytest.raises(Forbidden):
        prep_groups.update_prep_group(who, group.id, PrepGroupEdit("数学组", "数学"), 1)
    assert fresh(PrepGroup, group.id).subject == "语文"


def test_its_leader_neither_changes_nor_ends_it(cast: SimpleNamespace) -> None:
    group = prepare(school_key(cast.core.id), cast.owner, lead=True)
    for call in (
        lambda who: prep_groups.update_prep_group(who, group.id, CHINESE, 1),
        lambda who: prep_groups.end_prep_group(who, group.id, today(), 1),
    ):
        with pytest.raises(Forbidden):
            call(now(cast.owner))
        with pytest.raises(NotFound):
            call(now(cast.neighbour))


def test_its_end_ends_the_time_of_all_in_it(cast: SimpleNamespace) -> None:
    group = prepare(school_key(cast.core.id), cast.owner, cast.colleague)
    coming = save(PrepGroupMember(prep_group_id=group.id, person_id=cast.head.id, from_on=today() + 9 * DAY))
    prep_groups.end_prep_group(now(cast.head), group.id, today() - DAY, 1)
    assert fresh(PrepGroup, group.id).ended_on == today() - DAY
    assert prep_group_key(group.id) not in now(cast.owner).keys
    view = prep_groups.view_prep_group(now(cast.owner), group.id)
    assert {row.to_on for row in view.past} == {today() - DAY}
    assert fresh(PrepGroupMember, coming.id).to_on == coming.from_on
    with pytest.raises(Conflict, match=r"prep_group\.ended"):
        prep_groups.end_prep_group(now(cast.head), group.id, today(), 2)
    with pytest.raises(Conflict, match=r"prep_group\.ended"):
        prep_members.add_member(now(cast.head), group.id, cast.head.id, today())


def test_the_end_of_a_group_ends_its_prep_groups(admin: Actor, cast: SimpleNamespace) -> None:
    group, other = prepare(group_key(cast.group_a.id), cast.owner), prepare(school_key(cast.core.id))
    assert groups.loss_of_group(admin, cast.group_a.id).prep_groups == 1
    groups.end_group(admin, cast.group_a.id, today() - DAY, "布局调整", 1)
    assert fresh(PrepGroup, group.id).ended_on == today() - DAY
    assert fresh(PrepGroup, other.id).ended_on is None


# listed


def test_the_list_says_how_many_prepare_and_who_leads(cast: SimpleNamespace) -> None:
    scope = school_key(cast.core.id)
    group = prepare(scope, cast.owner, lead=True)
    save(
        PrepGroupMember(prep_group_id=group.id, person_id=cast.colleague.id, from_on=LONG_AGO),
        PrepGroupMember(prep_group_id=group.id, person_id=cast.head.id, from_on=LONG_AGO, to_on=today() - DAY),
    )
    save(PrepGroup(scope=scope, name="旧组", ended_on=today() - DAY))
    (row,) = prep_groups.list_prep_groups(now(cast.owner), [scope])[scope]
    assert (row.prep_group.id, row.members, row.leaders) == (group.id, 2, "甲老师")
    assert prep_groups.list_prep_groups(now(cast.neighbour), [scope]) == {}


def test_near_are_those_of_the_own_schools_and_groups(cast: SimpleNamespace) -> None:
    school, group = prepare(school_key(cast.core.id)), prepare(group_key(cast.group_a.id))
    prepare(school_key(cast.other.id))
    near = [row.prep_group.id for row in prep_groups.near_prep_groups(now(cast.owner))]
    assert near == [school.id, group.id]
    assert [row.prep_group.id for row in prep_groups.near_prep_groups(now(cast.neighbour))] == [group.id]


def test_the_page_of_one_names_who_no_longer_serves_there(cast: SimpleNamespace) -> None:
    group = prepare(school_key(cast.core.id), cast.owner, cast.former)
    view = prep_groups.view_prep_group(now(cast.owner), group.id)
    assert (view.place, {row.person.name for row in view.members}) == ("清江实验小学", {"甲老师", "庚老师"})
    assert view.away == {cast.former.id}


def test_a_school_that_comes_later_serves_in_no_prep_group_of_the_group(cast: SimpleNamespace) -> None:
    late, teacher = make_school("明日小学"), make_person("明老师")
    post(teacher, late)
    group = prepare(group_key(cast.group_a.id), teacher)
    assert prep_groups.view_prep_group(now(cast.owner), group.id).away == {teacher.id}
