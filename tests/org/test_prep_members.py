"""People come into 备课组, leave them, and are named their leaders."""

from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from tests.factories import LONG_AGO, appoint, fresh, make_person, post, save
from tests.org.test_actor_keys import now, prepare
from tests.org.test_rights import told
from tongyan.accounts.models import Person
from tongyan.kernel import clock
from tongyan.kernel.audit import AuditEntry
from tongyan.kernel.clock import today
from tongyan.kernel.db import db, transaction
from tongyan.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tongyan.kernel.permissions import Actor, group_key, prep_group_key, school_key
from tongyan.org.models import OfficeKind, Posting, PostingKind, PrepGroup, PrepGroupMember
from tongyan.org.services import postings, prep_groups, prep_members

DAY = timedelta(days=1)


@pytest.fixture
def group(cast: SimpleNamespace) -> PrepGroup:
    """Give a 备课组 of the core school that the owner leads."""
    return prepare(school_key(cast.core.id), cast.owner, lead=True)


def add(who: Actor, group: PrepGroup, person: Person, from_on: date | None = None, **more: object) -> PrepGroupMember:
    return prep_members.add_member(who, group.id, person.id, from_on or today(), **more)  # type: ignore[arg-type] # dates


def errors_of(call: Callable[[], object]) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as refusal:
        call()
    return refusal.value.errors


def time_of(person: Person, group: PrepGroup) -> list[tuple[date, date | None, bool]]:
    """Return a person's times in a 备课组: first and last day, and whether as its leader."""
    db.session.rollback()
    rows = select(PrepGroupMember).where(
        PrepGroupMember.person_id == person.id, PrepGroupMember.prep_group_id == group.id
    )
    return [(row.from_on, row.to_on, row.lead) for row in db.session.scalars(rows.order_by(PrepGroupMember.from_on))]


# coming


def test_who_comes_in_has_the_key_at_once_and_is_told(
    cast: SimpleNamespace, group: PrepGroup, audited: Callable[[str], list[AuditEntry]]
) -> None:
    with transaction():
        fresh(Person, cast.colleague.id).last_seen_at = clock.now()
    add(now(cast.head), group, cast.colleague)
    assert prep_group_key(group.id) in now(cast.colleague).keys
    assert told(cast.colleague) == ["org.rights"]
    assert audited("prep_group.add")[0].data["person"] == "乙老师"


def test_the_leader_takes_members_in_and_out_but_names_no_leader(cast: SimpleNamespace, group: PrepGroup) -> None:
    leader = now(cast.owner)
    member = add(leader, group, cast.colleague)
    with pytest.raises(Forbidden):
        add(leader, group, cast.head, lead=True)
    with pytest.raises(Forbidden):
        prep_members.name_leader(leader, member.id, lead=True)
    prep_members.end_member(leader, member.id, today())
    assert time_of(cast.colleague, group) == [(today(), today(), False)]


def test_a_leader_of_yesterday_takes_nobody_in(cast: SimpleNamespace) -> None:
    group = prepare(school_key(cast.core.id), cast.owner, lead=True, to_on=today() - DAY)
    with pytest.raises(Forbidden):
        add(now(cast.owner), group, cast.colleague)


def test_colleagues_and_strangers_take_nobody_in(cast: SimpleNamespace, group: PrepGroup) -> None:
    with pytest.raises(Forbidden):
        add(now(cast.colleague), group, cast.colleague)
    for person in (cast.neighbour, cast.outsider, cast.former):
        with pytest.raises(NotFound):
            add(now(person), group, person)


def test_only_who_serves_there_comes_in(cast: SimpleNamespace, group: PrepGroup) -> None:
    head = now(cast.head)
    for person in (cast.neighbour, cast.outsider, cast.former, cast.admin, make_person(active=False)):
        assert errors_of(lambda person=person: add(head, group, person)) == {"person_q": ["prep_group.not_serving"]}
    early = {"person_q": ["prep_group.not_serving"]}
    assert errors_of(lambda: add(head, group, cast.colleague, LONG_AGO - DAY)) == early
    wide = prepare(group_key(cast.group_a.id))
    add(now(cast.group_head), wide, cast.neighbour)
    assert errors_of(lambda: add(now(cast.group_head), wide, cast.outsider)) == early


def test_one_is_in_it_once_at_a_time(cast: SimpleNamespace, group: PrepGroup) -> None:
    head = now(cast.head)
    twice = {"person_q": ["prep_group.overlap"]}
    assert errors_of(lambda: add(head, group, cast.owner)) == twice
    member = add(head, group, cast.colleague, to_on=today() + DAY)
    assert errors_of(lambda: add(head, group, cast.colleague, today() + DAY)) == twice
    add(head, group, cast.colleague, today() + 2 * DAY)  # and one may come back
    assert [last for _, last, _ in time_of(cast.colleague, group)] == [member.to_on, None]
    assert errors_of(lambda: add(head, group, cast.head, today(), to_on=today() - DAY)) == {"to_on": ["period.order"]}


# finding


