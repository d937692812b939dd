"""The Excel import of people: template, upload, preview, confirmation, and the links to hand out."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.common.errors import sentence
from blueprints.common.forms import page, refusals
from blueprints.common.web import admin_only, current_actor, fragment
from blueprints.common.workbooks import excel_response, minute, workbook
from blueprints.org import bp
from blueprints.org.people_forms import SheetForm
from tongyan.kernel import sheets
from tongyan.kernel.errors import Conflict
from tongyan.org.models import ImportState
from tongyan.org.services import people_import as service
from tongyan.org.services.people_sheet import COLUMNS, EXAMPLE, HINTS

UPLOAD_BYTES = sheets.MAX_BYTES + (12 << 20)  # what is a little too large still gets its own sentence


@bp.url_value_preprocessor
def admit_sheets(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let the one form through that takes more than other pages; it must be said before anybody reads the form."""
    if endpoint == "org.people_import":
        request.max_content_length = UPLOAD_BYTES


@bp.route("/admin/people/import", methods=["GET", "POST"])
@admin_only
def people_import() -> ResponseReturnValue:
    """Take a sheet and check it."""
    actor, form = current_actor(), SheetForm()
    if form.validate_on_submit():
        with refusals(form):
            sheet = service.check_upload(actor, form.sheet.data.filename, form.sheet.data.stream)
            return redirect(url_for(".people_sheet", import_id=sheet.id))
    return page("org/people_import.html", form, recent=service.recent_imports(actor), states=ImportState)


@bp.get("/admin/people/import/template.xlsx")
@admin_only
def people_template() -> ResponseReturnValue:
    """Give an empty sheet with the right headers, an example and hints."""
    headers = [column.header for column in COLUMNS]
    content = sheets.write_rows(_("人员"), headers, [EXAMPLE], notes=(_("说明"), HINTS))
    return excel_response(content, _("人员导入模板.xlsx"))


@bp.get("/admin/people/import/<uuid:import_id>")
@admin_only
def people_sheet(import_id: UUID) -> ResponseReturnValue:
    """Show what was found in a sheet, how far its writing is, or what came of it."""
    sheet = service.get_import(current_actor(), import_id)
    template = "org/_people_sheet.html" if fragment() else "org/people_sheet.html"
    progress = service.progress_of(sheet)
    return render_template(template, sheet=sheet, progress=progress, states=ImportState, columns=COLUMNS)


@bp.get("/admin/people/import/<uuid:import_id>/problems.xlsx")
@admin_only
def people_problems(import_id: UUID) -> ResponseReturnValue:
    """Give everything that is wrong with a sheet as a workbook."""
    problems = service.all_problems(current_actor(), import_id)
    rows = [[problem.row, problem.column, sentence(problem.code, problem.data)] for problem in problems]
    return workbook(_("需要改正的地方"), [_("行"), _("列"), _("问题")], rows)


@bp.post("/admin/people/import/<uuid:import_id>/confirm")
@admin_only
def people_confirm(import_id: UUID) -> ResponseReturnValue:
    """Have the sheet written; a double click does it once."""
    try:
        service.confirm(current_actor(), import_id)
    except Conflict as error:
        flash(sentence(error.code, error.data), "warning")
    return redirect(url_for(".people_sheet", import_id=import_id))


@bp.post("/admin/people/import/<uuid:import_id>/links.xlsx")
@admin_only
def people_links(import_id: UUID) -> ResponseReturnValue:
    """Give the links of those who have no password yet: this workbook is the only copy."""
    handouts = service.hand_out(current_actor(), import_id)
    headers = [_("姓名"), _("登录名"), _("激活链接"), _("激活码"), _("有效期至")]
    rows = [[person.name, person.login, link.url, link.code, minute(link.expires_at)] for person, link in handouts]
    return workbook(_("激活链接"), headers, rows)
