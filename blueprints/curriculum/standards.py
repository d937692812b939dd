"""Pages of the curriculum standards: what they name for each subject; administrators tend it."""

from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.common.forms import page, refusals
from blueprints.common.web import admin_only, current_actor, signed_in
from blueprints.curriculum import bp
from blueprints.curriculum.forms import StandardForm
from tongyan.curriculum import services as curriculum
from tongyan.curriculum.models import Standard, StandardKind


def standards_page(std: str, subject: str, form: StandardForm) -> ResponseReturnValue:
    """Show what the standards of a year name for a subject, with the form that adds to it."""
    names = {"2022": _("义务教育课程标准（2022年版）"), "2017": _("普通高中课程标准（2017年版2020年修订）")}
    return page(
        "curriculum/standards.html",
        form,
        sheet=curriculum.standard_sheet(current_actor(), std, subject),
        years=[(year, names[year]) for year in curriculum.standard_years()],
    )


@bp.get("/curriculum/standards")
@signed_in
def standards() -> ResponseReturnValue:
    """Show what the standards name for a subject."""
    years = curriculum.standard_years()
    std = request.args.get("std", years[0])
    return standards_page(std if std in years else years[0], request.args.get("subject", ""), StandardForm())


@bp.post("/curriculum/standards")
@admin_only
def add_standard() -> ResponseReturnValue:
    """Add a competency or a domain."""
    std, subject, form = request.form.get("std", ""), request.form.get("subject", ""), StandardForm()
    if form.validate_on_submit():
        with refusals(form):
            kind = StandardKind(form.kind.data)
            added = curriculum.add_standard(
                current_actor(), std, subject, kind, form.title.data or "", note=form.note.data or ""
            )
            flash(_("已添加“%(title)s”。", title=added.title), "success")
            return to_sheet(added)
    return standards_page(std, subject, form)


@bp.route("/curriculum/standards/<uuid:standard_id>", methods=["GET", "POST"])
@admin_only
def change_standard(standard_id: UUID) -> ResponseReturnValue:
    """Change what a competency or domain is called."""
    standard = curriculum.get_standard(current_actor(), standard_id)
    form = StandardForm(None if request.method == "GET" else request.form, obj=standard)
    form.fix_kind(standard)
    if form.validate_on_submit():
        with refusals(form):
            done = curriculum.change_standard(current_actor(), standard_id, form.title.data or "", form.note.data or "")
            flash(_("已保存。用到它的资源会跟着改。"), "success")
            return to_sheet(done)
    return page("curriculum/standard.html", form, standard=standard)


@bp.post("/curriculum/standards/<uuid:standard_id>/retire")
@admin_only
def retire_standard(standard_id: UUID) -> ResponseReturnValue:
    """Offer a competency or domain no longer."""
    done = curriculum.retire_standard(current_actor(), standard_id)
    flash(_("已停用“%(title)s”。已经用到它的资源不变。", title=done.title), "success")
    return to_sheet(done)


@bp.post("/curriculum/standards/<uuid:standard_id>/revive")
@admin_only
def revive_standard(standard_id: UUID) -> ResponseReturnValue:
    """Offer it again."""
    done = curriculum.revive_standard(current_actor(), standard_id)
    flash(_("已重新启用“%(title)s”。", title=done.title), "success")
    return to_sheet(done)


def to_sheet(standard: Standard) -> ResponseReturnValue:
    """Go on with the subject of a standard."""
    return redirect(url_for(".standards", std=standard.std, subject=standard.subject))
