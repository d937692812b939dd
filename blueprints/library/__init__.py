"""The library: pages, resumable uploads, files."""

from flask import Blueprint

bp = Blueprint("library", __name__, template_folder="templates")

from blueprints.library import files, tus, views  # noqa: E402, F401 # views register on the blueprint above
