"""The sheet of people: everything that is wrong with it is named by row, column and reason."""

from collections.abc import Callable
from io import BytesIO
from types import SimpleNamespace
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient

from tests.factories import fresh, make_person, make_school, save
from tests.org.sheets import HEADERS, address, cells_of, number_of, problems, row, send, send_rows, workbook
from tongyan.accounts.models import Person
from tongyan.kernel import sheets
from tongyan.org.models import PeopleImport, School, Stage


@pytest.fixture
def browser(cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient]) -> FlaskClient:
    return sign_in(cast.admin)


def broken_workbook() -> BytesIO:
    """Return a workbook whose sheet breaks off in the middle."""
    source, target = ZipFile(workbook([row(1)])), BytesIO()
    with ZipFile(target, "w") as packed:
        for entry in source.infolist():
            content = source.read(entry)
            packed.writestr(entry, content[: len(content) // 2] if "sheet1" in entry.filename else content)
    target.seek(0)
    return target


def flipped_workbook() -> BytesIO:
    """Return a workbook in which a few packed bytes are others."""
    content = bytearray(workbook([row(1)]).getvalue())
    with ZipFile(BytesIO(content)) as packed:
        begin = packed.getinfo("xl/workbook.xml").header_offset + 60
    content[begin : begin + 20] = b"\xff" * 20
    return BytesIO(content)


def locked_workbook() -> BytesIO:
    """Return a workbook whose parts claim to want a password."""
    content = bytearray(workbook([row(1)]).getvalue())
    place = content.find(b"PK\x01\x02")
    while place >= 0:
        content[place + 8] |= 1
        place = content.find(b"PK\x01\x02", place + 1)
    return BytesIO(content)


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
        ({"phone": "办公室"}, "手机", "phone.form", "手机号"),
        ({"school": "不存在的学校"}, "学校", "school.unknown", "没有叫这个名字的学校"),
        ({"school": "关闭小学"}, "学校", "school.closed", "已停用"),
        ({"school": "同名"}, "学校", "school.ambiguous", "全称"),
        ({"kind": "借调"}, "任职方式", "posting.kind", "编制所在校"),
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
        headers=["起始日期", "学校", "姓名", "登录名", "任职方式", "办公室"],
    )
    assert (sheet.row_count, sheet.bad_count) == (1, 0)


@pytest.mark.parametrize(
    ("stream", "status", "words"),
    [
        (lambda: BytesIO(b"not a workbook"), 422, "不是 Excel"),
        (lambda: BytesIO(b""), 422, "不是 Excel"),
        (broken_workbook, 422, "不是 Excel"),
        (flipped_workbook, 422, "不是 Excel"),
        (locked_workbook, 422, "不是 Excel"),
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
