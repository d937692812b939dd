"""The one place that turns an error into an answer: a page, a JSON body or a socket acknowledgement."""

from typing import Any

import structlog
from flask import Flask, Response, jsonify, make_response, render_template, request
from pydantic import ValidationError
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, SecurityError

from blueprints.common.messages import MESSAGES
from blueprints.common.web import current_actor, wants_json
from tongyan.kernel.errors import Conflict, Forbidden, Invalid, NotFound, TongyanError, TooMany, Unavailable

log = structlog.get_logger()

HTTP_CODES = {
    400: "bad_request",
    401: "signed_out",
    403: "forbidden",
    404: "not_found",
    405: "not_found",
    413: "too_large",
    415: "unsupported",
    429: "too_many",
}


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(TongyanError, answer)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(StaleDataError, lambda _: answer(Conflict("conflict.stale")))
    app.register_error_handler(IntegrityError, lambda _: answer(Conflict()))
    app.register_error_handler(DataError, lambda _: answer(TongyanError("bad_request")))  # NUL, numbers beyond all
    app.register_error_handler(OperationalError, _database_away)
    if not app.testing:
        app.register_error_handler(Exception, _unexpected)


def sentence(code: str, data: dict[str, Any] | None = None) -> str:
    """Return the sentence of a code in the user's language."""
    text = str(MESSAGES.get(code) or MESSAGES["error"])
    try:
        return text % (data or {})
    except (KeyError, ValueError):
        return text


def sentences(error: TongyanError) -> list[str]:
    """Return all that a refusal says: what is wrong with each field, else the one thing that is wrong."""
    errors = error.errors if isinstance(error, Invalid) else {}
    codes = [code for codes in errors.values() for code in codes] or [error.code]
    return [sentence(code, error.data) for code in codes]


def payload(error: TongyanError) -> dict[str, Any]:
    """Return the one JSON shape of every error (sockets acknowledge with it too)."""
    errors = error.errors if isinstance(error, Invalid) else {}
    named = {field: [sentence(code, error.data) for code in codes] for field, codes in errors.items()}
    return {"ok": False, "code": error.code, "message": sentence(error.code, error.data), "errors": named}


def answer(error: TongyanError) -> Response:
    """Answer with a page or JSON; hidden and missing are one and the same."""
    if isinstance(error, Forbidden):
        actor = current_actor()
        log.warning("refused", actor=str(actor.person_id), path=request.path, code=error.code)
    body = payload(error)
    if wants_json() or request.headers.get("HX-Request") == "true":
        response = jsonify(body)
    else:
        response = make_response(render_template("shell/error.html", error=body, status=error.status))
    response.status_code = error.status
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.data.get("seconds", 60))
    return response


def invalid(error: ValidationError) -> Invalid:
    """Return a pydantic error as ours: fields and codes, never the input itself."""
    fields = {".".join(map(str, part["loc"])) or "body": ["field.invalid"] for part in error.errors()}
    return Invalid(errors=fields)


def _http(error: HTTPException) -> Response:
    if isinstance(error, SecurityError):  # a host that is not ours: no page could name its own addresses
        return error.get_response()  # type: ignore[return-value] # Werkzeug names the base class
    if error.response is not None or (error.code or 500) < 400:  # redirects and finished answers
        return error.get_response()  # type: ignore[return-value] # Werkzeug names the base class
    mapped = NotFound() if error.code in {404, 405} else TongyanError(HTTP_CODES.get(error.code or 500, "error"))
    mapped.status = error.code or 500
    response = answer(mapped)
    if error.code == 405:
        response.headers["Allow"] = ", ".join(getattr(error, "valid_methods", None) or ())
    return response


def _database_away(error: OperationalError) -> Response:
    log.error("database_unavailable", exc_info=error)
    return answer(Unavailable())


def _unexpected(error: Exception) -> Response:
    log.error("unexpected", exc_info=error, path=request.path)
    failure = TongyanError("unexpected")
    failure.status = 500
    return answer(failure)
