"""Interactive lessons in a frame of their own: code of strangers, without origin, cookies, storage or a way out."""

from uuid import UUID

from flask import Response, make_response, render_template, request, url_for

from blueprints.common.headers import page_policy
from blueprints.common.web import current_actor, signed_in
from blueprints.library import bp
from tongyan.library import services as library
from tongyan.library.models import ResourceFile

ALLOWED = "allow-scripts allow-forms"


@bp.app_template_global()
def lesson_url(file: ResourceFile) -> str:
    """Return the page on which a file is launched, nothing for what is no interactive lesson."""
    return url_for("library.lesson", file_id=file.id) if library.is_lesson(file) else ""


@bp.get("/library/files/<uuid:file_id>/lesson")
@signed_in
def lesson(file_id: UUID) -> Response:
    """Show an interactive lesson in its frame."""
    found = library.open_lesson(current_actor(), file_id)
    address = _root(found.token) + found.entry
    response = make_response(render_template("library/lesson.html", file=found.file, src=address, allowed=ALLOWED))
    response.headers["Content-Security-Policy"] = page_policy(frames=_root(found.token))
    return response


@bp.get("/scorm/<token>/<path:path>")
def lesson_part(token: str, path: str) -> Response:
    """Send a part of a lesson; the token stands for its person."""
    part = library.lesson_part(token, path)
    response = Response(part.content, content_type=part.media_type)
    response.headers.update(
        {
            "Content-Length": str(part.size),
            "Content-Security-Policy": _policy(_root(token)),
            "X-Content-Type-Options": "nosniff",
            # a lesson may have frames of its own, and none of them is "self" to the other; a frame around it gains
            # nothing, since nobody is signed in within
            "X-Frame-Options": "ALLOWALL",
            "Referrer-Policy": "no-referrer",  # the token must not leave with a link
            "Cross-Origin-Resource-Policy": "cross-origin",  # a frame without origin is foreign even to itself
            "Access-Control-Allow-Origin": "*",  # the same: fonts, modules and data; without the token there is nothing
            "Cache-Control": "private, no-cache",
        }
    )
    return response


def _root(token: str) -> str:
    """Return the address below which a lesson lies, with the host under which the browser knows us."""
    return f"{request.host_url}scorm/{token}/"


def _policy(root: str) -> str:
    """Return what a lesson may do: run, and load its own parts; nothing of ours, nothing of anybody else's."""
    rules = (
        f"sandbox {ALLOWED}",
        f"default-src {root} 'unsafe-inline' 'unsafe-eval' data: blob:",
        "form-action 'none'",
        f"base-uri {root}",
        "object-src 'none'",
    )
    return "; ".join(rules)
