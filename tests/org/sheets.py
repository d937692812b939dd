"""Sheets of people as they are filled in, also badly, and sent."""

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from tests.factories import fresh
from tongyan.kernel.db import db
from tongyan.org.models import PeopleImport

HEADERS = ["姓名", "登录名", "手机", "邮箱", "学校", "任职方式", "起始日期"]


def row(number: int = 1, **changes: Any) -> list[Any]:
    """Return a good row for the core school of the cast, with some cells changed."""
    good = {
        "name": f"教师{number}",
        "login": f"js{number:05d}",
        "phone": f"138{number:08d}",
        "email": f"js{number}@school.cn",
        "school": "清江实验小学",
        "kind": "编制所在校",
        "from_on": date(2026, 9, 1),
    }
    return list((good | changes).values())


def workbook(rows: Sequence[Sequence[Any]], headers: Sequence[str] = HEADERS) -> BytesIO:
    """Return a workbook of these rows; a text that begins with "=" becomes a formula, as in a spreadsheet program."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for cells in ([*headers], *rows):
        sheet.append(list(cells))
    stream = BytesIO()
    book.save(stream)
    stream.seek(0)
    return stream


def cells_of(content: bytes, sheet: int = 0) -> list[list[Any]]:
    """Return the cells of a workbook that we gave out."""
    book = load_workbook(BytesIO(content))
    return [[cell.value for cell in line] for line in book.worksheets[sheet].iter_rows()]


def types_of(content: bytes) -> set[str]:
    """Return the kinds of cells in a workbook ("f" would be a formula)."""
    return {cell.data_type for line in load_workbook(BytesIO(content)).worksheets[0].iter_rows() for cell in line}


def send(browser: FlaskClient, stream: BytesIO, name: str = "人员.xlsx") -> Any:
    """Upload a file as a sheet of people."""
    boundary, body = encode_multipart({"sheet": FileStorage(stream, name)})  # the client itself would leave a file open
    return browser.post("/admin/people/import", data=body, content_type=f"multipart/form-data; boundary={boundary}")


def send_rows(browser: FlaskClient, *rows: list[Any], headers: list[str] = HEADERS) -> PeopleImport:
    """Upload a workbook of these rows and return what is remembered of it."""
    answer = send(browser, workbook(rows, headers))
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return fresh(PeopleImport, UUID(answer.location.rpartition("/")[2]))


def address(sheet: PeopleImport, deed: str = "") -> str:
    """Return the path of an import's page, or of a deed upon it."""
    return f"/admin/people/import/{sheet.id}{deed}"


def number_of(model: type[Any]) -> int:
    """Return how many rows there are of a model."""
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def problems(sheet: PeopleImport) -> set[tuple[int, str, str]]:
    """Return what was found wrong, as row, column and code."""
    return {(problem["row"], problem["column"], problem["code"]) for problem in sheet.preview["problems"]}
