"""The pages of the library: the list, the drop zone, one resource, the trash."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from blueprints.common.errors import sentences
from blueprints.common.forms import page, refusals
from blueprints.common.labels import GRADES, choices, grade_name, label
from blueprints.common.web import asker, current_actor, fragment, page_arg, signed_in
from blueprints.common.workbooks import minute, workbook
from blueprints.library import bp
from blueprints.library.files import file_url
from blueprints.library.forms import ResourceForm, ShareForm, grade_or_none, place_choices, uuid_or_none
from tongyan.curriculum import services as curriculum
from tongyan.extensions import limiter
from tongyan.kernel.errors import TongyanError
from tongyan.library import services as library
from tongyan.library.models import Licence, Resource, ResourceKind
from tongyan.library.services import Filters

EXPORT_ROWS = 5000

bp.add_app_template_global(file_url, "resource_file_url")


@bp.app_template_global()
def audience_name(resource: Resource) -> str:
    """Return who may see a resource, in words."""
    kind = resource.audience.partition(":")[0]
    names = {"user": _("仅自己"), "school": _("校内"), "group": _("集团内"), "public": _("公开")}
    return str(names.get(kind, kind))


def filters_of_url() -> Filters:
    """Return the filters in the URL; nonsense counts as no filter."""
    args = request.args
    fit = None if {"node", "mine"} & set(args) else curriculum.edition_fit(current_actor())
    return Filters(
        subject=args.get("subject") or None,
        grade=grade_or_none(args.get("grade", "")),
        kind=args.get("kind", type=ResourceKind),
        school_id=uuid_or_none(args.get("school", "")),
        node_id=uuid_or_none(args.get("node", "")),
        licence=args.get("licence", type=Licence),
        mine="mine" in args,
        fit=None if args.get("editions") == "all" else fit,
        sort=args.get("sort", "newest"),
    )


@bp.get("/library")
@signed_in
def index() -> ResponseReturnValue:
    """List what is open to the person, or their own."""
    actor, filters = current_actor(), filters_of_url()
    found = library.list_resources(actor, filters, page_arg())
    node = curriculum.find_node(filters.node_id) if filters.node_id else None
    if fragment():
        return render_template("library/_list.html", page=found, node=node)
    options = {
        "subjects": [(name, name) for name in curriculum.subject_names(actor)],
        "grades": list(enumerate(GRADES, 1)),
        "kinds": choices(ResourceKind),
        "schools": [(school.id, school.name) for school in library.filter_schools(actor)],
    }
    return render_template("library/index.html", page=found, filters=filters, node=node, options=options)


@bp.get("/library/export.xlsx")
@limiter.limit("20/day", key_func=asker)
@signed_in
def export() -> ResponseReturnValue:
    """Give the list as a workbook."""
    found = library.list_resources(current_actor(), filters_of_url(), size=EXPORT_ROWS)
    headers = [_("标题"), _("类型"), _("学科"), _("年级"), _("所属学校"), _("作者"), _("许可"), _("分享时间")]
    rows = [
        [
            resource.title,
            label(resource.kind),
            resource.subject or "",
            grade_name(resource.grade),
            resource.school.name if resource.school else "",
            resource.owner.name,
            label(resource.licence),
            minute(resource.published_at),
        ]
        for resource in found.items
    ]
    return workbook(_("课程资源"), headers, rows)


@bp.get("/library/trash")
@signed_in
def trash() -> ResponseReturnValue:
    """List what the person threw away."""
    return render_template(
        "library/trash.html", page=library.list_resources(current_actor(), Filters(trashed=True), page_arg())
    )


@bp.get("/library/upload")
@signed_in
def upload() -> ResponseReturnValue:
    """Show the drop zone and the person's drafts with the state of every file."""
    actor = current_actor()
    desk = library.desk(actor)
    targets = library.share_targets(actor)
    template = "library/_drafts.html" if fragment() else "library/upload.html"
    form = ShareForm(licence=Licence.CC_BY_NC.value).offer(list(targets))
    return render_template(template, desk=desk, form=form)


@bp.post("/library/upload")
@signed_in
def upload_plain() -> ResponseReturnValue:
    """Take files from a browser without scripts."""
    actor = current_actor()
    for file in request.files.getlist("files"):
        size = file.stream.seek(0, 2)
        file.stream.seek(0)
        try:
            started = library.start_upload(actor, file.filename or "", size)
            library.receive(actor, started.id, 0, file.stream)
        except TongyanError as error:
            flash(f"{file.filename}: {' '.join(sentences(error))}", "warning")
    return redirect(url_for(".upload"))


