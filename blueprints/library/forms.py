"""Forms of a resource: what it says, and who may see it."""

from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length
from wtforms.validators import Optional as Maybe

from blueprints.common.forms import Form
from blueprints.common.labels import choices
from tongyan.library.models import Licence, Resource, ResourceKind
from tongyan.library.services import ResourceEdit, ShareTarget

SUBJECTS = (
    "语文", "数学", "英语", "道德与法治", "科学", "物理", "化学", "生物学", "历史", "地理", "信息科技",
    "体育与健康", "音乐", "美术", "艺术", "劳动", "综合实践活动", "心理健康",
)  # fmt: skip
GRADES = (
    "一年级",
    "二年级",
    "三年级",
    "四年级",
    "五年级",
    "六年级",
    "七年级",
    "八年级",
    "九年级",
    "高一",
    "高二",
    "高三",
)


def subject_choices() -> list[tuple[str, Any]]:
    """Return the subjects, none first."""
    return [("", _("请选择")), *((subject, subject) for subject in SUBJECTS)]


def grade_choices() -> list[tuple[Any, Any]]:
    """Return the grades by number, none first."""
    return [("", _("不分年级")), *((number, name) for number, name in enumerate(GRADES, 1))]


def _number(text: str | None) -> int | None:
    return int(text) if text else None


class ResourceForm(Form):
    """What a resource says."""

    version = HiddenField()
    title = StringField(_("标题"), [DataRequired(_("请填写标题。")), Length(max=200)])
    kind = SelectField(_("资源类型"), choices=lambda: choices(ResourceKind))
    subject = SelectField(_("学科"), choices=subject_choices)
    grade = SelectField(_("年级"), choices=grade_choices, coerce=_number, validators=[Maybe()])
    keywords = StringField(_("关键词"), [Length(max=500)], description=_("用空格或逗号分开"))
    summary = TextAreaField(_("摘要"), [Length(max=5000)], render_kw={"rows": 3})
    source = StringField(_("来源"), [Length(max=500)], description=_("用了别人的材料，请写明出处"))
    licence = SelectField(_("允许别人怎样使用"), choices=lambda: [("", _("请选择")), *choices(Licence)])

    @classmethod
    def of(cls, resource: Resource) -> "ResourceForm":
        """Return the form filled from a resource."""
        return cls(
            version=str(resource.version),
            title=resource.title,
            kind=resource.kind.value,
            subject=resource.subject or "",
            grade=resource.grade,
            keywords=" ".join(resource.keywords),
            summary=resource.summary,
            source=resource.source,
            licence=resource.licence.value if resource.licence else "",
        )

    def edit(self, resource: Resource) -> ResourceEdit:
        """Return what was filled in; the place in the curriculum stays as long as subject and grade do."""
        same_place = (resource.subject, resource.grade) == (self.subject.data or None, self.grade.data)
        return ResourceEdit(
            title=self.title.data or "",
            kind=ResourceKind(self.kind.data),
            summary=self.summary.data or "",
            keywords=(self.keywords.data or "").replace("，", " ").replace(",", " ").split(),
            licence=Licence(self.licence.data) if self.licence.data else None,
            source=self.source.data or "",
            stage=resource.stage if same_place else None,
            subject=self.subject.data or None,
            grade=self.grade.data,
            node_id=resource.node_id if same_place else None,
        )


class ShareForm(Form):
    """Who may see a resource."""

    audience = SelectField(_("分享给"))
    licence = SelectField(_("允许别人怎样使用"), choices=lambda: choices(Licence))

    def offer(self, targets: list[ShareTarget]) -> "ShareForm":
        """Offer the actor's schools and groups, the widest first."""
        widest_first = sorted(targets, key=lambda target: target.kind != "group")
        self.audience.choices = [(target.audience, target.name) for target in widest_first]
        return self


def uuid_or_none(text: str) -> UUID | None:
    """Return the id in a query value, None when it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None
