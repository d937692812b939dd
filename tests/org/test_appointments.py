"""Offices: given and ended by administrators, never by oneself."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest

from tests.factories import LONG_AGO, fresh, make_group, make_person, make_school, save
from tongyan.accounts.models import Person
from tongyan.kernel.audit import AuditEntry
from tongyan.kernel.clock import today
from tongyan.kernel.db import transaction
from tongyan.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tongyan.kernel.permissions import Actor, group_key, region_key, school_key
from tongyan.org.actors import actor_for
from tongyan.org.models import Group, OfficeKind, Region
from tongyan.org.scopes import SCOPES, kinds_over
from tongyan.org.services import appointments

DAY = timedelta(days=1)


def errors_of(call: Callable[[], object]) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as refusal:
        call()
    return refusal.value.errors


@pytest.fixture
def scopes(cast: SimpleNamespace) -> dict[str, str]:
    """Give one scope of each kind."""
    region = save(Region(name="清江市", level="city"))
    return {
        "school": school_key(cast.core.id),
        "group": group_key(cast.group_a.id),
        "region": region_key(region.id),
    }


def test_an_office_holds_from_its_first_to_its_last_day(
    admin: Actor, scopes: dict[str, str], audited: Callable[[str], list[AuditEntry]]
) -> None:
    person, scope = make_person("王小美"), scopes["school"]
    office = appointments.appoint(admin, person.id, OfficeKind.SCHOOL_HEAD, scope, today())
    assert actor_for(fresh(Person, person.id)).holds(OfficeKind.SCHOOL_HEAD, scope)
    appointments.end_office(admin, office.id, today())
    assert actor_for(fresh(Person, person.id)).holds(OfficeKind.SCHOOL_HEAD, scope)
    assert audited("office.appoint")[0].data["scope"] == scope
    assert audited("office.end")[0].subject == f"user:{person.id}"


@pytest.mark.parametrize("kind", OfficeKind)
def test_each_kind_of_office_stands_over_its_places_only(
    admin: Actor, scopes: dict[str, str], kind: OfficeKind
) -> None:
    for place, scope in scopes.items():
        person_id = make_person().id
        if place in SCOPES[kind]:
            appointments.appoint(admin, person_id, kind, scope, today(), subject="语文")
            assert kind in kinds_over(place)
        else:
            refused = errors_of(
                lambda scope=scope, who=person_id: appointments.appoint(
                    admin, who, kind, scope, today(), subject="语文"
                )
            )
            assert refused == {"scope": ["office.scope"]}


@pytest.mark.parametrize("scope", ["public", "nonsense", f"user:{UUID(int=1)}", "school:x"])
def test_what_names_no_place_is_refused(admin: Actor, scope: str) -> None:
    refused = errors_of(lambda: appointments.appoint(admin, make_person().id, OfficeKind.SCHOOL_HEAD, scope, today()))
    assert refused == {"scope": ["office.scope"]}
    with pytest.raises(NotFound):
        appointments.place_of(admin, scope)


def test_leads_of_a_subject_name_it_and_heads_do_not(admin: Actor, scopes: dict[str, str]) -> None:
    def appoint(kind: OfficeKind, scope: str, subject: str | None) -> str | None:
        return appointments.appoint(admin, make_person().id, kind, scope, today(), subject=subject).subject

    for kind in (OfficeKind.SUBJECT_LEAD, OfficeKind.PREP_LEAD):
        for subject in (None, " ", "长" * 33):
            assert errors_of(lambda kind=kind, subject=subject: appoint(kind, scopes["school"], subject)) == {
                "subject": ["office.subject"]
            }
        assert appoint(kind, scopes["school"], " 语文 ") == "语文"
    assert appoint(OfficeKind.RESEARCHER, scopes["region"], None) is None
    assert appoint(OfficeKind.SCHOOL_HEAD, scopes["school"], "语文") is None


def test_the_same_office_is_not_given_twice_at_a_time(admin: Actor, scopes: dict[str, str]) -> None:
    person_id, kind, scope = make_person().id, OfficeKind.SUBJECT_LEAD, scopes["school"]
    appointments.appoint(admin, person_id, kind, scope, LONG_AGO, to_on=today(), subject="语文")
    overlap = {"from_on": ["office.overlap"]}
    assert errors_of(
        lambda: appointments.appoint(admin, person_id, kind, scope, today(), subject="语文")
    ) == overlap  # fmt: skip
    appointments.appoint(admin, person_id, kind, scope, today(), subject="数学")
    appointments.appoint(admin, person_id, kind, scope, today() + DAY, subject="语文")


def test_nothing_is_given_over_what_is_closed_or_ended(admin: Actor) -> None:
    school, group = make_school(active=False), make_group()
    with transaction() as session:
        session.get_one(Group, group.id).ended_on = today() - DAY
    for kind, scope in ((OfficeKind.SCHOOL_HEAD, school_key(school.id)), (OfficeKind.GROUP_HEAD, group_key(group.id))):
        with pytest.raises(Conflict, match="office.scope_over"):
            appointments.appoint(admin, make_person().id, kind, scope, today())
    with pytest.raises(NotFound):
        appointments.appoint(admin, make_person().id, OfficeKind.SCHOOL_HEAD, school_key(uuid4()), today())


def test_nobody_appoints_themselves_and_others_appoint_nobody(
    admin: Actor, cast: SimpleNamespace, actor: Callable[[Person], Actor]
) -> None:
    scope = school_key(cast.core.id)
    with pytest.raises(Conflict, match="org.own_office"):
        appointments.appoint(admin, admin.person_id, OfficeKind.SCHOOL_HEAD, scope, today())
    with pytest.raises(Forbidden):
        appointments.appoint(actor(cast.group_head), cast.owner.id, OfficeKind.SCHOOL_HEAD, scope, today())
    office = appointments.appoint(admin, cast.owner.id, OfficeKind.SCHOOL_HEAD, scope, today())
    with pytest.raises(Forbidden):
        appointments.end_office(actor(cast.owner), office.id, today())
    with pytest.raises(NotFound):
        appointments.end_office(actor(cast.outsider), office.id, today())


def test_dates_are_in_order(admin: Actor, scopes: dict[str, str]) -> None:
    person_id, scope = make_person().id, scopes["school"]
    order = {"to_on": ["period.order"]}
    assert errors_of(
        lambda: appointments.appoint(
            admin, person_id, OfficeKind.SCHOOL_HEAD, scope, today(), to_on=today() - DAY
        )
    ) == order  # fmt: skip
    office = appointments.appoint(admin, person_id, OfficeKind.SCHOOL_HEAD, scope, today())
    assert errors_of(lambda: appointments.end_office(admin, office.id, today() - DAY)) == order
