"""伙伴集团: administrators join two groups and part them again."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest

from tests.factories import LONG_AGO, fresh, make_group
from tests.org.test_actor_keys import now
from tests.org.test_policy import seen
from tongyan.kernel.audit import AuditEntry
from tongyan.kernel.clock import today
from tongyan.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tongyan.kernel.permissions import ANONYMOUS, Actor, partners_key
from tongyan.org.models import Partnership
from tongyan.org.services import groups, partnerships
from tongyan.org.services.partnerships import join_partners

DAY = timedelta(days=1)


def errors_of(call: Callable[[], object]) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as refusal:
        call()
    return refusal.value.errors


def test_it_does_not_matter_which_group_is_named_first(
    admin: Actor, cast: SimpleNamespace, audited: Callable[[str], list[AuditEntry]]
) -> None:
    first, second = sorted((cast.group_a.id, cast.group_b.id))
    made = join_partners(admin, second, first, today())
    assert (made.group_id, made.partner_id) == (first, second)
    assert [partnerships.other(made, each).id for each in (first, second)] == [second, first]
    partnerships.end_partnership(admin, made.id, today())
    assert [entry.data["to_on"] for entry in audited("group.partner") + audited("group.part")] == [
        None,
        today().isoformat(),
    ]


def test_partners_see_one_another_from_the_first_day_to_the_last(admin: Actor, cast: SimpleNamespace) -> None:
    key = partners_key(cast.group_b.id)
    made = join_partners(admin, cast.group_a.id, cast.group_b.id, today() - DAY)
    assert key in now(cast.owner).keys
    partnerships.end_partnership(admin, made.id, today() - DAY)
    assert key not in now(cast.owner).keys
    assert partnerships.list_partnerships(admin, [cast.group_a.id]) == {}


def test_a_pair_is_joined_once_at_a_time(admin: Actor, cast: SimpleNamespace) -> None:
    a, b = cast.group_a.id, cast.group_b.id
    made = join_partners(admin, b, a, today())
    for pair in ((a, b), (b, a)):
        assert errors_of(lambda pair=pair: join_partners(admin, *pair, today() + 9 * DAY)) == {
            "partner_id": ["partnership.overlap"]
        }
    partnerships.end_partnership(admin, made.id, today())
    join_partners(admin, a, b, today() + DAY)  # and they may join again
    assert len(partnerships.list_partnerships(admin, [a])[b]) == 2


def test_which_groups_cannot_be_joined_is_said(admin: Actor, cast: SimpleNamespace) -> None:
    a, b = cast.group_a.id, cast.group_b.id
    assert errors_of(lambda: join_partners(admin, a, a, today())) == {"partner_id": ["partnership.self"]}
    early = {"from_on": ["partnership.before_founded"]}
    assert errors_of(lambda: join_partners(admin, a, b, LONG_AGO - DAY)) == early
    with pytest.raises(NotFound):
        join_partners(admin, a, cast.core.id, today())
    groups.end_group(admin, b, today(), "布局调整", 1)
    for pair in ((a, b), (b, a)):
        with pytest.raises(Conflict, match=r"group\.ended"):
            join_partners(admin, *pair, today())


def test_nobody_else_joins_or_parts_groups(admin: Actor, cast: SimpleNamespace) -> None:
    with pytest.raises(Forbidden):
        join_partners(now(cast.group_head), cast.group_a.id, cast.group_b.id, today())
    made = join_partners(admin, cast.group_a.id, cast.group_b.id, today())
    with pytest.raises(Forbidden):
        partnerships.end_partnership(now(cast.group_head), made.id, today())
    with pytest.raises(NotFound):
        partnerships.get_partnership(now(cast.former), made.id)


def test_both_groups_see_that_they_are_partners(admin: Actor, cast: SimpleNamespace) -> None:
    made = join_partners(admin, cast.group_a.id, cast.group_b.id, today())
    for person in (cast.owner, cast.neighbour, cast.outsider, cast.admin):
        assert {row.id for row in seen(now(person), Partnership)} == {made.id}
    assert seen(now(cast.former), Partnership) == seen(ANONYMOUS, Partnership) == set()


def test_the_end_of_a_group_ends_its_partnerships(admin: Actor, cast: SimpleNamespace) -> None:
    made = join_partners(admin, cast.group_a.id, cast.group_b.id, LONG_AGO)
    coming = join_partners(admin, cast.group_a.id, make_group().id, today() + DAY)
    assert groups.loss_of_group(admin, cast.group_a.id).partners == 2
    groups.end_group(admin, cast.group_a.id, today() - DAY, "布局调整", 1)
    assert fresh(Partnership, made.id).to_on == today() - DAY
    assert fresh(Partnership, coming.id).to_on == coming.from_on
    assert partners_key(cast.group_a.id) not in now(cast.outsider).keys
