"""Forms of accounts."""

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, EmailField, HiddenField, PasswordField, SelectField, StringField, TelField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than its stubs
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length, Optional

from blueprints.common.forms import Form

REVEAL = {"data-island": "reveal"}
OLD_PASSWORD = {"autocomplete": "current-password", "maxlength": 128, **REVEAL}
NEW_PASSWORD = {"autocomplete": "new-password", "maxlength": 128, **REVEAL}
THEMES = [SelectChoice("auto", _("跟随系统")), SelectChoice("light", _("浅色")), SelectChoice("dark", _("深色"))]
DAYS = [SelectChoice(30, _("30 天")), SelectChoice(90, _("90 天")), SelectChoice(366, _("一年"))]
EXACT = [InputRequired(_("请填写这一项。")), Length(max=1000)]  # too long passwords are told apart by the service


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
        _("激活码"), [DataRequired(_("请填写激活码。")), Length(max=64)], render_kw={"autocomplete": "off"}
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
    phone = TelField(_("手机"), [Optional(), Length(max=32)], render_kw={"autocomplete": "tel"})


class FactorForm(ConfirmForm):
    """The first code of a new authenticator."""

    code = StringField(
        _("应用里显示的六位数字"),
        EXACT,
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": 7},
    )


class TokenForm(ConfirmForm):
    """A new access token."""

    name = StringField(
        _("名称"),
        [DataRequired(_("请填写名称。")), Length(max=64)],
        description=_("写明给哪个程序用，例如“教务系统同步”"),
    )
    days = SelectField(_("有效期"), choices=DAYS, coerce=int, default=90)
    may_write = BooleanField(_("也可以修改和上传（不选则只能读取）"))


class PreferencesForm(Form):
    """Language and theme; the menu of the frame keeps them, too, so that one view does it for both."""

    locale = SelectField(_("语言"), choices=[SelectChoice("zh", "简体中文"), SelectChoice("en", "English")])
    theme = SelectField(_("外观"), choices=THEMES)
