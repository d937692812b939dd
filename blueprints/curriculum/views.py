"""Pages of the curriculum."""

from datetime import date
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.common.labels import label
from blueprints.common.web import admin_only, current_actor, excel_response, signed_in
from blueprints.curriculum import bp
from tongyan.curriculum import services as curriculum
from tongyan.curriculum.models import Term
from tongyan.kernel import sheets
from tongyan.kernel.clock import today


@bp.get("/curriculum", defaults={"node_id": None})
@bp.get("/curriculum/<uuid:node_id>")
@signed_in
def index(node_id: UUID | None) -> ResponseReturnValue:
    """Show a node and what hangs below it, or what a search in the tree finds."""
    actor = current_actor()
    text = request.args.get("q", "").strip()
    editions = () if "all" in request.args else curriculum.default_editions(actor)
    branch = curriculum.branch(actor, node_id, old="old" in request.args, editions=editions)
    found = curriculum.find_nodes(actor, text) if text else []
    return render_template("curriculum/index.html", branch=branch, found=found, text=text, today=today())


@bp.get("/curriculum/editions")
@signed_in
def editions() -> ResponseReturnValue:
    """Show which books the acting school uses."""
    actor = current_actor()
    choices = curriculum.editions_of(actor, actor.school_id) if actor.school_id else []
    return render_template("curriculum/editions.html", choices=choices, terms=Term)


@bp.post("/curriculum/editions")
@signed_in
def pick() -> ResponseReturnValue:
    """Have the acting school use an edition."""
    actor = current_actor()
    term, edition = request.form.get("term", type=Term), request.form.get("edition", type=UUID)
    if term is None or edition is None or actor.school_id is None:
        abort(400)
    curriculum.pick_edition(actor, actor.school_id, term, edition)
    flash(_("已选定版本。"), "success")
    return redirect(url_for(".editions"))


@bp.get("/curriculum/editions.xlsx")
@signed_in
def export_editions() -> ResponseReturnValue:
    """Give the school's books as a workbook."""
    actor = current_actor()
    rows = []
    for choice in curriculum.editions_of(actor, actor.school_id) if actor.school_id else []:
        names = {edition.id: edition.title for edition in choice.editions}
        picked = (choice.picked.get(term) for term in Term)
        rows.append([choice.stage.title, choice.subject.title, *(names[one] if one else "" for one in picked)])
    headers = [_("学段"), _("学科"), *(label(term) for term in Term)]
    return excel_response(sheets.write_rows(_("在用版本"), headers, rows), _("在用版本.xlsx"))


@bp.post("/admin/curriculum/<uuid:node_id>/add")
@admin_only
def add(node_id: UUID) -> ResponseReturnValue:
    """Add a child."""
    curriculum.add_node(current_actor(), node_id, request.form.get("title", ""))
    return redirect(url_for(".index", node_id=node_id))


@bp.post("/admin/curriculum/<uuid:node_id>/rename")
@admin_only
def rename(node_id: UUID) -> ResponseReturnValue:
    """Rename a node."""
    curriculum.rename_node(current_actor(), node_id, request.form.get("title", ""))
    return redirect(url_for(".index", node_id=node_id))


@bp.post("/admin/curriculum/<uuid:node_id>/retire")
@admin_only
def retire(node_id: UUID) -> ResponseReturnValue:
    """Take a node out of use, from today or from a date on."""
    curriculum.retire_node(current_actor(), node_id, request.form.get("on", type=date.fromisoformat))
    flash(_("已停用。挂在它下面的资源都还在，随时可以恢复。"), "success")
    return redirect(url_for(".index", node_id=node_id))


@bp.post("/admin/curriculum/<uuid:node_id>/restore")
@admin_only
def restore(node_id: UUID) -> ResponseReturnValue:
    """Bring a node back into use."""
    curriculum.restore_node(current_actor(), node_id)
    return redirect(url_for(".index", node_id=node_id))


@bp.post("/admin/curriculum/<uuid:node_id>/map")
@admin_only
def map_to(node_id: UUID) -> ResponseReturnValue:
    """Say which node takes this one's place."""
    curriculum.map_node(current_actor(), node_id, request.form.get("successor", type=UUID))
    return redirect(url_for(".index", node_id=node_id))
