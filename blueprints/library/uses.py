"""用于我的课: choosing a resource for a lesson, one's lessons and favourites; who would miss what is thrown away."""

from itertools import groupby
from operator import attrgetter
from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from blueprints.common.forms import page, refusals
from blueprints.common.labels import GRADES, choices, listed
from blueprints.common.web import current_actor, fragment, page_arg, signed_in
from blueprints.library import bp
from blueprints.library.forms import grade_or_none
from blueprints.library.voices_forms import UseForm
from tongyan.curriculum import services as curriculum
from tongyan.curriculum.services import Shelf
from tongyan.library import services as library
from tongyan.library.models import Resource, ResourceKind
from tongyan.library.services import Bonds, Filters


@bp.app_template_global()
def resource_bonds(resource: Resource) -> Bonds:
    """Return what hangs on a resource (looked up once for a page)."""
    known: dict[UUID, Bonds] = g.setdefault("bonds", {})
    if resource.id not in known:
        known[resource.id] = library.bonds_of(current_actor(), resource.id)
    return known[resource.id]


@bp.app_template_global()
def missed_by(bonds: Bonds) -> str:
    """Return who would miss a resource, as the question before it is thrown away; nothing when nobody would."""
    parts = [
        ngettext("%(num)s 节课", "%(num)s 节课", bonds.lessons) if bonds.lessons else "",
        ngettext("%(num)s 个课程包", "%(num)s 个课程包", bonds.packages) if bonds.packages else "",
    ]
    if not bonds.missed:
        return ""
    question = _("它用于 %(where)s。移到回收站以后，那里会显示“已被移走”；30 天内恢复并重新分享，就都回来。")
    return str(question % {"where": listed(filter(None, parts))})


@bp.get("/library/favourites")
@signed_in
def favourites() -> ResponseReturnValue:
    """List what the person keeps."""
    actor, args = current_actor(), request.args
    filters = Filters(
        favourites=True,
        subject=args.get("subject") or None,
        grade=grade_or_none(args.get("grade", "")),
        kind=args.get("kind", type=ResourceKind),
        sort=args.get("sort", "newest"),
    )
    options = {
        "subjects": [(name, name) for name in curriculum.subject_names(actor)],
        "grades": list(enumerate(GRADES, 1)),
        "kinds": choices(ResourceKind),
    }
    found = library.list_resources(actor, filters, page_arg())
    template = "library/_favourites.html" if fragment() else "library/favourites.html"
    return render_template(template, page=found, filters=filters, options=options)


@bp.route("/library/<uuid:resource_id>/use", methods=["GET", "POST"])
@signed_in
def use(resource_id: UUID) -> ResponseReturnValue:
    """Choose a resource for a lesson; its own place is offered first, and all others of the book."""
    actor = current_actor()
    resource = library.get_resource(actor, resource_id)
    subject = request.values.get("subject") or resource.subject
    grade = grade_or_none(request.values.get("grade", "")) or resource.grade
    shelves = curriculum.places(actor, subject, grade, resource.node_id)
    form = UseForm(node=str(resource.node_id or "")) if request.method == "GET" else UseForm()
    form.offer(lesson_choices(shelves))
    if form.validate_on_submit():
        with refusals(form):
            library.use_in_lesson(actor, resource_id, form.node_id)
            flash(_("已放进您的课里。"), "success")
            return redirect(url_for(".my_lessons"))
    options = {
        "subjects": [(name, name) for name in curriculum.subject_names(actor)],
        "grades": list(enumerate(GRADES, 1)),
    }
    place = {"subject": subject, "grade": grade}
    return page("library/use.html", form, resource=resource, options=options, place=place, books=bool(shelves))


def lesson_choices(shelves: list[Shelf]) -> dict[str, list[tuple[str, str]]]:
    """Return units and lessons as the groups of a select, a book each."""
    groups: dict[str, list[tuple[str, str]]] = {"": [("", _("请选择"))]}
    for shelf in shelves:
        name = f"{shelf.volume.edition} {shelf.volume.title}"
        lessons = [(str(spot.node.id), "\u3000" * (spot.depth - 1) + spot.node.title) for spot in shelf.spots[1:]]
        groups.setdefault(name, []).extend(lessons)
    return groups


@bp.get("/library/my-lessons")
@signed_in
def my_lessons() -> ResponseReturnValue:
    """List what the person chose, by lesson."""
    lessons = library.my_lessons(current_actor())
    books = [(book, list(inside)) for book, inside in groupby(lessons, key=attrgetter("book"))]
    return render_template("library/my_lessons.html", books=books)


@bp.post("/library/uses/<uuid:use_id>/accept")
@signed_in
def accept_version(use_id: UUID) -> ResponseReturnValue:
    """Take note of a new version."""
    library.accept_version(current_actor(), use_id)
    return redirect(url_for(".my_lessons"))


@bp.post("/library/uses/<uuid:use_id>/drop")
@signed_in
def drop_use(use_id: UUID) -> ResponseReturnValue:
    """Choose a resource for a lesson no longer."""
    library.drop_use(current_actor(), use_id)
    return redirect(url_for(".my_lessons"))
