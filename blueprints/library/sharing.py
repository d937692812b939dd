"""Opening resources to colleagues, at once or through a review, and closing them again."""

from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from blueprints.common.errors import sentences
from blueprints.common.forms import REFUSALS, refusals
from blueprints.common.web import current_actor, signed_in
from blueprints.library import bp
from blueprints.library.share_forms import ShareForm
from blueprints.library.showing import show_page
from tongyan.kernel.errors import TongyanError
from tongyan.library import services as library
from tongyan.library.models import Resource


@bp.post("/library/<uuid:resource_id>/share")
@signed_in
def share(resource_id: UUID) -> ResponseReturnValue:
    """Open a resource to an audience, or ask those who look first."""
    actor, form = current_actor(), ShareForm()
    if form.validate_on_submit():
        with refusals(form):
            audience = form.chosen_audience(actor)
            resource = library.share_resource(actor, resource_id, audience, form.chosen_licence, form.note.data or "")
            say_shared(resource)
            return redirect(url_for(".show", resource_id=resource.id))
    return show_page(library.get_resource(actor, resource_id), form)


def say_shared(resource: Resource) -> None:
    """Say what came of sharing."""
    if resource.review_scope is not None:
        flash(_("已提交审核。结果会通知您；在那之前只有您和审核人看得到。"), "success")
    else:
        flash(_("已分享，同事现在就能搜到。"), "success")


@bp.post("/library/share")
@signed_in
def share_many() -> ResponseReturnValue:
    """Share every chosen draft; what cannot be shared yet says why and stays."""
    actor, form, shared, asked = current_actor(), ShareForm(), 0, 0
    for resource_id in request.form.getlist("resource", type=UUID):
        try:
            audience = form.chosen_audience(actor)
            resource = library.share_resource(actor, resource_id, audience, form.chosen_licence)
            asked += resource.review_scope is not None
            shared += resource.review_scope is None
        except TongyanError as error:
            flash(_reason(resource_id, error), "warning")
    if shared:
        flash(ngettext("已分享 %(num)s 份资源。", "已分享 %(num)s 份资源。", shared), "success")
    if asked:
        flash(ngettext("%(num)s 份资源已提交审核。", "%(num)s 份资源已提交审核。", asked), "success")
    return redirect(url_for(".upload"))


def _reason(resource_id: UUID, error: TongyanError) -> str:
    title = library.get_resource(current_actor(), resource_id).title
    return f"{title}: {' '.join(sentences(error))}"


@bp.post("/library/<uuid:resource_id>/unshare")
@signed_in
def unshare(resource_id: UUID) -> ResponseReturnValue:
    """Close a resource to all but its owner."""
    actor = current_actor()
    resource = library.unshare_resource(actor, resource_id)
    flash(_("已取消分享，别人看不到了。"), "success")
    own = resource.owner_id == actor.person_id
    return redirect(url_for(".show", resource_id=resource_id) if own else url_for(".index"))


@bp.post("/library/<uuid:resource_id>/nominate")
@signed_in
def nominate(resource_id: UUID) -> ResponseReturnValue:
    """Ask that a shared resource be accepted as the school's or the group's."""
    try:
        library.nominate(current_actor(), resource_id, request.form.get("note", "")[:500])
        flash(_("已提交审核，审核期间同事照常使用。"), "success")
    except REFUSALS as error:
        flash(" ".join(sentences(error)), "warning")
    return redirect(url_for(".show", resource_id=resource_id))


@bp.post("/library/<uuid:resource_id>/withdraw")
@signed_in
def withdraw(resource_id: UUID) -> ResponseReturnValue:
    """Take a resource back from its review."""
    library.withdraw(current_actor(), resource_id)
    flash(_("已撤回，可以继续修改了。"), "success")
    return redirect(url_for(".show", resource_id=resource_id))
