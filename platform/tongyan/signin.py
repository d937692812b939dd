"""Flask-Security bound to our people, our sessions bound to the browser's cookie, our tokens to programs' requests.

Flask-Security gives hashing and codes; its own pages, tokens, remember-me cookies and commands are off. There are three
ways in, all in `blueprints.accounts`: password, password and code, one-time link (sets a password, signs nobody in).
Programs show a personal access token with every request, where `tongyan.programs` says that tokens count.
"""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Flask, Request, Response, after_this_request, current_app, g, request, session
from flask.sessions import SecureCookieSessionInterface
from flask_security import FSQLALiteUserDatastore, RoleMixin, Security
from sqlalchemy import select

from tongyan import programs
from tongyan.accounts import authentication, factors, passwords, recovery, service, sessions, tokens
from tongyan.accounts.limits import DEVICE_KEPT, Browser
from tongyan.accounts.models import ApiToken, Person, PersonSession
from tongyan.kernel.clock import now
from tongyan.kernel.db import db
from tongyan.kernel.errors import Invalid
from tongyan.kernel.permissions import Actor
from tongyan.org.models import Posting, School

CODE_WITHIN = timedelta(minutes=10)


class Datastore(FSQLALiteUserDatastore):
    """Finds people; it never commits, the surrounding `transaction()` does."""

    def commit(self) -> None:
        """Leave the commit to the transaction."""


class NoRole(RoleMixin):
    """Rights come from offices (`tongyan.org.actors`), never from roles."""


class CookieSessions(SecureCookieSessionInterface):
    """Flask's signed cookie with a current hash."""

    digest_method = staticmethod(hashlib.sha256)


def init_app(app: Flask) -> None:
    """Bind the sign-in; raises RuntimeError for a password profile that does not exist."""
    if app.config["PASSWORD_PROFILE"] not in passwords.PROFILES:
        raise RuntimeError(f"TONGYAN_PASSWORD_PROFILE must be one of {', '.join(passwords.PROFILES)}")
    app.config.from_mapping(_cookie_settings(app) | _security_settings())
    app.session_interface = CookieSessions()
    security = Security()
    security.init_app(app, Datastore(db, Person, NoRole), register_blueprint=False)
    app.before_request_funcs[None].remove(security.principal._on_before_request)  # roles are ours; it reads the person
    manager = security.login_manager
    manager.session_protection = None
    manager.user_loader(lambda _: None)  # neither Flask-Login's session nor its remember-me cookie signs anybody in
    manager.request_loader(_load_person)
    passwords.know_words(_school_names)
    with app.app_context():
        passwords.warm_up()


def _cookie_settings(app: Flask) -> dict[str, Any]:
    plain = app.config["ALLOW_INSECURE_HTTP"]
    return {
        "SESSION_COOKIE_NAME": "sid" if plain else "__Host-sid",
        "SESSION_COOKIE_SECURE": not plain,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
        "PERMANENT_SESSION_LIFETIME": sessions.ABSOLUTE,
        "DEVICE_COOKIE_NAME": "device" if plain else "__Host-device",
    }


def _security_settings() -> dict[str, Any]:
    return {
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_PASSWORD_SINGLE_HASH": ["argon2"],  # no pepper: the secret key must stay exchangeable
        "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {
            "argon2__type": "ID",
            **{f"argon2__{name}": value for name, value in passwords.ARGON2.items()},
        },
        "SECURITY_CLI_USERS_NAME": None,
        "SECURITY_CLI_ROLES_NAME": None,
        "SECURITY_API_ENABLED_METHODS": [],
    }


def _load_person(_request: Request) -> Person | None:
    row = current_access() or current_session()
    return row.person if row else None


def current_access() -> ApiToken | None:
    """Return the live personal access token that this request shows, read from the database once per request."""
    if "access_token" not in g:
        plain = programs.token_of(request) if programs.by_token(request) else None
        g.access_token = tokens.resume(plain) if plain else None
    row: ApiToken | None = g.access_token
    return row


