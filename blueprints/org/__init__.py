"""Pages of org: one's group for everybody, and what administrators tend."""

from flask import Blueprint

bp = Blueprint("org", __name__, template_folder="templates")

from blueprints.org import groups, offices, overview, people, postings, regions, schools  # noqa: E402, F401 # views
