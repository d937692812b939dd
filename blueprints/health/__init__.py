"""Is the process alive, is everything there that it needs, and how much does it do? For the programs that watch it."""

from flask import Blueprint

bp = Blueprint("health", __name__)

from blueprints.health import metrics, views  # noqa: E402, F401 # they add their routes to the blueprint
