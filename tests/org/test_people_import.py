"""Excel import of people: everything bad is named, nothing is written before it is confirmed, then all or nobody."""

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4
from zipfile import ZipFile

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.accounts.helpers import audited
from tests.factories import fresh, make_person, make_school, save
from tests.org.sheets import HEADERS, cells_of, row, workbook
from tongyan.accounts.models import OneTimeLink, Person
from tongyan.kernel import jobs, sheets
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, transaction
from tongyan.kernel.errors import Forbidden, NotFound
from tongyan.kernel.files import file_store
from tongyan.kernel.jobs import Job, JobState
from tongyan.kernel.permissions import Actor
from tongyan.library import sweeping
from tongyan.org.models import ImportedPerson, ImportState, PeopleImport, Posting, PostingKind, School, Stage
from tongyan.org.services import people_import as service


@pytest.fixture
def admin(cast: SimpleNamespace, actor: Callable[[Person], Actor]) -> Actor:
    return actor(cast.admin)


@pytest.fixture
def browser(cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient]) -> FlaskClient:
    return sign_in(cast.admin)


def send(browser: FlaskClient, stream: BytesIO, name: str = "人员.xlsx") -> Any:
    return browser.post("/admin/people/import", data={"sheet": (stream, name)}, content_type="multipart/form-data")


def send_rows(browser: FlaskClient, *rows: list[Any], headers: list[str] = HEADERS) -> PeopleImport:
    answer = send(browser, workbook(rows, headers))
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return fresh(PeopleImport, UUID(answer.location.rpartition("/")[2]))


def address(sheet: PeopleImport, deed: str = "") -> str:
    return f"/admin/people/import/{sheet.id}{deed}"


def number_of(model: type[Any]) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def problems(sheet: PeopleImport) -> set[tuple[int, str, str]]:
    return {(problem["row"], problem["column"], problem["code"]) for problem in sheet.preview["problems"]}


# what is wrong is named


