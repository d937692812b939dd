"""The desk of those who review: what waits, by subject; one look at a time or several at once."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from blueprints.common.errors import sentences
from blueprints.common.forms import page, refusals
from blueprints.common.web import current_actor, page_arg, signed_in
from blueprints.library import bp
from blueprints.library.share_forms import ReviewForm
from tongyan.kernel.errors import TongyanError
from tongyan.library import services as library
from tongyan.library.models import Review


@bp.get("/library/reviews")
@signed_in
def reviews() -> ResponseReturnValue:
    """List what waits for the person."""
    queue = library.queue(current_actor(), request.args.get("subject"), page_arg())
    return render_template("library/reviews.html", queue=queue, subject=request.args.get("subject"), form=ReviewForm())


@bp.post("/library/reviews")
@signed_in
def review_many() -> ResponseReturnValue:
    """Decide about all that were chosen in the same way; what cannot be decided says why."""
    actor, approve, done = current_actor(), "approve" in request.form, 0
    for review_id in library.pending_ids(actor, request.form.getlist("review", type=UUID)):
        title = library.get_review(actor, review_id).resource.title
        try:
            library.decide(actor, review_id, approve, request.form.get("comment", ""))
            done += 1
        except TongyanError as error:
            flash(f"{title}: {' '.join(sentences(error))}", "warning")
    if done:
        said = ngettext("已处理 %(num)s 份资源，老师会收到通知。", "已处理 %(num)s 份资源，老师会收到通知。", done)
        flash(said, "success")
    return redirect(url_for(".reviews", subject=request.args.get("subject")))


@bp.route("/library/reviews/<uuid:review_id>", methods=["GET", "POST"])
@signed_in
def review(review_id: UUID) -> ResponseReturnValue:
    """Show what is to be judged, beside what it was before, and take the decision."""
    actor, form = current_actor(), ReviewForm()
    waiting = library.get_review(actor, review_id)
    if form.validate_on_submit():
        with refusals(form):
            approve = "approve" in request.form
            library.decide(actor, review_id, approve, form.comment.data or "")
            flash(_("已通过。") if approve else _("已退回，老师会看到您的意见。"), "success")
            return redirect(url_for(".reviews"))
    return page("library/review.html", form, **_about(waiting))


def _about(waiting: Review) -> dict[str, object]:
    """Return what a reviewer wants to see."""
    actor = current_actor()
    resource = library.get_resource(actor, waiting.resource_id)
    before = library.base_of(actor, resource)
    return {
        "review": waiting,
        "resource": resource,
        "before": before,
        "comparison": library.compare_sources(before, resource) if before else None,
        "same": library.duplicates(actor, resource),
        "near": library.alike(actor, resource),
        "history": library.history(actor, resource),
    }
