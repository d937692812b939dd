"""Pages of org: one's group for everybody, and what administrators tend."""

from flask import Blueprint

bp = Blueprint("org", __name__, template_folder="templates")

from blueprints.org import (  # noqa: E402 # views register on the blueprint above
    groups,  # noqa: F401
    offices,  # noqa: F401
    overview,  # noqa: F401
    partnerships,  # noqa: F401
    people,  # noqa: F401
    people_import,  # noqa: F401
    places,  # noqa: F401
    postings,  # noqa: F401
    prep_groups,  # noqa: F401
    prep_members,  # noqa: F401
    regions,  # noqa: F401
    schools,  # noqa: F401
)
