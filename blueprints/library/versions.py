"""Versions of a resource and copies of it: what was, what differs, what comes next."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.common.errors import sentences
from blueprints.common.forms import REFUSALS
from blueprints.common.web import current_actor, signed_in
from blueprints.library import bp
from tongyan.kernel.errors import TongyanError
from tongyan.library import services as library


@bp.get("/library/<uuid:resource_id>/versions")
@signed_in
def versions(resource_id: UUID) -> ResponseReturnValue:
    """List what a resource was before."""
    actor = current_actor()
    resource = library.get_resource(actor, resource_id)
    return render_template("library/versions.html", resource=resource, versions=library.versions(actor, resource))


@bp.get("/library/<uuid:resource_id>/versions/<int:number>")
@signed_in
def show_version(resource_id: UUID, number: int) -> ResponseReturnValue:
    """Show an old version as it was."""
    actor = current_actor()
    resource = library.get_resource(actor, resource_id)
    if number == resource.number:
        return redirect(url_for(".show", resource_id=resource_id))
    return render_template(
        "library/version.html", resource=resource, version=library.version(actor, resource_id, number)
    )


@bp.get("/library/<uuid:resource_id>/compare")
@signed_in
def compare(resource_id: UUID) -> ResponseReturnValue:
    """Show two versions side by side: what they say, their words, their pages."""
    actor = current_actor()
    resource = library.get_resource(actor, resource_id)
    new = request.args.get("new", resource.number, type=int)
    old = request.args.get("old", max(1, new - 1), type=int)
    return render_template(
        "library/compare.html",
        resource=resource,
        versions=library.versions(actor, resource),
        old=old,
        new=new,
        comparison=library.compare(actor, resource_id, old, new),
    )


@bp.post("/library/<uuid:resource_id>/revise")
@signed_in
def revise(resource_id: UUID) -> ResponseReturnValue:
    """Prepare the next version."""
    draft = library.start_revision(current_actor(), resource_id)
    return redirect(url_for(".show", resource_id=draft.id))


@bp.post("/library/<uuid:resource_id>/versions/<int:number>/restore")
@signed_in
def restore_version(resource_id: UUID, number: int) -> ResponseReturnValue:
    """Prepare the next version out of an old one."""
    try:
        draft = library.restore_version(current_actor(), resource_id, number)
    except REFUSALS as error:
        return _refused(resource_id, error)
    flash(_("第 %(number)s 版已复制成新版本的草稿。核对一下，再发布。", number=number), "success")
    return redirect(url_for(".show", resource_id=draft.id))


@bp.post("/library/<uuid:resource_id>/copy")
@signed_in
def copy(resource_id: UUID) -> ResponseReturnValue:
    """Make a draft of one's own out of a resource."""
    copied = library.copy_resource(current_actor(), resource_id)
    flash(_("已复制到您的草稿。原作者会一直署名；原资源有了新版本，会告诉您。"), "success")
    return redirect(url_for(".show", resource_id=copied.id))


@bp.post("/library/<uuid:resource_id>/accept")
@signed_in
def accept_update(resource_id: UUID) -> ResponseReturnValue:
    """Take over the new version of what was copied."""
    try:
        changed = library.accept_update(current_actor(), resource_id)
    except REFUSALS as error:
        return _refused(resource_id, error)
    flash(_("已采用新版本；您原来的那份留在版本记录里。"), "success")
    return redirect(url_for(".show", resource_id=changed.id))


@bp.post("/library/<uuid:resource_id>/decline")
@signed_in
def decline_update(resource_id: UUID) -> ResponseReturnValue:
    """Stay with the copy as it is."""
    try:
        library.decline_update(current_actor(), resource_id)
    except REFUSALS as error:
        return _refused(resource_id, error)
    flash(_("保持不变，下一个新版本再告诉您。"), "success")
    return redirect(url_for(".show", resource_id=resource_id))


def _refused(resource_id: UUID, error: TongyanError) -> ResponseReturnValue:
    flash(" ".join(sentences(error)), "warning")
    return redirect(url_for(".show", resource_id=resource_id))
