"""Schools join groups and leave them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
from flask import Flask

from tests.factories import LONG_AGO, appoint, fresh, make_group, make_school
from tongyan.accounts.models import Person
from tongyan.kernel.audit import AuditEntry
from tongyan.kernel.clock import today
from tongyan.kernel.db import db
from tongyan.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tongyan.kernel.permissions import Actor, group_key
from tongyan.org import periods
from tongyan.org.actors import actor_for
from tongyan.org.models import Group, Membership, OfficeKind
from tongyan.org.services import groups, memberships

DAY = timedelta(days=1)


def membership_of(admin: Actor, group_id: object, school_id: object) -> Membership:
    rows = memberships.list_memberships(admin, group_id)  # type: ignore[arg-type] # an id
    return next(row for row in rows if row.school_id == school_id)


def errors_of(call: Callable[[], object]) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as refusal:
        call()
    return refusal.value.errors


def test_a_school_joins_and_its_staff_belongs_to_the_group(
    admin: Actor, cast: SimpleNamespace, audited: Callable[[str], list[AuditEntry]]
) -> None:
    joined = memberships.join(admin, cast.group_a.id, cast.other.id, today(), "清教〔2025〕3号")
    assert (joined.membership.reason, joined.too_many) == ("清教〔2025〕3号", None)
    assert actor_for(fresh(Person, cast.outsider.id)).group_ids == {cast.group_a.id, cast.group_b.id}
    assert audited("group.join")[0].data["school"] == "外地小学"


def test_above_six_members_there_is_a_warning_but_never_a_block(admin: Actor) -> None:
    group = make_group(None, *(make_school() for _ in range(5)))
    sixth, seventh, eighth = (memberships.join(admin, group.id, make_school().id, today()).too_many for _ in range(3))
    assert (sixth, seventh, eighth) == (None, 7, 8)


def test_a_school_is_a_member_once_at_a_time(admin: Actor, cast: SimpleNamespace) -> None:
    twice = {"school_id": ["membership.overlap"]}
    assert errors_of(lambda: memberships.join(admin, cast.group_a.id, cast.rural.id, today())) == twice
    memberships.leave(admin, membership_of(admin, cast.group_a.id, cast.rural.id).id, today(), "成熟退出")
    assert errors_of(lambda: memberships.join(admin, cast.group_a.id, cast.rural.id, today())) == twice
    memberships.join(admin, cast.group_a.id, cast.rural.id, today() + DAY)  # and it may come back
    assert len(memberships.memberships_of(admin, cast.rural.id)) == 2


def test_nobody_joins_a_group_that_ends_at_this_moment(
    app: Flask, admin: Actor, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    if db.engine.dialect.name == "sqlite":
        return  # it has one writer: ending and joining never meet

    def end_and_lock(model: type[Group], group_id: UUID) -> None:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(end).result()
        lock(model, group_id)

    def end() -> None:
        with app.app_context():
            groups.end_group(admin, ending, today(), "布局调整", 1)

    ending, school_id, lock = cast.group_b.id, make_school().id, periods.lock
    monkeypatch.setattr(periods, "lock", end_and_lock)
    with pytest.raises(Conflict, match=r"group\.ended"):
        memberships.join(admin, ending, school_id, today())


def test_who_cannot_join_is_told_why(admin: Actor, cast: SimpleNamespace) -> None:
    group_id = cast.group_a.id
    closed = make_school(active=False)
    assert errors_of(lambda: memberships.join(admin, group_id, closed.id, today())) == {"school_id": ["school.closed"]}
    early = LONG_AGO - DAY
    assert errors_of(lambda: memberships.join(admin, group_id, cast.other.id, early)) == {
        "from_on": ["membership.before_founded"]
    }
    long = "长" * 256
    assert errors_of(lambda: memberships.join(admin, group_id, cast.other.id, today(), long)) == {
        "reason": ["org.reason"]
    }
    groups.end_group(admin, group_id, today(), "布局调整", 1)
    with pytest.raises(Conflict, match="group.ended"):
        memberships.join(admin, group_id, cast.other.id, today())


def test_after_the_last_day_the_staff_no_longer_belongs_and_the_history_stays(
    admin: Actor, cast: SimpleNamespace, audited: Callable[[str], list[AuditEntry]]
) -> None:
    row = membership_of(admin, cast.group_a.id, cast.rural.id)
    memberships.leave(admin, row.id, today() - DAY, "成熟退出")
    assert actor_for(fresh(Person, cast.neighbour.id)).group_ids == frozenset()
    kept = fresh(Membership, row.id)
    assert (kept.from_on, kept.to_on, kept.end_reason) == (LONG_AGO, today() - DAY, "成熟退出")
    assert audited("group.leave")[0].data["reason"] == "成熟退出"


def test_leaving_needs_a_reason_and_a_day_in_order(admin: Actor, cast: SimpleNamespace) -> None:
    row_id = membership_of(admin, cast.group_a.id, cast.rural.id).id
    assert errors_of(lambda: memberships.leave(admin, row_id, today(), "")) == {"reason": ["org.reason"]}
    assert errors_of(lambda: memberships.leave(admin, row_id, LONG_AGO - DAY, "错")) == {"to_on": ["period.order"]}
    memberships.leave(admin, row_id, today(), "成熟退出")
    assert errors_of(lambda: memberships.leave(admin, row_id, today() + DAY, "错")) == {"to_on": ["period.later"]}
    memberships.leave(admin, row_id, today() - DAY, "提前退出")
    with pytest.raises(Conflict, match="period.over"):
        memberships.leave(admin, row_id, today(), "又退")


def test_the_core_school_stays_until_there_is_another(admin: Actor, cast: SimpleNamespace) -> None:
    row_id = membership_of(admin, cast.group_a.id, cast.core.id).id
    with pytest.raises(Conflict, match="group.core_leaves"):
        memberships.leave(admin, row_id, today(), "成熟退出")
    assert fresh(Membership, row_id).to_on is None


def test_before_leaving_one_sees_whom_it_concerns(admin: Actor, cast: SimpleNamespace) -> None:
    office = appoint(cast.neighbour, OfficeKind.LINE_HEAD, group_key(cast.group_a.id))
    leaving = memberships.get_leaving(admin, membership_of(admin, cast.group_a.id, cast.rural.id).id)
    assert (leaving.teachers, [each.id for each in leaving.offices]) == (1, [office.id])


def test_others_change_nothing(admin: Actor, cast: SimpleNamespace, actor: Callable[[Person], Actor]) -> None:
    head, outsider = actor(cast.group_head), actor(cast.outsider)
    row_id = membership_of(admin, cast.group_a.id, cast.rural.id).id
    with pytest.raises(Forbidden):
        memberships.join(head, cast.group_a.id, cast.core.id, today())
    with pytest.raises(Forbidden):
        memberships.leave(head, row_id, today(), "越权")
    with pytest.raises(NotFound):
        memberships.join(outsider, cast.group_a.id, cast.other.id, today())
    with pytest.raises(NotFound):
        memberships.leave(outsider, row_id, today(), "越权")
    assert memberships.list_memberships(outsider, cast.group_a.id) == []
