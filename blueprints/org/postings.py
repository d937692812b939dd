"""Postings, for administrators; and the picker that finds whom to post or appoint."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.common.errors import sentence
from blueprints.common.forms import page, refusals
from blueprints.common.web import admin_only, current_actor
from blueprints.org import bp
from blueprints.org.forms import EndForm, PersonForm, PostingForm
from tongyan.org.services import postings as service
from tongyan.org.services import schools, staff
from tongyan.org.services.staff import Found


@bp.get("/admin/pick-person")
@admin_only
def pick_person() -> ResponseReturnValue:
    """Show who may be meant (part of a form)."""
    text = request.args.get("person_q", "")
    return render_template("org/_people_found.html", found=staff.find_people(current_actor(), text), text=text)


def people_found(form: PersonForm) -> list[Found]:
    """Return who may be meant, whoever was chosen first, for a form that is shown again."""
    actor = current_actor()
    chosen = staff.find_person(actor, form.chosen)
    others = staff.find_people(actor, form.person_q.data or "")
    return [chosen, *(found for found in others if found.id != chosen.id)] if chosen else list(others)


def is_complete(form: PersonForm) -> bool:
    """Say whether the form was sent to be done (rather than to look for somebody), and holds all it needs."""
    if "find" in request.form or not form.validate_on_submit():
        return False
    if form.chosen is None:
        form.person_q.errors = [sentence("org.person")]
    return form.chosen is not None


@bp.route("/admin/schools/<uuid:school_id>/postings/new", methods=["GET", "POST"])
@admin_only
def posting_new(school_id: UUID) -> ResponseReturnValue:
    """Post somebody to a school."""
    actor = current_actor()
    school, form = schools.get_school(actor, school_id), PostingForm()
    if is_complete(form) and form.chosen:
        with refusals(form):
            posted = service.start_posting(
                actor, form.chosen, school_id, form.kind.data, form.from_on.day, to_on=form.to_on.data
            )
            flash(_("已安排“%(name)s”任职。", name=posted.posting.person.name), "success")
            for warning in posted.warnings:
                flash(sentence(warning), "warning")
            return redirect(url_for(".school", school_id=school_id))
    return page("org/posting_new.html", form, school=school, found=people_found(form))


@bp.route("/admin/postings/<uuid:posting_id>/end", methods=["GET", "POST"])
@admin_only
def posting_end(posting_id: UUID) -> ResponseReturnValue:
    """End a posting; the page says what ends with it."""
    actor = current_actor()
    loss = service.get_loss(actor, posting_id)
    school_id, form = loss.posting.school_id, EndForm()
    if form.validate_on_submit():
        with refusals(form):
            ended = service.end_posting(actor, posting_id, form.to_on.day)
            flash(_("已记下“%(name)s”的最后一天。", name=ended.posting.person.name), "success")
            for warning in ended.warnings:
                flash(sentence(warning), "warning")
            return redirect(url_for(".school", school_id=school_id))
    return page("org/posting_end.html", form, loss=loss)
