"""The fields of a resource that few need every day, and how people and standards are written in them."""

import re
from typing import Any
from uuid import UUID

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as pgettext
from wtforms import IntegerField, SelectField, SelectMultipleField, TextAreaField
from wtforms.validators import Length, NumberRange
from wtforms.validators import Optional as Maybe
from wtforms.widgets import CheckboxInput, ListWidget

from blueprints.common.forms import Form
from blueprints.common.labels import choices
from blueprints.common.web import current_actor
from tongyan.curriculum import services as curriculum
from tongyan.library import services as library
from tongyan.library.models import Difficulty, ForWhom, Resource

ORIGINAL = "original"  # the role of whoever made what was copied
ROLE = re.compile(r"[\u4e00-\u9fa5]{1,8}")  # in Chinese characters
STANDARDS = ("competencies", "domains")
DETAILS = ("contributors", "prep_group_id", *STANDARDS, "for_whom", "difficulty", "periods", "replaces_id")


def contributor_words(each: dict[str, str]) -> str:
    """Return a contributor as a line: 李老师 录制."""
    role = gettext("原作者") if each.get("role") == ORIGINAL else each.get("role", "")
    return f"{each['name']} {role}".strip()


def read_contributors(text: str) -> list[dict[str, str]]:
    """Return the contributors of a text, a line each; the last word of a line is the role."""
    people = []
    for line in text.splitlines():
        name, _space, role = re.sub(r"[：:，,、（(]", " ", line).rstrip("）) ").rpartition(" ")
        original = role == gettext("原作者")  # one word in every language
        if name.strip() and (original or ROLE.fullmatch(role)):
            people.append({"name": name.strip(), "role": ORIGINAL if original else role})
        elif line.strip():
            people.append({"name": line.strip(), "role": ""})
    return people


def _id(text: Any) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None


def _difficulty(text: Any) -> Difficulty | None:
    return Difficulty(text) if text in set(Difficulty) else None


class Checkboxes(SelectMultipleField):
    """Several of a few, each with a box of its own."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class DetailsForm(Form):
    """Who helped, what it is aligned to, for whom it is meant, what it replaces."""

    contributors = TextAreaField(
        _("贡献者"),
        [Length(max=2000)],
        description=_("一行一位，先写姓名再写角色，例如：李老师 录制"),
        render_kw={"rows": 3},
    )
    prep_group_id = SelectField(pgettext("one", "备课组"), coerce=_id, validate_choice=False)
    competencies = Checkboxes(_("核心素养"), validate_choice=False)
    domains = Checkboxes(_("内容领域"), validate_choice=False)
    for_whom = Checkboxes(_("适用对象"), choices=lambda: choices(ForWhom))
    difficulty = SelectField(
        _("难度"), coerce=_difficulty, choices=lambda: [("", _("不指定")), *choices(Difficulty)], validate_choice=False
    )
    periods = IntegerField(_("建议课时"), [Maybe(), NumberRange(1, 40, _("课时要在 1 到 40 之间。"))])
    replaces_id = SelectField(
        _("替代哪一份"), coerce=_id, validate_choice=False, description=_("打开旧的那一份时，会提示来看这一份")
    )

    @staticmethod
    def details_of(resource: Resource) -> dict[str, Any]:
        """Return the values with which the fields begin."""
        values = {name: getattr(resource, name) for name in DETAILS}
        return values | {"contributors": "\n".join(map(contributor_words, resource.contributors))}

    def offer_details(self, resource: Resource, subject: str | None, grade: int | None) -> None:
        """Offer the actor's 备课组, what a subject is aligned to, and what the resource may replace."""
        actor = current_actor()
        groups = {group.id: group.name for group in library.own_prep_groups(actor)}
        if resource.prep_group is not None:
            groups[resource.prep_group.id] = resource.prep_group.name
        older = [(str(each.id), each.title) for each in library.replaceable(actor, resource)]
        self.prep_group_id.choices = [("", _("不指定")), *((str(key), name) for key, name in groups.items())]
        self.replaces_id.choices = [("", _("没有")), *older]
        stays = (resource.subject, resource.grade) == (subject, grade)
        self.offer_standards(subject, grade, resource if stays else None)

    def offer_standards(self, subject: str | None, grade: int | None, resource: Resource | None = None) -> None:
        """Offer what the standards name for a subject, and what a resource of that subject says already."""
        offered = curriculum.standards_for(subject, resource.stage if resource else None, grade)
        for name, standards in zip(STANDARDS, offered, strict=True):
            said = getattr(resource, name) if resource else []
            titles = dict.fromkeys([*(each.title for each in standards), *said])
            self[name].choices = [(title, title) for title in titles]
        self.notes = {each.title: each.note for each in offered.domains}

    def details(self) -> dict[str, Any]:
        """Return what was filled in, by the names of the service."""
        standards = {name: self._on_offer(name) for name in STANDARDS}
        return (
            {name: self[name].data for name in DETAILS}
            | standards
            | {
                "contributors": read_contributors(self.contributors.data or ""),
                "for_whom": self.for_whom.data or [],
            }
        )

    def _on_offer(self, name: str) -> list[str]:
        known = {value for value, _text in self[name].choices}
        return [title for title in self[name].data or () if title in known]

    @property
    def shows_details(self) -> bool:
        """Say whether one of these fields is filled or wrong, so that they are not folded away."""
        return any(self[name].data or self[name].errors for name in DETAILS)
