"""Schools, for administrators: the list, the form, and a school with its people."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.common.forms import page, refusals
from blueprints.common.labels import choices, label
from blueprints.common.web import admin_only, current_actor, fragment, page_arg
from blueprints.common.workbooks import EXPORT_ROWS, day, workbook, yes_no
from blueprints.org import bp
from blueprints.org.forms import SchoolForm, VersionedForm
from blueprints.org.words import stage_names
from tongyan.kernel.permissions import school_key
from tongyan.org.models import PostingKind, Stage
from tongyan.org.services import appointments, memberships, prep_groups, staff
from tongyan.org.services import schools as service
from tongyan.org.services.regions import region_choices
from tongyan.org.services.schools import SchoolFilters
from tongyan.org.services.staff import StaffFilters


def _filters() -> SchoolFilters:
    args = request.args
    return SchoolFilters(
        text=args.get("q", "").strip(),
        stage=args.get("stage", type=Stage),
        region_id=args.get("region", type=UUID),
        groupless="groupless" in args,
        headless="headless" in args,
        closed="closed" in args,
        sort=args.get("sort", ""),
    )


@bp.get("/admin/schools")
@admin_only
def schools() -> ResponseReturnValue:
    """List the schools."""
    actor, filters = current_actor(), _filters()
    found = service.list_schools(actor, filters, page_arg())
    if fragment():
        return render_template("org/_schools.html", page=found, filters=filters)
    options = {"stages": choices(Stage), "regions": [(region.id, region.path) for region in region_choices(actor)]}
    return render_template("org/schools.html", page=found, filters=filters, options=options)


@bp.get("/admin/schools/export.xlsx")
@admin_only
def schools_export() -> ResponseReturnValue:
    """Give the list as a workbook."""
    found = service.list_schools(current_actor(), _filters(), size=EXPORT_ROWS)
    headers = [_("全称"), _("简称"), _("学段"), _("所在地区"), _("独立法人"), _("主管部门"), _("所在集团"), _("人数")]
    rows = [
        [
            row.school.name,
            row.school.short_name,
            stage_names(row.school),
            row.school.region.name if row.school.region else "",
            yes_no(row.school.legal_person),
            row.school.owning_authority,
            row.groups or "",
            row.teachers,
        ]
        for row in found.items
    ]
    return workbook(_("学校"), headers, rows)


@bp.route("/admin/schools/new", methods=["GET", "POST"])
@admin_only
def school_new() -> ResponseReturnValue:
    """Add a school."""
    actor = current_actor()
    form = SchoolForm().offer(region_choices(actor))
    if form.validate_on_submit():
        with refusals(form):
            made = service.create_school(actor, form.edit())
            flash(_("已添加学校“%(name)s”。", name=made.name), "success")
            return redirect(url_for(".school", school_id=made.id))
    return page("org/school_edit.html", form, school=None)


def _staff_filters() -> StaffFilters:
    args = request.args
    return StaffFilters(
        text=args.get("q", "").strip(),
        kind=args.get("kind", type=PostingKind),
        past="past" in args,
        sort=args.get("sort", ""),
    )


@bp.get("/admin/schools/<uuid:school_id>")
@admin_only
def school(school_id: UUID) -> ResponseReturnValue:
    """Show a school: what it is, who serves there, and in which office."""
    actor, filters = current_actor(), _staff_filters()
    found = service.get_school(actor, school_id)
    people = staff.list_staff(actor, school_id, filters, page_arg())
    if fragment():
        return render_template("org/_staff.html", school=found, page=people, filters=filters)
    return render_template(
        "org/school.html",
        school=found,
        page=people,
        filters=filters,
        kinds=choices(PostingKind),
        memberships=memberships.memberships_of(actor, school_id),
        offices=appointments.offices_over(actor, [school_key(school_id)]),
        prep_groups=prep_groups.list_prep_groups(actor, [school_key(school_id)]).get(school_key(school_id), []),
        form=VersionedForm(version=str(found.version)),
    )


@bp.get("/admin/schools/<uuid:school_id>/export.xlsx")
@admin_only
def staff_export(school_id: UUID) -> ResponseReturnValue:
    """Give the people of a school as a workbook."""
    actor = current_actor()
    found = service.get_school(actor, school_id)
    people = staff.list_staff(actor, school_id, _staff_filters(), size=EXPORT_ROWS)
    headers = [_("姓名"), _("登录名"), _("任职方式"), _("第一天"), _("最后一天")]
    rows = [
        [row.person.name, row.person.login, label(row.kind), day(row.from_on), day(row.to_on)] for row in people.items
    ]
    return workbook(_("%(school)s的人员", school=found.short_name), headers, rows)


@bp.route("/admin/schools/<uuid:school_id>/edit", methods=["GET", "POST"])
@admin_only
def school_edit(school_id: UUID) -> ResponseReturnValue:
    """Change a school."""
    actor = current_actor()
    found = service.get_school(actor, school_id)
    form = (SchoolForm() if request.method == "POST" else SchoolForm.of(found)).offer(region_choices(actor))
    if form.validate_on_submit():
        with refusals(form):
            service.update_school(actor, school_id, form.edit(), form.seen)
            flash(_("已保存。"), "success")
            return redirect(url_for(".school", school_id=school_id))
    return page("org/school_edit.html", form, school=found)


@bp.post("/admin/schools/<uuid:school_id>/close")
@admin_only
def school_close(school_id: UUID) -> ResponseReturnValue:
    """Close a school."""
    service.close_school(current_actor(), school_id, VersionedForm().seen)
    flash(_("已停用。任职、成员关系和资源都还在，随时可以恢复。"), "success")
    return redirect(url_for(".school", school_id=school_id))


@bp.post("/admin/schools/<uuid:school_id>/reopen")
@admin_only
def school_reopen(school_id: UUID) -> ResponseReturnValue:
    """Open a closed school again."""
    service.reopen_school(current_actor(), school_id, VersionedForm().seen)
    flash(_("已恢复使用。"), "success")
    return redirect(url_for(".school", school_id=school_id))
