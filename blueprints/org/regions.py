"""Regions, for administrators."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.common.forms import page, refusals
from blueprints.common.labels import choices, label
from blueprints.common.web import admin_only, current_actor, fragment, page_arg
from blueprints.common.workbooks import EXPORT_ROWS, workbook
from blueprints.org import bp
from blueprints.org.forms import RegionForm
from tongyan.kernel.permissions import region_key
from tongyan.org.models import RegionLevel
from tongyan.org.services import appointments
from tongyan.org.services import regions as service
from tongyan.org.services.regions import RegionFilters


def _filters() -> RegionFilters:
    args = request.args
    return RegionFilters(args.get("q", "").strip(), args.get("level", type=RegionLevel), args.get("sort", ""))


@bp.get("/admin/regions")
@admin_only
def regions() -> ResponseReturnValue:
    """List the regions."""
    filters = _filters()
    template = "org/_regions.html" if fragment() else "org/regions.html"
    found = service.list_regions(current_actor(), filters, page_arg())
    return render_template(template, page=found, filters=filters, levels=choices(RegionLevel))


@bp.get("/admin/regions/export.xlsx")
@admin_only
def regions_export() -> ResponseReturnValue:
    """Give the list as a workbook."""
    found = service.list_regions(current_actor(), _filters(), size=EXPORT_ROWS)
    rows = [[row.region.name, label(row.region.level), row.parent or "", row.schools] for row in found.items]
    return workbook(_("地区"), [_("名称"), _("级别"), _("上级地区"), _("学校数")], rows)


@bp.route("/admin/regions/new", methods=["GET", "POST"])
@admin_only
def region_new() -> ResponseReturnValue:
    """Add a region."""
    actor = current_actor()
    form = RegionForm().offer(service.region_choices(actor))
    if form.validate_on_submit():
        with refusals(form):
            service.create_region(actor, form.edit())
            flash(_("已添加地区“%(name)s”。", name=form.name.data), "success")
            return redirect(url_for(".regions"))
    return page("org/region.html", form, region=None, offices=[])


@bp.route("/admin/regions/<uuid:region_id>", methods=["GET", "POST"])
@admin_only
def region(region_id: UUID) -> ResponseReturnValue:
    """Change a region, and see who oversees it."""
    actor = current_actor()
    found = service.get_region(actor, region_id)
    form = (RegionForm() if request.method == "POST" else RegionForm.of(found)).offer(service.region_choices(actor))
    if form.validate_on_submit():
        with refusals(form):
            service.update_region(actor, region_id, form.edit(), form.seen)
            flash(_("已保存。"), "success")
            return redirect(url_for(".regions"))
    offices = appointments.offices_over(actor, [region_key(region_id)])
    return page("org/region.html", form, region=found, offices=offices)
