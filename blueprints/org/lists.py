"""What the lists of administrators share: their links, their workbooks, and a few words."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from flask import Response
from flask_babel import gettext as _

from blueprints.common.labels import label, listed
from blueprints.common.web import excel_response
from blueprints.org import bp
from tongyan.kernel import sheets
from tongyan.org.models import School, Stage

EXPORT_ROWS = 10_000


@bp.app_template_global()
def stage_names(school: School) -> str:
    """Return the stages of a school in words."""
    return listed(label(Stage(stage)) for stage in school.stages)


def workbook(title: str, headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """Answer with a list as a workbook."""
    return excel_response(sheets.write_rows(title, headers, rows), f"{title}.xlsx")


def yes_no(value: bool) -> str:
    """Return a yes or no in words."""
    return str(_("是") if value else _("否"))


def day(on: date | None) -> str:
    """Return a date as spreadsheets sort it."""
    return on.isoformat() if on else ""
