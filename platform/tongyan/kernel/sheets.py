"""Excel in and out: bounded reading that names every bad cell, and writing that no spreadsheet program will execute."""

import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, BinaryIO, NamedTuple
from zipfile import BadZipFile, ZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from tongyan.kernel.errors import Invalid, TooLarge

MAX_ROWS = 10_000
MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED = 500 * 1024 * 1024
WIDTH = 18  # of a column, in characters
DANGEROUS = tuple("=+-@\t\r＝＋－＠")
# what openpyxl, its XML (lxml calls breakage a SyntaxError) and zip raise on damage, locked entries and odd compression
DAMAGE = (
    BadZipFile, InvalidFileException, SyntaxError, zlib.error, EOFError, LookupError, OSError, RuntimeError, TypeError,
    ValueError,
)  # fmt: skip
NO_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # one such sign would undo the whole sheet


class Column(NamedTuple):
    """A column that is read: the header as people write it, and the key of its value."""

    header: str
    key: str
    required: bool = False


class Problem(NamedTuple):
    """What is wrong in a row (its number as the spreadsheet shows it); `data` fills the sentence of the code."""

    row: int
    column: str
    code: str
    data: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows that were read, by key, each with its number; and everything that is wrong with them."""

    headers: list[str] = field(default_factory=list)
    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_rows(stream: BinaryIO, columns: Sequence[Column]) -> Sheet:
    """Read the first sheet; raises Invalid for what is no workbook or lacks the header row, TooLarge for too much."""
    book = _open(stream)
    try:
        return _read_sheet(book.worksheets[0].iter_rows(), columns)
    except DAMAGE as error:  # sheets are read when they are walked through
        raise Invalid("sheet.not_a_workbook") from error
    finally:
        book.close()


def _read_sheet(rows: Iterator[Sequence[Any]], columns: Sequence[Column]) -> Sheet:
    sheet = Sheet([str(cell.value or "").strip() for cell in next(rows, ())])
    places = _places(sheet.headers, columns)
    for number, cells in enumerate(rows, 2):
        if number > MAX_ROWS + 1:
            raise TooLarge("sheet.too_many_rows", limit=MAX_ROWS)
        _read_row(sheet, number, cells, places)
    return sheet


def _open(stream: BinaryIO) -> Workbook:
    content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise TooLarge("sheet.too_large", limit=MAX_BYTES // 1024 // 1024)
    try:
        with ZipFile(BytesIO(content)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > MAX_UNPACKED:
                raise TooLarge("sheet.too_large", limit=MAX_BYTES // 1024 // 1024)
        return load_workbook(BytesIO(content), read_only=True, data_only=False)
    except DAMAGE as error:
        raise Invalid("sheet.not_a_workbook") from error


def _places(headers: list[str], columns: Sequence[Column]) -> dict[int, Column]:
    missing = [column.header for column in columns if column.required and column.header not in headers]
    if missing:
        raise Invalid("sheet.header_missing", headers="、".join(missing), found=headers)
    return {headers.index(column.header): column for column in columns if column.header in headers}


def _read_row(sheet: Sheet, number: int, cells: Sequence[Any], places: dict[int, Column]) -> None:
    values: dict[str, str] = {}
    for index, column in places.items():
        cell = cells[index] if index < len(cells) else None
        if cell is not None and cell.data_type == "f":
            sheet.problems.append(Problem(number, column.header, "sheet.formula"))
        values[column.key] = _text(cell.value if cell is not None else None)
    if not any(values.values()):
        return
    for column in places.values():
        if column.required and not values[column.key]:
            sheet.problems.append(Problem(number, column.header, "sheet.value_missing"))
    sheet.rows.append((number, values))


def _text(value: Any) -> str:
    if value is None:
        return ""
    if hasattr(value, "strftime"):
        return str(value.strftime("%Y-%m-%d"))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def write_rows(
    title: str, headers: Sequence[str], rows: Iterable[Sequence[Any]], notes: tuple[str, Sequence[str]] | None = None
) -> bytes:
    """Return a workbook of text and numbers, never formulas; `notes` are the title and lines of a second sheet."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    for place in range(len(headers)):
        sheet.column_dimensions[get_column_letter(place + 1)].width = WIDTH
    heads = [_cell(sheet, str(header)) for header in headers]
    for head in heads:
        head.font = Font(bold=True)
    sheet.append(heads)
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    if notes:
        _write_notes(book, *notes)
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def _write_notes(book: Workbook, title: str, lines: Sequence[str]) -> None:
    sheet = book.create_sheet(title[:31])
    sheet.column_dimensions["A"].width = 5 * WIDTH
    for line in lines:
        sheet.append([_cell(sheet, line)])


def _cell(sheet: Any, value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return WriteOnlyCell(sheet, value)
    text = NO_XML.sub("", str(value if value is not None else ""))
    cell = WriteOnlyCell(sheet, f"'{text}" if text.startswith(DANGEROUS) else text)
    cell.data_type = "s"
    return cell
