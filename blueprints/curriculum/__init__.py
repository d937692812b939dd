"""The curriculum: the tree, who tends it, and the books a school uses."""

from flask import Blueprint

bp = Blueprint("curriculum", __name__, template_folder="templates")

from blueprints.curriculum import editing, editions, matrix, standards, views  # noqa: E402, F401 # views register on the blueprint above
