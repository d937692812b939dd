"""What every template may use: labels, rights, times, sizes, links that keep their filters."""

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Flask, request, url_for
from flask_babel import format_date, format_datetime

from blueprints.common.errors import sentence
from blueprints.common.labels import grade_name, kind_name, label, listed
from blueprints.common.web import current_actor, current_person
from tongyan.kernel.permissions import can

UNITS = ("B", "KB", "MB", "GB", "TB")


def init_app(app: Flask) -> None:
    """Register the globals."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        grade_name=grade_name,
        kind_name=kind_name,
        label=label,
        listed=listed,
        sentence=sentence,
        local_time=local_time,
        file_size=file_size,
        url_with=url_with,
        export_url=export_url,
        can=lambda action, thing: can(current_actor(), action, thing),
    )
    app.context_processor(lambda: {"actor": current_actor(), "person": current_person()})


def local_time(moment: datetime | date | None, style: str = "short") -> str:
    """Return an instant or a date as a reader of the page's language writes it."""
    if moment is None:
        return ""
    written: str = format_datetime(moment, style) if isinstance(moment, datetime) else format_date(moment, style)
    return written


def file_size(size: int) -> str:
    """Return a number of bytes as people say it."""
    number, step = float(size), 0
    while number >= 1024 and step < len(UNITS) - 1:
        number, step = number / 1024, step + 1
    return f"{number:.0f} {UNITS[step]}" if number >= 10 or step == 0 else f"{number:.1f} {UNITS[step]}"


def export_url(endpoint: str, **values: Any) -> str:
    """Return the link to the workbook of the list that is shown, with its filters."""
    query = request.query_string.decode(errors="ignore")
    path = url_for(endpoint, **values)
    return f"{path}?{query}" if query else path


def url_with(**changes: Any) -> str:
    """Return the current URL with some query values changed (None removes one); paging starts anew unless given."""
    query = request.args.copy()
    query.pop("page", None)
    for name, value in changes.items():
        query.poplist(name)
        if value is not None and value != "":
            query.setlist(name, value if isinstance(value, list) else [value])
    text = urlencode(list(query.items(multi=True)))
    return f"{request.path}?{text}" if text else request.path
