"""Requests and answers: who asks, in which language, and how a view replies."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar, cast
from urllib.parse import quote, unquote, urlsplit

from flask import Response, abort, current_app, g, has_request_context, redirect, request, url_for
from flask_login import current_user
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from tongyan import programs
from tongyan.accounts.models import Person
from tongyan.kernel.errors import NotFound
from tongyan.kernel.permissions import ANONYMOUS, Actor
from tongyan.org.actors import actor_for

P = ParamSpec("P")
R = TypeVar("R")

LOCALES = {"zh": "zh_Hans_CN", "en": "en"}


def current_person() -> Person | None:
    """Return who is signed in, if anybody."""
    return cast(Person, current_user) if current_user and current_user.is_authenticated else None


def current_actor() -> Actor:
    """Return the actor of this request; rights are read once per request, never kept between requests."""
    if "actor" not in g:
        person = current_person()
        g.actor = actor_for(person) if person else ANONYMOUS
    return cast(Actor, g.actor)


def asker() -> str:
    """Return whose requests are counted: a school is one address, so people are told apart."""
    person = current_person()
    return str(person.id) if person else request.remote_addr or ""


def signed_in(view: Callable[P, R]) -> Callable[P, R | BaseResponse]:
    """Let only signed-in people in: pages go to the sign-in page, data requests get 401."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | BaseResponse:
        if current_person() is None:
            return ask_to_sign_in()
        return view(*args, **kwargs)

    return guarded


def admin_only(view: Callable[P, R]) -> Callable[P, R | BaseResponse]:
    """Let only system administrators in; to everybody else the page does not exist."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | BaseResponse:
        if current_person() is None:
            return ask_to_sign_in()
        if not current_actor().is_admin:
            raise NotFound
        return view(*args, **kwargs)

    return guarded


def ask_to_sign_in() -> BaseResponse:
    """Answer a request that needs a person."""
    if wants_json() or request.method not in {"GET", "HEAD"}:
        abort(401)
    if fragment():
        return Response(status=204, headers={"HX-Redirect": url_for("accounts.sign_in", next=page_before())})
    return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))


def wants_json() -> bool:
    """Say whether the client asked for data rather than a page."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return request.is_json or (best == "application/json") or programs.for_programs(request)


def fragment() -> bool:
    """Say whether htmx asks for a part of a page."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"


def page_arg() -> int:
    """Return the page number in the URL, 1 when it is missing or nonsense."""
    return max(1, request.args.get("page", 1, type=int) or 1)


def is_local(target: str) -> bool:
    """Say whether a redirect target is a plain path to a page of ours."""
    if not target.startswith("/") or "\\" in target or any(ord(char) < 33 for char in target):
        return False
    parts = urlsplit(target)
    path = unquote(parts.path)
    if parts.scheme or parts.netloc or "//" in path or "\\" in path:
        return False
    try:
        current_app.create_url_adapter(request).match(path, method="GET")  # type: ignore[union-attr] # within a request
    except HTTPException:
        return False
    return True


def page_before() -> str | None:
    """Return the page of ours from which the browser came, if it says so."""
    parts = urlsplit(request.referrer or "")
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return path if parts.netloc == request.host and is_local(path) else None


def back_to(default: str) -> BaseResponse:
    """Redirect to the local `next` path of the request, else to the default path."""
    target = request.values.get("next", "")
    return redirect(target if is_local(target) else default)


def disposition(kind: str, name: str) -> str:
    """Return the header that gives a file its true name (RFC 6266), with a plain one for old programs."""
    plain = "".join(char if char.isascii() and char not in '"\\%' else "_" for char in name)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def chosen_locale() -> str:
    """Return the language of the person, else of the cookie, else Chinese."""
    if not has_request_context():
        return LOCALES["zh"]
    person = current_person()
    return LOCALES.get(person.locale if person else request.cookies.get("locale", "zh"), LOCALES["zh"])
