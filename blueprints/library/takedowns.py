"""Asking that a resource be closed, and the log of such requests, in which the heads decide."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.common.forms import page, refusals
from blueprints.common.web import asker, current_actor, page_arg, signed_in
from blueprints.library import bp
from blueprints.library.voices_forms import AnswerForm, TakeDownForm
from tongyan.extensions import limiter
from tongyan.library import services as library
from tongyan.library.models import Resource, TakeDown


@bp.app_template_global()
def why_closed(resource: Resource) -> TakeDown | None:
    """Return the request by which a resource is closed, None for all that are not."""
    return library.taken_down_for(current_actor(), resource)


@bp.route("/library/<uuid:resource_id>/take-down", methods=["GET", "POST"])
@limiter.limit("20/day", key_func=asker, methods=["POST"])
@signed_in
def take_down(resource_id: UUID) -> ResponseReturnValue:
    """Ask that a resource be closed."""
    actor, form = current_actor(), TakeDownForm()
    resource = library.get_resource(actor, resource_id)
    if form.validate_on_submit():
        with refusals(form):
            library.ask_take_down(actor, resource, actor.name, form.contact.data or "", form.reason.data or "")
            flash(_("已提交，负责人处理后会通知您。"), "success")
            return redirect(url_for(".show", resource_id=resource_id))
    return page("library/take_down.html", form, resource=resource)


@bp.get("/library/take-downs")
@signed_in
def take_downs() -> ResponseReturnValue:
    """List the requests about what the person answers for."""
    return render_template("library/take_downs.html", page=library.list_take_downs(current_actor(), page_arg()))


@bp.route("/library/take-downs/<uuid:take_down_id>", methods=["GET", "POST"])
@signed_in
def decide_take_down(take_down_id: UUID) -> ResponseReturnValue:
    """Show a request and decide: close the resource, or leave it open; both say why."""
    actor, form = current_actor(), AnswerForm()
    if request.method == "POST":
        decide = library.uphold_take_down if "uphold" in request.form else library.decline_take_down
        with refusals(form):
            decide(actor, take_down_id, form.answer.data or "")
            return redirect(url_for(".take_downs"))
    return page("library/take_down_one.html", form, asked=library.get_take_down(actor, take_down_id))


@bp.post("/library/take-downs/<uuid:take_down_id>/lift")
@signed_in
def lift_take_down(take_down_id: UUID) -> ResponseReturnValue:
    """Open what was closed again."""
    library.lift_take_down(current_actor(), take_down_id)
    flash(_("已恢复。"), "success")
    return redirect(url_for(".take_downs"))
