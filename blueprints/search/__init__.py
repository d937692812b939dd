"""Pages of search."""

from flask import Blueprint

bp = Blueprint("search", __name__, template_folder="templates")

from blueprints.search import opened, saved, views  # noqa: E402, F401 # views register on the blueprint above
