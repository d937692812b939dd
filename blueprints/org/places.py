"""A school as its colleagues see it, and what heads switch in their school or group."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.common.web import current_actor, signed_in
from blueprints.org import bp
from blueprints.org.forms import ReviewForm
from tongyan.kernel.clock import today
from tongyan.kernel.permissions import can, school_key
from tongyan.library import limits
from tongyan.org.models import Group, Membership, Office, School
from tongyan.org.policy import Action
from tongyan.org.services import appointments, memberships, prep_groups, schools
from tongyan.org.services.review_switches import set_review


def switch_of(place: Group | School) -> ReviewForm | None:
    """Return the switch of reviews of a school or group, filled in, for whoever may use it."""
    action = Action.GROUP_REVIEW if isinstance(place, Group) else Action.SCHOOL_REVIEW
    if not can(current_actor(), action, place):
        return None
    return ReviewForm(None, version=str(place.version), reviews_resources=place.reviews_resources)


@bp.get("/schools/<uuid:school_id>")
@signed_in
def school_home(school_id: UUID) -> ResponseReturnValue:
    """Show a school to its colleagues: what it is, who heads it, and its 备课组."""
    actor = current_actor()
    found, scope = schools.view_school(actor, school_id), school_key(school_id)
    return render_template(
        "org/school_home.html",
        school=found,
        groups=[row.group for row in memberships.memberships_of(actor, school_id) if _in_force(row)],
        offices=[row for row in appointments.offices_over(actor, [scope]) if _in_force(row)],
        prep_groups=prep_groups.list_prep_groups(actor, [scope]).get(scope, []),
        own=scope in actor.keys or actor.is_admin,
        may_create=prep_groups.may_create(actor, scope),
        switch=switch_of(found),
        used=limits.school_use(actor, found),
    )


def _in_force(row: Membership | Office) -> bool:
    return row.from_on <= today() and (row.to_on is None or row.to_on >= today())


@bp.post("/review/<any(school, group):kind>/<uuid:place_id>")
@signed_in
def set_reviews(kind: str, place_id: UUID) -> ResponseReturnValue:
    """Switch the review of a school or group on or off."""
    form = ReviewForm()
    place = set_review(current_actor(), f"{kind}:{place_id}", form.seen, on=form.reviews_resources.data)
    flash(_("以后分享要先审核。") if place.reviews_resources else _("以后分享不用先审核。"), "success")
    return redirect(url_for(".school_home", school_id=place_id) if kind == "school" else url_for(".group"))
