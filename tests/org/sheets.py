"""Workbooks as people fill them in, also badly."""

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any

from openpyxl import Workbook, load_workbook

HEADERS = ["姓名", "登录名", "手机", "邮箱", "学校", "任职类型", "起始日期"]


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
