"""One's group, and the first page of administrators."""

from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue

from blueprints.common.web import admin_only, current_actor, signed_in
from blueprints.org import bp
from blueprints.org.places import switch_of
from tongyan.kernel.permissions import group_key
from tongyan.org import acting
from tongyan.org.services import overview, partnerships, prep_groups


@bp.get("/group")
@signed_in
def group() -> ResponseReturnValue:
    """Show the groups of the person: who belongs to them, who heads what, and what was."""
    actor = current_actor()
    views = overview.near_groups(actor)
    ids: list[UUID] = [view.group.id for view in views]
    return render_template(
        "org/group.html",
        views=views,
        schools=acting.own_places(actor).schools,
        prep_groups=prep_groups.list_prep_groups(actor, [group_key(group_id) for group_id in ids]),
        partners=partnerships.list_partnerships(actor, ids),
        partner_of=partnerships.other,
        may_create=lambda group: prep_groups.may_create(actor, group_key(group.id)),
        switch=switch_of,
    )


@bp.get("/admin")
@admin_only
def admin() -> ResponseReturnValue:
    """Show what there is, and what wants attention."""
    return render_template("org/admin.html", overview=overview.overview(current_actor()))
