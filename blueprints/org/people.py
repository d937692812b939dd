"""People, for administrators: the list, one person, and the deeds upon an account."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import pgettext

from blueprints.common.forms import page, refusals
from blueprints.common.labels import label, listed
from blueprints.common.web import admin_only, current_actor, fragment, page_arg
from blueprints.common.workbooks import EXPORT_ROWS, day, minute, workbook, yes_no
from blueprints.org import bp
from blueprints.org.people_forms import NewPersonForm, PersonEditForm
from tongyan.accounts import factors, sessions
from tongyan.accounts import service as accounts
from tongyan.org.services import people as service
from tongyan.org.services.people import PeopleFilters
from tongyan.org.services.schools import open_schools


def _filters() -> PeopleFilters:
    args = request.args
    return PeopleFilters(
        text=args.get("q", "").strip()[:64],
        school_id=args.get("school", type=UUID),
        unposted="unposted" in args,
        admins="admins" in args,
        closed="closed" in args,
        sort=args.get("sort", ""),
    )


@bp.get("/admin/people")
@admin_only
def people() -> ResponseReturnValue:
    """List the accounts."""
    actor, filters = current_actor(), _filters()
    found = service.list_people(actor, filters, page_arg())
    if fragment():
        return render_template("org/_people.html", page=found, filters=filters)
    schools = [(school.id, school.name) for school in open_schools(actor)]
    return render_template("org/people.html", page=found, filters=filters, schools=schools)


@bp.get("/admin/people/export.xlsx")
@admin_only
def people_export() -> ResponseReturnValue:
    """Give the list as a workbook."""
    found = service.list_people(current_actor(), _filters(), size=EXPORT_ROWS)
    headers = [_("姓名"), _("登录名"), _("手机"), _("邮箱"), pgettext("one", "学校"), _("任职方式"), _("起始日期")]
    headers += [_("系统管理员"), _("状态"), _("最近使用")]
    rows = [
        [
            row.person.name,
            row.person.login,
            row.person.phone or "",
            row.person.email or "",
            listed(posting.school.name for posting in row.postings),
            listed(label(posting.kind) for posting in row.postings),
            listed(day(posting.from_on) for posting in row.postings),
            yes_no(row.person.is_admin),
            _("在用") if row.person.active else _("已停用"),
            minute(row.person.last_seen_at),
        ]
        for row in found.items
    ]
    return workbook(_("人员"), headers, rows)


@bp.route("/admin/people/new", methods=["GET", "POST"])
@admin_only
def person_new() -> ResponseReturnValue:
    """Bring somebody in; the answer shows their link, once."""
    actor = current_actor()
    form = NewPersonForm(school_id=request.args.get("school", type=UUID)).offer(open_schools(actor))
    if form.validate_on_submit():
        with refusals(form):
            return render_template("org/person_link.html", admitted=service.admit(actor, form.new_person()), new=True)
    return page("org/person_new.html", form)


@bp.get("/admin/people/<uuid:person_id>")
@admin_only
def person(person_id: UUID) -> ResponseReturnValue:
    """Show a person: the account, where they serve, and what they were."""
    return render_template("org/person.html", dossier=service.get_dossier(current_actor(), person_id))


@bp.route("/admin/people/<uuid:person_id>/edit", methods=["GET", "POST"])
@admin_only
def person_edit(person_id: UUID) -> ResponseReturnValue:
    """Change an account."""
    actor = current_actor()
    dossier = service.get_dossier(actor, person_id)
    form = PersonEditForm(obj=dossier.person)
    if form.validate_on_submit():
        with refusals(form):
            accounts.update_person(
                actor,
                person_id,
                name=form.name.data or "",
                email=form.email.data,
                phone=form.phone.data,
                is_admin=form.is_admin.data,
            )
            flash(_("已保存。"), "success")
            return redirect(url_for(".person", person_id=person_id))
    return page("org/person_edit.html", form, dossier=dossier)


@bp.post("/admin/people/<uuid:person_id>/disable")
@admin_only
def person_disable(person_id: UUID) -> ResponseReturnValue:
    """Close an account."""
    accounts.disable_person(current_actor(), person_id)
    flash(_("账号已停用，此人在各处都已退出登录。"), "success")
    return redirect(url_for(".person", person_id=person_id))


@bp.post("/admin/people/<uuid:person_id>/enable")
@admin_only
def person_enable(person_id: UUID) -> ResponseReturnValue:
    """Open a closed account again."""
    accounts.enable_person(current_actor(), person_id)
    flash(_("账号已恢复，原来的密码仍然有效。"), "success")
    return redirect(url_for(".person", person_id=person_id))


@bp.post("/admin/people/<uuid:person_id>/link")
@admin_only
def person_link(person_id: UUID) -> ResponseReturnValue:
    """Make a new link and show it, once."""
    return render_template("org/person_link.html", admitted=service.new_link(current_actor(), person_id), new=False)


@bp.post("/admin/people/<uuid:person_id>/release-factor")
@admin_only
def person_release(person_id: UUID) -> ResponseReturnValue:
    """Ask to remove a lost second factor, or agree to another administrator's wish."""
    if factors.release(current_actor(), person_id):
        flash(_("动态口令已移除，此人在各处都已退出登录，下次登录只需要密码。"), "success")
    else:
        flash(_("已记下。请另一位管理员在 72 小时内打开这一页，同意移除。"))
    return redirect(url_for(".person", person_id=person_id))


@bp.post("/admin/people/<uuid:person_id>/end-sessions")
@admin_only
def person_end_sessions(person_id: UUID) -> ResponseReturnValue:
    """Sign a person out everywhere."""
    sessions.end_sessions_of(current_actor(), person_id)
    flash(_("此人在各处都已退出登录。"), "success")
    return redirect(url_for(".person", person_id=person_id))
