"""The built front end: addresses of hashed files, and the drawn icons."""

import json
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, request, url_for
from markupsafe import Markup, escape

HASHED = "/static/dist/assets/"  # what Vite puts there carries a hash of its content in its name
FOR_EVER = "public, max-age=31536000, immutable"


def init_app(app: Flask) -> None:
    """Register the template globals, and let browsers keep what never changes."""
    app.jinja_env.globals.update(asset=asset, styles=styles, icon=icon)
    app.after_request(keep_hashed)


def keep_hashed(response: Response) -> Response:
    """Mark a built file with a hash in its name as one that browsers may keep for ever."""
    if request.path.startswith(HASHED) and response.status_code in {200, 206, 304}:
        response.headers["Cache-Control"] = FOR_EVER
    return response


def asset(name: str) -> str:
    """Return the address of a built entry ("src/main.ts")."""
    return _address(_manifest()[name]["file"]) if name in _manifest() else ""


def styles(name: str) -> list[str]:
    """Return the addresses of an entry's style sheets."""
    return [_address(file) for file in _manifest().get(name, {}).get("css", [])]


def icon(name: str) -> Markup:
    """Draw an icon; it is decoration, the text beside it speaks."""
    return _drawn(_built("icons.json"), name)


@cache
def _drawn(icons: Path, name: str) -> Markup:
    """Draw once per process: a list shows hundreds."""
    known: dict[str, list[str]] = _read(icons)
    paths = Markup("").join(Markup('<path d="{}"/>').format(path) for path in known[name]) if known else ""
    return Markup(
        '<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round" '
        'stroke-linejoin="round" aria-hidden="true">{}</svg>'
    ).format(escape(paths))


def _address(file: str) -> str:
    return url_for("static", filename=f"dist/{file}")


def _manifest() -> dict[str, Any]:
    return _read(_built("manifest.json"))


def _built(name: str) -> Path:
    return Path(current_app.static_folder or "") / "dist" / name


@lru_cache
def _read(path: Path) -> dict[str, Any]:
    """Read once per process; before the first build there is nothing, and pages come without style."""
    return json.loads(path.read_text()) if path.is_file() else {}
