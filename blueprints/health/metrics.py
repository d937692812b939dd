"""The numbers of this process for Prometheus, to be had on the machine itself only."""

from ipaddress import ip_address
from time import perf_counter

from flask import Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST

from blueprints.health import bp
from tongyan.kernel import metrics
from tongyan.kernel.errors import NotFound


@bp.before_app_request
def start_clock() -> None:
    """Remember when the request began."""
    g.started = perf_counter()


@bp.after_app_request
def stop_clock(response: Response) -> Response:
    """Count the request under its route, never under its address: addresses name things and people."""
    route = (request.endpoint or "none", request.method, str(response.status_code))
    if "started" in g:  # not when a hook before ours refused the request
        metrics.REQUESTS.labels(*route).observe(perf_counter() - g.started)
    return response


@bp.get("/metrics")
def show_metrics() -> Response:
    """Give the numbers to a scraper on this machine; what came through a proxy finds nothing."""
    if "X-Forwarded-For" in request.headers or not ip_address(request.remote_addr or "::").is_loopback:
        raise NotFound
    return Response(metrics.exposition(), content_type=CONTENT_TYPE_LATEST)
