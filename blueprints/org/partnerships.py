"""伙伴集团, for administrators: two groups are joined and parted."""

from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.common.forms import page, refusals
from blueprints.common.web import admin_only, current_actor
from blueprints.org import bp
from blueprints.org.forms import EndForm, PartnerForm
from tongyan.org.services import groups
from tongyan.org.services import partnerships as service


@bp.route("/admin/groups/<uuid:group_id>/partners/new", methods=["GET", "POST"])
@admin_only
def partner_new(group_id: UUID) -> ResponseReturnValue:
    """Join a group with a partner."""
    actor = current_actor()
    group = groups.get_group(actor, group_id)
    form = PartnerForm().offer(groups.open_groups(actor, group_id))
    if form.validate_on_submit():
        with refusals(form):
            made = service.join_partners(actor, group_id, form.partner_id.data, form.from_on.day)
            flash(_("已和“%(name)s”结为伙伴集团。", name=service.other(made, group_id).name), "success")
            return redirect(url_for(".group_admin", group_id=group_id))
    return page("org/partner_new.html", form, group=group)


@bp.route("/admin/partnerships/<uuid:partnership_id>/end", methods=["GET", "POST"])
@admin_only
def partner_end(partnership_id: UUID) -> ResponseReturnValue:
    """Part two groups; the page says what that means. `from` is the group from whose page one came."""
    actor = current_actor()
    partnership = service.get_partnership(actor, partnership_id)
    came_from_partner = request.args.get("from", type=UUID) == partnership.partner_id
    group = partnership.partner if came_from_partner else partnership.group
    form = EndForm()
    if form.validate_on_submit():
        with refusals(form):
            service.end_partnership(actor, partnership_id, form.to_on.day)
            flash(_("已记下伙伴集团关系的最后一天。"), "success")
            return redirect(url_for(".group_admin", group_id=group.id))
    return page(
        "org/partner_end.html", form, partnership=partnership, group=group, partner=service.other(partnership, group.id)
    )
