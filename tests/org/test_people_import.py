"""Excel import of people: everything bad is named, nothing is written before it is confirmed, then all or nobody."""

from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.accounts.helpers import audited
from tests.factories import fresh, make_person
from tests.org.sheets import address, cells_of, number_of, problems, row, send, send_rows, workbook
from tongyan.accounts.models import OneTimeLink, Person
from tongyan.kernel import jobs, sheets
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, transaction
from tongyan.kernel.errors import Forbidden, NotFound
from tongyan.kernel.files import file_store
from tongyan.kernel.jobs import Job, JobState
from tongyan.kernel.permissions import Actor
from tongyan.library import sweeping
from tongyan.org.models import ImportedPerson, ImportState, PeopleImport, Posting, PostingKind
from tongyan.org.services import people_import as service


@pytest.fixture
def admin(cast: SimpleNamespace, actor: Callable[[Person], Actor]) -> Actor:
    return actor(cast.admin)


@pytest.fixture
def browser(cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient]) -> FlaskClient:
    return sign_in(cast.admin)


# nothing is written before, all or nothing after


def test_a_preview_writes_nobody(browser: FlaskClient, run_jobs: Callable[[], int]) -> None:
    before = number_of(Person), number_of(Posting)
    sheet = send_rows(browser, row(1), row(2))
    shown = browser.get(address(sheet)).get_data(as_text=True)
    run_jobs()
    assert "导入 2 人" in shown
    assert (number_of(Person), number_of(Posting)) == before


def test_a_sheet_with_one_bad_row_cannot_be_confirmed(browser: FlaskClient, run_jobs: Callable[[], int]) -> None:
    before = number_of(Person)
    sheet = send_rows(browser, row(1), row(2, school="?"))
    assert "导入 2 人" not in browser.get(address(sheet)).get_data(as_text=True)
    answer = browser.post(address(sheet, "/confirm"), follow_redirects=True)
    run_jobs()
    assert "还有需要改正的行" in answer.get_data(as_text=True)
    assert fresh(PeopleImport, sheet.id).state is ImportState.CHECKED
    assert number_of(Person) == before


def test_confirmed_people_have_accounts_postings_and_entries_in_the_trail(
    browser: FlaskClient, cast: SimpleNamespace, run_jobs: Callable[[], int]
) -> None:
    sheet = send_rows(browser, row(1, login="Wang.Wu", email="W5@School.cn"), row(2, kind="交流轮岗", phone=None))
    browser.post(address(sheet, "/confirm"))
    assert "正在导入 2 人" in browser.get(address(sheet)).get_data(as_text=True)
    run_jobs()

    person = db.session.scalars(select(Person).where(Person.login_key == "wang.wu")).one()
    posting = db.session.scalars(select(Posting).where(Posting.person_id == person.id)).one()
    assert (person.name, person.login, person.email) == ("教师1", "Wang.Wu", "w5@school.cn")
    assert (person.password, person.must_change_password, person.is_admin) == (None, True, False)
    assert (posting.school_id, posting.kind) == (cast.core.id, PostingKind.HOME)
    assert posting.from_on == date(2026, 9, 1)
    assert [entry.data["name"] for entry in audited("person.create")] == ["教师1", "教师2"]
    for action in ("people_import.check", "people_import.confirm", "people_import.done"):
        assert len(audited(action)) == 1
    assert "已导入 2 人" in browser.get(address(sheet)).get_data(as_text=True)
    assert fresh(PeopleImport, sheet.id).preview == {}


def test_a_second_confirmation_changes_nothing(browser: FlaskClient, run_jobs: Callable[[], int]) -> None:
    sheet = send_rows(browser, row(1))
    browser.post(address(sheet, "/confirm"))
    browser.post(address(sheet, "/confirm"))
    run_jobs()
    people = number_of(Person)
    browser.post(address(sheet, "/confirm"))
    run_jobs()
    assert number_of(Person) == people
    assert len(audited("people_import.confirm")) == 1
    assert fresh(PeopleImport, sheet.id).state is ImportState.DONE


def test_the_same_file_twice_brings_its_people_once(browser: FlaskClient, run_jobs: Callable[[], int]) -> None:
    first, second = send_rows(browser, row(1)), send_rows(browser, row(1))
    for sheet in (first, second):
        browser.post(address(sheet, "/confirm"))
    run_jobs()
    assert fresh(PeopleImport, first.id).state is ImportState.DONE
    assert fresh(PeopleImport, second.id).state is ImportState.FAILED
    assert number_of(ImportedPerson) == 1
    assert "一个人也没有导入" in browser.get(address(second)).get_data(as_text=True)
    answer = browser.post(address(second, "/confirm"), follow_redirects=True)
    assert "需要改正" in answer.get_data(as_text=True)


def test_one_row_that_went_bad_after_the_check_keeps_all_out(browser: FlaskClient, run_jobs: Callable[[], int]) -> None:
    sheet = send_rows(browser, row(1), row(2), row(3))
    browser.post(address(sheet, "/confirm"))
    make_person("捷足先登", "js00002")
    before = number_of(Person)
    run_jobs()
    assert number_of(Person) == before
    assert problems(fresh(PeopleImport, sheet.id)) == {(3, "登录名", "login.taken")}
    assert len(audited("people_import.fail")) == 1


