"""The words that the search takes for the same: listed, added, changed, deleted, and as a sheet out and in."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, TextAreaField
from wtforms.validators import InputRequired

from blueprints.common.forms import Form, page, refusals
from blueprints.common.web import admin_only, current_actor, fragment, page_arg
from blueprints.common.workbooks import XLSX, workbook
from blueprints.operations import bp
from tongyan.finding.models import SynonymSet
from tongyan.finding.services import synonym_sheets, synonyms
from tongyan.finding.services.synonym_rules import BETWEEN, split_words

NEEDED = InputRequired(lazy_gettext("请填写这一项。"))


class SynonymsForm(Form):
    """Words of the same meaning; the form knows which version its reader saw."""

    version = HiddenField()
    words = TextAreaField(
        lazy_gettext("意思相同的词"),
        [NEEDED],
        render_kw={"rows": 6},
        description=lazy_gettext("一行一个，或者用顿号隔开；2 到 12 个词，每个词不超过 20 个字。"),
    )

    @classmethod
    def of(cls, row: SynonymSet) -> "SynonymsForm":
        """Return the form filled from a set."""
        return cls(version=str(row.version), words="\n".join(row.words))

    @property
    def seen(self) -> int:
        """Return the version that was seen; nonsense is older than any."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() else 0


class SheetForm(Form):
    """A sheet of sets."""

    sheet = FileField(
        lazy_gettext("Excel 文件（.xlsx）"),
        [FileRequired(lazy_gettext("请选一个文件。"))],
        render_kw={"accept": f".xlsx,{XLSX}"},
    )


@bp.get("/admin/synonyms")
@admin_only
def list_synonyms() -> ResponseReturnValue:
    """List the sets."""
    text = request.args.get("q", "").strip()[:64]
    found = synonyms.list_synonyms(current_actor(), text, page_arg())
    template = "operations/_synonyms.html" if fragment() else "operations/synonyms.html"
    return render_template(template, page=found, text=text)


@bp.get("/admin/synonyms/export.xlsx")
@admin_only
def synonyms_export() -> ResponseReturnValue:
    """Give all sets as a workbook that can be taken in again."""
    rows = synonym_sheets.sheet_rows(current_actor())
    return workbook(_("同义词"), [synonym_sheets.HEADER], rows)


@bp.route("/admin/synonyms/new", methods=["GET", "POST"])
@admin_only
def synonyms_new() -> ResponseReturnValue:
    """Add a set."""
    form = SynonymsForm()
    if form.validate_on_submit():
        with refusals(form):
            row = synonyms.add_synonyms(current_actor(), split_words(form.words.data or ""))
            flash(_("已添加：%(words)s。", words=BETWEEN.join(row.words)), "success")
            return redirect(url_for(".list_synonyms"))
    return page("operations/synonyms_edit.html", form, row=None)


@bp.route("/admin/synonyms/<uuid:set_id>", methods=["GET", "POST"])
@admin_only
def synonyms_edit(set_id: UUID) -> ResponseReturnValue:
    """Change a set."""
    actor = current_actor()
    row = synonyms.get_synonyms(actor, set_id)
    form = SynonymsForm() if request.method == "POST" else SynonymsForm.of(row)
    if form.validate_on_submit():
        with refusals(form):
            synonyms.change_synonyms(actor, set_id, split_words(form.words.data or ""), form.seen)
            flash(_("已保存。"), "success")
            return redirect(url_for(".list_synonyms"))
    return page("operations/synonyms_edit.html", form, row=synonyms.get_synonyms(actor, set_id))


@bp.post("/admin/synonyms/<uuid:set_id>/delete")
@admin_only
def synonyms_delete(set_id: UUID) -> ResponseReturnValue:
    """Delete a set."""
    words = synonyms.delete_synonyms(current_actor(), set_id)
    flash(_("已删除：%(words)s。", words=BETWEEN.join(words)), "success")
    return redirect(url_for(".list_synonyms"))


@bp.route("/admin/synonyms/import", methods=["GET", "POST"])
@admin_only
def synonyms_import() -> ResponseReturnValue:
    """Follow a sheet, or say what is wrong with it."""
    form, problems = SheetForm(), []
    if form.validate_on_submit():
        with refusals(form):
            taken = synonym_sheets.take_sheet(current_actor(), form.sheet.data.stream)
            if not taken.problems:
                said = _("新增 %(added)s 组，修改 %(changed)s 组，%(same)s 组没有变。")
                flash(said % {"added": taken.added, "changed": taken.changed, "same": taken.same}, "success")
                return redirect(url_for(".list_synonyms"))
            problems, form.status = taken.problems, 422
    return page("operations/synonyms_import.html", form, problems=problems, header=synonym_sheets.HEADER)
