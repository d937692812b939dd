"""Pages on which administrators tend the tree."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.common.errors import sentences
from blueprints.common.forms import Form, page, refusals
from blueprints.common.web import admin_only, back_to, current_actor, page_arg
from blueprints.curriculum import bp
from blueprints.curriculum.forms import ChildForm, PositionForm, RenameForm, RetireForm
from tongyan.curriculum import services as curriculum
from tongyan.curriculum.models import Node
from tongyan.curriculum.services import View
from tongyan.kernel.errors import Conflict, Invalid


@contextmanager
def told(success: str) -> Iterator[None]:
    """Tell on the next page what was done, or why it was refused."""
    try:
        yield
    except (Conflict, Invalid) as error:
        flash(" ".join(sentences(error)), "warning")
    else:
        flash(success, "success")


def to_edit(node_id: UUID) -> ResponseReturnValue:
    """Go on with the page of a node."""
    return redirect(url_for(".edit", node_id=node_id))


def edit_page(node_id: UUID, refused: Form | None = None) -> ResponseReturnValue:
    """Show what can be done with a node, with the form that was refused as it was filled in."""
    actor = current_actor()
    node = curriculum.show_node(actor, node_id)
    siblings = [branch.node for branch in curriculum.children(actor, node.parent_id, View(past=True))]
    forms = {
        "rename": RenameForm(None, prefix="rename-", title=node.title, seen=node.title),
        "child": ChildForm(None, prefix="child-"),
        "retire": RetireForm(None, prefix="retire-"),
        "position": PositionForm(None, prefix="position-").offer(node, siblings),
    }
    for name, form in forms.items():
        if isinstance(refused, type(form)):
            forms[name] = refused
    return page(
        "curriculum/edit.html",
        refused or forms["rename"],
        node=node,
        line=curriculum.node_line(node),
        forms=forms,
        successor=curriculum.find_node(node.successor_id) if node.successor_id else None,
        changes=curriculum.history(actor, node_id),
    )


@bp.get("/curriculum/<uuid:node_id>/edit")
@admin_only
def edit(node_id: UUID) -> ResponseReturnValue:
    """Show what can be done with a node."""
    return edit_page(node_id)


@bp.post("/curriculum/<uuid:node_id>/rename")
@admin_only
def rename(node_id: UUID) -> ResponseReturnValue:
    """Give a node another title."""
    form = RenameForm(prefix="rename-")
    if form.validate_on_submit():
        with refusals(form):
            curriculum.rename_node(current_actor(), node_id, form.title.data or "", form.seen.data)
            flash(_("已改名。"), "success")
            return to_edit(node_id)
    return edit_page(node_id, form)


@bp.post("/curriculum/<uuid:node_id>/add")
@admin_only
def add(node_id: UUID) -> ResponseReturnValue:
    """Add something below a node."""
    form = ChildForm(prefix="child-")
    if form.validate_on_submit():
        with refusals(form):
            child = curriculum.add_node(current_actor(), node_id, form.title.data or "", form.valid_from.data)
            flash(_("已添加“%(title)s”。", title=child.title), "success")
            return to_edit(node_id)
    return edit_page(node_id, form)


@bp.post("/curriculum/<uuid:node_id>/retire")
@admin_only
def retire(node_id: UUID) -> ResponseReturnValue:
    """Take a node out of use."""
    form = RetireForm(prefix="retire-")
    if form.validate_on_submit():
        curriculum.retire_node(current_actor(), node_id, form.on.data)
        flash(_("已停用。挂在上面的资源都还在。"), "success")
        return to_edit(node_id)
    return edit_page(node_id, form)


@bp.post("/curriculum/<uuid:node_id>/revive")
@admin_only
def revive(node_id: UUID) -> ResponseReturnValue:
    """Bring a node back into use."""
    with told(_("已重新启用。")):
        curriculum.revive_node(current_actor(), node_id)
    return to_edit(node_id)


@bp.route("/curriculum/<uuid:node_id>/move", methods=["GET", "POST"])
@admin_only
def move(node_id: UUID) -> ResponseReturnValue:
    """Choose another parent for a node, or another place among its siblings."""
    if request.method == "GET":
        node = curriculum.show_node(current_actor(), node_id)
        return _choose(node, _("移到哪里"), "parent", curriculum.possible_parents(current_actor(), node, _text()))
    parent_id = request.form.get("parent", type=UUID)
    with told(_("已移动。")):
        curriculum.move_node(current_actor(), node_id, parent_id, request.form.get("position-before", type=UUID))
    return to_edit(node_id)


@bp.route("/curriculum/<uuid:node_id>/successor", methods=["GET", "POST"])
@admin_only
def succeed(node_id: UUID) -> ResponseReturnValue:
    """Choose what takes the place of a node, or say that nothing does."""
    if request.method == "GET":
        node = curriculum.show_node(current_actor(), node_id)
        offers = curriculum.possible_successors(current_actor(), node, _text())
        return _choose(node, _("由谁接替"), "successor", offers)
    with told(_("已保存。")):
        curriculum.map_node(current_actor(), node_id, request.form.get("successor", type=UUID))
    return to_edit(node_id)


def _text() -> str:
    return request.args.get("q", "").strip()


def _choose(node: Node, heading: str, name: str, offers: list[tuple[Node, str]]) -> ResponseReturnValue:
    values = {"node": node, "heading": heading, "name": name, "offers": offers, "text": _text()}
    return render_template("curriculum/choose.html", line=curriculum.node_line(node), **values)


@bp.get("/curriculum/changes")
@admin_only
def changes() -> ResponseReturnValue:
    """List all that was done to the tree."""
    return render_template("curriculum/changes.html", page=curriculum.changes(current_actor(), page_arg()))


@bp.post("/curriculum/changes/<uuid:change_id>/undo")
@admin_only
def undo(change_id: UUID) -> ResponseReturnValue:
    """Undo one of these deeds."""
    with told(_("已撤销。")):
        curriculum.undo_change(current_actor(), change_id)
    return back_to(url_for(".changes"))
