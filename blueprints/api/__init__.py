"""The API for programs at /api/v1: JSON in and out, a personal access token with every request (docs/api.md)."""

from flask import Flask, Response, request

from blueprints.api.doors import Doors, HouseApi
from blueprints.common.web import asker, current_person
from tongyan import signin
from tongyan.extensions import limiter
from tongyan.kernel.errors import TongyanError

VERSION, OPENAPI = "v1", "3.1.0"
PREFIX = f"/api/{VERSION}"
PER_TOKEN = "600/minute"  # noqa: S105 # a rate

bp = Doors("api", __name__, url_prefix=PREFIX)

from blueprints.api import (  # noqa: E402 # they add their doors
    curriculum,  # noqa: F401
    files,  # noqa: F401
    links,  # noqa: F401
    org,  # noqa: F401
    packages,  # noqa: F401
    resources,  # noqa: F401
    reviews,  # noqa: F401
    search,  # noqa: F401
    searches,  # noqa: F401
    sharing,  # noqa: F401
    transfers,  # noqa: F401
    versions,  # noqa: F401
    voices,  # noqa: F401
)


class TokenMissing(TongyanError):
    """No token was shown, or one that opens nothing."""

    status = 401
    default_code = "token.missing"


def init_app(app: Flask) -> None:
    """Register the doors and their description (OpenAPI) at /api/v1/openapi.json."""
    app.config.update(
        API_TITLE="同研",
        API_VERSION=VERSION,
        OPENAPI_VERSION=OPENAPI,
        OPENAPI_URL_PREFIX=PREFIX,
    )
    api = HouseApi(app, spec_kwargs={"security": [{"token": []}], "info": {"description": "docs/api.md"}})
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    api.register_blueprint(bp)


def need_token() -> None:
    """Let in only programs whose token belongs to somebody."""
    if request.method != "OPTIONS" and current_person() is None:
        raise TokenMissing


def ask_for_token(response: Response) -> Response:
    """Say how to sign in."""
    if response.status_code == TokenMissing.status:
        response.headers["WWW-Authenticate"] = 'Bearer realm="tongyan"'
    return response


def shown_token() -> str:
    """Return whose requests are counted: a program by its token, a stranger by the address."""
    token = signin.current_access()
    return f"token:{token.id}" if token else asker()


bp.before_request(need_token)
bp.after_request(ask_for_token)
limiter.shared_limit(PER_TOKEN, scope="api", key_func=shown_token)(bp)
