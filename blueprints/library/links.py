"""Public links: made and ended by those who look after a resource, opened by whoever has one."""

from collections.abc import Mapping
from functools import partial
from uuid import UUID

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired

from blueprints.common.forms import Form, page, refusals
from blueprints.common.web import current_actor, signed_in
from blueprints.library import bp
from blueprints.library.files import send_served
from blueprints.library.voices_forms import TakeDownForm
from tongyan.extensions import limiter
from tongyan.library import services as library
from tongyan.library.metadata import Shown, lrmi
from tongyan.library.models import Resource, ResourceFile, ResourceKind
from tongyan.library.services.files import (
    serve_light,
    serve_original,
    serve_page,
    serve_preview,
    serve_thumbnail,
)

DAYS = (
    (7, lazy_gettext("一周")),
    (30, lazy_gettext("一个月")),
    (120, lazy_gettext("一学期")),
    (365, lazy_gettext("一年")),
)
WAYS = {
    "original": serve_original,
    "preview.pdf": serve_preview,
    "light.mp4": serve_light,
    "thumbnail.webp": serve_thumbnail,
}
PATHS = {"preview": "preview.pdf", "light": "light.mp4", "thumbnail": "thumbnail.webp"}
UNSEEN = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}
PAGE_LIMIT, FILE_LIMIT = "120/minute", "1200/minute"  # by address, and a school is one address


class LinkForm(Form):
    """How long a link lasts."""

    days = SelectField(lazy_gettext("有效期"), choices=lambda: list(DAYS), coerce=int, default=30)


class StrangersTakeDownForm(TakeDownForm):
    """Who asks without an account, and why."""

    name = StringField(lazy_gettext("您的姓名或单位"), [InputRequired(lazy_gettext("请写明您是谁。"))])


@bp.app_template_global()
def holds_links(resource: Resource) -> bool:
    """Say whether the person looks after the resource's links."""
    return library.holds_links(current_actor(), resource)


@bp.route("/library/<uuid:resource_id>/links", methods=["GET", "POST"])
@signed_in
def links(resource_id: UUID) -> ResponseReturnValue:
    """List the links of a resource, and make one: its address is shown this once."""
    actor = current_actor()
    resource, form, address = library.get_resource(actor, resource_id), LinkForm(), ""
    if form.validate_on_submit():
        with refusals(form):
            new = library.create_link(actor, resource_id, form.days.data)
            address = url_for(".linked", token=new.token, _external=True)
    found = [(link, library.link_state(link).value) for link in library.links_of(actor, resource)]
    return page("library/links.html", form, resource=resource, links=found, address=address)


@bp.post("/library/links/<uuid:link_id>/revoke")
@signed_in
def link_revoke(link_id: UUID) -> ResponseReturnValue:
    """End a link."""
    link = library.revoke_link(current_actor(), link_id)
    flash(_("链接已停用，拿到它的人再也打不开了。"), "success")
    return redirect(url_for(".links", resource_id=link.resource_id))


@bp.get("/p/<token>")
@limiter.limit(PAGE_LIMIT)
def linked(token: str) -> Response:
    """Show a resource to whoever has its link."""
    link = library.open_link(token)
    resource = link.resource
    tree = library.common_tree(resource) if resource.kind is ResourceKind.PACKAGE else None
    # the previews are those of the resource's own page; their addresses go by the link
    urls = {"resource_file_url": partial(linked_url, token), "lesson_url": lambda _file: ""}
    shown = Shown(url_for(".linked", token=token, _external=True), partial(_file_address, token))
    told = {"link": link, "resource": resource, "tree": tree, "token": token, "described": lrmi(resource, shown)}
    return _unseen(make_response(render_template("library/link.html", **told, **urls)))


def _file_address(token: str, file: ResourceFile) -> str:
    return request.host_url.rstrip("/") + linked_url(token, file)


def linked_url(token: str, file: ResourceFile, what: str = "original", page: int = 1, *, download: bool = False) -> str:
    """Return the address of a linked file's "original", "preview", "light", "thumbnail" or "page"."""
    if what == "page":
        return url_for("library.linked_page", token=token, file_id=file.id, page=page)
    asked = 1 if download else None
    way = PATHS.get(what, "original")
    return url_for("library.linked_file", token=token, file_id=file.id, way=way, download=asked)


@bp.route("/p/<token>/take-down", methods=["GET", "POST"])
@limiter.limit("10/day", methods=["POST"])
@limiter.limit(PAGE_LIMIT)
def linked_take_down(token: str) -> ResponseReturnValue:
    """Ask that what a link opens be closed.

    Unlike the page before it, this one tells our own server where it comes from: the check of its form needs that.
    """
    resource, form = library.linked_resource(token), StrangersTakeDownForm()
    if form.validate_on_submit():
        with refusals(form):
            said = [field.data or "" for field in (form.name, form.contact, form.reason)]
            library.ask_take_down(None, resource, *said)
            flash(_("已提交，学校或集团的负责人会处理。"), "success")
            return redirect(url_for(".linked", token=token))
    response = make_response(page("library/link_take_down.html", form, resource=resource, token=token))
    return _unseen(response, {"Referrer-Policy": "same-origin"})


@bp.get('/p/<token>/files/<uuid:file_id>/<any("original","preview.pdf","light.mp4","thumbnail.webp"):way>')
@limiter.limit(FILE_LIMIT)
def linked_file(token: str, file_id: UUID, way: str) -> Response:
    """Send a file, or what was made of it."""
    served = WAYS[way](library.linked_file(token, file_id))
    return _unseen(send_served(served, attachment="download" in request.args or not served.inline))


@bp.get("/p/<token>/files/<uuid:file_id>/pages/<int:page>.webp")
@limiter.limit(FILE_LIMIT)
def linked_page(token: str, file_id: UUID, page: int) -> Response:
    """Send the picture of a page."""
    return _unseen(send_served(serve_page(library.linked_file(token, file_id), page)))


def _unseen(response: Response, but: Mapping[str, str] | None = None) -> Response:
    """Keep what a link opens out of caches, search engines and the logs of other sites."""
    response.headers.update({**UNSEEN, **(but or {})})
    return response
