"""Pages of curriculum."""

from flask import Blueprint

bp = Blueprint("curriculum", __name__, template_folder="templates")