def test_candidates_are_those_who_serve_there_and_are_not_in_it(cast: SimpleNamespace, group: PrepGroup) -> None:
    leader = now(cast.owner)
    assert [each.name for each in prep_members.find_candidates(leader, group.id, "老师")] == ["乙老师"]
    assert prep_members.find_candidates(leader, group.id, "师") == []
    assert prep_members.find_candidates(leader, group.id, "戊老师") == []
    chosen = prep_members.find_candidate(leader, group.id, cast.colleague.id)
    assert chosen is not None
    assert (chosen.name, chosen.login) == ("乙老师", ""), "half of what a sign-in asks for"
    assert prep_members.find_candidate(leader, group.id, cast.neighbour.id) is None
    assert prep_members.find_candidate(leader, group.id, None) is None
    with pytest.raises(Forbidden):
        prep_members.find_candidates(now(cast.colleague), group.id, "老师")


def test_namesakes_are_told_apart_by_their_logins(cast: SimpleNamespace, group: PrepGroup) -> None:
    twins = [make_person("张伟", login=login) for login in ("zhangwei1", "zhangwei2")]
    for twin in twins:
        post(twin, cast.core)
    found = prep_members.find_candidates(now(cast.owner), group.id, "张伟")
    assert [each.login for each in found] == ["zhangwei1", "zhangwei2"]


# leaving and leading


def test_a_leader_is_dismissed_by_the_head_or_steps_down(cast: SimpleNamespace, group: PrepGroup) -> None:
    second = add(now(cast.head), group, cast.colleague, lead=True)
    with pytest.raises(Forbidden):
        prep_members.end_member(now(cast.owner), second.id, today())
    prep_members.end_member(now(cast.colleague), second.id, today())
    assert time_of(cast.colleague, group) == [(today(), today(), True)]


def test_the_end_of_a_time_stays_within_it(cast: SimpleNamespace, group: PrepGroup) -> None:
    head, member = now(cast.head), add(now(cast.head), group, cast.colleague)
    assert errors_of(lambda: prep_members.end_member(head, member.id, today() - DAY)) == {"to_on": ["period.order"]}
    over = save(PrepGroupMember(prep_group_id=group.id, person_id=cast.head.id, from_on=LONG_AGO, to_on=LONG_AGO))
    with pytest.raises(Conflict, match=r"period\.over"):
        prep_members.end_member(head, over.id, today())
    with pytest.raises(Conflict, match=r"period\.over"):
        prep_members.name_leader(head, over.id, lead=True)
    with pytest.raises(NotFound):
        prep_members.get_member(now(cast.neighbour), member.id)


def test_a_new_leader_keeps_the_time_before_as_it_was(
    cast: SimpleNamespace, group: PrepGroup, audited: Callable[[str], list[AuditEntry]]
) -> None:
    head = now(cast.head)
    row = save(PrepGroupMember(prep_group_id=group.id, person_id=cast.colleague.id, from_on=LONG_AGO))
    named = prep_members.name_leader(head, row.id, lead=True)
    assert time_of(cast.colleague, group) == [(LONG_AGO, today() - DAY, False), (today(), None, True)]
    assert prep_group_key(group.id) in now(cast.colleague).keys
    prep_members.name_leader(head, named.id, lead=True)  # nothing to do
    prep_members.name_leader(head, named.id, lead=False)
    assert time_of(cast.colleague, group) == [(LONG_AGO, today() - DAY, False), (today(), None, False)]
    assert (len(audited("prep_group.lead")), len(audited("prep_group.unlead"))) == (1, 1)


# leaving the school


def end(admin: Actor, person: Person, school_id: object) -> None:
    posting = db.session.scalars(
        select(Posting).where(Posting.person_id == person.id, Posting.school_id == school_id)
    ).one()
    postings.end_posting(admin, posting.id, today() - DAY)


def test_who_leaves_the_school_leaves_its_prep_groups_and_those_of_its_groups(
    admin: Actor, cast: SimpleNamespace, group: PrepGroup
) -> None:
    wide = prepare(group_key(cast.group_a.id), cast.owner)
    posting = db.session.scalars(select(Posting).where(Posting.person_id == cast.owner.id)).one()
    assert {row.prep_group_id for row in postings.get_loss(admin, posting.id).prepares} == {group.id, wide.id}
    end(admin, cast.owner, cast.core.id)
    assert [time_of(cast.owner, each)[0][1] for each in (group, wide)] == [today() - DAY] * 2


def test_who_serves_at_another_member_school_stays_in_those_of_the_group(
    admin: Actor, cast: SimpleNamespace, group: PrepGroup
) -> None:
    wide = prepare(group_key(cast.group_a.id), cast.owner)
    post(cast.owner, cast.rural, PostingKind.SERVING)
    end(admin, cast.owner, cast.core.id)
    assert [time_of(cast.owner, each)[0][1] for each in (group, wide)] == [today() - DAY, None]
    assert prep_group_key(wide.id) in now(cast.owner).keys


def test_an_office_alone_makes_nobody_a_member(cast: SimpleNamespace, group: PrepGroup) -> None:
    appoint(cast.outsider, OfficeKind.LINE_HEAD, school_key(cast.core.id))
    tends = now(cast.outsider)
    add(tends, group, cast.colleague)
    assert prep_group_key(group.id) not in tends.keys
    assert prep_groups.view_prep_group(tends, group.id).place == "清江实验小学"
