"""What must be done before anything else: an expired password changed, a demanded second factor enrolled."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.accounts import bp
from blueprints.common.web import current_actor, current_person, fragment, wants_json
from tongyan import signin
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
        "shell.csp_report",
        "shell.prefer",
    }
)


@bp.before_app_request
def finish_first() -> ResponseReturnValue | None:
    """Lead people to the step they owe; requests for data and for parts of pages are refused meanwhile."""
    if request.endpoint in OPEN or request.endpoint is None:
        return None
    person = current_person()
    step = owed_step(person) if person else None
    if step is None:
        return None
    if wants_json() or fragment() or request.method not in {"GET", "HEAD"}:
        raise Forbidden("account.step_owed")
    return redirect(url_for(step))


def owed_step(person: Person) -> str | None:
    """Return the endpoint of the step that the signed-in person owes, if any."""
    if passwords.expired(person):
        return "accounts.password"
    session = signin.current_session()
    if session is not None and session.factor_at is None and factors.required_of(current_actor()):
        return "accounts.factor"
    return None
