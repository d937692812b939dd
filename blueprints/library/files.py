"""Sending files: never as a page of ours, always in a sandbox, in parts when the line is thin."""

from uuid import UUID

from flask import Response, request, send_file, url_for
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from blueprints.common.web import current_actor, disposition, signed_in
from blueprints.library import bp
from tongyan.library import services as library
from tongyan.library.models import ResourceFile
from tongyan.library.services import Served

READ = "text/plain"  # the previewer reads it from here
POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src 'self'"


@bp.get("/files/<uuid:file_id>/original/<path:name>")
@signed_in
def file_original(file_id: UUID, name: str) -> Response:
    """Send the file as it was uploaded; `name` only makes the link readable."""
    actor = current_actor()
    served = library.original(actor, file_id)
    shown = "download" not in request.args and (served.inline or served.media_type == READ)
    if not shown and request.method == "GET":
        library.record_download(actor, file_id, goes_on="Range" in request.headers)
    return send_served(served, attachment="download" in request.args or not served.inline)


@bp.get("/files/<uuid:file_id>/preview.pdf")
@signed_in
def file_preview(file_id: UUID) -> Response:
    """Send the PDF for the previewer."""
    return send_served(library.preview(current_actor(), file_id))


@bp.get("/files/<uuid:file_id>/light.mp4")
@signed_in
def file_light(file_id: UUID) -> Response:
    """Send the light copy of a film."""
    return send_served(library.light(current_actor(), file_id))


@bp.get("/files/<uuid:file_id>/pages/<int:page>.webp")
@signed_in
def file_page(file_id: UUID, page: int) -> Response:
    """Send the picture of a page."""
    return send_served(library.page_image(current_actor(), file_id, page))


@bp.get("/files/<uuid:file_id>/thumbnail.webp")
@signed_in
def file_thumbnail(file_id: UUID) -> Response:
    """Send the small picture for lists."""
    return send_served(library.thumbnail(current_actor(), file_id))


def file_url(file: ResourceFile, what: str = "original", page: int = 1, *, download: bool = False) -> str:
    """Return the address of a file's "original", "preview", "light", "thumbnail" or "page"."""
    if what == "original":
        asked = 1 if download else None
        return url_for("library.file_original", file_id=file.id, name=file.name, download=asked)
    if what == "page":
        return url_for("library.file_page", file_id=file.id, page=page)
    return url_for(f"library.file_{what}", file_id=file.id)


def send_served(served: Served, *, attachment: bool = False) -> Response:
    """Send bytes under the policy of files, in parts when asked."""
    response = send_file(served.path, mimetype=served.media_type, conditional=False, etag=served.sha256, max_age=None)
    # equal bytes are stored once: their date would tell when somebody, in whatever school, brought them again
    del response.headers["Last-Modified"]
    try:
        response.make_conditional(request, accept_ranges=True, complete_length=response.content_length)
    except RequestedRangeNotSatisfiable:
        response.close()
        raise
    kind = "attachment" if attachment else "inline"
    response.headers["Content-Disposition"] = disposition(kind, served.name)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-site"
    response.headers["Cache-Control"] = "private, no-cache"  # keep it, but ask each time whether it is still open
    response.headers["Vary"] = "Cookie"
    return response
