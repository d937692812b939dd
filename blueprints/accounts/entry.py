"""The ways in and out."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.accounts import bp
from blueprints.accounts.forms import ActivateForm, CodeForm, ForgotForm, NewPasswordForm, SignInForm
from blueprints.common.forms import page, refusals
from blueprints.common.web import back_to, current_person
from tongyan import signin
from tongyan.accounts import recovery
from tongyan.kernel.errors import NotFound

CLEAR = '"cache", "storage"'


@bp.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """Ask for name and password."""
    form = SignInForm(next=request.args.get("next", ""))
    if current_person() is not None and request.method == "GET":
        return back_to("/")
    if form.validate_on_submit():
        with refusals(form):
            done = signin.sign_in(form.name.data or "", form.password.data or "")
            return back_to("/") if done else redirect(url_for(".code", next=form.next.data or None))
    return page("accounts/sign_in.html", form)


@bp.route("/sign-in/code", methods=["GET", "POST"])
def code() -> ResponseReturnValue:
    """Ask for the second factor."""
    if signin.pending() is None:
        return redirect(url_for(".sign_in"))
    form = CodeForm(next=request.args.get("next", ""))
    if form.validate_on_submit():
        with refusals(form):
            signin.finish(form.code.data or "")
            return back_to("/")
    return page("accounts/code.html", form)


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this browser's session and have it forget what it kept."""
    signin.sign_out()
    response = redirect(url_for(".sign_in"))
    response.headers["Clear-Site-Data"] = CLEAR
    return response


@bp.route("/sign-in/forgot", methods=["GET", "POST"])
def forgot() -> ResponseReturnValue:
    """Have a one-time link mailed; whether the name exists is not told."""
    form = ForgotForm()
    if form.validate_on_submit():
        with refusals(form):
            recovery.ask_for_letter(form.name.data or "", signin.browser())
            return render_template("accounts/letter_sent.html")
    return page("accounts/forgot.html", form)


@bp.route("/sign-in/activate", methods=["GET", "POST"])
def activate() -> ResponseReturnValue:
    """Take the code that an administrator handed over; one that is mistyped can be mended."""
    form = ActivateForm()
    if form.validate_on_submit():
        code = (form.code.data or "").strip()
        try:
            recovery.find_link(code, signin.browser())
            return redirect(url_for(".link", code=code))
        except NotFound:
            form.code.errors = [_("激活码不对，或者已经失效。请核对；还是不行，就请管理员再发一个。")]
    return page("accounts/activate.html", form)


@bp.route("/sign-in/link/<code>", methods=["GET", "POST"])
def link(code: str) -> ResponseReturnValue:
    """Set a password by a one-time link; opening it does not use it up (mail filters open links)."""
    found = recovery.find_link(code, signin.browser())
    form = NewPasswordForm()
    login = found.person.login
    if form.validate_on_submit():
        with refusals(form):
            signin.use_link(code, form.password.data or "")
            flash(_("密码已设好，请用新密码登录。"), "success")
            return redirect(url_for(".sign_in"))
    return page("accounts/link.html", form, login=login)
