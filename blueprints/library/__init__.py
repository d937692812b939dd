"""The library: pages, resumable uploads, files."""

from flask import Blueprint

bp = Blueprint("library", __name__, template_folder="templates")

from blueprints.library import (  # noqa: E402 # views register on the blueprint above
    bulk,  # noqa: F401
    corrections,  # noqa: F401
    facts,  # noqa: F401
    files,  # noqa: F401
    links,  # noqa: F401
    packages,  # noqa: F401
    reviews,  # noqa: F401
    scorm,  # noqa: F401
    sharing,  # noqa: F401
    takedowns,  # noqa: F401
    transfers,  # noqa: F401
    tus,  # noqa: F401
    uses,  # noqa: F401
    versions,  # noqa: F401
    views,  # noqa: F401
    voices,  # noqa: F401
    words,  # noqa: F401
)
