"""Personal access tokens: listed, made (shown once) and revoked."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.accounts import bp
from blueprints.accounts.forms import TokenForm
from blueprints.common.forms import page, refusals
from blueprints.common.web import current_actor, signed_in
from tongyan import signin
from tongyan.accounts import authentication, tokens


@bp.get("/account/tokens")
@signed_in
def access() -> ResponseReturnValue:
    """List the person's tokens."""
    return render_template("accounts/tokens.html", rows=tokens.list_tokens(current_actor()))


@bp.route("/account/tokens/new", methods=["GET", "POST"])
@signed_in
def access_new() -> ResponseReturnValue:
    """Make a token and show it, this once."""
    form, actor = TokenForm(), current_actor()
    if form.validate_on_submit():
        with refusals(form):
            authentication.confirm_password(actor, form.current.data or "", signin.browser())
            made = tokens.create_token(actor, form.name.data or "", may_write=form.may_write.data, days=form.days.data)
            return render_template("accounts/token_made.html", made=made)
    return page("accounts/token_new.html", form)


@bp.post("/account/tokens/<uuid:token_id>/revoke")
@signed_in
def access_revoke(token_id: UUID) -> ResponseReturnValue:
    """End a token."""
    tokens.revoke_token(current_actor(), token_id)
    flash(_("访问令牌已停用。"), "success")
    return redirect(url_for(".access"))
