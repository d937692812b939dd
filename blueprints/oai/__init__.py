"""OAI-PMH 2.0 at /oai: catalogues of others collect what our resources say, as the person whose token they show."""

from flask import Blueprint

bp = Blueprint("oai", __name__, template_folder="templates")

from blueprints.oai import views  # noqa: E402, F401 # it adds its route to the blueprint
