"""Exports and imports: what is asked for, how far it is, what came of it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField

from blueprints.common.errors import sentence, sentences
from blueprints.common.forms import Form, page, refusals
from blueprints.common.web import asker, current_actor, disposition, fragment, signed_in
from blueprints.common.workbooks import excel_response, workbook
from blueprints.library import bp
from blueprints.library.choosing import ARCHIVES
from blueprints.library.views import EXPORT_ROWS, filters_of_url
from tongyan.extensions import limiter
from tongyan.kernel import sheets
from tongyan.kernel.errors import Conflict, TongyanError
from tongyan.kernel.oversight import note_export
from tongyan.kernel.permissions import Actor
from tongyan.library import services as library
from tongyan.library.exchange.sheets import HEADERS, NOTES, NOTES_SHEET, SHEET
from tongyan.library.models import Resource, TransferKind
from tongyan.library.services import exports, imports, sheet_imports, sheet_rows
from tongyan.library.services import transfers as service

ROOM = 12 << 20  # what is a little too large still gets its own sentence
BOUNDS = {
    "library.import_archive": imports.MAX_PACKED + ROOM,
    "library.import_sheet": sheets.MAX_BYTES + ROOM,
}


@bp.url_value_preprocessor
def admit_transfers(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let the forms through that take more than other pages; it must be said before anybody reads them."""
    if endpoint in BOUNDS:
        request.max_content_length = BOUNDS[endpoint]


class WholeForm(Form):
    """All of one's own, or of a school, as one archive."""

    whole = SelectField(lazy_gettext("范围"), choices=[])
    form = SelectField(lazy_gettext("格式"), choices=[])

    def offer(self) -> "WholeForm":
        """Offer what the actor may take along as a whole."""
        school = exports.exportable_school(current_actor())
        whole = [(exports.MINE, _("我的全部资源"))]
        if school is not None:
            whole.append((exports.SCHOOL, _("%(school)s已分享的全部资源", school=school.name)))
        self.whole.choices, self.form.choices = whole, ARCHIVES
        return self


class ArchiveForm(Form):
    """An archive that comes in."""

    archive = FileField(
        lazy_gettext("压缩包（.zip 或 .imscc）"),
        [FileRequired(lazy_gettext("请选择一个压缩包。"))],
        render_kw={"accept": ".zip,.imscc"},
        description=lazy_gettext("最多 %(limit)s GB。先看看里面有什么，再由您确认。", limit=imports.MAX_PACKED >> 30),
    )


class SheetForm(Form):
    """A sheet that comes back."""

    sheet = FileField(
        lazy_gettext("Excel 文件（.xlsx）"),
        [FileRequired(lazy_gettext("请选择一个 Excel 文件。"))],
        render_kw={"accept": ".xlsx"},
        description=lazy_gettext("最多 %(rows)s 行。先检查，再由您确认。", rows=sheet_imports.MAX_ROWS),
    )


@bp.get("/library/transfers")
@signed_in
def transfers() -> ResponseReturnValue:
    """List the person's exports and imports, and what can be begun."""
    return _transfers(WholeForm().offer())


def _transfers(form: WholeForm) -> ResponseReturnValue:
    found = service.my_transfers(current_actor())
    how_far = service.outcomes(found)
    if fragment():
        return render_template("library/_transfers.html", transfers=found, how_far=how_far)
    return page("library/transfers.html", form, transfers=found, how_far=how_far)


@bp.post("/library/transfers")
@limiter.limit("60/day", key_func=asker)
@signed_in
def export_whole() -> ResponseReturnValue:
    """Have all of one's own resources packed, or all of a school."""
    actor, form = current_actor(), WholeForm().offer()
    if form.validate_on_submit():
        with refusals(form):
            kind = TransferKind(form.form.data)
            exports.start_export(actor, kind, whole=form.whole.data, school_id=actor.school_id)
            flash(_("正在打包，做好以后可以在这里下载。"), "success")
            return redirect(url_for(".transfers"))
    return _transfers(form)


@bp.get("/library/transfers/<uuid:transfer_id>")
@signed_in
def transfer(transfer_id: UUID) -> ResponseReturnValue:
    """Show what an import would do, how far a transfer is, or what came of it."""
    found = service.get_transfer(current_actor(), transfer_id)
    template = "library/_transfer.html" if fragment() else "library/transfer.html"
    return render_template(template, transfer=found, outcome=service.outcomes([found])[found.id])


