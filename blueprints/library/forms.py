"""Forms of a resource: what it says, and who may see it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length
from wtforms.validators import Optional as Maybe
from wtforms.widgets import HiddenInput

from blueprints.common.labels import GRADES, choices
from blueprints.common.web import current_actor
from blueprints.library.detail_forms import DetailsForm
from tongyan.curriculum import services as curriculum
from tongyan.curriculum.services import Shelf
from tongyan.library.models import Licence, Resource, ResourceKind
from tongyan.library.services import ResourceEdit

INDENT = "\u3000"  # a select shows no structure below its groups


def subject_choices() -> list[tuple[str, Any]]:
    """Return the subjects of the curriculum, none first."""
    return [("", _("请选择")), *((name, name) for name in curriculum.subject_names(current_actor()))]


def grade_choices() -> list[tuple[Any, Any]]:
    """Return the grades by number, none first."""
    return [("", _("不分年级")), *((number, name) for number, name in enumerate(GRADES, 1))]


def place_choices(shelves: Sequence[Shelf]) -> dict[str, list[tuple[str, Any]]]:
    """Return the places as the groups of a select, a book each; none first."""
    groups: dict[str, list[tuple[str, Any]]] = {"": [("", _("不指定"))]}
    for shelf in shelves:
        name = f"{shelf.volume.edition} {shelf.volume.title}"
        options = [(str(spot.node.id), f"{INDENT * (spot.depth - 1)}{spot.node.title}") for spot in shelf.spots[1:]]
        groups.setdefault(name, []).extend([(str(shelf.volume.id), _("整册")), *options])
    return groups


def _number(text: str | None) -> int | None:
    return int(text) if text else None


class ResourceForm(DetailsForm):
    """What a resource says."""

    version = IntegerField(widget=HiddenInput())
    title = StringField(_("标题"), [DataRequired(_("请填写标题。")), Length(max=200)])
    kind = SelectField(_("资源类型"), choices=lambda: choices(ResourceKind))
    subject = SelectField(_("学科"), choices=[])
    grade = SelectField(_("年级"), choices=grade_choices, coerce=_number, validators=[Maybe()])
    keywords = StringField(_("关键词"), [Length(max=500)], description=_("用空格或逗号分开"))
    summary = TextAreaField(_("摘要"), [Length(max=5000)], render_kw={"rows": 3})
    source = StringField(_("来源"), [Length(max=500)], description=_("用了别人的材料，请写明出处"))
    licence = SelectField(_("允许别人怎样使用"), choices=lambda: [("", _("请选择")), *choices(Licence)])
    node = SelectField(_("单元或课"), validate_choice=False, description=_("先选学科和年级，这里会列出课本的目录"))

    @classmethod
    def of(cls, resource: Resource) -> "ResourceForm":
        """Return the form filled from a resource."""
        form = cls(
            version=resource.version,
            title=resource.title,
            kind=resource.kind.value,
            subject=resource.subject or "",
            grade=resource.grade,
            keywords=" ".join(resource.keywords),
            summary=resource.summary,
            source=resource.source,
            licence=resource.licence.value if resource.licence else "",
            node=str(resource.node_id or ""),
            **cls.details_of(resource),
        )
        return form.offer(resource)

    def offer(self, resource: Resource) -> "ResourceForm":
        """Offer the places of the chosen subject and grade; what the resource says already stays on offer."""
        subject, grade = self.subject.data or None, self.grade.data
        known = subject_choices()
        if resource.subject and resource.subject not in dict(known):
            known.append((resource.subject, resource.subject))
        self.subject.choices = known
        kept = resource.node_id if self._same_place(resource) else None
        self.places = place_choices(curriculum.places(current_actor(), subject, grade, kept))
        self.node.choices = self.places
        self.offer_details(resource, subject, grade)
        return self

    def _same_place(self, resource: Resource) -> bool:
        return (resource.subject, resource.grade) == (self.subject.data or None, self.grade.data)

    def _node_id(self) -> UUID | None:
        """Return the chosen place, None when it is not one of the chosen subject and grade."""
        offered = {value for options in self.places.values() for value, _text in options}
        return uuid_or_none(self.node.data) if self.node.data in offered else None

    def edit(self, resource: Resource) -> ResourceEdit:
        """Return what was filled in; the stage stays as long as subject and grade do."""
        same_place = self._same_place(resource)
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
            node_id=self._node_id(),
            **self.details(),
        )


def grade_or_none(text: str) -> int | None:
    """Return the grade in a query value, None when there is no such grade."""
    return int(text) if text in map(str, range(1, len(GRADES) + 1)) else None


def uuid_or_none(text: str) -> UUID | None:
    """Return the id in a query value, None when it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None
