"""Offices, for administrators: over a school, a group or a region."""

from typing import Any, NamedTuple
from uuid import UUID

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.common.forms import page, refusals
from blueprints.common.web import admin_only, current_actor
from blueprints.org import bp
from blueprints.org.forms import EndForm, OfficeForm
from blueprints.org.postings import is_complete, people_found
from tongyan.org.scopes import kinds_over
from tongyan.org.services import appointments as service

PAGES = {"school": ".school", "group": ".group_admin", "region": ".region"}


class Place(NamedTuple):
    """What an office is over, and the page where its offices are listed."""

    name: str
    url: str


def _place(scope: str) -> Place:
    over = service.place_of(current_actor(), scope)
    values: dict[str, Any] = {f"{over.kind}_id": over.id}
    return Place(over.name, url_for(PAGES[over.kind], **values))


@bp.route("/admin/offices/<any(school, group, region):kind>/<uuid:place_id>/new", methods=["GET", "POST"])
@admin_only
def office_new(kind: str, place_id: UUID) -> ResponseReturnValue:
    """Give somebody an office over a school, a group or a region."""
    scope = f"{kind}:{place_id}"
    place, form = _place(scope), OfficeForm().offer(kinds_over(kind))
    if is_complete(form) and form.chosen:
        with refusals(form):
            office = service.appoint(
                current_actor(), form.chosen, form.kind.data, scope, form.from_on.day,
                to_on=form.to_on.data, subject=form.subject.data,
            )  # fmt: skip
            flash(_("已任命“%(name)s”。", name=office.person.name), "success")
            return redirect(place.url)
    return page("org/office_new.html", form, place=place, kind=kind, found=people_found(form))


@bp.route("/admin/offices/<uuid:office_id>/end", methods=["GET", "POST"])
@admin_only
def office_end(office_id: UUID) -> ResponseReturnValue:
    """End an office; the page says which rights end with it."""
    actor = current_actor()
    office = service.get_office(actor, office_id)
    place, form = _place(office.scope), EndForm()
    if form.validate_on_submit():
        with refusals(form):
            ended = service.end_office(actor, office_id, form.to_on.day)
            flash(_("已记下“%(name)s”的最后一天。", name=ended.person.name), "success")
            return redirect(place.url)
    return page("org/office_end.html", form, office=office, place=place)