@bp.get("/library/transfers/<uuid:transfer_id>/file")
@signed_in
def transfer_file(transfer_id: UUID) -> ResponseReturnValue:
    """Hand out a finished archive, if all of it is still open to the person."""
    try:
        served = service.deliver(current_actor(), transfer_id)
    except Conflict as error:
        flash(sentence(error.code, error.data), "warning")
        return redirect(url_for(".transfers"))
    response = send_file(served.path, mimetype=served.media_type, etag=served.sha256, conditional=True)
    response.headers["Content-Disposition"] = disposition("attachment", served.name)
    return response


@bp.post("/library/transfers/<uuid:transfer_id>/confirm")
@signed_in
def confirm_transfer(transfer_id: UUID) -> ResponseReturnValue:
    """Have a checked import carried out; a double click does it once."""
    try:
        service.confirm_transfer(current_actor(), transfer_id)
    except Conflict as error:
        flash(sentence(error.code, error.data), "warning")
    return redirect(url_for(".transfer", transfer_id=transfer_id))


@bp.post("/library/transfers/<uuid:transfer_id>/remove")
@signed_in
def remove_transfer(transfer_id: UUID) -> ResponseReturnValue:
    """Forget a transfer."""
    service.remove_transfer(current_actor(), transfer_id)
    flash(_("已从列表中删除。"), "success")
    return redirect(url_for(".transfers"))


@bp.get("/library/transfers/<uuid:transfer_id>/problems.xlsx")
@signed_in
def transfer_problems(transfer_id: UUID) -> ResponseReturnValue:
    """Give everything that keeps rows of a sheet from being followed as a workbook."""
    actor = current_actor()
    problems = sheet_imports.sheet_problems(actor, service.get_transfer(actor, transfer_id))
    rows = [[problem.row, problem.column, sentence(problem.code, problem.data)] for problem in problems]
    return workbook(_("需要改正的地方"), [_("行"), _("列"), _("问题")], rows)


@bp.route("/library/transfers/archive", methods=["GET", "POST"])
@signed_in
def import_archive() -> ResponseReturnValue:
    """Take an archive and look through it."""
    form = ArchiveForm()
    if form.validate_on_submit():
        with refusals(form):
            upload = form.archive.data
            found = imports.check_archive(current_actor(), upload.filename or "", upload.stream)
            return redirect(url_for(".transfer", transfer_id=found.id))
    return page("library/import_archive.html", form)


@bp.post("/library/files/<uuid:file_id>/unpack")
@signed_in
def unpack(file_id: UUID) -> ResponseReturnValue:
    """Look through an archive that lies among the person's drafts."""
    try:
        found = imports.unpack_file(current_actor(), file_id)
    except TongyanError as error:
        if error.status in {403, 404}:
            raise
        flash(" ".join(sentences(error)), "warning")
        return redirect(url_for(".transfers"))
    return redirect(url_for(".transfer", transfer_id=found.id))


@bp.route("/library/transfers/sheet", methods=["GET", "POST"])
@signed_in
def import_sheet() -> ResponseReturnValue:
    """Take a sheet of metadata back and check it."""
    form = SheetForm()
    if form.validate_on_submit():
        with refusals(form):
            upload = form.sheet.data
            found = sheet_imports.check_sheet(current_actor(), upload.filename or "", upload.stream)
            return redirect(url_for(".transfer", transfer_id=found.id))
    return page("library/import_sheet.html", form)


@bp.get("/library/export.xlsx")
@limiter.limit("20/day", key_func=asker)
@signed_in
def export() -> ResponseReturnValue:
    """Give what the list shows as a sheet that may come back."""
    actor = current_actor()
    found = library.list_resources(actor, filters_of_url(), size=EXPORT_ROWS)
    return sheet_answer(actor, found.items)


def sheet_answer(actor: Actor, resources: Sequence[Resource]) -> Response:
    """Answer with resources as a sheet that may come back; its words are fixed, whatever the reader's language."""
    library.load_details(resources)
    rows = sheet_rows.rows_of(actor, resources)
    filename = _("课程资源") + ".xlsx"
    note_export(actor, filename)  # a transaction forgets what was read, so it comes after the rows
    return excel_response(sheets.write_rows(SHEET, HEADERS, rows, notes=(NOTES_SHEET, NOTES)), filename)