def current_session() -> PersonSession | None:
    """Return the live session of this request, read from the database once per request; none where tokens decide."""
    if "person_session" not in g:
        token = None if programs.by_token(request) else session.get("token")
        g.person_session = sessions.resume(token) if token else None
    row: PersonSession | None = g.person_session
    return row


def current_token() -> str:
    """Return the token of this browser's session."""
    token: str = session["token"]
    return token


def browser() -> Browser:
    """Return where this request comes from."""
    device = request.cookies.get(current_app.config["DEVICE_COOKIE_NAME"], "")
    return Browser(request.remote_addr or "", request.user_agent.string, device[:64])


def sign_in(name: str, password: str) -> bool:
    """Check name and password; True when signed in, False when the code is still to come. Raises Invalid, TooMany."""
    person = authentication.check_password(name, password, browser())
    _forget()
    if person.tf_totp_secret is None:
        _enter(person, factor=False)
        return True
    until = (now() + CODE_WITHIN).timestamp()
    session["pending"] = {"person": str(person.id), "mark": passwords.mark(person), "until": until}
    return False


def pending() -> Person | None:
    """Return who has given the right password in this browser within ten minutes and still owes the code."""
    state = session.get("pending")
    if not state or state["until"] < now().timestamp():
        return None
    person = db.session.get(Person, UUID(state["person"]))
    return person if person and person.active and passwords.mark(person) == state["mark"] else None


def finish(code: str) -> None:
    """Sign in whoever owes the code; raises Invalid, TooMany."""
    person = pending()
    if person is None:
        raise Invalid("sign_in.too_late")
    person = authentication.check_code(person.id, code, browser())
    _forget()
    _enter(person, factor=True)


def sign_out() -> None:
    """End the session of this browser."""
    row = current_session()
    if row is not None:
        authentication.leave(current_token(), row.person, browser())
    _forget()


def change_password(actor: Actor, current: str, new: str) -> None:
    """Change the actor's password; this browser goes on with a new session, every other one is out."""
    token = service.change_password(actor, current, new, current_token(), browser())
    _forget()
    session["token"] = token


def new_factor() -> str:
    """Return the secret that is being enrolled in this browser (encrypted, so it may lie in the cookie)."""
    if "factor" not in session:
        session["factor"] = factors.new_secret()
    secret: str = session["factor"]
    return secret


def enrol_factor(actor: Actor, code: str, password: str) -> list[str]:
    """Enrol the factor shown in this browser; returns the recovery codes. Raises Invalid, TooMany."""
    authentication.confirm_password(actor, password, browser())
    codes = factors.enrol(actor, new_factor(), code, current_token())
    session.pop("factor")
    return codes


def use_link(code: str, password: str) -> None:
    """Set a password by a one-time link; nobody is signed in by it."""
    recovery.use_link(code, password, browser())
    _forget()


def _enter(person: Person, *, factor: bool) -> None:
    place = browser()
    if not place.device:
        place = place._replace(device=secrets.token_urlsafe(32))
        _keep_device(place.device)
    session["token"] = authentication.enter(person, place, factor=factor)


def _forget() -> None:
    """Start afresh: end the session that this browser may have had, with its CSRF token and half-done steps."""
    token = session.pop("token", None)
    if token:
        sessions.end_session(token)
    session.clear()
    for name in ("person_session", "_login_user", "actor", "csrf_token"):
        g.pop(name, None)


def _keep_device(device: str) -> None:
    @after_this_request
    def set_cookie(response: Response) -> Response:
        response.set_cookie(
            current_app.config["DEVICE_COOKIE_NAME"],
            device,
            max_age=DEVICE_KEPT,
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
        )
        return response


def _school_names(person_id: UUID) -> Iterable[str]:
    """Return the names of a person's schools: too easy to guess to be part of a password."""
    mine = select(School.name, School.short_name).join(Posting, Posting.school_id == School.id)
    for name, short in db.session.execute(mine.where(Posting.person_id == person_id)):
        yield from (name, short)
