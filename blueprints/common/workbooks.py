"""Lists that are taken along as Excel workbooks, and how dates and words stand in their cells."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from flask import Response
from flask_babel import gettext as _

from blueprints.common.web import current_actor, disposition
from tongyan.kernel import sheets
from tongyan.kernel.clock import local
from tongyan.kernel.oversight import note_export

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXPORT_ROWS = 10_000


def workbook(title: str, headers: Sequence[str], rows: Iterable[Sequence[Any]], name: str = "") -> Response:
    """Answer with a list as a workbook, named like its sheet unless told; the trail notes who took it along."""
    filename = f"{name or title}.xlsx"
    note_export(current_actor(), filename)
    return excel_response(sheets.write_rows(title, headers, rows), filename)


def excel_response(content: bytes, filename: str) -> Response:
    """Answer with a workbook that the trail need not name."""
    return Response(content, mimetype=XLSX, headers={"Content-Disposition": disposition("attachment", filename)})


def yes_no(value: bool) -> str:
    """Return a yes or no in words."""
    return str(_("是") if value else _("否"))


def day(on: date | None) -> str:
    """Return a date as spreadsheets sort it."""
    return on.isoformat() if on else ""


def minute(at: datetime | None) -> str:
    """Return an instant as spreadsheets sort it, in the time of the schools."""
    return f"{local(at):%Y-%m-%d %H:%M}" if at else ""
