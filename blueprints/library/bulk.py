"""Many resources at once: edited, moved, licensed, put away and brought back; what was refused says why."""

from collections.abc import Sequence
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from blueprints.common.errors import sentences
from blueprints.common.forms import Form, page, refusals
from blueprints.common.web import back_to, current_actor, is_local, signed_in
from blueprints.library import bp
from blueprints.library.choosing import SHEET, EditForm, ExportForm, LicenceForm, MoveForm, chosen, confirmed
from blueprints.library.transfers import sheet_answer
from tongyan.kernel.errors import Invalid, TooMany
from tongyan.library import services as library
from tongyan.library.models import Licence, TransferKind
from tongyan.library.services import bulk, exports
from tongyan.library.services.bulk import Outcome


def _page(template: str, form: Form, ids: Sequence[UUID]) -> ResponseReturnValue:
    """Show the form of a deed, with the names of those it is about; without any there is nothing to do."""
    try:
        titles = bulk.titles_of(current_actor(), ids)
    except (Invalid, TooMany) as error:
        flash(" ".join(sentences(error)), "warning")
        return back_to(url_for(".index"))
    return page(template, form, titles=titles, back=_back())


def _back() -> str:
    target = str(request.values.get("next", ""))
    return target if is_local(target) else url_for(".index")


def _result(outcome: Outcome, said: str, *, undo: bool = False) -> ResponseReturnValue:
    """Go back to the list when all went well; else say what did not, and offer to take back what can be."""
    if outcome.done and not (outcome.refused or undo):
        flash(said, "success")
        return redirect(_back())
    refused = [(each.title, " ".join(sentences(each.error))) for each in outcome.refused]
    undone = outcome.done if undo else []
    return render_template(
        "library/bulk_done.html", said=said if outcome.done else "", refused=refused, undo=undone, back=_back()
    )


@bp.post("/library/bulk/edit")
@signed_in
def bulk_edit() -> ResponseReturnValue:
    """Change the same things of all that were ticked."""
    form, ids = EditForm(), chosen()
    if confirmed() and form.validate():
        with refusals(form):
            outcome = bulk.edit_many(current_actor(), ids, form.changes)
            return _result(outcome, _changed(len(outcome.done)))
    return _page("library/bulk_edit.html", form, ids)


def _changed(number: int) -> str:
    return str(ngettext("已修改 %(num)s 份资源。", "已修改 %(num)s 份资源。", number))


@bp.post("/library/bulk/move")
@signed_in
def bulk_move() -> ResponseReturnValue:
    """Give all that were ticked one place in the curriculum."""
    form, ids = MoveForm().offer(), chosen()
    if confirmed() and form.node_id and form.validate():
        with refusals(form):
            outcome = bulk.move_many(current_actor(), ids, form.node_id)
            return _result(outcome, ngettext("已移动 %(num)s 份资源。", "已移动 %(num)s 份资源。", len(outcome.done)))
    if confirmed() and not form.node_id:
        form.node.errors = [_("请选一个单元或课。")]
    return _page("library/bulk_move.html", form, ids)


@bp.post("/library/bulk/licence")
@signed_in
def bulk_license() -> ResponseReturnValue:
    """Give all that were ticked one licence."""
    form, ids = LicenceForm(), chosen()
    if confirmed() and form.validate():
        with refusals(form):
            outcome = bulk.license_many(current_actor(), ids, Licence(form.licence.data))
            return _result(outcome, _changed(len(outcome.done)))
    return _page("library/bulk_licence.html", form, ids)


@bp.post("/library/bulk/trash")
@signed_in
def bulk_trash() -> ResponseReturnValue:
    """Put all that were ticked into the trash; one button brings them all back."""
    try:
        outcome = bulk.trash_many(current_actor(), chosen())
    except (Invalid, TooMany) as error:
        flash(" ".join(sentences(error)), "warning")
        return back_to(url_for(".index"))
    number = len(outcome.done)
    said = ngettext("已把 %(num)s 份资源移到回收站。", "已把 %(num)s 份资源移到回收站。", number)
    return _result(outcome, said, undo=True)


@bp.post("/library/bulk/restore")
@signed_in
def bulk_restore() -> ResponseReturnValue:
    """Bring back what was put into the trash at once."""
    try:
        outcome = bulk.restore_many(current_actor(), chosen())
    except (Invalid, TooMany) as error:
        flash(" ".join(sentences(error)), "warning")
        return back_to(url_for(".trash"))
    number = len(outcome.done)
    return _result(
        outcome, ngettext("已恢复 %(num)s 份资源，它们是草稿。", "已恢复 %(num)s 份资源，它们是草稿。", number)
    )


@bp.post("/library/bulk/export")
@signed_in
def bulk_export() -> ResponseReturnValue:
    """Take all that were ticked along."""
    form, ids, actor = ExportForm(), chosen(), current_actor()
    if confirmed() and form.validate():
        with refusals(form):
            if form.form.data == SHEET:
                return sheet_answer(actor, exports.readable(actor, ids))
            exports.start_export(actor, TransferKind(form.form.data), ids)
            flash(_("正在打包，做好以后可以在这里下载。"), "success")
            return redirect(url_for(".transfers"))
    return _page("library/bulk_export.html", form, ids)


@bp.get("/library/<uuid:resource_id>/export")
@signed_in
def export_one(resource_id: UUID) -> ResponseReturnValue:
    """Ask in which form a resource, or a course package with all in it, is taken along."""
    library.get_resource(current_actor(), resource_id)
    return _page("library/bulk_export.html", ExportForm(), [resource_id])