def broken_workbook() -> BytesIO:
    """Return a workbook whose sheet breaks off in the middle."""
    source, target = ZipFile(workbook([row(1)])), BytesIO()
    with ZipFile(target, "w") as packed:
        for entry in source.infolist():
            content = source.read(entry)
            packed.writestr(entry, content[: len(content) // 2] if "sheet1" in entry.filename else content)
    target.seek(0)
    return target


@pytest.mark.parametrize(
    ("changes", "column", "code", "words"),
    [
        ({"name": '="张"&"三"'}, "姓名", "sheet.formula", "公式"),
        ({"name": ""}, "姓名", "sheet.value_missing", "不能空"),
        ({"login": None}, "登录名", "sheet.value_missing", "不能空"),
        ({"school": ""}, "学校", "sheet.value_missing", "不能空"),
        ({"from_on": ""}, "起始日期", "sheet.value_missing", "不能空"),
        ({"name": "长" * 65}, "姓名", "person.name", "64"),
        ({"login": "x"}, "登录名", "login.length", "2 到 32"),
        ({"login": "a b"}, "登录名", "login.characters", "只能用"),
        ({"login": "taken"}, "登录名", "login.taken", "已有人用"),
        ({"login": "Тaken"}, "登录名", "login.taken", "看起来一样"),  # a Cyrillic letter
        ({"login": "ｔａｋｅｎ"}, "登录名", "login.taken", "看起来一样"),
        ({"email": "no-address"}, "邮箱", "email.form", "不像一个邮箱"),
        ({"email": "TAKEN@school.cn"}, "邮箱", "email.taken", "另一个账号"),
        ({"phone": "办公室"}, "手机", "phone.form", "电话"),
        ({"school": "不存在的学校"}, "学校", "school.unknown", "没有叫这个名字的学校"),
        ({"school": "关闭小学"}, "学校", "school.closed", "已经停用"),
        ({"school": "同名"}, "学校", "school.ambiguous", "全称"),
        ({"kind": "借调"}, "任职类型", "posting.kind", "编制所在校"),
        ({"from_on": "下学期"}, "起始日期", "sheet.date", "2026-09-01"),
        ({"from_on": "2026-02-30"}, "起始日期", "sheet.date", "2026-09-01"),
        ({"from_on": "1026-02-03"}, "起始日期", "sheet.date", "2026-09-01"),
    ],
)
def test_a_bad_cell_is_named_by_row_column_and_reason(
    browser: FlaskClient, changes: dict[str, Any], column: str, code: str, words: str
) -> None:
    make_person("旧人", "taken", email="taken@school.cn")
    make_school("关闭小学", active=False)
    for name in ("甲区同名", "乙区同名"):
        save(School(name=name, short_name="同名", stages=[Stage.PRIMARY]))

    sheet = send_rows(browser, row(1), row(2, **changes))

    assert problems(sheet) == {(3, column, code)}
    assert (sheet.row_count, sheet.bad_count) == (2, 1)
    shown = browser.get(address(sheet)).get_data(as_text=True)
    assert words in shown
    assert "教师1" in shown
    listed = cells_of(browser.get(address(sheet, "/problems.xlsx")).data)
    assert listed[1][:2] == [3, column]
    assert words in listed[1][2]


@pytest.mark.parametrize("twin", ["js00001", "JS00001", "ｊｓ00001", "јs00001"])
def test_a_login_that_is_doubled_in_the_sheet_names_the_other_row(browser: FlaskClient, twin: str) -> None:
    sheet = send_rows(browser, row(1), row(2, login=twin))
    assert problems(sheet) == {(3, "登录名", "login.doubled")}
    assert "与第 2 行的登录名相同" in browser.get(address(sheet)).get_data(as_text=True)


def test_an_address_that_is_doubled_in_the_sheet_names_the_other_row(browser: FlaskClient) -> None:
    sheet = send_rows(browser, row(1), row(2, email="JS1@school.cn"))
    assert problems(sheet) == {(3, "邮箱", "email.doubled")}


def test_every_bad_row_is_named_once_for_each_bad_cell(browser: FlaskClient) -> None:
    sheet = send_rows(browser, row(1, name="", phone="x"), row(2), row(3, login="?", school="?"))
    assert problems(sheet) == {
        (2, "姓名", "sheet.value_missing"),
        (2, "手机", "phone.form"),
        (4, "登录名", "login.length"),
        (4, "学校", "school.unknown"),
    }
    assert sheet.bad_count == 2


@pytest.mark.parametrize("written", ["2026-9-1", "2026/09/01", "2026.9.1", "2026年9月1日"])
def test_dates_may_be_written_as_people_write_them(browser: FlaskClient, written: str) -> None:
    assert send_rows(browser, row(1, from_on=written)).bad_count == 0


def test_columns_may_change_places_and_optional_ones_may_be_missing(browser: FlaskClient) -> None:
    sheet = send_rows(
        browser,
        ["2026-09-01", "清江实验小学", "王五", "wangwu", "交流轮岗", "一楼"],
        headers=["起始日期", "学校", "姓名", "登录名", "任职类型", "办公室"],
    )
    assert (sheet.row_count, sheet.bad_count) == (1, 0)


@pytest.mark.parametrize(
    ("stream", "status", "words"),
    [
        (lambda: BytesIO(b"not a workbook"), 422, "不是 Excel"),
        (lambda: BytesIO(b""), 422, "不是 Excel"),
        (broken_workbook, 422, "不是 Excel"),
        (lambda: workbook([row(1)], HEADERS[1:] + ["备注"]), 422, "缺少这些列名：姓名"),
        (lambda: workbook([], []), 422, "缺少这些列名"),
        (lambda: workbook([]), 422, "没有内容"),
        (lambda: workbook([["1", "2"]], ["学号", "家长电话"]), 422, "学生名单"),
        (lambda: workbook([["x"]] * (sheets.MAX_ROWS + 1)), 413, "超过 10000 行"),
        (lambda: BytesIO(b"x" * (sheets.MAX_BYTES + 1)), 413, "上限 20 MB"),
    ],
)
def test_a_file_that_is_no_sheet_of_people_is_refused_in_words(
    browser: FlaskClient, stream: Callable[[], BytesIO], status: int, words: str
) -> None:
    answer = send(browser, stream())
    assert answer.status_code == status
    assert words in answer.get_data(as_text=True)
    assert number_of(PeopleImport) == 0


def test_no_file_at_all_is_said_at_the_field(browser: FlaskClient) -> None:
    answer = browser.post("/admin/people/import", data={})
    assert answer.status_code == 422
    assert "请选择一个 Excel 文件" in answer.get_data(as_text=True)


def test_a_sheet_that_looks_like_a_list_of_pupils_is_warned_of(browser: FlaskClient) -> None:
    sheet = send_rows(browser, [*row(1), "三年级二班"], headers=[*HEADERS, "班级"])
    assert "像是学生名单" in browser.get(address(sheet)).get_data(as_text=True)
    assert "三年级二班" not in browser.get(address(sheet)).get_data(as_text=True)


def test_the_template_has_the_headers_an_example_that_is_refused_and_hints(browser: FlaskClient) -> None:
    content = browser.get("/admin/people/import/template.xlsx").data
    lines = cells_of(content)
    assert lines[0] == HEADERS
    assert any("公式" in line[0] for line in cells_of(content, 1))
    sheet = send(browser, BytesIO(content))
    assert problems(fresh(PeopleImport, UUID(sheet.location.rpartition("/")[2]))) == {(2, "学校", "school.unknown")}


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
    assert "还有 1 行需要改正" in answer.get_data(as_text=True)
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
    later = now() + service.KEPT + timedelta(minutes=1)
    with transaction():
        fresh(PeopleImport, sheet.id).expires_at = now() - timedelta(minutes=1)
    answer = browser.post(address(sheet, "/confirm"), follow_redirects=True)
    assert "已经过期" in answer.get_data(as_text=True)
    assert service.KEPT < sweeping.ORPHAN_AGE, later


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


def test_whoever_is_no_administrator_any_more_brings_nobody_in(
    browser: FlaskClient, cast: SimpleNamespace, run_jobs: Callable[[], int]
) -> None:
    sheet = send_rows(browser, row(1))
    browser.post(address(sheet, "/confirm"))
    with transaction():
        fresh(Person, cast.admin.id).is_admin = False
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


def test_ten_thousand_rows_take_few_statements_and_come_in_whole(
    browser: FlaskClient, admin: Actor, run_jobs: Callable[[], int]
) -> None:
    content = workbook([row(number) for number in range(sheets.MAX_ROWS)])
    statements: list[str] = []

    def count(*arguments: Any) -> None:
        statements.append(arguments[2])

    sa.event.listen(db.engine, "before_cursor_execute", count)
    sheet = service.check_upload(admin, "全体.xlsx", content)
    checking = len(statements)
    service.confirm(admin, sheet.id)
    run_jobs()
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
