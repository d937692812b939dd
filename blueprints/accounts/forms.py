"""Forms of accounts, and how a refused one is shown again."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Response, make_response, render_template
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import EmailField, Field, HiddenField, PasswordField, SelectField, StringField, TelField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than its stubs
from wtforms.validators import EqualTo, InputRequired, Length, Optional

from blueprints.common.errors import sentence
from tongyan.kernel.errors import Invalid, TooMany

REVEAL = {"data-island": "reveal"}
OLD_PASSWORD = {"autocomplete": "current-password", "maxlength": 128, **REVEAL}
NEW_PASSWORD = {"autocomplete": "new-password", "maxlength": 128, **REVEAL}
THEMES = [SelectChoice("auto", _("跟随系统")), SelectChoice("light", _("浅色")), SelectChoice("dark", _("深色"))]
EXACT = [InputRequired(_("请填写这一项。")), Length(max=1000)]  # too long passwords are told apart by the service


class Form(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """A form that remembers with which status its page is answered."""

    status = 200
    wait = 0

    def refuse(self, error: Invalid | TooMany) -> None:
        """Show a refusal at its fields, the rest above the form."""
        self.status = error.status
        self.wait = error.data.get("seconds", 0)
        errors = error.errors if isinstance(error, Invalid) else {}
        for name, codes in errors.items():
            _field_of(self, name).errors = [sentence(code, error.data) for code in codes]
        if not errors:
            self.form_errors.append(sentence(error.code, error.data))


def _field_of(form: FlaskForm, name: str) -> Field:
    """Return the field of that name; what has none is shown at the first."""
    fields: dict[str, Field] = form._fields
    return fields.get(name) or next(iter(fields.values()))


@contextmanager
def refusals(form: Form) -> Iterator[None]:
    """Keep the page open when the service refuses what was filled in."""
    try:
        yield
    except (Invalid, TooMany) as error:
        form.refuse(error)


def page(template: str, form: Form, **values: Any) -> Response:
    """Answer with a form's page: 422 when something is to be corrected, 429 when it is to be tried later."""
    response = make_response(render_template(template, form=form, **values))
    response.status_code = form.status if form.status != 200 or not form.errors else Invalid.status
    if form.wait:
        response.headers["Retry-After"] = str(form.wait)
    return response


class SignInForm(Form):
    """Name and password."""

    name = StringField(
        _("登录名或邮箱"), [InputRequired(_("请填写登录名。")), Length(max=254)], render_kw={"autocomplete": "username"}
    )
    password = PasswordField(_("密码"), EXACT, render_kw=OLD_PASSWORD)
    next = HiddenField()


class CodeForm(Form):
    """The second factor."""

    code = StringField(
        _("动态口令或恢复码"), EXACT, render_kw={"autocomplete": "one-time-code", "inputmode": "text", "maxlength": 20}
    )
    next = HiddenField()


class ForgotForm(Form):
    """Whose password is lost."""

    name = StringField(
        _("登录名或邮箱"), [InputRequired(_("请填写登录名。")), Length(max=254)], render_kw={"autocomplete": "username"}
    )


class ActivateForm(Form):
    """The code that an administrator handed over."""

    code = StringField(
        _("激活码"), [InputRequired(_("请填写激活码。")), Length(max=64)], render_kw={"autocomplete": "off"}
    )


class NewPasswordForm(Form):
    """A new password, twice."""

    password = PasswordField(_("新密码"), EXACT, render_kw=NEW_PASSWORD)
    again = PasswordField(
        _("再输入一次"), [*EXACT, EqualTo("password", _("两次输入的密码不一样。"))], render_kw=NEW_PASSWORD
    )


class ChangePasswordForm(NewPasswordForm):
    """The present password and a new one."""

    current = PasswordField(_("当前密码"), EXACT, render_kw=OLD_PASSWORD)


class ConfirmForm(Form):
    """The present password, asked again before something important."""

    current = PasswordField(_("当前密码"), EXACT, render_kw=OLD_PASSWORD)


class ContactForm(ConfirmForm):
    """How the person is reached."""

    email = EmailField(_("邮箱"), [Optional(), Length(max=254)], render_kw={"autocomplete": "email"})
    phone = TelField(_("电话"), [Optional(), Length(max=32)], render_kw={"autocomplete": "tel"})


class FactorForm(ConfirmForm):
    """The first code of a new authenticator."""

    code = StringField(
        _("应用里显示的六位数字"),
        EXACT,
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": 7},
    )


class PreferencesForm(Form):
    """Language and theme."""

    locale = SelectField(_("语言"), choices=[SelectChoice("zh", "简体中文"), SelectChoice("en", "English")])
    theme = SelectField(_("外观"), choices=THEMES)
