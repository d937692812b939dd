"""The desk, the notices, and the small choices of the person menu."""

from datetime import timedelta
from uuid import UUID

import structlog
from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.common.web import current_actor, current_person, page_arg, page_before, signed_in
from blueprints.shell import bp
from tongyan.accounts import notices as notice_service
from tongyan.accounts import service as accounts
from tongyan.extensions import csrf, limiter
from tongyan.library import services as library
from tongyan.org import acting

log = structlog.get_logger()
REPORT_BYTES = 4096
KEPT = timedelta(days=365)


@bp.get("/")
@signed_in
def desk() -> ResponseReturnValue:
    """Show what to do next."""
    actor = current_actor()
    return render_template(
        "shell/desk.html",
        desk=library.desk(actor),
        reviews=library.waiting_count(actor),
        behind=library.copies_behind(actor),
        places=acting.own_places(actor),
    )


@bp.get("/notices")
@signed_in
def notices() -> ResponseReturnValue:
    """List what the person was told."""
    return render_template("shell/notices.html", page=notice_service.list_notices(current_actor(), page_arg()))


@bp.get("/notices/bell")
@signed_in
def bell() -> ResponseReturnValue:
    """Show how many notices are unread (part of the bar)."""
    return render_template("shell/_bell.html")


@bp.post("/notices/<uuid:notice_id>")
@signed_in
def open_notice(notice_id: UUID) -> ResponseReturnValue:
    """Go to what a notice is about; it counts as read."""
    return redirect(notice_service.open_notice(current_actor(), notice_id))


@bp.post("/notices/read")
@signed_in
def read_all() -> ResponseReturnValue:
    """Mark all notices as read."""
    notice_service.mark_all_read(current_actor())
    return redirect(url_for(".notices"))


@bp.get("/menu/schools")
@signed_in
def schools() -> ResponseReturnValue:
    """Show the schools in whose name the person may act, and their offices (part of the person menu)."""
    actor = current_actor()
    own = acting.own_places(actor).schools
    return render_template("shell/_schools.html", schools=own, offices=acting.own_offices(actor))


@bp.post("/menu/school")
@signed_in
def act() -> ResponseReturnValue:
    """Act in the name of another of the person's schools."""
    acting.act_for(current_actor(), request.form.get("school", type=UUID))
    return redirect(url_for(".desk"))


@bp.post("/menu/preferences")
def prefer() -> ResponseReturnValue:
    """Keep language or theme: with the person, and in the browser for when nobody is signed in."""
    known = accounts.PREFERENCES.items()
    chosen = {name: value for name, allowed in known if (value := request.form.get(name)) in allowed}
    if current_person():
        accounts.set_preferences(current_actor(), chosen)
    response = redirect(page_before() or url_for(".desk"))
    for name, value in chosen.items():
        response.set_cookie(
            name, value, KEPT, secure=current_app.config["SESSION_COOKIE_SECURE"], httponly=True, samesite="Lax"
        )
    return response


@bp.post("/csp-report")
@csrf.exempt  # type: ignore[untyped-decorator] # browsers send it by themselves, it changes nothing
@limiter.limit("60/minute")
def csp_report() -> ResponseReturnValue:
    """Log what a page tried to load against the policy."""
    log.warning("csp_violation", report=request.get_data(as_text=True)[:REPORT_BYTES])
    return "", 204
