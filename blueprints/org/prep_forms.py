"""Forms of 备课组."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import Length
from wtforms.validators import Optional as Maybe

from blueprints.common.labels import GRADES
from blueprints.org.forms import NEEDED, PersonForm, VersionedForm
from tongyan.org.models import PrepGroup
from tongyan.org.services.prep_groups import PrepGroupEdit


def _grades() -> list[tuple[str, Any]]:
    return [("", _("不分年级")), *((str(number), name) for number, name in enumerate(GRADES, 1))]


def _number(text: Any) -> int | None:
    return int(text) if text else None


class PrepGroupForm(VersionedForm):
    """A 备课组."""

    name = StringField(_("名称"), [NEEDED, Length(max=64)], description=_("例如：三年级语文备课组"))
    subject = SelectField(_("学科"), choices=[])
    grade = SelectField(_("年级"), choices=_grades, coerce=_number, validators=[Maybe()])

    @classmethod
    def of(cls, prep_group: PrepGroup) -> "PrepGroupForm":
        """Return the form filled from a 备课组."""
        return cls(
            version=str(prep_group.version),
            name=prep_group.name,
            subject=prep_group.subject or "",
            grade=prep_group.grade,
        )

    def offer(self, subjects: Iterable[str], *, led: bool = False) -> "PrepGroupForm":
        """Offer the subjects; those that the actor leads stand before none."""
        names = [(name, name) for name in dict.fromkeys(subjects)]
        none = [("", _("不分学科"))]
        self.subject.choices = names + none if led else none + names
        return self

    def edit(self) -> PrepGroupEdit:
        """Return what was filled in."""
        return PrepGroupEdit(self.name.data or "", self.subject.data or None, self.grade.data)


class PrepMemberForm(PersonForm):
    """Somebody comes into a 备课组."""

    lead = BooleanField(_("担任组长"))
