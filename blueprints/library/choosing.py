"""What was ticked in a list, and the forms that change all of it at once."""

from typing import Any
from uuid import UUID

from flask import request
from flask_babel import lazy_gettext as _
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import Length

from blueprints.common.forms import Form
from blueprints.common.labels import choices
from blueprints.common.web import current_actor
from blueprints.library.forms import grade_choices, grade_or_none, place_choices, subject_choices, uuid_or_none
from tongyan.curriculum import services as curriculum
from tongyan.library.models import Difficulty, ForWhom, Licence, ResourceKind, TransferKind
from tongyan.library.services.bulk import ManyEdit

AS_IT_IS = _("保持原样")
SHEET = "sheet"


def chosen() -> list[UUID]:
    """Return the resources that were ticked."""
    return request.form.getlist("resource", type=UUID)


def confirmed() -> bool:
    """Say whether the form of the deed itself was sent, and not yet only the choice."""
    return "apply" in request.form


def _kept(options: Any) -> list[tuple[str, Any]]:
    return [("", AS_IT_IS), *options]


class EditForm(Form):
    """What is changed of all that were ticked; what is left as it is says so."""

    kind = SelectField(_("资源类型"), choices=lambda: _kept(choices(ResourceKind)), default="")
    subject = SelectField(_("学科"), choices=lambda: _kept(subject_choices()[1:]), default="")
    grade = SelectField(
        _("年级"), choices=lambda: _kept((str(value), name) for value, name in grade_choices()[1:]), default=""
    )
    difficulty = SelectField(_("难度"), choices=lambda: _kept(choices(Difficulty)), default="")
    for_whom = SelectMultipleField(
        _("适用对象"), choices=lambda: choices(ForWhom), description=_("一个都不选，就保持原样")
    )
    add_keywords = StringField(_("添加关键词"), [Length(max=200)], description=_("用空格或逗号分开"))
    drop_keywords = StringField(_("去掉关键词"), [Length(max=200)], description=_("用空格或逗号分开"))

    @property
    def changes(self) -> ManyEdit:
        """Return what was filled in."""
        return ManyEdit(
            kind=ResourceKind(self.kind.data) if self.kind.data else None,
            subject=self.subject.data or None,
            grade=grade_or_none(self.grade.data or ""),
            add_keywords=_words(self.add_keywords.data),
            drop_keywords=_words(self.drop_keywords.data),
            for_whom=self.for_whom.data or [],
            difficulty=Difficulty(self.difficulty.data) if self.difficulty.data else None,
        )


def _words(text: str | None) -> list[str]:
    return (text or "").replace("，", " ").replace(",", " ").replace("、", " ").split()


class MoveForm(Form):
    """The place in the curriculum to which all that were ticked move."""

    # only the place counts: these say which places are listed
    subject = SelectField(_("学科"), choices=subject_choices, default="", validate_choice=False)
    grade = SelectField(
        _("年级"),
        choices=lambda: [(str(value), name) for value, name in grade_choices()],
        default="",
        validate_choice=False,
    )
    node = SelectField(_("单元或课"), validate_choice=False, description=_("先选学科和年级，这里会列出课本的目录"))

    def offer(self) -> "MoveForm":
        """Offer the places of the chosen subject and grade."""
        shelves = curriculum.places(current_actor(), self.subject.data or None, grade_or_none(self.grade.data or ""))
        self.node.choices = place_choices(shelves)
        return self

    @property
    def node_id(self) -> UUID | None:
        """Return the chosen place."""
        return uuid_or_none(self.node.data or "")


class LicenceForm(Form):
    """What others may do with all that were ticked."""

    licence = SelectField(_("允许别人怎样使用"), choices=lambda: choices(Licence))


ARCHIVES = [
    (TransferKind.EXPORT_FOLDERS.value, _("文件夹（zip）：按学科、年级、单元、课放好，附目录表")),
    (TransferKind.EXPORT_CARTRIDGE.value, _("通用格式（imscc）：能导入 Moodle、Canvas 等平台")),
]


class ExportForm(Form):
    """In which form resources are taken along."""

    form = SelectField(
        _("格式"),
        choices=lambda: [*ARCHIVES, (SHEET, _("只要信息表（Excel）：改好以后可以传回来"))],
        default=TransferKind.EXPORT_FOLDERS.value,
    )