def test_a_failure_in_the_middle_leaves_nobody_and_the_next_try_brings_all(
    browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = number_of(Person)
    sheet = send_rows(browser, row(1), row(2))
    browser.post(address(sheet, "/confirm"))
    with monkeypatch.context() as broken:
        broken.setattr(service, "ImportedPerson", Person)  # the statement after the accounts fails
        jobs.run_pending()
    assert number_of(Person) == before
    with time_machine.travel(now() + timedelta(minutes=1)):
        jobs.run_pending()
    assert number_of(Person) == before + 2


def test_a_run_that_was_thought_dead_finds_the_work_done(browser: FlaskClient, run_jobs: Callable[[], int]) -> None:
    sheet = send_rows(browser, row(1))
    browser.post(address(sheet, "/confirm"))
    run_jobs()
    people = number_of(Person)
    service.run(sheet.id, lambda _percent: None)
    service.run(uuid4(), lambda _percent: None)
    assert number_of(Person) == people


def test_two_runs_at_once_write_once(browser: FlaskClient) -> None:
    sheet = send_rows(browser, row(1))
    browser.post(address(sheet, "/confirm"))
    overtaken: list[int] = []

    def overtake(percent: int) -> None:
        if percent == 50 and not overtaken:  # the other run writes between our reading and our writing
            overtaken.append(percent)
            service.run(sheet.id, lambda _percent: None)

    db.session.rollback()  # a job begins with nothing read
    service.run(sheet.id, overtake)
    assert overtaken
    assert number_of(ImportedPerson) == 1


def test_a_check_holds_for_half_a_day(browser: FlaskClient) -> None:
    sheet = send_rows(browser, row(1))
    with transaction():
        fresh(PeopleImport, sheet.id).expires_at = now() - timedelta(minutes=1)
    answer = browser.post(address(sheet, "/confirm"), follow_redirects=True)
    assert "已经过期" in answer.get_data(as_text=True)
    assert service.KEPT < sweeping.ORPHAN_AGE


def test_a_file_that_is_gone_parks_the_job_and_the_page_says_so(
    browser: FlaskClient, run_jobs: Callable[[], int]
) -> None:
    sheet = send_rows(browser, row(1))
    browser.post(address(sheet, "/confirm"))
    file_store().delete(sheet.sha256)
    run_jobs()
    shown = browser.get(address(sheet)).get_data(as_text=True)
    assert "已经过期" in shown
    assert "一个人也没有导入" in shown
    assert db.session.scalars(select(Job.state).where(Job.kind == service.JOB)).one() is JobState.PARKED
    assert browser.get(address(sheet, "/problems.xlsx")).status_code == 404


@pytest.mark.parametrize("lost", ["is_admin", "active"])
def test_whoever_is_no_administrator_any_more_brings_nobody_in(
    browser: FlaskClient, cast: SimpleNamespace, run_jobs: Callable[[], int], lost: str
) -> None:
    sheet = send_rows(browser, row(1))
    browser.post(address(sheet, "/confirm"))
    with transaction():
        setattr(fresh(Person, cast.admin.id), lost, False)
    run_jobs()
    assert number_of(ImportedPerson) == 0
    assert db.session.scalars(select(Job.error_code).where(Job.kind == service.JOB)).one() == "people_import.not_admin"


def test_the_page_can_be_left_and_come_back_to(browser: FlaskClient, run_jobs: Callable[[], int]) -> None:
    sheet = send_rows(browser, row(1))
    browser.post(address(sheet, "/confirm"))
    part = browser.get(address(sheet), headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "every 2s" in part
    assert "<html" not in part
    assert "正在导入" in browser.get("/admin/people/import").get_data(as_text=True)
    run_jobs()
    part = browser.get(address(sheet), headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "every 2s" not in part
    assert "已导入 1 人" in part


def test_sheets_that_are_over_are_forgotten_their_people_stay(
    browser: FlaskClient, run_jobs: Callable[[], int]
) -> None:
    done, left = send_rows(browser, row(1)), send_rows(browser, row(2))
    browser.post(address(done, "/confirm"))
    done_id, left_id = done.id, left.id
    run_jobs()
    people = number_of(Person)
    with time_machine.travel(now() + timedelta(days=1)):
        jobs.HANDLERS["org.sweep"].handler(Job())
    assert fresh(PeopleImport, left_id) is None
    assert fresh(PeopleImport, done_id) is not None
    with time_machine.travel(now() + timedelta(days=31)):
        service.sweep()
    assert (number_of(PeopleImport), number_of(ImportedPerson), number_of(Person)) == (0, 0, people)


# the links


def links_of(browser: FlaskClient, sheet: PeopleImport) -> list[list[Any]]:
    answer = browser.post(address(sheet, "/links.xlsx"))
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    return cells_of(answer.data)[1:]


def test_links_are_made_for_handing_out_and_stored_hashed_only(
    browser: FlaskClient, client: FlaskClient, run_jobs: Callable[[], int]
) -> None:
    sheet = send_rows(browser, row(1), row(2))
    browser.post(address(sheet, "/confirm"))
    run_jobs()
    rows = links_of(browser, sheet)
    assert [line[:2] for line in rows] == [["教师1", "js00001"], ["教师2", "js00002"]]
    code = rows[0][3]
    assert rows[0][2].endswith(code)
    assert client.get(f"/sign-in/link/{code}").status_code == 200
    assert number_of(OneTimeLink) == 2
    stored = db.session.scalars(select(OneTimeLink.secret_hash)).all()
    assert code not in stored
    assert len(audited("password.start_reset")) == 2
    assert len(audited("people_import.links")) == 1


def test_new_links_void_the_old_ones_and_leave_out_who_has_a_password(
    browser: FlaskClient, client: FlaskClient, run_jobs: Callable[[], int]
) -> None:
    sheet = send_rows(browser, row(1), row(2), row(3))
    browser.post(address(sheet, "/confirm"))
    run_jobs()
    old = links_of(browser, sheet)
    password = {"password": "seven-brown-lanterns-drift", "again": "seven-brown-lanterns-drift"}
    assert client.post(f"/sign-in/link/{old[0][3]}", data=password).status_code == 302
    with transaction() as session:
        session.execute(sa.update(Person).where(Person.login == "js00003").values(active=False))
    assert "作废" in browser.get(address(sheet)).get_data(as_text=True)
    assert [line[1] for line in links_of(browser, sheet)] == ["js00002"]
    assert client.get(f"/sign-in/link/{old[1][3]}").status_code == 404


def test_there_are_no_links_before_the_people_are_there(browser: FlaskClient) -> None:
    sheet = send_rows(browser, row(1))
    assert browser.post(address(sheet, "/links.xlsx")).status_code == 409


# who may


@pytest.mark.parametrize("role", ["owner", "head", "group_head", "outsider"])
def test_for_all_but_administrators_the_import_does_not_exist(
    cast: SimpleNamespace, browser: FlaskClient, sign_in: Callable[[Person], FlaskClient], role: str
) -> None:
    sheet = send_rows(browser, row(1))
    other = sign_in(getattr(cast, role))
    assert send(other, workbook([row(2)])).status_code == 404
    for path in ("/admin/people/import", "/admin/people/import/template.xlsx", address(sheet)):
        assert other.get(path).status_code == 404
    assert other.get(address(sheet, "/problems.xlsx")).status_code == 404
    for deed in ("/confirm", "/links.xlsx"):
        assert other.post(address(sheet, deed)).status_code == 404


def test_an_import_belongs_to_the_administrator_who_sent_it(
    browser: FlaskClient, sign_in: Callable[[Person], FlaskClient]
) -> None:
    sheet = send_rows(browser, row(1))
    other = sign_in(make_person("另一位管理员", is_admin=True))
    assert other.get(address(sheet)).status_code == 404
    assert other.post(address(sheet, "/confirm")).status_code == 404
    assert sheet.filename not in other.get("/admin/people/import").get_data(as_text=True)


def test_the_service_itself_asks_who_comes(cast: SimpleNamespace, actor: Callable[[Person], Actor]) -> None:
    head = actor(cast.head)
    with pytest.raises(Forbidden):
        service.check_upload(head, "a.xlsx", workbook([row(1)]))
    for ask in (service.get_import, service.confirm, service.hand_out, service.all_problems):
        with pytest.raises(Forbidden):
            ask(head, uuid4())
    with pytest.raises(Forbidden):
        service.recent_imports(head)
    with pytest.raises(NotFound):
        service.get_import(actor(cast.admin), uuid4())


# large


def test_ten_thousand_rows_take_few_statements_and_come_in_whole(browser: FlaskClient, admin: Actor) -> None:
    content = workbook([row(number) for number in range(sheets.MAX_ROWS)])
    statements: list[str] = []

    def count(*arguments: Any) -> None:
        statements.append(arguments[2])

    sa.event.listen(db.engine, "before_cursor_execute", count)
    sheet = service.check_upload(admin, "全体.xlsx", content)
    checking = len(statements)
    service.confirm(admin, sheet.id)
    assert jobs.run_pending(limit=1) == 1
    sa.event.remove(db.engine, "before_cursor_execute", count)

    assert checking < 30
    assert len(statements) < 200
    assert number_of(ImportedPerson) == sheets.MAX_ROWS
    assert fresh(PeopleImport, sheet.id).state is ImportState.DONE
    shown = browser.get(address(sheet)).get_data(as_text=True)
    assert "已导入 10000 人" in shown


def test_of_very_many_problems_the_first_are_shown_and_all_can_be_taken_along(browser: FlaskClient) -> None:
    sheet = send_rows(browser, *[row(number, school="?") for number in range(300)])
    shown = browser.get(address(sheet)).get_data(as_text=True)
    assert "前 200 处，共 300 处" in shown
    assert len(cells_of(browser.get(address(sheet, "/problems.xlsx")).data)) == 301
