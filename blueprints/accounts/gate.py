"""What must be done before anything else: an expired password changed, a demanded second factor enrolled.

Programs are held back like their owners, and one whose token may only read changes nothing.
"""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.accounts import bp
from blueprints.common.web import current_actor, current_person, fragment, wants_json
from tongyan import programs, signin
from tongyan.accounts import factors, passwords
from tongyan.accounts.models import Person
from tongyan.kernel.errors import Forbidden

OPEN = frozenset(
    {
        "static",
        "health.livez",
        "health.readyz",
        "health.show_metrics",
        "accounts.sign_out",
        "accounts.password",
        "accounts.factor",
        "api-docs.openapi_json",
        "shell.csp_report",
        "shell.prefer",
    }
)
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
READS = frozenset({"oai.answer"})  # by whatever method


@bp.before_app_request
def finish_first() -> ResponseReturnValue | None:
    """Lead people to the step they owe; requests for data and for parts of pages are refused meanwhile."""
    if request.endpoint in OPEN or request.endpoint is None:
        return None
    keep_to_reading()
    person = current_person()
    step = owed_step(person) if person else None
    if step is None:
        return None
    if wants_json() or fragment() or programs.by_token(request) or request.method not in {"GET", "HEAD"}:
        raise Forbidden("account.step_owed")
    return redirect(url_for(step))


def owed_step(person: Person) -> str | None:
    """Return the endpoint of the step that the signed-in person owes, if any."""
    if passwords.expired(person):
        return "accounts.password"
    return "accounts.factor" if not factor_shown(person) and factors.required_of(current_actor()) else None


def factor_shown(person: Person) -> bool:
    """Say whether the second factor was shown in this browser; a token needs its owner to have one."""
    session = signin.current_session()
    return person.tf_totp_secret is not None if session is None else session.factor_at is not None


def keep_to_reading() -> None:
    """Raise Forbidden when a token would write that may only read."""
    token = signin.current_access()
    reads = request.method in SAFE or request.endpoint in READS
    if token is not None and not token.may_write and not reads:
        raise Forbidden("token.read_only")
