"""Is the process alive, and is everything there that it needs? For supervisors and load balancers."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from tongyan.kernel import health

bp = Blueprint("health", __name__)


@bp.get("/livez")
def livez() -> ResponseReturnValue:
    """Answer as long as the process can answer."""
    return jsonify(ok=True)


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Name each part that is needed and whether it works; 503 when one that matters does not."""
    report = health.report()
    return jsonify(ok=report.ok, parts=report.parts), 200 if report.ok else 503


from blueprints.health import metrics  # noqa: E402, F401 # views register on the blueprint above
