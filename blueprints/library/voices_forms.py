"""Forms of what colleagues say of a resource and do with it; several stand on one page, so each has a prefix."""

from typing import Any
from uuid import UUID

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired
from wtforms.validators import Optional as Maybe

from blueprints.common.forms import Form
from blueprints.library.forms import uuid_or_none
from tongyan.library.models import Rating, Resource
from tongyan.library.services import Mistake


class RatingForm(Form):
    """Stars and why."""

    # the service says in words what is missing
    stars = RadioField(
        _("几颗星"),
        choices=lambda: [(number, str(number)) for number in range(1, 6)],
        coerce=int,
        validate_choice=False,
    )
    reason = TextAreaField(
        _("理由"), render_kw={"rows": 2, "maxlength": 500}, description=_("课堂上好用在哪里，还缺什么")
    )

    @classmethod
    def of(cls, rating: Rating | None) -> "RatingForm":
        """Return the form with what the person said before."""
        given = {"stars": rating.stars, "reason": rating.reason} if rating else {}
        return cls(prefix="rating", **given)


class CommentForm(Form):
    """A comment."""

    text = TextAreaField(
        _("写下您的想法"), render_kw={"rows": 2, "maxlength": 2000}, description=_("写 @姓名 可以请同事来看")
    )


class CorrectionForm(Form):
    """What is wrong, and where."""

    file = SelectField(_("哪个文件"), validate_choice=False)
    page = IntegerField(_("第几页"), [Maybe()], render_kw={"min": 1, "inputmode": "numeric"})
    text = TextAreaField(_("哪里不对"), render_kw={"rows": 2, "maxlength": 1000})

    def offer(self, resource: Resource) -> "CorrectionForm":
        """Offer the files of a resource; one file needs no choice."""
        whole = [] if len(resource.files) == 1 else [("", gettext("整个资源"))]
        self.file.choices = [*whole, *((str(file.id), file.name) for file in resource.files)]
        return self

    @property
    def mistake(self) -> Mistake:
        """Return what was filled in."""
        return Mistake(self.text.data or "", uuid_or_none(self.file.data or ""), self.page.data)


class AnswerForm(Form):
    """What a request or a correction is answered with."""

    answer = TextAreaField(_("答复"), render_kw={"rows": 2})


class UseForm(Form):
    """For which lesson a resource is used."""

    node = SelectField(_("单元或课"), validate_choice=False)

    def offer(self, groups: dict[str, list[tuple[str, Any]]]) -> "UseForm":
        """Offer places, grouped by book."""
        self.node.choices = groups
        return self

    @property
    def node_id(self) -> UUID | None:
        """Return the chosen place."""
        return uuid_or_none(self.node.data or "")


class TakeDownForm(Form):
    """Why something should be closed."""

    reason = TextAreaField(_("理由"), [InputRequired(_("请写明理由（不超过 2000 个字）。"))], render_kw={"rows": 4})
    contact = StringField(_("联系方式"), description=_("选填，只有负责人看得到"))