@bp.post("/library/share")
@signed_in
def share_many() -> ResponseReturnValue:
    """Share every chosen draft; what cannot be shared yet says why and stays."""
    actor, form, shared = current_actor(), ShareForm(), 0
    for resource_id in request.form.getlist("resource", type=UUID):
        try:
            library.share_resource(actor, resource_id, form.audience.data or "", form.chosen_licence)
            shared += 1
        except TongyanError as error:
            flash(_reason(resource_id, error), "warning")
    if shared:
        flash(ngettext("已分享 %(num)s 份资源。", "已分享 %(num)s 份资源。", shared), "success")
    return redirect(url_for(".upload"))


def _reason(resource_id: UUID, error: TongyanError) -> str:
    title = library.get_resource(current_actor(), resource_id).title
    return f"{title}: {' '.join(sentences(error))}"


@bp.get("/library/<uuid:resource_id>")
@signed_in
def show(resource_id: UUID) -> ResponseReturnValue:
    """Show a resource: its pages, what it says, and what the person may do with it."""
    actor = current_actor()
    resource = library.get_resource(actor, resource_id)
    if fragment():
        return render_template("library/_files.html", resource=resource, same=library.duplicates(actor, resource))
    return show_page(resource, ShareForm.of(resource))


def show_page(resource: Resource, form: ShareForm) -> ResponseReturnValue:
    """Show a resource with the form that shares it, as it was filled in."""
    actor = current_actor()
    form.offer(list(library.share_targets(actor)))
    return page("library/show.html", form, resource=resource, same=library.duplicates(actor, resource))


@bp.route("/library/<uuid:resource_id>/edit", methods=["GET", "POST"])
@signed_in
def edit(resource_id: UUID) -> ResponseReturnValue:
    """Change what a resource says."""
    actor = current_actor()
    resource = library.get_editable(actor, resource_id)
    form = ResourceForm().offer(resource) if request.method == "POST" else ResourceForm.of(resource)
    if "list" in request.form:  # a browser without scripts asks for the places of what it chose
        return render_template("library/edit.html", form=form, resource=resource)
    if form.validate_on_submit():
        with refusals(form):
            library.edit_resource(actor, resource_id, form.edit(resource), form.version.data or 0)
            flash(_("已保存。"), "success")
            return redirect(url_for(".show", resource_id=resource_id))
    return page("library/edit.html", form, resource=resource)


@bp.get("/library/places")
@signed_in
def places() -> ResponseReturnValue:
    """Give the places of a subject and grade, as the options of a select."""
    subject, grade = request.args.get("subject"), grade_or_none(request.args.get("grade", ""))
    shelves = curriculum.places(current_actor(), subject, grade)
    return render_template("library/_places.html", groups=place_choices(shelves), chosen=request.args.get("node", ""))


@bp.post("/library/<uuid:resource_id>/share")
@signed_in
def share(resource_id: UUID) -> ResponseReturnValue:
    """Open a resource to a school or a group."""
    actor, form = current_actor(), ShareForm()
    if form.validate_on_submit():
        with refusals(form):
            library.share_resource(actor, resource_id, form.audience.data or "", form.chosen_licence)
            flash(_("已分享，同事现在就能搜到。"), "success")
            return redirect(url_for(".show", resource_id=resource_id))
    return show_page(library.get_resource(actor, resource_id), form)


@bp.post("/library/<uuid:resource_id>/unshare")
@signed_in
def unshare(resource_id: UUID) -> ResponseReturnValue:
    """Close a resource to all but its owner."""
    actor = current_actor()
    resource = library.unshare_resource(actor, resource_id)
    flash(_("已取消分享，别人看不到了。"), "success")
    own = resource.owner_id == actor.person_id
    return redirect(url_for(".show", resource_id=resource_id) if own else url_for(".index"))


@bp.post("/library/<uuid:resource_id>/trash")
@signed_in
def throw_away(resource_id: UUID) -> ResponseReturnValue:
    """Put a resource into the trash."""
    library.trash_resource(current_actor(), resource_id)
    if fragment():  # from the list of drafts, which is shown anew
        return redirect(url_for(".upload"))
    flash(_("已移到回收站，30 天内可以恢复。"), "success")
    return redirect(url_for(".trash"))


@bp.post("/library/<uuid:resource_id>/restore")
@signed_in
def restore(resource_id: UUID) -> ResponseReturnValue:
    """Bring a resource back from the trash."""
    library.restore_resource(current_actor(), resource_id)
    flash(_("已恢复为草稿。"), "success")
    return redirect(url_for(".show", resource_id=resource_id))


@bp.post("/library/files/<uuid:file_id>/retry")
@signed_in
def retry(file_id: UUID) -> ResponseReturnValue:
    """Try the failed steps of a file again."""
    return redirect(url_for(".show", resource_id=library.retry_file(current_actor(), file_id)))


@bp.post("/library/files/<uuid:file_id>/remove")
@signed_in
def remove(file_id: UUID) -> ResponseReturnValue:
    """Take a file out of a resource."""
    return redirect(url_for(".show", resource_id=library.remove_file(current_actor(), file_id)))
