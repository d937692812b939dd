"""The frame of every page, the desk, and the notices."""

from flask import Blueprint

bp = Blueprint("shell", __name__, template_folder="templates")

from blueprints.shell import frame, views  # noqa: E402, F401 # they register on `bp`
