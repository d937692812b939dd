"""Fewer bytes on the school's line: built files were compressed when they were built, pages are on their way out."""

import gzip
import io
import secrets
from pathlib import Path

from flask import Flask, Response, current_app, request, send_from_directory
from werkzeug.security import safe_join

BUILT = {"br": ".br", "gzip": ".gz"}  # the smallest first; the names that Vite gives, see vite.config.ts
TYPES = frozenset({"text/html", "application/json", "text/css", "text/javascript", "image/svg+xml"})
LEAST = 1000  # below that the headers weigh more than what is won
LEVEL = 5
PADDING = 64


def init_app(app: Flask) -> None:
    """Send static files in the form that was built for it, and compress what is drawn."""
    app.view_functions["static"] = send_static
    app.after_request(compress)


def send_static(filename: str) -> Response:
    """Send a static file, in the smallest form that the browser reads."""
    folder = current_app.static_folder or ""
    for coding, suffix in BUILT.items():
        path = safe_join(folder, filename + suffix)
        if path and request.accept_encodings.quality(coding) > 0 and Path(path).is_file():
            response = send_from_directory(folder, filename + suffix, mimetype=_type_of(filename))
            response.headers["Content-Encoding"] = coding
            response.vary.add("Accept-Encoding")
            return response
    return current_app.send_static_file(filename)


def _type_of(filename: str) -> str:
    return "text/css" if filename.endswith(".css") else "text/javascript"


def compress(response: Response) -> Response:
    """Compress an answer that is worth it.

    Pages hold a token and repeat what was asked, so their length must not tell how well a guess fits (BREACH): the
    header carries a name of random length, as Django does it. Our cookies are SameSite=Lax besides.
    """
    if not _worth_it(response):
        return response
    name = secrets.token_hex(secrets.randbelow(PADDING) + 1)
    packed = io.BytesIO()
    with gzip.GzipFile(name, "wb", LEVEL, packed, mtime=0) as stream:
        stream.write(response.get_data())
    response.set_data(packed.getvalue())
    response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    return response


def _worth_it(response: Response) -> bool:
    return (
        response.mimetype in TYPES
        and not response.is_streamed
        and not response.direct_passthrough
        and "Content-Encoding" not in response.headers
        and (response.content_length or 0) >= LEAST
        and request.accept_encodings.quality("gzip") > 0
    )
