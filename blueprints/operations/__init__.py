"""What administrators look after: the audit trail, parked jobs, the health of the parts, the words of the search."""

from flask import Blueprint

bp = Blueprint("operations", __name__, template_folder="templates")

from blueprints.operations import synonyms, views  # noqa: E402, F401 # views register on the blueprint above
