"""Who serves at which school; and finding whom to post."""

from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from tests.factories import LONG_AGO, appoint, fresh, make_person, make_school, post, save
from tongyan.accounts.models import Person
from tongyan.kernel.audit import AuditEntry
from tongyan.kernel.clock import today
from tongyan.kernel.db import transaction
from tongyan.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tongyan.kernel.permissions import Actor, school_key
from tongyan.org.actors import actor_for
from tongyan.org.models import Office, OfficeKind, Posting, PostingKind
from tongyan.org.services import postings, staff
from tongyan.org.services.staff import StaffFilters

DAY = timedelta(days=1)
HOME, SERVING, EXCHANGE = PostingKind


def errors_of(call: Callable[[], object]) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as refusal:
        call()
    return refusal.value.errors


def test_a_posting_gives_the_rights_of_the_school_at_once(
    admin: Actor, audited: Callable[[str], list[AuditEntry]]
) -> None:
    person, school = make_person("王小美"), make_school("山阳小学")
    posted = postings.start_posting(admin, person.id, school.id, HOME, today())
    assert posted.warnings == []
    assert actor_for(fresh(Person, person.id)).school_ids == {school.id}
    entry = audited("posting.start")[0]
    assert (entry.subject, entry.data["school"]) == (f"user:{person.id}", "山阳小学")


def test_one_person_has_one_home_at_a_time_and_serves_elsewhere(admin: Actor) -> None:
    person, home, other = make_person(), make_school(), make_school()
    postings.start_posting(admin, person.id, home.id, HOME, LONG_AGO, to_on=today())
    second = {"kind": ["posting.second_home"]}
    assert errors_of(lambda: postings.start_posting(admin, person.id, other.id, HOME, today())) == second
    postings.start_posting(admin, person.id, other.id, SERVING, today())
    postings.start_posting(admin, person.id, make_school().id, HOME, today() + DAY)


def test_two_postings_at_one_school_do_not_overlap(admin: Actor) -> None:
    person, school = make_person(), make_school()
    postings.start_posting(admin, person.id, school.id, HOME, LONG_AGO, to_on=today())
    overlap = {"from_on": ["posting.overlap"]}
    assert errors_of(lambda: postings.start_posting(admin, person.id, school.id, SERVING, today())) == overlap
    early = LONG_AGO - DAY
    assert errors_of(lambda: postings.start_posting(admin, person.id, school.id, SERVING, early)) == overlap
    postings.start_posting(admin, person.id, school.id, SERVING, LONG_AGO - 9 * DAY, to_on=early)
    postings.start_posting(admin, person.id, school.id, SERVING, today() + DAY)


@pytest.mark.parametrize(
    ("to_on", "warnings"),
    [(date(2025, 8, 30), ["posting.exchange_short"]), (date(2025, 8, 31), []), (None, [])],
)
def test_an_exchange_shorter_than_a_school_year_is_warned_of(
    admin: Actor, to_on: date | None, warnings: list[str]
) -> None:
    posted = postings.start_posting(admin, make_person().id, make_school().id, EXCHANGE, date(2024, 9, 1), to_on=to_on)
    assert posted.warnings == warnings


def test_what_makes_no_sense_is_refused(admin: Actor) -> None:
    person, closed = make_person(), make_school(active=False)
    order = {"to_on": ["period.order"]}
    assert errors_of(
        lambda: postings.start_posting(admin, person.id, make_school().id, HOME, today(), to_on=today() - DAY)
    ) == order  # fmt: skip
    with pytest.raises(Conflict, match="school.closed"):
        postings.start_posting(admin, person.id, closed.id, HOME, today())


def test_nobody_posts_themselves_and_others_post_nobody(
    admin: Actor, cast: SimpleNamespace, actor: Callable[[Person], Actor]
) -> None:
    with pytest.raises(Conflict, match="org.own_posting"):
        postings.start_posting(admin, admin.person_id, cast.core.id, HOME, today())
    with pytest.raises(Forbidden):
        postings.start_posting(actor(cast.head), cast.outsider.id, cast.core.id, SERVING, today())


def test_a_refusal_undoes_the_whole_surrounding_import(admin: Actor) -> None:
    first, second, school = make_person(), make_person(), make_school()
    with pytest.raises(Invalid), transaction():
        postings.start_posting(admin, first.id, school.id, HOME, today())
        postings.start_posting(admin, second.id, school.id, HOME, today())
        postings.start_posting(admin, second.id, school.id, HOME, today())
    assert staff.list_staff(admin, school.id, StaffFilters()).total == 0


