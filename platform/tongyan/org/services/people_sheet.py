"""The sheet of people: its columns, and everything that can be wrong with its rows, named by row and column."""

import re
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import select

from tongyan.accounts.newcomers import Newcomer, doubts_about
from tongyan.kernel.db import db
from tongyan.kernel.errors import Invalid
from tongyan.kernel.sheets import Column, Problem, Sheet, read_rows
from tongyan.org.models import PostingKind, School

T = TypeVar("T")

COLUMNS = (
    Column("姓名", "name", required=True),
    Column("登录名", "login", required=True),
    Column("手机", "phone"),
    Column("邮箱", "email"),
    Column("学校", "school", required=True),
    Column("任职方式", "kind", required=True),
    Column("起始日期", "from_on", required=True),
)
HEADERS = {column.key: column.header for column in COLUMNS}
KINDS = {"编制所在校": PostingKind.HOME, "兼课任职": PostingKind.SERVING, "交流轮岗": PostingKind.EXCHANGE}
EXAMPLE = (
    "示例（请删除此行）",
    "zhangsan",
    "13800000000",
    "zhangsan@example.edu.cn",
    "示例学校",
    "编制所在校",
    "2026-09-01",
)
HINTS = (
    "第一行的列名请不要改；列的先后可以变，多出来的列会被忽略。",
    "姓名、登录名、学校、任职方式、起始日期必填；手机、邮箱可以不填。",
    "登录名：2 到 32 个汉字、字母或数字，可以用 . _ -，不能与别人相同或看起来一样，以后不能改。",
    "学校：写平台里的全称或简称。",
    "任职方式：编制所在校、兼课任职、交流轮岗，三选一。",
    "起始日期：例如 2026-09-01、2026/9/1 或 2026年9月1日。",
    "单元格里请填值，不要用公式；一份最多 10000 行。",
    "这里只导入教职工。请不要导入学生和家长。",
)
EARLIEST, LATEST = date(1950, 1, 1), date(2100, 1, 1)
DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)
OF_PUPILS = ("学号", "学籍", "班级", "年级", "家长", "监护人", "座号", "考号")


class Entry(NamedTuple):
    """A good row: who comes, and where to."""

    number: int
    newcomer: Newcomer
    school_id: UUID
    kind: PostingKind
    from_on: date


@dataclass(frozen=True, slots=True)
class Checked:
    """What a sheet holds; when `problems` is empty, `entries` are all its rows."""

    rows: list[tuple[int, dict[str, str]]]
    problems: list[Problem]
    entries: list[Entry]
    pupils: list[str]  # headers that belong into a list of pupils

    @property
    def bad_rows(self) -> set[int]:
        """Return the numbers of the rows with problems."""
        return {problem.row for problem in self.problems}


def read_sheet(stream: BinaryIO) -> Sheet:
    """Read a sheet of people. Raises Invalid (no workbook, no header row, no row, a list of pupils), TooLarge."""
    try:
        sheet = read_rows(stream, COLUMNS)
    except Invalid as error:
        if pupils := pupil_headers(error.data.get("found", [])):
            raise Invalid("people_import.pupils", headers="、".join(pupils)) from error
        raise
    if not sheet.rows and not sheet.problems:
        raise Invalid("people_import.empty")
    return sheet


def pupil_headers(headers: list[str]) -> list[str]:
    """Return the headers that belong into a list of pupils: the platform is for staff only."""
    return [header for header in headers if any(word in header for word in OF_PUPILS)]


def check_sheet(sheet: Sheet) -> Checked:
    """Check every row against every other and against what there is, in a handful of statements."""
    found = _Findings(sheet.problems)
    schools = _schools()
    entries = [entry for number, row in sheet.rows if (entry := _entry(number, row, schools, found))]
    for doubt in doubts_about([_newcomer(row) for _, row in sheet.rows]):
        data = {"row": sheet.rows[doubt.twin][0]} if doubt.twin is not None else None
        found.add(sheet.rows[doubt.place][0], doubt.field, doubt.code, data)
    return Checked(sheet.rows, found.sorted(), entries, pupil_headers(sheet.headers))


class _Findings:
    """Problems, at most one for a cell: the first says enough."""

    def __init__(self, problems: list[Problem]) -> None:
        self._cells = {(problem.row, problem.column): problem for problem in reversed(problems)}

    def add(self, number: int, key: str, code: str, data: dict[str, int] | None = None) -> None:
        header = HEADERS[key]
        self._cells.setdefault((number, header), Problem(number, header, code, data))

    def need(self, number: int, key: str, value: T | None, code: str) -> T | None:
        if value is None:
            self.add(number, key, code)
        return value

    def sorted(self) -> list[Problem]:
        places = list(HEADERS.values())
        return sorted(self._cells.values(), key=lambda problem: (problem.row, places.index(problem.column)))


def _entry(number: int, row: dict[str, str], schools: dict[str, list[School]], found: _Findings) -> Entry | None:
    school_id, wrong = _school_id(row["school"], schools)
    found.need(number, "school", school_id, wrong)
    kind = found.need(number, "kind", KINDS.get(row["kind"]), "posting.kind")
    from_on = found.need(number, "from_on", _date(row["from_on"]), "sheet.date")
    if school_id is None or kind is None or from_on is None:
        return None
    return Entry(number, _newcomer(row), school_id, kind, from_on)


def _newcomer(row: dict[str, str]) -> Newcomer:
    return Newcomer(row["name"], row["login"], row.get("email", ""), row.get("phone", ""))


def _schools() -> dict[str, list[School]]:
    """Return the schools by full and by short name."""
    named: dict[str, list[School]] = {}
    for school in db.session.scalars(select(School)):
        for name in {school.name, school.short_name}:
            named.setdefault(name, []).append(school)
    return named


def _school_id(name: str, schools: dict[str, list[School]]) -> tuple[UUID | None, str]:
    """Return the id of the school of that name, or none and the code of what is wrong with it."""
    meant = schools.get(name, [])
    exact = [school for school in meant if school.name == name] or meant
    if len(exact) != 1:
        return None, "school.ambiguous" if exact else "school.unknown"
    return (exact[0].id, "") if exact[0].active else (None, "school.closed")


def _date(text: str) -> date | None:
    """Return a date as people write it (2026-09-01, 2026/9/1, 2026年9月1日), None when it is none."""
    parts = DATE.fullmatch(text)
    if parts is None:
        return None
    try:
        day = date(*map(int, parts.groups()))
    except ValueError:
        return None
    return day if EARLIEST <= day < LATEST else None
