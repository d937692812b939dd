"""The pages of the library: the list, the drop zone, one resource, the trash."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.common.audiences import audience_names
from blueprints.common.errors import sentences
from blueprints.common.forms import page, refusals
from blueprints.common.labels import GRADES, choices
from blueprints.common.web import current_actor, fragment, page_arg, signed_in
from blueprints.library import bp
from blueprints.library.detail_forms import DetailsForm
from blueprints.library.files import file_url
from blueprints.library.forms import ResourceForm, grade_or_none, place_choices, uuid_or_none
from blueprints.library.share_forms import ShareForm
from blueprints.library.showing import show_page, twins
from tongyan.curriculum import services as curriculum
from tongyan.curriculum.models import Node
from tongyan.finding.services.opened import note_opened
from tongyan.kernel.errors import TongyanError
from tongyan.library import services as library
from tongyan.library.models import Licence, ResourceKind
from tongyan.library.services import Filters

EXPORT_ROWS = 5000

bp.add_app_template_global(file_url, "resource_file_url")


@bp.app_template_global()
def audience_words(audience: str) -> str:
    """Return an audience in words."""
    return audience_names([audience])[audience]


def filters_of_url() -> Filters:
    """Return the filters in the URL; nonsense counts as no filter."""
    args = request.args
    fit = None if {"node", "mine", "kept"} & set(args) else curriculum.edition_fit(current_actor())
    return Filters(
        subject=args.get("subject") or None,
        grade=grade_or_none(args.get("grade", "")),
        kind=args.get("kind", type=ResourceKind),
        school_id=uuid_or_none(args.get("school", "")),
        node_id=uuid_or_none(args.get("node", "")),
        domain=args.get("domain") or None,
        competency=args.get("competency") or None,
        licence=args.get("licence", type=Licence),
        mine="mine" in args,
        kept="kept" in args,
        fit=None if args.get("editions") == "all" else fit,
        sort=args.get("sort", "newest"),
    )


def standard_options(filters: Filters) -> dict[str, list[tuple[str, str]]]:
    """Return the domains and competencies of the chosen subject, and what was asked for already."""
    options: dict[str, list[tuple[str, str]]] = {}
    for kind, titles in curriculum.standard_titles(filters.subject).items():
        asked = [title] if (title := getattr(filters, kind.value)) else []
        options[kind.value] = [(title, title) for title in dict.fromkeys([*titles, *asked])]
    return options


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
        **standard_options(filters),
    }
    return render_template("library/index.html", page=found, filters=filters, node=node, options=options)


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
    template = "library/_drafts.html" if fragment() else "library/upload.html"
    form = ShareForm(licence=Licence.CC_BY_NC.value).offer(actor)
    node, kind = preset()
    return render_template(template, desk=library.desk(actor), form=form, node=node, kind=kind)


def preset() -> tuple[Node | None, ResourceKind | None]:
    """Return the place and the kind that were chosen before, by a link in the tree; nonsense counts as none."""
    node_id = uuid_or_none(request.values.get("node", ""))
    return curriculum.find_node(node_id) if node_id else None, request.values.get("kind", type=ResourceKind)


@bp.post("/library/upload")
@signed_in
def upload_plain() -> ResponseReturnValue:
    """Take files from a browser without scripts."""
    actor, meant = current_actor(), request.form.get("resource", type=UUID)
    node, kind = preset()
    node_id = node.id if node else None
    for file in request.files.getlist("files"):
        size = file.stream.seek(0, 2)
        file.stream.seek(0)
        try:
            started = library.start_upload(
                actor, file.filename or "", size, resource_id=meant, node_id=node_id, kind=kind
            )
            library.receive(actor, started.id, 0, file.stream)
        except TongyanError as error:
            flash(f"{file.filename}: {' '.join(sentences(error))}", "warning")
    return redirect(url_for(".show", resource_id=meant) if meant else url_for(".upload"))


@bp.get("/library/<uuid:resource_id>")
@signed_in
def show(resource_id: UUID) -> ResponseReturnValue:
    """Show a resource: its pages, what it says, and what the person may do with it."""
    actor = current_actor()
    resource = library.get_resource(actor, resource_id)
    if fragment():
        return render_template("library/_files.html", resource=resource, **twins(actor, resource))
    shown = show_page(resource, ShareForm.of(resource))
    if request.method == "GET":
        library.note_view(actor, resource)
        note_opened(actor, "resource", resource_id)
    return shown


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


@bp.get("/library/standards")
@signed_in
def standards() -> ResponseReturnValue:
    """Give what the standards name for a subject and grade, as boxes to tick; what is ticked stays."""
    form = DetailsForm(request.args)
    form.offer_standards(request.args.get("subject"), grade_or_none(request.args.get("grade", "")))
    return render_template("library/_standards.html", form=form)


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
