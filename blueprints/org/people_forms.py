"""Forms of people: their accounts, and the sheet that brings many in."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, EmailField, SelectField, StringField, TelField
from wtforms.validators import Length
from wtforms.validators import Optional as Maybe

from blueprints.common.forms import Form
from blueprints.common.labels import choices
from blueprints.org.forms import NEEDED, DayField, chosen_id
from tongyan.kernel.clock import today
from tongyan.kernel.sheets import MAX_BYTES
from tongyan.org.models import PostingKind, School
from tongyan.org.services.people import NewPerson

OFF = {"autocomplete": "off"}
ACCEPTED = ".xlsx,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class AccountForm(Form):
    """How a person is called and reached."""

    name = StringField(_("姓名"), [NEEDED, Length(max=64)], render_kw=OFF)
    phone = TelField(_("手机"), [Maybe(), Length(max=32)], render_kw=OFF)
    email = EmailField(
        _("邮箱"), [Maybe(), Length(max=254)], render_kw=OFF, description=_("填了邮箱的人忘记密码时可以自己找回。")
    )


class NewPersonForm(AccountForm):
    """Somebody comes in, usually to a school."""

    login = StringField(
        _("登录名"),
        [NEEDED, Length(max=64)],
        render_kw=OFF,
        description=_("2 到 32 个汉字、字母或数字，可以用 . _ -；以后不能改。"),
    )
    school_id = SelectField(_("任职学校"), coerce=chosen_id, validators=[Maybe()])
    kind = SelectField(_("任职方式"), choices=lambda: choices(PostingKind), coerce=PostingKind)
    from_on = DayField(_("第一天"), [NEEDED], default=today)

    def offer(self, schools: Iterable[School]) -> "NewPersonForm":
        """Offer the schools."""
        self.school_id.choices = [("", _("暂不安排学校")), *((school.id, school.name) for school in schools)]
        return self

    def new_person(self) -> NewPerson:
        """Return what was filled in."""
        return NewPerson(
            name=self.name.data or "",
            login=(self.login.data or "").strip(),
            email=self.email.data or "",
            phone=self.phone.data or "",
            school_id=self.school_id.data,
            kind=self.kind.data,
            from_on=self.from_on.day,
        )


class PersonEditForm(AccountForm):
    """What administrators change about an account."""

    is_admin = BooleanField(_("系统管理员"), description=_("能管理所有账号、学校和集团。改动后，此人要重新登录。"))


class SheetForm(Form):
    """A sheet of people."""

    sheet = FileField(
        _("Excel 文件（.xlsx）"),
        [FileRequired(_("请选择一个 Excel 文件。"))],
        render_kw={"accept": ACCEPTED},
        description=_(
            "最多 10 000 行、%(limit)s MB。先检查，再由您确认；确认之前什么都不会写入。",
            limit=MAX_BYTES // 1024 // 1024,
        ),
    )
