"""Is the process alive, and is everything there that it needs? For supervisors and load balancers."""

from flask import jsonify
from flask.typing import ResponseReturnValue

from blueprints.health import bp
from tongyan.kernel import health


@bp.get("/livez")
def livez() -> ResponseReturnValue:
    """Answer as long as the process can answer."""
    return jsonify(ok=True)


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Name each part that is needed and whether it works; 503 when one that matters does not."""
    report = health.report()
    return jsonify(ok=report.ok, parts=report.parts), 200 if report.ok else 503