def test_ending_a_posting_ends_the_offices_at_that_school_and_no_others(
    admin: Actor, audited: Callable[[str], list[AuditEntry]]
) -> None:
    person, school, other = make_person(), make_school(), make_school()
    posting = post(person, school)
    here = appoint(person, OfficeKind.SCHOOL_HEAD, school_key(school.id))
    there = appoint(person, OfficeKind.SCHOOL_HEAD, school_key(other.id))
    assert [office.id for office in postings.get_loss(admin, posting.id).offices] == [here.id]
    yesterday = today() - DAY
    postings.end_posting(admin, posting.id, yesterday)
    assert fresh(Office, here.id).to_on == yesterday
    assert fresh(Office, there.id).to_on is None
    assert actor_for(fresh(Person, person.id)).school_ids == frozenset()
    assert [len(audited(action)) for action in ("posting.end", "office.end")] == [1, 1]


def test_a_posting_ends_once_in_order_and_not_before_an_office_begins(admin: Actor) -> None:
    person, school = make_person(), make_school()
    posting = post(person, school)
    assert errors_of(lambda: postings.end_posting(admin, posting.id, LONG_AGO - DAY)) == {"to_on": ["period.order"]}
    later = Office(person_id=person.id, kind=OfficeKind.SCHOOL_HEAD, scope=school_key(school.id), from_on=today() + DAY)
    save(later)
    assert errors_of(lambda: postings.end_posting(admin, posting.id, today())) == {"to_on": ["office.later"]}
    assert fresh(Posting, posting.id).to_on is None
    gone = post(person, make_school(), SERVING, to_on=today() - DAY)
    with pytest.raises(Conflict, match="period.over"):
        postings.end_posting(admin, gone.id, today())


def test_an_exchange_that_is_cut_short_is_warned_of(admin: Actor) -> None:
    posted = postings.start_posting(admin, make_person().id, make_school().id, EXCHANGE, today() - 30 * DAY)
    assert postings.end_posting(admin, posted.posting.id, today()).warnings == ["posting.exchange_short"]


def test_others_end_nothing(cast: SimpleNamespace, actor: Callable[[Person], Actor]) -> None:
    posting = post(make_person(), cast.core)
    with pytest.raises(Forbidden):
        postings.end_posting(actor(cast.head), posting.id, today())
    with pytest.raises(NotFound):
        postings.end_posting(actor(cast.outsider), posting.id, today())


def test_the_people_of_a_school_are_searched_filtered_and_sorted(admin: Actor) -> None:
    school = make_school()
    post(make_person("王小美", login="wxm"), school)
    post(make_person("李建国", login="ljg"), school, EXCHANGE)
    post(make_person("赵敏", login="zm"), school, to_on=today() - DAY)

    def names(**values: object) -> list[str]:
        return [row.person.name for row in staff.list_staff(admin, school.id, StaffFilters(**values)).items]

    assert set(names()) == {"王小美", "李建国"}
    assert names(text="小美") == names(text="WX") == ["王小美"]
    assert names(kind=EXCHANGE) == ["李建国"]
    assert names(past=True) == ["赵敏"]
    assert names(sort="-name") == names(sort="name")[::-1]


def test_the_picker_finds_ten_at_most_by_two_letters_the_exact_first(admin: Actor) -> None:
    for number in range(12):
        make_person(f"王小{number}")
    make_person("王小", login="wang")
    make_person("王小离", login="gone", active=False)
    found = staff.find_people(admin, " 王小 ")
    assert (len(found), found[0].name) == (10, "王小")
    assert "gone" not in {each.login for each in found}
    assert staff.find_people(admin, "王") == []
    assert [each.name for each in staff.find_people(admin, "WANG")] == ["王小"]
    assert staff.find_people(admin, "%%") == []


def test_the_picker_tells_namesakes_apart_by_their_schools(admin: Actor) -> None:
    person = make_person("王小美")
    post(person, make_school("山阳小学"))
    post(make_person("王小美"), make_school("泉南小学"), to_on=today() - DAY)
    assert {each.schools for each in staff.find_people(admin, "王小美")} == {"山阳小学", None}
    assert staff.find_person(admin, person.id) is not None
    assert staff.find_person(admin, None) is None


def test_others_find_nobody(app: object) -> None:
    with pytest.raises(Forbidden):
        staff.find_people(actor_for(make_person()), "王小")
