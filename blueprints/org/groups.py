"""Groups, for administrators: the list, the form, and a group with its members and their history."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.common.forms import page, refusals
from blueprints.common.labels import choices, label
from blueprints.common.web import admin_only, current_actor, fragment, page_arg
from blueprints.common.workbooks import EXPORT_ROWS, day, workbook
from blueprints.org import bp
from blueprints.org.forms import EndGroupForm, GroupForm, JoinForm, LeaveForm
from tongyan.kernel.clock import today
from tongyan.kernel.permissions import group_key
from tongyan.org.models import Pairing, School, Way
from tongyan.org.services import appointments, memberships, partnerships, prep_groups
from tongyan.org.services import groups as service
from tongyan.org.services.groups import ADVISED_MEMBERS, GroupFilters
from tongyan.org.services.regions import region_choices
from tongyan.org.services.schools import open_schools


def _filters() -> GroupFilters:
    args = request.args
    return GroupFilters(
        text=args.get("q", "").strip(),
        pairing=args.get("pairing", type=Pairing),
        way=args.get("way", type=Way),
        region_id=args.get("region", type=UUID),
        large="large" in args,
        ended="ended" in args,
        sort=args.get("sort", ""),
    )


@bp.get("/admin/groups")
@admin_only
def groups() -> ResponseReturnValue:
    """List the groups."""
    actor, filters = current_actor(), _filters()
    found = service.list_groups(actor, filters, page_arg())
    if fragment():
        return render_template("org/_groups.html", page=found, filters=filters, advised=ADVISED_MEMBERS)
    options = {
        "pairings": choices(Pairing),
        "ways": choices(Way),
        "regions": [(region.id, region.path) for region in region_choices(actor)],
    }
    return render_template("org/groups.html", page=found, filters=filters, options=options, advised=ADVISED_MEMBERS)


@bp.get("/admin/groups/export.xlsx")
@admin_only
def groups_export() -> ResponseReturnValue:
    """Give the list as a workbook."""
    found = service.list_groups(current_actor(), _filters(), size=EXPORT_ROWS)
    headers = [_("名称"), _("组合"), _("办学方式"), _("核心校"), _("所属地区"), _("成员校数"), _("成立"), _("结束")]
    rows = [
        [
            row.group.name,
            label(row.group.pairing),
            label(row.group.way),
            row.core or "",
            row.region or "",
            row.members,
            day(row.group.founded_on),
            day(row.group.ended_on),
        ]
        for row in found.items
    ]
    return workbook(_("集团"), headers, rows)


@bp.route("/admin/groups/new", methods=["GET", "POST"])
@admin_only
def group_new() -> ResponseReturnValue:
    """Found a group."""
    actor = current_actor()
    form = GroupForm().offer(open_schools(actor), region_choices(actor))
    if form.validate_on_submit():
        with refusals(form):
            made = service.create_group(actor, form.edit())
            flash(_("已成立“%(name)s”。接下来请让成员校加入。", name=made.name), "success")
            return redirect(url_for(".group_admin", group_id=made.id))
    return page("org/group_edit.html", form, group=None)


@bp.get("/admin/groups/<uuid:group_id>")
@admin_only
def group_admin(group_id: UUID) -> ResponseReturnValue:
    """Show a group: its members, their history, its offices."""
    actor = current_actor()
    return render_template(
        "org/group_admin.html",
        group=service.get_group(actor, group_id),
        memberships=memberships.list_memberships(actor, group_id),
        offices=appointments.offices_over(actor, [group_key(group_id)]),
        partnerships=partnerships.list_partnerships(actor, [group_id]).get(group_id, []),
        partner_of=partnerships.other,
        prep_groups=prep_groups.list_prep_groups(actor, [group_key(group_id)]).get(group_key(group_id), []),
        advised=ADVISED_MEMBERS,
        today=today(),
    )


@bp.route("/admin/groups/<uuid:group_id>/edit", methods=["GET", "POST"])
@admin_only
def group_edit(group_id: UUID) -> ResponseReturnValue:
    """Change a group."""
    actor = current_actor()
    found = service.get_group(actor, group_id)
    form = GroupForm() if request.method == "POST" else GroupForm.of(found)
    form.offer(_members(group_id), region_choices(actor))
    if form.validate_on_submit():
        with refusals(form):
            service.update_group(actor, group_id, form.edit(), form.seen)
            flash(_("已保存。"), "success")
            return redirect(url_for(".group_admin", group_id=group_id))
    return page("org/group_edit.html", form, group=found)


def _members(group_id: UUID) -> list[School]:
    rows = memberships.list_memberships(current_actor(), group_id)
    return [row.school for row in rows if row.to_on is None or row.to_on >= today()]


@bp.route("/admin/groups/<uuid:group_id>/join", methods=["GET", "POST"])
@admin_only
def group_join(group_id: UUID) -> ResponseReturnValue:
    """Let a school join a group."""
    actor = current_actor()
    group = service.get_group(actor, group_id)
    inside = {school.id for school in _members(group_id)}
    form = JoinForm().offer([school for school in open_schools(actor) if school.id not in inside])
    if form.validate_on_submit():
        with refusals(form):
            joined = memberships.join(actor, group_id, form.school_id.data, form.from_on.day, form.reason.data or "")
            flash(_("“%(name)s”已加入。", name=joined.membership.school.name), "success")
            return redirect(url_for(".group_admin", group_id=group_id))
    return page("org/group_join.html", form, group=group)


@bp.route("/admin/memberships/<uuid:membership_id>/leave", methods=["GET", "POST"])
@admin_only
def group_leave(membership_id: UUID) -> ResponseReturnValue:
    """Let a school leave a group; the page says what that means."""
    actor = current_actor()
    leaving = memberships.get_leaving(actor, membership_id)
    group_id = leaving.membership.group_id
    form = LeaveForm()
    if form.validate_on_submit():
        with refusals(form):
            left = memberships.leave(actor, membership_id, form.to_on.day, form.reason.data or "")
            flash(_("已记下“%(name)s”退出集团，历史都还在。", name=left.school.name), "success")
            return redirect(url_for(".group_admin", group_id=group_id))
    return page("org/group_leave.html", form, leaving=leaving)


@bp.route("/admin/groups/<uuid:group_id>/end", methods=["GET", "POST"])
@admin_only
def group_end(group_id: UUID) -> ResponseReturnValue:
    """End a group; the page says what ends with it."""
    actor = current_actor()
    group, loss = service.get_group(actor, group_id), service.loss_of_group(actor, group_id)
    form = EndGroupForm(version=str(group.version))
    if form.validate_on_submit():
        with refusals(form):
            service.end_group(actor, group_id, form.to_on.day, form.reason.data or "", form.seen)
            flash(_("集团已结束，历史都还在。"), "success")
            return redirect(url_for(".group_admin", group_id=group_id))
    return page("org/group_end.html", form, group=group, loss=loss)
