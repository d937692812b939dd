"""What people keep about themselves: password, second factor, signed-in devices, address, language."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.accounts import bp
from blueprints.accounts.forms import (
    ChangePasswordForm,
    ConfirmForm,
    ContactForm,
    FactorForm,
    PreferencesForm,
)
from blueprints.common.forms import page, refusals
from blueprints.common.web import current_actor, current_person, signed_in
from tongyan import signin
from tongyan.accounts import authentication, factors, passwords, service, sessions, tokens


@bp.get("/account")
@signed_in
def home() -> ResponseReturnValue:
    """Show the account and what can be changed in it."""
    return render_template("accounts/home.html", form=PreferencesForm(obj=current_person()))


@bp.route("/account/contact", methods=["GET", "POST"])
@signed_in
def contact() -> ResponseReturnValue:
    """Change address and telephone."""
    form = ContactForm(obj=current_person())
    if form.validate_on_submit():
        with refusals(form):
            service.change_contact(
                current_actor(),
                email=form.email.data,
                phone=form.phone.data,
                current=form.current.data or "",
                browser=signin.browser(),
            )
            flash(_("联系方式已保存。"), "success")
            return redirect(url_for(".home"))
    return page("accounts/contact.html", form)


@bp.route("/account/password", methods=["GET", "POST"])
@signed_in
def password() -> ResponseReturnValue:
    """Change the password."""
    form = ChangePasswordForm()
    if form.validate_on_submit():
        with refusals(form):
            signin.change_password(current_actor(), form.current.data or "", form.password.data or "")
            flash(_("密码已更改，其他设备都已退出登录。"), "success")
            return redirect(url_for(".access" if tokens.list_tokens(current_actor()) else ".home"))
    person = current_person()
    return page("accounts/password.html", form, profile=passwords.profile(), owed=person and passwords.expired(person))


@bp.get("/account/sessions")
@signed_in
def devices() -> ResponseReturnValue:
    """List the browsers in which the person is signed in."""
    here = signin.current_session()
    return render_template("accounts/sessions.html", rows=sessions.sessions_of(current_actor()), here=here)


@bp.post("/account/sessions/end-others")
@signed_in
def end_others() -> ResponseReturnValue:
    """Sign out everywhere else."""
    sessions.end_others(current_actor(), signin.current_token())
    flash(_("其他设备都已退出登录。"), "success")
    return redirect(url_for(".devices"))


@bp.post("/account/sessions/<uuid:session_id>/end")
@signed_in
def end_session(session_id: UUID) -> ResponseReturnValue:
    """Sign out one browser."""
    sessions.end_own(current_actor(), session_id)
    return redirect(url_for(".devices"))


@bp.route("/account/factor", methods=["GET", "POST"])
@signed_in
def factor() -> ResponseReturnValue:
    """Enrol the second factor, or show that there is one."""
    person, actor = current_person(), current_actor()
    if person is not None and person.tf_totp_secret is not None:
        return render_template("accounts/factor.html", form=ConfirmForm(), required=factors.required_of(actor))
    form, shown = FactorForm(), factors.describe(actor, signin.new_factor())
    if form.validate_on_submit():
        with refusals(form):
            codes = signin.enrol_factor(actor, form.code.data or "", form.current.data or "")
            return render_template("accounts/recovery_codes.html", codes=codes)
    return page("accounts/enrol.html", form, shown=shown, required=factors.required_of(actor))


@bp.post("/account/factor/remove")
@signed_in
def remove_factor() -> ResponseReturnValue:
    """Do without the second factor."""
    form, actor = ConfirmForm(), current_actor()
    if form.validate_on_submit():
        with refusals(form):
            authentication.confirm_password(actor, form.current.data or "", signin.browser())
            factors.remove(actor)
            flash(_("动态口令已停用。"), "success")
            return redirect(url_for(".home"))
    return page("accounts/factor.html", form, required=factors.required_of(actor))


@bp.post("/account/factor/codes")
@signed_in
def recovery_codes() -> ResponseReturnValue:
    """Make new recovery codes."""
    form, actor = ConfirmForm(), current_actor()
    if form.validate_on_submit():
        with refusals(form):
            authentication.confirm_password(actor, form.current.data or "", signin.browser())
            return render_template("accounts/recovery_codes.html", codes=factors.renew_recovery_codes(actor))
    return page("accounts/factor.html", form, required=factors.required_of(actor))
