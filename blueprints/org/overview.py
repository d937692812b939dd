"""One's group, and the first page of administrators."""

from flask import render_template
from flask.typing import ResponseReturnValue

from blueprints.common.web import admin_only, current_actor, signed_in
from blueprints.org import bp
from tongyan.org.services import overview


@bp.get("/group")
@signed_in
def group() -> ResponseReturnValue:
    """Show the groups of the person: who belongs to them, who heads what, and what was."""
    return render_template("org/group.html", views=overview.near_groups(current_actor()))


@bp.get("/admin")
@admin_only
def admin() -> ResponseReturnValue:
    """Show what there is, and what wants attention."""
    return render_template("org/admin.html", overview=overview.overview(current_actor()))
