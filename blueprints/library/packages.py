"""Course packages: the shelves, putting things into a package, and the editor of its tree."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from itsdangerous import BadData, URLSafeTimedSerializer
from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, Length
from wtforms.validators import Optional as Maybe

from blueprints.common.forms import Form, page, refusals
from blueprints.common.web import current_actor, fragment, page_arg, signed_in
from blueprints.library import bp
from blueprints.library.forms import grade_choices, grade_or_none, subject_choices, uuid_or_none
from tongyan.kernel import search
from tongyan.kernel.errors import Conflict, Invalid
from tongyan.kernel.search import SearchRequest
from tongyan.library import services as library
from tongyan.library.models import PackageItem, Resource
from tongyan.library.services import Filters, Place, Shelf, Tree, Walk

OFFERED = 20  # resources in the editor's list
UNDO = 3600  # seconds for which something removed can come back
SHELVES = {
    Shelf.SCHOOL: lazy_gettext("校本课程"),
    Shelf.GROUP: lazy_gettext("集团精品课程"),
    Shelf.ALL: lazy_gettext("全部课程包"),
    Shelf.MINE: lazy_gettext("我的课程包"),
}


class Undo(NamedTuple):
    """The deed that takes a deed back: where to send what."""

    url: str
    fields: Mapping[str, str]


def _grade(value: Any) -> int | None:
    return grade_or_none(str(value))


class PackageForm(Form):
    """What a new package is about."""

    title = StringField(lazy_gettext("标题"), [DataRequired(lazy_gettext("请填写标题。")), Length(max=200)])
    subject = SelectField(lazy_gettext("学科"), choices=subject_choices)
    grade = SelectField(lazy_gettext("年级"), choices=grade_choices, coerce=_grade, validators=[Maybe()])


@bp.app_template_global()
def package_walk(resource: Resource) -> Walk | None:
    """Return where the resource stands in the package from which it was opened, if it was."""
    package_id = uuid_or_none(request.args.get("package", ""))
    return library.walk_package(current_actor(), package_id, resource.id) if package_id else None


@bp.app_template_global()
def package_contents(package: Resource) -> Tree:
    """Return the tree of a package as the person sees it."""
    return library.package_tree(current_actor(), package)


@bp.get("/library/packages")
@signed_in
def packages() -> ResponseReturnValue:
    """List the packages of a shelf."""
    shelf = request.args.get("shelf", Shelf.SCHOOL, type=Shelf)
    found = library.list_packages(current_actor(), shelf, page_arg())
    return render_template("library/packages.html", page=found, shelf=shelf, shelves=SHELVES)


@bp.route("/library/packages/new", methods=["GET", "POST"])
@signed_in
def package_new() -> ResponseReturnValue:
    """Make an empty package, with what was chosen for it already."""
    form, chosen = PackageForm(), request.values.getlist("resource", type=UUID)
    if form.validate_on_submit():
        with refusals(form):
            actor = current_actor()
            package = library.create_package(actor, form.title.data or "", form.subject.data or None, form.grade.data)
            if chosen:
                library.add_resources(actor, package.id, chosen)
            return redirect(url_for(".package_edit", resource_id=package.id))
    return page("library/package_new.html", form, chosen=chosen)


@bp.get("/library/packages/add")
@signed_in
def package_add() -> ResponseReturnValue:
    """Ask into which package the chosen resources go."""
    actor = current_actor()
    chosen = [library.get_resource(actor, resource_id) for resource_id in request.args.getlist("resource", type=UUID)]
    return render_template("library/package_add.html", chosen=chosen, packages=library.own_packages(actor))


@bp.post("/library/packages/add")
@signed_in
def package_put() -> ResponseReturnValue:
    """Put the chosen resources into a package; what was ticked in a list is asked for the package first."""
    if "package" not in request.form:
        return redirect(url_for(".package_add", resource=request.form.getlist("resource")))
    package_id = uuid_or_none(request.form.get("package", ""))
    if package_id is None:
        return redirect(url_for(".package_new", resource=request.form.getlist("resource")))
    added = library.add_resources(current_actor(), package_id, request.form.getlist("resource", type=UUID))
    flash(_added(added), "success")
    return redirect(url_for(".package_edit", resource_id=package_id))


def _added(items: list[PackageItem]) -> str:
    if not items:
        return str(_("它们已经在这个课程包里，没有重复添加。"))
    return str(ngettext("已加入 %(num)s 份资源。", "已加入 %(num)s 份资源。", len(items)))


@bp.get("/library/<uuid:resource_id>/items")
@signed_in
def package_edit(resource_id: UUID) -> ResponseReturnValue:
    """Show the tree as it is put in order."""
    return _editor(library.get_package(current_actor(), resource_id))


@bp.get("/library/<uuid:resource_id>/items/search")
@signed_in
def package_search(resource_id: UUID) -> ResponseReturnValue:
    """Give what can be added."""
    package = library.get_package(current_actor(), resource_id)
    if not fragment():
        return redirect(url_for(".package_edit", resource_id=resource_id, q=request.args.get("q", "")))
    return render_template("library/_package_found.html", package=package, found=_found(package))


def _editor(package: Resource, said: str = "", undo: Undo | None = None) -> str:
    shown = {"package": package, "tree": library.package_tree(current_actor(), package), "said": said, "undo": undo}
    if fragment():
        return render_template("library/_package_editor.html", **shown, oob=True)
    return render_template("library/package_edit.html", **shown, found=_found(package))


def _found(package: Resource) -> list[Resource]:
    """Return what the person looks for, else what they brought last."""
    actor, text = current_actor(), request.args.get("q", "").strip()
    if text:
        hits = search.search(actor, SearchRequest(text=text, kinds=("resource",), size=OFFERED)).page.items
        things = [hit.thing for hit in hits]
    else:
        things = list(library.list_resources(actor, Filters(mine=True), size=OFFERED).items)
    return [thing for thing in things if thing.id != package.id and thing.revises_id is None]


def _changed(package_id: UUID, said: str, undo: Undo | None = None) -> ResponseReturnValue:
    """Show the tree after a deed, with the way back; without scripts the page comes anew."""
    if not fragment() and undo is None:
        flash(said, "success")
        return redirect(url_for(".package_edit", resource_id=package_id))
    return _editor(library.get_package(current_actor(), package_id), said, undo)


@bp.post("/library/<uuid:resource_id>/items/headings")
@signed_in
def package_heading(resource_id: UUID) -> ResponseReturnValue:
    """Add a heading."""
    item = library.add_heading(current_actor(), resource_id, request.form.get("title", ""))
    return _changed(resource_id, _("已添加标题“%(title)s”。", title=item.title))


@bp.post("/library/<uuid:resource_id>/items/resources")
@signed_in
def package_resources(resource_id: UUID) -> ResponseReturnValue:
    """Add resources, below a heading or at the top."""
    chosen = request.form.getlist("resource", type=UUID)
    parent_id = uuid_or_none(request.form.get("under", ""))
    return _changed(resource_id, _added(library.add_resources(current_actor(), resource_id, chosen, parent_id)))


@bp.post("/library/items/<uuid:item_id>/edit")
@signed_in
def item_edit(item_id: UUID) -> ResponseReturnValue:
    """Give an item another title and a note."""
    said = request.form
    item = library.edit_item(current_actor(), item_id, said.get("title", ""), said.get("note", ""))
    return _changed(item.package_id, _("已改为“%(title)s”。", title=item.title))


@bp.post("/library/items/<uuid:item_id>/move")
@signed_in
def item_move(item_id: UUID) -> ResponseReturnValue:
    """Move an item one step ("to" says which way), or to where it was dropped."""
    actor = current_actor()
    if "to" in request.form:
        before = library.shift_item(actor, item_id, request.form["to"])
    else:
        if "parent" not in request.form:
            raise Invalid
        parent_id, after_id = (uuid_or_none(request.form.get(name, "")) for name in ("parent", "after"))
        before = library.move_item(actor, item_id, Place(parent_id, after_id))
    item = library.get_item(actor, item_id)
    back = {"parent": str(before.parent_id or ""), "after": str(before.after_id or "")}
    undo = Undo(url_for(".item_move", item_id=item_id), back) if fragment() else None
    return _changed(item.package_id, _("已移动“%(title)s”。", title=item.title), undo)


@bp.post("/library/items/<uuid:item_id>/remove")
@signed_in
def item_remove(item_id: UUID) -> ResponseReturnValue:
    """Take an item out, with all below it."""
    actor = current_actor()
    package_id = library.get_item(actor, item_id).package_id
    removed = library.remove_item(actor, item_id)
    kept = _signer().dumps([package_id.hex, removed.rows])
    undo = Undo(url_for(".package_restore", resource_id=package_id), {"removed": str(kept)})
    return _changed(package_id, _("已移出“%(title)s”。", title=removed.title), undo)


@bp.post("/library/<uuid:resource_id>/items/restore")
@signed_in
def package_restore(resource_id: UUID) -> ResponseReturnValue:
    """Bring back what was taken out a moment ago."""
    actor = current_actor()
    library.get_package(actor, resource_id)  # whoever may not change it shall not learn about the rest
    library.restore_items(actor, resource_id, _removed(resource_id))
    return _changed(resource_id, _("已恢复。"))


def _removed(package_id: UUID) -> list[dict[str, Any]]:
    """Return what our own answer said was removed; only that can come back."""
    try:
        owner, rows = _signer().loads(request.form.get("removed", ""), max_age=UNDO)
    except (BadData, ValueError) as error:
        raise Conflict("package.undo_over") from error
    if owner != package_id.hex:
        raise Conflict("package.undo_over")
    return list(rows)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="library.package.undo")
