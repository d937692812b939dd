"""Pages of accounts: the ways in and out, and what people keep about themselves."""

from flask import Blueprint

bp = Blueprint("accounts", __name__, template_folder="templates")

from blueprints.accounts import access, entry, gate, views  # noqa: E402, F401 # they add their routes to the blueprint
